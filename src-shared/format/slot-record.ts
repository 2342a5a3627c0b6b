// The record of both slots on the ESP (/twinslot/slots): two copies of 4096 bytes, written in turn, each one line of
// JSON with a CRC-32 and a sequence number, padded with spaces. A torn write damages only the copy being written, and
// the other one still says what was true before. Byte by byte in docs/format/esp.md.

import { z } from 'zod'
import { fromUtf8, utf8 } from '#base/bytes.ts'
import { crc32 } from '#base/crc32.ts'
import { EngineError, type Finding, finding } from '#base/errors.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import { boundFallback, boundTrial, type Fallback, type TrialNote } from '#model/health.ts'
import type { SlotRecords } from '#model/slot.ts'
import { boundedJson } from './bounded-json.ts'

export const COPY_SIZE = 4096
export const SLOT_RECORD_SIZE = 2 * COPY_SIZE
/** Length of `{"crc32":"01234567",`: the checksum covers what follows, up to the newline. */
const HEAD = 20

/** What provisioning starts from, and what a release carries. */
export const EMPTY_RECORDS: SlotRecords = {
  A: { state: 'empty' },
  B: { state: 'empty' },
  override: null,
  fallback: null,
}
const UNKNOWN_RECORDS: SlotRecords = {
  A: { state: 'unknown' },
  B: { state: 'unknown' },
  override: null,
  fallback: null,
}

const text = z.string().max(1024)
const slot = z.enum(['A', 'B'])
const content = z.strictObject({
  product: text.nullable(),
  version: text.nullable(),
  counter: z.int().min(0).nullable(),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  signer: text,
  writtenAt: text,
  writtenBy: text,
})
const record = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('empty') }),
  z.strictObject({ state: z.literal('unknown') }),
  z.strictObject({ state: z.literal('incomplete'), since: text, by: text, version: text.nullable() }),
  z.strictObject({ state: z.literal('written'), content }),
])
const override = z.strictObject({ slot, action: text, reason: text, at: text, by: text })
const fallback = z.object({
  slot,
  version: text.nullable(),
  at: text,
  boots: z.int().min(0),
  gated: z.int().min(0),
  reason: z.enum(['boot-failed', 'unhealthy', 'unloadable', 'gate-failed', 'operator']),
  bootId: text.nullable(),
  updateId: text.nullish(),
  sha256: text.nullish(),
  probes: z.array(z.object({ name: text, error: text })).max(8),
})
const trial = z.object({
  slot,
  sha256: text,
  writtenAt: text,
  updateId: text.nullable(),
  origin: z.enum(['order', 'fleet', 'channel', 'local']),
  rolloutId: text.nullable(),
  orderId: text.nullable(),
  gated: z.int().min(0),
  error: text.nullable(),
})
const line = z.object({
  seq: z.int().min(0),
  records: z.object({
    A: record,
    B: record,
    override: override.nullable(),
    // Records of before there were fall-backs lack it; one that we cannot read must not cost the slots' own records.
    fallback: fallback.nullable().catch(null),
    trial: trial.nullish().catch(null),
  }),
})

export interface SlotReading {
  /** Both slots `unknown` when neither copy can be read. */
  readonly records: SlotRecords
  /** Sequence number of the copy that was used; -1 when none was. */
  readonly seq: number
  readonly health: 'intact' | 'one-copy' | 'lost'
  readonly findings: readonly Finding[]
}

interface Copy {
  readonly index: number
  readonly seq: number
  readonly records: SlotRecords
}

/** Never throws. `null` means that the file does not exist. Findings: `slot.record-copy-damaged`, `slot.record-lost`. */
export function decodeSlotRecords(bytes: Uint8Array | null): SlotReading {
  const copies = bytes ? readCopies(bytes) : []
  if (copies.length === 0) {
    const found = bytes ? `${bytes.length} bytes without a valid copy` : 'missing'
    const lost = finding('slot.record-lost', { file: `/${ESP_PATH.slots}`, found })
    return { records: UNKNOWN_RECORDS, seq: -1, health: 'lost', findings: [lost] }
  }
  const { seq, records } = newest(copies)
  if (copies.length === 2) return { records, seq, health: 'intact', findings: [] }
  return { records, seq, health: 'one-copy', findings: [finding('slot.record-copy-damaged', { seq })] }
}

const newest = (copies: readonly Copy[]): Copy => copies.reduce((a, b) => (b.seq > a.seq ? b : a))

const readCopies = (bytes: Uint8Array): Copy[] =>
  [0, 1].flatMap((index) => {
    const copy = readCopy(bytes.subarray(index * COPY_SIZE, (index + 1) * COPY_SIZE))
    return copy ? [{ index, ...copy }] : []
  })

function readCopy(bytes: Uint8Array): Omit<Copy, 'index'> | null {
  const end = bytes.indexOf(0x0a)
  if (end < HEAD) return null
  const head = /^\{"crc32":"([0-9a-f]{8})",$/.exec(fromUtf8(bytes.subarray(0, HEAD)) ?? '')
  const covered = bytes.subarray(HEAD, end)
  if (!head || crc32(covered) !== Number.parseInt(head[1], 16)) return null
  const json = parseJson(`{${fromUtf8(covered) ?? ''}`)
  const parsed = line.safeParse(json)
  return parsed.success ? parsed.data : null
}

function parseJson(source: string): unknown {
  try {
    return boundedJson(source, 65_536)
  } catch {
    // The caller treats what is not JSON like every other shape that is not ours.
    return null
  }
}

export interface SlotEncoding {
  /** The whole file, SLOT_RECORD_SIZE bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The only bytes that differ from the previous file: overwrite these in one write, then flush. */
  readonly changedRange: { readonly offset: number; readonly length: number }
}

/**
 * Writes `records` over the older (or damaged) copy of `previous`; over both when there is no valid one.
 * Throws `slot.record-too-large`.
 */
export function encodeSlotRecords(previous: Uint8Array | null, records: SlotRecords): SlotEncoding {
  const copies = previous?.length === SLOT_RECORD_SIZE ? readCopies(previous) : []
  const bytes = new Uint8Array(SLOT_RECORD_SIZE)
  if (!previous || copies.length === 0) {
    bytes.set(encodeCopy(0, records), 0)
    bytes.set(encodeCopy(1, records), COPY_SIZE)
    return { bytes, changedRange: { offset: 0, length: SLOT_RECORD_SIZE } }
  }
  const { index, seq } = newest(copies)
  const offset = (1 - index) * COPY_SIZE
  bytes.set(previous)
  bytes.set(encodeCopy(seq + 1, records), offset)
  return { bytes, changedRange: { offset, length: COPY_SIZE } }
}

function encodeCopy(seq: number, records: SlotRecords): Uint8Array {
  const covered = coveredBytes(seq, records)
  const found = HEAD + covered.length + 1
  if (found > COPY_SIZE) throw new EngineError('slot.record-too-large', { expected: COPY_SIZE, found })
  const copy = new Uint8Array(COPY_SIZE).fill(0x20)
  copy.set(utf8(`{"crc32":"${crc32(covered).toString(16).padStart(8, '0')}",`))
  copy.set(covered, HEAD)
  copy[HEAD + covered.length] = 0x0a
  copy[COPY_SIZE - 1] = 0x0a
  return copy
}

/** What the checksum covers: fall-back and trial are cut to their bounds, and give way to the slots' own records. */
function coveredBytes(seq: number, records: SlotRecords): Uint8Array {
  let covered = new Uint8Array(0)
  for (const [fallback, trial] of lessAndLess(records)) {
    const { A, B, override } = records
    const kept = { A, B, override, ...(fallback && { fallback }), ...(trial && { trial }) }
    covered = utf8(JSON.stringify({ seq, records: kept }).slice(1))
    if (HEAD + covered.length + 1 <= COPY_SIZE) break
  }
  return covered
}

/** Probes go from the end, then the trial, then the fall-back. */
function* lessAndLess({ fallback, trial }: SlotRecords): Generator<readonly [Fallback | null, TrialNote | null]> {
  const note = trial ? boundTrial(trial) : null
  const kept = fallback && boundFallback(fallback)
  for (let probes = kept?.probes.length ?? 0; probes >= 0; probes--)
    yield [kept && { ...kept, probes: kept.probes.slice(0, probes) }, note]
  yield [kept && { ...kept, probes: [] }, null]
  yield [null, null]
}
