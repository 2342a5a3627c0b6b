import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EngineError } from '../base/errors.ts'
import type { SlotRecord, SlotRecords } from '../model/slot.ts'
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
const records: fc.Arbitrary<SlotRecords> = plain({ A: record, B: record, override: fc.option(override) })

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
