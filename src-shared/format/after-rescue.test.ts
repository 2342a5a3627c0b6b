// The rescue menu: where the only slot that could serve has used up its tries, it is tried again after a pause. A slot that is marked
// bad never is, nothing good is lost, and nothing starts uncounted by it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RESCUE_PAUSE_S } from '#model/boot-decision.ts'
import {
  armTrial,
  type BootState,
  factoryState,
  isProven,
  markBad,
  NO_BOOT_STATE,
  settleFallback,
} from '#model/boot-state.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import type { Slot } from '#model/slot.ts'
import { filesOf } from '#testing/boot-simulator.ts'
import { buildRecords } from '#testing/builders.ts'
import fc from '#testing/property.ts'
import { afterRescue, laterBootOf, nextBootOf, type StartFiles, startOf } from './boot-start.ts'
import { decodeBootState } from './boot-state.ts'

const BOTH = { A: true, B: true }
type Loadable = Readonly<Record<Slot, boolean>>

/** Starts, with the rescue menu's pause where it comes up, as "B2" (two tries left), "A" (not counted), "rescue", "waits". */
function story(files: StartFiles, loadable: Loadable, steps: number): string[] {
  const told: string[] = []
  let now = files
  for (let step = 0; step < steps; step++) {
    const { booted, triesLeft, after } = startOf(now, loadable)
    const anew = booted === null ? afterRescue(after) : null
    told.push(booted === null ? (anew ? 'rescue' : 'waits') : `${booted}${triesLeft ?? ''}`)
    now = anew ?? after
  }
  return told
}

/** A was never confirmed and is the only slot: B is bad. Each start is cut by the power before its verdict. */
const ONLY_A = markBad({ ...NO_BOOT_STATE, wanted: 'A', starts: 6 }, 'B').after

test('the only slot that could serve is tried again and again, in rounds of three, with a pause for a person in between', () => {
  const round = ['A2', 'A1', 'A0', 'rescue']
  assert.deepEqual(story(filesOf(ONLY_A), BOTH, 8), [...round, ...round])
  const unproven = filesOf(armTrial(NO_BOOT_STATE, 'B').after)
  assert.deepEqual(story(unproven, BOTH, 8), ['B2', 'B1', 'B0', 'A2', 'A1', 'A0', 'rescue', 'B2'])
  assert.equal(RESCUE_PAUSE_S, 600)
})

test('a slot that is marked bad is not tried again, however long the menu waits', () => {
  const both = markBad(markBad(factoryState('A'), 'A').after, 'B').after
  assert.deepEqual(story(filesOf(both), BOTH, 3), ['waits', 'waits', 'waits'])
  const used = { ...markBad(factoryState('A'), 'B').after, trying: 'B', left: 0, failed: 'B' } as const
  assert.deepEqual(story(filesOf(used), { A: false, B: true }, 3), ['waits', 'waits', 'waits'])
  // The gate of A called B bad after its fall-back; then A does not load any more.
  const judged = settleFallback({ ...armTrial(factoryState('A'), 'B').after, left: 0, failed: 'B' }, 'A').after
  assert.deepEqual(story(filesOf(judged), { A: false, B: true }, 2), ['waits', 'waits'])
})

test('where a start would not end differently the menu waits: the machine does not restart in circles', () => {
  assert.deepEqual(story(filesOf(factoryState('A')), { A: false, B: false }, 2), ['waits', 'waits'])
})

test('without a way to save nothing is tried again, because it would not be counted', () => {
  const files = filesOf({ ...ONLY_A, trying: 'A', left: 0 })
  const cut = (block: Uint8Array | null) => block && new Uint8Array([...block.slice(0, 512), ...new Uint8Array(512)])
  const broken = { ...files, grubenv: cut(files.grubenv), grubenv2: cut(files.grubenv2) }
  assert.deepEqual(story(broken, BOTH, 2), ['waits', 'waits'])
  // The next start believes the first block: what the spare copy said would change nothing.
  assert.deepEqual(story({ ...files, grubenv: cut(files.grubenv) }, BOTH, 2), ['waits', 'waits'])
  assert.deepEqual(story({ ...files, grubenv2: cut(files.grubenv2) }, BOTH, 2), ['rescue', 'A2'])
})

test('what is told is what happens: nothing boots, then the slot that has its tries anew; or a person is waited for', () => {
  const records = buildRecords({ A: { state: 'unknown' }, B: { state: 'unknown' } })
  const told = (state: BootState) => {
    const files = filesOf(state)
    return nextBootLines({ state, next: nextBootOf(files, records), later: laterBootOf(files, records) })
  }
  assert.deepEqual(told({ ...ONLY_A, trying: 'A', left: 0 }), [
    'No slot has tries left: the rescue menu waits 10 minutes for a person, then slot A has its tries anew and boots.',
    'Slot A is selected, but does not start: it is marked bad, has no tries left, or does not come up.',
  ])
  const [first] = told(markBad(markBad(factoryState('A'), 'A').after, 'B').after)
  assert.equal(first, 'Nothing boots by itself: the rescue menu waits for a person.')
})

test('property: a round anew loses no good slot, unmarks none, starts none uncounted that nobody confirmed, and stays a round anew when the power goes in between', () => {
  const slot = fc.constantFrom<Slot | null>(null, 'A', 'B')
  const mark = fc.constantFrom<'good' | 'bad' | null>(null, 'good', 'bad')
  const state = fc.record({
    ...{ wanted: slot, good: slot, trying: slot, failed: slot, run: slot, once: slot },
    ...{ left: fc.integer({ min: 0, max: 3 }), starts: fc.constantFrom(null, 0, 3, 6) },
    marks: fc.record({ A: mark, B: mark }),
  })
  const loadable = fc.record({ A: fc.boolean(), B: fc.boolean() })
  fc.assert(
    fc.property(state, loadable, (from, loads) => {
      const { booted, after } = startOf(filesOf(from), loads)
      const anew = booted === null ? afterRescue(after) : null
      if (!anew) return
      const [before, then] = [decodeBootState(after).state, decodeBootState(anew).state]
      assert.deepEqual([then.wanted, then.good, then.marks], [before.wanted, before.good, before.marks])
      // The first copy is written before the spare one.
      for (const files of [anew, { ...anew, grubenv2: after.grubenv2 }]) {
        const next = startOf(files, loads)
        if (next.booted === null) continue
        assert.notEqual(before.marks[next.booted], 'bad')
        if (!next.counted) assert.ok(isProven(before, next.booted))
      }
      // It comes to an end again within both slots' tries, unless a confirmed slot runs.
      const told = story(anew, loads, 8)
      assert.ok(
        told.some((word) => ['A', 'B', 'rescue', 'waits'].includes(word)),
        told.join(' '),
      )
    }),
    { numRuns: 2000 },
  )
})
