// The transitions over real bytes: whatever prefix of their overwrites reached the disk, the boot loader (simulated; held
// against GRUB by e2e/vm/grub-decisions.test.ts) starts a slot that may be started.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import * as boot from '#model/boot-state.ts'
import type { Slot } from '#model/slot.ts'
import { filesOf, simulateBoot } from '#testing/boot-simulator.ts'
import fc from '#testing/property.ts'
import { type BootFiles, decodeBootState, encodeBootEnv, factoryFiles, overwritesOf } from './boot-state.ts'
import { decodeGrubenv, encodeGrubenv } from './grubenv.ts'

/** Objects as JSON gives them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true })

const slot = fc.constantFrom<Slot>('A', 'B')
const maybe = fc.option(slot)
const mark = fc.constantFrom(null, 'good' as const, 'bad' as const)
const state: fc.Arbitrary<boot.BootState> = plain({
  wanted: maybe,
  good: maybe,
  trying: maybe,
  left: fc.integer({ min: 0, max: 3 }),
  failed: maybe,
  marks: plain({ A: mark, B: mark }),
  run: maybe,
  starts: fc.option(fc.integer({ min: 0, max: 6 })),
  once: maybe,
})
const BOTH = { A: true, B: true }

function apply(files: BootFiles, transition: boot.Transition): BootFiles {
  for (const { file, bytes } of overwritesOf(transition, files)) files = { ...files, [file]: bytes }
  return files
}

test('any state survives being written and read', () => {
  fc.assert(
    fc.property(state, (each) => {
      assert.deepEqual(decodeBootState(filesOf(each)).state, each)
    }),
    { numRuns: 300 },
  )
})

test('our variables stay in the first 512 bytes and those of others are kept behind them', () => {
  const foreign = encodeGrubenv(
    new Map([
      ['next_entry', 'x'.repeat(600)],
      ['ab_left', '1'],
      ['b ad', 'y'],
    ]),
  )
  const block = encodeBootEnv(boot.factoryState('B'), foreign)
  const text = Buffer.from(block).toString('latin1')
  assert.ok(text.indexOf('ab_b=') < 512 - 'ab_b=good\n'.length)
  assert.equal(decodeGrubenv(block)?.variables.get('next_entry'), 'x'.repeat(600))
  assert.equal(decodeGrubenv(block)?.variables.has('b ad'), false)
  const full = encodeGrubenv(new Map([['fill', 'x'.repeat(980)]]))
  const refused = (error: unknown) => error instanceof EngineError && error.code === 'boot.env-full'
  assert.throws(() => encodeBootEnv(boot.factoryState('A'), full), refused)
})

test('damaged files are reported and read as the boot loader reads them', () => {
  const codes = (files: BootFiles) => decodeBootState(files).findings.map(({ code }) => code)
  const good = factoryFiles('B')
  assert.deepEqual(codes(good), [])
  assert.deepEqual(codes({ ...good, grubenv: null }), ['boot.env-damaged'])
  assert.equal(decodeBootState({ ...good, grubenv: new Uint8Array(1024) }).state.good, 'B')
  assert.deepEqual(codes({ ...good, grubenv: null, grubenv2: null }), [
    'boot.env-damaged',
    'boot.env-damaged',
    'boot.env-lost',
  ])
  const odd = encodeGrubenv(
    new Map([
      ['ab_good', 'C'],
      ['ab_left', '17'],
    ]),
  )
  assert.deepEqual(codes({ ...good, grubenv: odd }), ['boot.env-damaged'], 'a block that names no slot does not count')
  const strange = encodeGrubenv(
    new Map([
      ['ab_good', 'A'],
      ['ab_left', '17'],
      ['ab_starts', '7'],
    ]),
  )
  assert.deepEqual(codes({ ...good, grubenv: strange }), ['boot.env-value', 'boot.env-value'])
  assert.equal(decodeBootState({ ...good, grubenv: strange }).state.starts, 6)
  const lost = { ...good, grubenv: null, grubenv2: null }
  assert.equal(decodeBootState(lost).state.good, 'B', 'the note says it once more')
  assert.equal(decodeBootState({ ...lost, good: null }).state.good, null)
})

test('doing a transition again writes nothing', () => {
  fc.assert(
    fc.property(state, slot, (each, target) => {
      const transition = boot.confirm(each, target)
      assert.deepEqual(overwritesOf(transition, apply(filesOf(each), transition)), [])
    }),
  )
})

test('an update that loses power after any write starts the old slot or a counted trial, never B uncounted', () => {
  const before = filesOf(boot.factoryState('A'))
  const writes = overwritesOf(boot.armTrial(boot.factoryState('A'), 'B'), before)
  assert.deepEqual(
    writes.map(({ path }) => path),
    ['grubenv', 'twinslot/grubenv', 'ab_state'],
    'the note of the good slot stays as it is',
  )
  let files: BootFiles = before
  for (const [index, { file, bytes }] of [null, ...writes]
    .map((each) => each ?? { file: null, bytes: null })
    .entries()) {
    if (file) files = { ...files, [file]: bytes }
    const { booted, counted } = simulateBoot(files, BOTH)
    assert.deepEqual([booted, counted], index < writes.length ? ['A', false] : ['B', true])
  }
})

test('a confirmation that loses power after any write keeps the confirmed slot', () => {
  const trial = boot.armTrial(boot.factoryState('A'), 'B').after
  let files = simulateBoot(filesOf(trial), BOTH).after
  for (const { file, bytes } of overwritesOf(boot.confirm(decodeBootState(files).state, 'B'), files)) {
    files = { ...files, [file]: bytes }
    assert.deepEqual(simulateBoot(files, BOTH).booted, 'B')
  }
  assert.equal(simulateBoot(files, BOTH).counted, false)
})

test('when no slot is good, each gets three counted starts, and then the rescue menu waits: no endless loop', () => {
  let files = filesOf(boot.armTrial(boot.NO_BOOT_STATE, 'B').after)
  const booted: (Slot | null)[] = []
  for (let start = 0; start < 8; start++) {
    const each = simulateBoot(files, BOTH)
    assert.equal(each.counted, each.booted !== null)
    booted.push(each.booted)
    files = each.after
  }
  assert.deepEqual(booted, ['B', 'B', 'B', 'A', 'A', 'A', null, null])
  const { failed, trying, left } = decodeBootState(files).state
  assert.deepEqual([failed, trying, left], ['B', 'A', 0])
})

test('from any state, any prefix of any transition boots no slot that is marked bad, and no unproven one uncounted', () => {
  const change = fc.constantFrom(
    boot.armTrial,
    (state: boot.BootState, slot: Slot) => boot.armTrial(state, slot, 1),
    boot.confirm,
    boot.select,
    boot.markBad,
    boot.reset,
    boot.settleFallback,
    boot.cameUp,
    boot.stay,
  )
  fc.assert(
    fc.property(state, slot, change, fc.nat(4), (each, target, to, length) => {
      let files = filesOf(each)
      for (const { file, bytes } of overwritesOf(to(each, target), files).slice(0, length))
        files = { ...files, [file]: bytes }
      for (let start = 0; start < 20; start++) {
        const { state: now } = decodeBootState(files)
        const { booted, counted, after } = simulateBoot(files, BOTH)
        if (booted === null) {
          const starts = (one: Slot) => boot.isProven(now, one)
          assert.ok(!starts('A') && !starts('B'), 'a good slot is never lost to bookkeeping')
          return
        }
        assert.notEqual(now.marks[booted], 'bad')
        assert.ok(counted || boot.isProven(now, booted))
        files = after
      }
      const { booted } = simulateBoot(files, BOTH)
      assert.ok(booted && boot.isProven(decodeBootState(files).state, booted), 'nothing else boots for ever')
    }),
    { numRuns: 1000 },
  )
})

test('a trial of a loadable slot that is never confirmed ends after three starts in the last good slot, for ever', () => {
  let files = filesOf(boot.armTrial(boot.factoryState('A'), 'B').after)
  const booted: (Slot | null)[] = []
  for (let start = 0; start < 6; start++) {
    const each = simulateBoot(files, BOTH)
    booted.push(each.booted)
    files = each.after
  }
  assert.deepEqual(booted, ['B', 'B', 'B', 'A', 'A', 'A'])
  const { state: seen } = decodeBootState(files)
  assert.equal(seen.failed, 'B')
  const settled = boot.settleFallback(seen, 'A').after
  assert.deepEqual([settled.wanted, settled.failed, settled.marks.B], ['A', null, 'bad'])
})
