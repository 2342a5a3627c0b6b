import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { crc32 } from '#base/crc32.ts'
import { EngineError } from '#base/errors.ts'
import type { Fallback } from '#model/health.ts'
import type { SlotRecord, SlotRecords } from '#model/slot.ts'
import fc from '#testing/property.ts'
import { COPY_SIZE, decodeSlotRecords, EMPTY_RECORDS, encodeSlotRecords, SLOT_RECORD_SIZE } from './slot-record.ts'

/** Objects as JSON gives them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true })

const text = fc.string({ maxLength: 40 })
const record: fc.Arbitrary<SlotRecord> = fc.oneof(
  fc.constant<SlotRecord>({ state: 'empty' }),
  plain({ state: fc.constant('incomplete' as const), since: text, by: text, version: fc.option(text) }),
  plain({
    state: fc.constant('written' as const),
    content: plain({
      product: fc.option(text),
      version: fc.option(text),
      counter: fc.option(fc.nat()),
      size: fc.nat(),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      signer: text,
      writtenAt: text,
      writtenBy: text,
    }),
  }),
)
const override = plain({
  slot: fc.constantFrom('A' as const, 'B' as const),
  action: text,
  reason: text,
  at: text,
  by: text,
})
const words = (maxLength: number) =>
  fc.stringMatching(/^[ -~äß€]*$/, { maxLength }).filter((each) => each.length <= maxLength)
const fallback: fc.Arbitrary<Fallback> = plain({
  slot: fc.constantFrom('A' as const, 'B' as const),
  version: fc.option(words(20)),
  at: words(24),
  boots: fc.integer({ min: 1, max: 3 }),
  gated: fc.nat(3),
  reason: fc.constantFrom('boot-failed' as const, 'unhealthy' as const, 'unloadable' as const, 'operator' as const),
  bootId: fc.option(words(36)),
  probes: fc.array(plain({ name: words(20), error: words(60) }), { maxLength: 4 }),
})
const records: fc.Arbitrary<SlotRecords> = plain({
  A: record,
  B: record,
  override: fc.option(override),
  fallback: fc.option(fallback),
})

test('any record survives being written over any other, and the newest counts', () => {
  fc.assert(
    fc.property(fc.array(records, { minLength: 1, maxLength: 6 }), (history) => {
      let bytes: Uint8Array | null = null
      for (const each of history) bytes = encodeSlotRecords(bytes, each).bytes
      const read = decodeSlotRecords(bytes)
      assert.deepEqual(read.records, history.at(-1))
      assert.equal(read.health, 'intact')
      assert.equal(read.seq, history.length)
      assert.equal(bytes?.length, SLOT_RECORD_SIZE)
    }),
    { numRuns: 200 },
  )
})

test('a write torn anywhere leaves the old record or the new one, never anything else', () => {
  fc.assert(
    fc.property(records, records, fc.nat(COPY_SIZE), (before, after, cut) => {
      const first = encodeSlotRecords(encodeSlotRecords(null, EMPTY_RECORDS).bytes, before).bytes
      const { bytes, changedRange } = encodeSlotRecords(first, after)
      assert.equal(changedRange.length, COPY_SIZE)
      const torn = Uint8Array.from(first)
      torn.set(bytes.subarray(changedRange.offset, changedRange.offset + cut), changedRange.offset)
      assert.deepEqual(
        bytes.filter((_, at) => at < changedRange.offset || at >= changedRange.offset + COPY_SIZE),
        first.filter((_, at) => at < changedRange.offset || at >= changedRange.offset + COPY_SIZE),
      )
      const seen = JSON.stringify(decodeSlotRecords(torn).records)
      assert.ok([before, after].map(asRead).includes(seen))
    }),
    { numRuns: 300 },
  )
})

/** Key order as the decoder gives it. */
const asRead = (each: SlotRecords) => JSON.stringify(decodeSlotRecords(encodeSlotRecords(null, each).bytes).records)

test('one damaged copy is reported and written anew by the next change', () => {
  const { bytes, changedRange } = encodeSlotRecords(encodeSlotRecords(null, EMPTY_RECORDS).bytes, EMPTY_RECORDS)
  bytes[changedRange.offset + 40] ^= 1
  const read = decodeSlotRecords(bytes)
  assert.equal(read.health, 'one-copy')
  assert.deepEqual(
    read.findings.map(({ code }) => code),
    ['slot.record-copy-damaged'],
  )
  const next = encodeSlotRecords(bytes, EMPTY_RECORDS)
  assert.equal(next.changedRange.offset, changedRange.offset)
  assert.equal(decodeSlotRecords(next.bytes).health, 'intact')
})

test('with both copies gone, or no file, the slots are unknown and not empty', () => {
  for (const bytes of [null, new Uint8Array(0), new Uint8Array(SLOT_RECORD_SIZE)]) {
    const read = decodeSlotRecords(bytes)
    assert.equal(read.records.A.state, 'unknown')
    assert.equal(read.health, 'lost')
    assert.deepEqual(
      read.findings.map(({ code }) => code),
      ['slot.record-lost'],
    )
  }
  const fresh = encodeSlotRecords(new Uint8Array(SLOT_RECORD_SIZE), EMPTY_RECORDS)
  assert.deepEqual(fresh.changedRange, { offset: 0, length: SLOT_RECORD_SIZE })
  assert.equal(decodeSlotRecords(fresh.bytes).health, 'intact')
})

test('a record that does not fit is refused', () => {
  const override = { slot: 'A' as const, action: 'x', reason: '\u{1f600}'.repeat(1024), at: '', by: '' }
  const large = (error: unknown) => error instanceof EngineError && error.code === 'slot.record-too-large'
  assert.throws(() => encodeSlotRecords(null, { ...EMPTY_RECORDS, override }), large)
})

const FALLBACK: Fallback = {
  slot: 'B',
  version: '2.0.0',
  at: '2026-01-02T03:04:05Z',
  boots: 3,
  gated: 2,
  reason: 'unhealthy',
  bootId: '0d4c53a2-9c0e-4b7a-8f0e-2b8f7c1d9e55',
  probes: [],
}

test('a fall-back fits whatever its probes said: the slots own records come first', () => {
  const probes = Array.from({ length: 20 }, (_, index) => ({
    name: `probe ${index}\u0000`,
    error: '\u{1f600}'.repeat(500),
  }))
  const text = 'x'.repeat(900)
  const A: SlotRecord = { state: 'incomplete', since: text, by: text, version: null }
  const read = decodeSlotRecords(
    encodeSlotRecords(null, { ...EMPTY_RECORDS, A, fallback: { ...FALLBACK, probes } }).bytes,
  )
  assert.equal(read.health, 'intact')
  assert.deepEqual(read.records.A, A)
  const kept = read.records.fallback?.probes ?? []
  assert.ok(kept.length >= 1 && kept.length < 8, `${kept.length} probes were kept`)
  assert.equal(kept[0].name, 'probe 0 ')
  assert.ok(kept[0].error.length <= 120 && kept[0].error.isWellFormed())
})

/** A copy as another version of the program would write it. */
function fileWith(records: Readonly<Record<string, unknown>>): Uint8Array {
  const covered = utf8(JSON.stringify({ seq: 7, records }).slice(1))
  const copy = Buffer.alloc(COPY_SIZE, ' ')
  copy.write(`{"crc32":"${crc32(covered).toString(16).padStart(8, '0')}",`)
  copy.set(covered, 20)
  copy[20 + covered.length] = 0x0a
  return Buffer.concat([copy, copy])
}

test('records without a fall-back, or with one that cannot be read, keep their slots', () => {
  const B: SlotRecord = { state: 'incomplete', since: 's', by: 'b', version: null }
  const older = decodeSlotRecords(fileWith({ A: { state: 'empty' }, B, override: null }))
  assert.deepEqual(older.records, { ...EMPTY_RECORDS, B })
  const later = decodeSlotRecords(fileWith({ A: { state: 'empty' }, B, override: null, fallback: { kind: 'later' } }))
  assert.deepEqual(later.records, { ...EMPTY_RECORDS, B })
  assert.equal(later.health, 'intact')
})

test('random bytes and damaged files never make the reader throw', () => {
  const sample = encodeSlotRecords(null, EMPTY_RECORDS).bytes
  const mutated = fc
    .array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
    .map((edits) => {
      const bytes = Uint8Array.from(sample)
      for (const [at, byte] of edits) bytes[at] = byte
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
      assert.ok(['intact', 'one-copy', 'lost'].includes(decodeSlotRecords(bytes).health))
    }),
    { numRuns: 2000 },
  )
})

test('the bytes are as docs/format/esp.md shows them', () => {
  const line = Buffer.from(encodeSlotRecords(null, EMPTY_RECORDS).bytes).toString().split('\n')[0]
  assert.equal(
    line,
    '{"crc32":"6f416698","seq":0,"records":{"A":{"state":"empty"},"B":{"state":"empty"},"override":null}}',
  )
})
