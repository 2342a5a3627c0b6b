// The boot loader's rules over bytes, start after start. The same states and many more run through GRUB itself in
// e2e/vm/grub-decisions.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as boot from '#model/boot-state.ts'
import type { Slot } from '#model/slot.ts'
import { filesOf } from '#testing/boot-simulator.ts'
import { buildRecords } from '#testing/builders.ts'
import fc from '#testing/property.ts'
import { encodeAbState } from './ab-state.ts'
import { blockCounts, encodeGoodNote, nextBootOf, type StartFiles, startOf } from './boot-start.ts'
import { decodeBootState, encodeBootEnv } from './boot-state.ts'
import { encodeGrubenv } from './grubenv.ts'

const BOTH = { A: true, B: true }
const FACTORY = boot.factoryState('A')
const TRIAL = boot.armTrial(FACTORY, 'B').after
const TWO_GOOD = boot.confirm(FACTORY, 'B').after
const text = (value: string) => new TextEncoder().encode(value)
const HEADER = '# GRUB Environment Block\n'
const NULS = Uint8Array.from({ length: 1024 }, (_, index) => HEADER.charCodeAt(index) || 0)
const HEADER_ONLY = text(HEADER.padEnd(1024, '#'))
const unsavable = (state: boot.BootState) => Uint8Array.from(encodeBootEnv(state, null)).fill(0, 512)

/** `B2` is a counted trial with two tries left, `B.5` a confirmed slot with five starts left, `-` the rescue menu. */
function starts(files: StartFiles, count: number, loadable: Record<Slot, boolean> = BOTH): string {
  const seen: string[] = []
  for (let start = 0; start < count; start++) {
    const { booted, triesLeft, startsLeft, after } = startOf(files, loadable)
    seen.push(`${booted ?? '-'}${triesLeft ?? ''}${startsLeft === null ? '' : `.${startsLeft}`}`)
    files = after
  }
  return seen.join(' ')
}

test('two good slots: the wanted one has six starts without a verdict, then the other one, in turn; neither is lost', () => {
  assert.equal(starts(filesOf(TWO_GOOD), 14), 'B.5 B.4 B.3 B.2 B.1 B.0 A.5 A.4 A.3 A.2 A.1 A.0 B.5 B.4')
  const backToA = boot.select(TWO_GOOD, 'A').after
  assert.equal(starts(filesOf(backToA), 8), 'A.5 A.4 A.3 A.2 A.1 A.0 B.5 B.4')
  let files: StartFiles = filesOf(backToA)
  for (let start = 0; start < 20; start++) files = startOf(files, BOTH).after
  const { state } = decodeBootState({ ...filesOf(backToA), ...files })
  assert.ok(boot.isProven(state, 'A') && boot.isProven(state, 'B') && state.failed === null)
})

test('alone, and on disks from before the count, a confirmed slot is not counted', () => {
  assert.equal(starts(filesOf(FACTORY), 8), 'A A A A A A A A')
  assert.equal(starts(filesOf({ ...TWO_GOOD, starts: null }), 8), 'B B B B B B B B')
  const old = encodeGrubenv(new Map([['ab_good', 'A'], ['ab_try', ''], ['ab_left', '3'], ['ab_failed', ''], ['ab_b', 'good']])) // biome-ignore format: one line
  assert.equal(starts({ ab_state: encodeAbState('A'), grubenv: old, grubenv2: old, good: null }, 8), 'A A A A A A A A')
})

test('a slot that a person marked bad never boots by itself, and the good one stays', () => {
  const marked = boot.markBad(TWO_GOOD, 'B').after
  assert.equal(starts(filesOf(marked), 8), 'A A A A A A A A')
  assert.equal(starts(filesOf(marked), 2, { A: false, B: true }), '- -')
  assert.equal(starts(filesOf({ ...TWO_GOOD, marks: { A: null, B: 'bad' } }), 4), 'A2 A1 A0 -')
  assert.equal(starts(filesOf({ ...TWO_GOOD, marks: { A: 'bad', B: 'bad' } }), 2), '- -')
})

test('a slot that nobody confirmed stands in for an unreadable one counted, then the rescue menu waits', () => {
  assert.equal(starts(filesOf(FACTORY), 5, { A: false, B: true }), 'B2 B1 B0 - -')
  const untested = filesOf(boot.armTrial(boot.NO_BOOT_STATE, 'B').after)
  assert.equal(starts(untested, 5, { A: true, B: false }), 'A2 A1 A0 - -')
  const spoiled = { ...filesOf(FACTORY), grubenv: unsavable(FACTORY), grubenv2: unsavable(FACTORY) }
  assert.equal(starts(spoiled, 2, { A: false, B: true }), '- -', 'not when it cannot be counted')
})

test('a block counts only when it says which slot is good; the spare is read, and saved to', () => {
  const spare = encodeBootEnv(TRIAL, null)
  for (const first of [NULS, HEADER_ONLY, spare.slice(0, 60), unsavable(TRIAL), null, text('ab_good=A\n')])
    assert.equal(starts({ ...filesOf(TRIAL), grubenv: first, grubenv2: spare }, 5), 'B2 B1 B0 A A')
  assert.deepEqual([NULS, HEADER_ONLY, spare, null].map(blockCounts), [false, false, true, false])
  const used = encodeBootEnv({ ...TRIAL, left: 0 }, null)
  assert.equal(starts({ ...filesOf(TRIAL), grubenv: unsavable(TRIAL), grubenv2: used }, 1), 'A')
})

test('with both blocks lost the noted slot boots, and a trial only when nothing at all is known', () => {
  const lost = { ...filesOf(TRIAL), grubenv: null, grubenv2: null }
  assert.equal(starts(lost, 3), 'A A A')
  assert.equal(starts(lost, 2, { A: false, B: true }), '- -')
  assert.equal(starts({ ...lost, good: encodeGoodNote('B') }, 2), 'B B')
  assert.equal(starts({ ...lost, good: null }, 2), 'B B')
  assert.equal(starts({ ...lost, grubenv: HEADER_ONLY }, 5), 'B2 B1 B0 A A', 'counted in what is left of a block')
  assert.equal(starts({ ...lost, grubenv: HEADER_ONLY, good: null }, 8), 'B2 B1 B0 A2 A1 A0 - -')
})

test('a trial of a slot that was confirmed before ends like any other, and takes nothing from it', () => {
  const once = boot.armTrial(boot.select(TWO_GOOD, 'A').after, 'B', 1).after
  assert.equal(starts(filesOf(once), 3), 'B0 A A')
  assert.ok(boot.isProven(once, 'B'))
})

test('damaged blocks never hang the reader, and what is told is what boots', () => {
  const bytes = fc.oneof(
    fc.constant(null),
    fc.uint8Array({ maxLength: 1100 }),
    fc.string({ maxLength: 900 }).map((tail) => text(`${HEADER}${tail}`)),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('ab_good', 'ab_try', 'ab_left', 'ab_failed', 'ab_a', 'ab_b', 'ab_run', 'ab_starts'),
          fc.constantFrom('A', 'B', '', 'good', 'bad', '0', '1', '3', '6', 'C', '\\'),
        ),
      )
      .map((rows) => text(`${HEADER}${rows.map(([name, value]) => `${name}=${value}\n`).join('')}`.padEnd(1024, '#'))),
  )
  const slotFile = fc.constantFrom(null, encodeAbState('A'), encodeAbState('B'), text('x'))
  fc.assert(
    fc.property(
      bytes,
      bytes,
      slotFile,
      slotFile,
      fc.constantFrom<Slot | null>(null, 'A', 'B'),
      (grubenv, grubenv2, ab_state, good, empty) => {
        const files = { ab_state, grubenv, grubenv2, good }
        const records = buildRecords({
          A: { state: 'unknown' },
          B: { state: 'unknown' },
          ...(empty && { [empty]: { state: 'empty' } }),
        })
        const next = nextBootOf(files, records)
        const { booted, counted, spare } = startOf(files, { A: empty !== 'A', B: empty !== 'B' })
        assert.deepEqual([next?.slot ?? null, next?.counted ?? false, next?.spare ?? null], [booted, counted, spare])
        assert.notEqual(booted === null ? 'none' : booted, spare)
        const { state, findings } = decodeBootState(files)
        const ignorant = good === null || !findings.every(({ code }) => code !== 'boot.env-lost')
        if (booted && !counted && !ignorant) assert.ok(boot.isProven(state, booted), 'never an unproven slot uncounted')
        if (booted && !ignorant) assert.notEqual(state.marks[booted], 'bad')
      },
    ),
    { numRuns: 500 },
  )
})
