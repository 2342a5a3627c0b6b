// Why did a disk give back other bytes than were written? Reads the block once more and compares: another part of the image
// there means that the disk has less room than it claims; zeroes or ones, that it lost the write; a few flipped bits, that
// memory is failing. What is found is added to the error's details; the error itself stays what it was.
import { EngineError, isEngineError } from '#base/errors.ts'
import { blockRange } from '#engine/copy/blocks.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import { readBlock } from '#engine/copy/read-block.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { JobFailed } from '#engine/run-plan.ts'
import type { Plan } from '#model/plan.ts'

/**
 * - `equal-now`: the second reading was right: cable, controller or memory, rather than the disk
 * - `elsewhere`: another part of the image is there: addresses wrap round
 * - `zeroes`, `ones`: nothing but 0x00 or 0xFF where it differs
 * - `bit-flips`: few bits differ
 */
export type MismatchPattern = 'equal-now' | 'elsewhere' | 'zeroes' | 'ones' | 'bit-flips' | 'other'

export interface Mismatch {
  readonly pattern: MismatchPattern
  /** First byte that differs, from the start of the block. */
  readonly at: number
  readonly bytes: number
  readonly bits: number
}

/** More flipped bits than one in this many are no flips any more. */
const FLIPS_PER_BITS = 1000

/** What two equally long blocks say; pure. `elsewhere` is not decided here: it needs the rest of the image. */
export function compareBlocks(expected: Uint8Array, found: Uint8Array): Mismatch {
  let at = -1
  let bytes = 0
  let bits = 0
  let zeroes = true
  let ones = true
  for (let i = 0; i < expected.length; i++) {
    const difference = expected[i] ^ found[i]
    if (difference === 0) continue
    if (at < 0) at = i
    bytes += 1
    bits += bitsOf(difference)
    zeroes &&= found[i] === 0
    ones &&= found[i] === 0xff
  }
  if (bytes === 0) return { pattern: 'equal-now', at: 0, bytes, bits }
  // One flipped bit may happen to give 0x00 or 0xFF: few bits are flips, whatever they give.
  const few = bits <= Math.max(8, (expected.length * 8) / FLIPS_PER_BITS) && bits < bytes * 3
  return { pattern: few ? 'bit-flips' : zeroes ? 'zeroes' : ones ? 'ones' : 'other', at, bytes, bits }
}

function bitsOf(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count += 1
  return count
}

const SECTOR = 512

/** Where in the image the found bytes belong; null when nowhere, or when they are too plain to tell. */
export async function findInImage(
  source: ImageSource,
  codec: BlockCodec,
  found: Uint8Array,
  from: number,
  signal: AbortSignal,
): Promise<number | null> {
  const start = from - (from % SECTOR)
  const needle = Buffer.from(found.subarray(start, start + SECTOR))
  // A sector of one value is anywhere, and short ends tell nothing.
  if (needle.length < SECTOR || needle.every((byte) => byte === needle[0])) return null
  for (let index = 0; index < source.table.blocks.length; index++) {
    if (signal.aborted) return null
    const block = await readBlock(source, index, codec)
    const place = Buffer.from(block.buffer, block.byteOffset, block.byteLength).indexOf(needle)
    if (place >= 0 && place % SECTOR === 0) return blockRange(source.table, index).offset + place
  }
  return null
}

/** Finds out about a block of an image on a device. `offset` and `length` as the error told them. */
export async function examine(
  device: BlockDevice,
  place: { readonly slotOffset: number; readonly offset: number; readonly length: number },
  source: ImageSource,
  codec: BlockCodec,
  signal: AbortSignal,
): Promise<Mismatch & { readonly elsewhere: number | null }> {
  const index = Math.floor((place.offset - place.slotOffset) / source.table.blockSize)
  const expected = await readBlock(source, index, codec)
  const found = device.allocate(place.length)
  await device.read(place.offset, found)
  const compared = compareBlocks(expected.subarray(0, place.length), found)
  if (compared.pattern !== 'other') return { ...compared, elsewhere: null }
  const elsewhere = await findInImage(source, codec, found, compared.at, signal)
  return { ...compared, pattern: elsewhere === null ? 'other' : 'elsewhere', elsewhere }
}

export interface MismatchNeeds {
  readonly plan: Plan
  readonly source: ImageSource | null
  readonly codec: BlockCodec
  readonly signal: AbortSignal
  /** Opens the disk again, to read. */
  open(): Promise<AsyncDisposable & { readonly device: BlockDevice }>
}

/** The same failure with what a second look found; any other failure, and one that cannot be looked at, as it came. */
export async function withMismatch(error: unknown, needs: MismatchNeeds): Promise<unknown> {
  if (!(error instanceof JobFailed) || !isEngineError(error.cause, 'write.verify-failed') || !needs.source) return error
  const { offset, length } = error.cause.details
  if (typeof offset !== 'number' || typeof length !== 'number') return error
  const step = needs.plan.steps.find(
    (each) => each.type === 'write-image' && offset >= each.at.offset && offset < each.at.offset + each.size,
  )
  if (step?.type !== 'write-image') return error
  try {
    await using disk = await needs.open()
    const place = { slotOffset: step.at.offset, offset, length }
    const { pattern, bytes, bits, elsewhere } = await examine(
      disk.device,
      place,
      needs.source,
      needs.codec,
      needs.signal,
    )
    const found = { pattern, differingBytes: bytes, differingBits: bits, ...(elsewhere === null ? {} : { elsewhere }) }
    const cause = new EngineError(error.cause.code, { ...error.cause.details, ...found }, { cause: error.cause })
    return new JobFailed(error.report, cause, error.during)
  } catch (problem) {
    // The disk that failed may well fail again, or be gone; the first failure is what counts.
    if (isEngineError(problem)) return error
    throw problem
  }
}
