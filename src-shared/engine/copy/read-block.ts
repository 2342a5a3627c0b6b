// Brings one block of an image out of its source, and believes it only when its SHA-256 is the signed one.
import { EngineError } from '#base/errors.ts'
import type { ImageSource } from '../image-source.ts'
import { between, blockRange, zeroesIn } from './blocks.ts'
import type { BlockCodec } from './ports.ts'

/** Stored bytes may exceed the plain block a little (what does not compress); far more is an attack on our memory. */
const storedLimit = (blockSize: number): number => blockSize + (blockSize >> 3) + 65536

/** Bytes that a buffer for stored blocks of this image needs; 0 when none is needed. */
export function storedRoom(source: ImageSource): number {
  if (source.compression === 'none') return 0
  let most = 0
  for (let i = 0; i < source.table.blocks.length; i++) most = Math.max(most, source.stored(i).length)
  return Math.min(most, storedLimit(source.table.blockSize))
}

/** True when the signed table says that the block is nothing but zeroes. */
export function isZeroBlock(source: ImageSource, index: number): boolean {
  const range = blockRange(source.table, index)
  const [first] = zeroesIn(source.table.zeroRuns, range)
  return first !== undefined && first[0] === 0 && first[1] === range.length
}

/** Throws `write.source-mismatch` unless `found` is the signed digest of the block. */
export function checkBlock(source: ImageSource, index: number, found: string): void {
  const expected = source.table.blocks[index]
  if (found === expected) return
  const { offset } = blockRange(source.table, index)
  throw new EngineError('write.source-mismatch', {
    source: source.bytes.name,
    block: index,
    offset,
    expected: expected ?? 'none',
    found,
  })
}

/**
 * Reads, decodes and authenticates block `index`; answers a part of `plain` (fresh when not given), filled.
 * Zero runs are not read from the source: the digest covers them. Throws `write.source-mismatch`,
 * `write.source-undecodable`, and what the source throws.
 */
export async function readBlock(
  source: ImageSource,
  index: number,
  codec: BlockCodec,
  plain?: Uint8Array,
  stored?: Uint8Array,
): Promise<Uint8Array> {
  const range = blockRange(source.table, index)
  const target = (plain ?? codec.allocate(range.length)).subarray(0, range.length)
  const zeroes = zeroesIn(source.table.zeroRuns, range)
  const place = source.stored(index)
  let found: string
  if (source.compression === 'none') {
    let at = place.offset
    for (const [offset, length] of zeroes) target.fill(0, offset, offset + length)
    for (const [offset, length] of between(zeroes, range.length)) {
      await source.bytes.read(source.packed ? at : place.offset + offset, target.subarray(offset, offset + length))
      at += length
    }
    found = await codec.digest(target)
  } else {
    const limit = storedLimit(source.table.blockSize)
    if (place.length > limit) {
      const reason = `${place.length} stored bytes, at most ${limit} are possible`
      throw new EngineError('write.source-undecodable', { source: source.bytes.name, block: index, reason })
    }
    const input = (stored ?? codec.allocate(place.length)).subarray(0, place.length)
    await source.bytes.read(place.offset, input)
    const cut = source.packed ? zeroes : []
    found = await unpackBlock(
      source,
      index,
      codec,
      { stored: input, compression: source.compression, zeroes: cut },
      target,
    )
  }
  checkBlock(source, index, found)
  return target
}

/** The codec knows neither file nor block; its error gets both here. */
async function unpackBlock(
  source: ImageSource,
  index: number,
  codec: BlockCodec,
  block: Parameters<BlockCodec['unpack']>[0],
  target: Uint8Array,
): Promise<string> {
  if (block.stored.length === 0) {
    target.fill(0)
    return codec.digest(target)
  }
  try {
    return await codec.unpack(block, target)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'write.source-undecodable') throw error
    const details = { ...error.details, source: source.bytes.name, block: index }
    throw new EngineError('write.source-undecodable', details, { cause: error })
  }
}
