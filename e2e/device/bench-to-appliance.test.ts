// The story of bench-story.ts: from the bench to the appliance and back, on the disk of an HP T640.
import { test } from 'node:test'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { onLayout } from './bench-story.ts'

test('hp-t640: what the bench wrote is what the appliance uses, through an update, a fall-back and a restore', async (t) => {
  await onLayout(t, BUILT_IN_LAYOUTS['hp-t640'], { bad: 'panic' })
})
