// Whole starts of an appliance under systemd that go wrong in ways which wait for a person, or for nothing: each ends in a
// restart that the boot loader has counted, and three of them on the other slot.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from '../device/disk.ts'
import { goesWrong, onTrial, strandedAppliance, UP } from './stranded-story.ts'

strandedAppliance()

test('emergency mode, a job that never ends while the watchdog is fed, and a killed gate each cost a try; then the other slot starts', async (t) => {
  await using story = await onTrial(t, 'one', { B2: 'emergency', B1: 'stuck', B0: 'gate' })
  if (!story) return
  const { vm, disk } = story
  await goesWrong(vm, 2, 'emergency')
  await goesWrong(vm, 1, 'stuck')
  await goesWrong(vm, 0, 'gate')
  await vm.waitFor(/slot B has used up its tries/, UP)
  await vm.waitFor(/booting slot A/, UP)
  await vm.kill()
  assert.equal((await inspect(disk)).slots.B.verdict, 'Bad')
})
