// All frames of a zstd file, as `zstd -d` does it: frames are joined, skippable frames are skipped, anything else behind a
// frame is refused. Node's decoder ends silently with the first frame, so the frames are told apart here (RFC 8878, 3.1:
// every frame and block says its length) and each gets a decoder of its own, which proves its content.
import { pipeline } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { viewOf } from '#base/bytes.ts'
import { type ByteFeed, byteFeed } from './byte-feed.ts'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
/** Formats before 0.8 (0.1 to 0.7): other magic numbers, not read by today's library either. */
const OLD_FORMATS = { first: 0xfd2fb522, last: 0xfd2fb527 }
/** What zstd reads without `--long`: a larger window is memory that the file demands. */
const MOST_WINDOW = 2 ** 27
const MOST_BLOCK = 128 * 1024

/** True for the first four bytes of a frame, skippable or not. */
export function isZstdMagic(head: Uint8Array): boolean {
  if (head.length < 4) return false
  const magic = viewOf(head).getUint32(0, true)
  return magic === FRAME || (magic & 0xfffffff0) >>> 0 === SKIPPABLE || isOld(magic)
}

const isOld = (magic: number): boolean => magic >= OLD_FORMATS.first && magic <= OLD_FORMATS.last

/** A number of 0 to 8 bytes, little-endian. */
const numberOf = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0)

async function exactly(feed: ByteFeed, length: number): Promise<Uint8Array> {
  const bytes = await feed.take(length)
  if (bytes.length < length) throw new Error('the file ends in the middle of a frame')
  return bytes
}

/** The header behind the magic number (RFC 8878, 3.1.1.1). */
async function frameHeader(feed: ByteFeed): Promise<{ bytes: Uint8Array; checksum: boolean }> {
  const [descriptor] = await exactly(feed, 1)
  const single = (descriptor & 0x20) !== 0
  if (descriptor & 0x08) throw new Error('a frame header has a reserved bit set')
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]
  const rest = await exactly(feed, (single ? 0 : 1) + dictionaryBytes + sizeBytes)
  const dictionary = numberOf(rest.subarray(single ? 0 : 1, (single ? 0 : 1) + dictionaryBytes))
  if (dictionary !== 0) throw new Error(`a frame needs dictionary ${dictionary}, which is not in the file`)
  const size = numberOf(rest.subarray(rest.length - sizeBytes)) + (sizeBytes === 2 ? 256 : 0)
  const base = 2 ** (10 + (rest[0] >> 3))
  const window = single ? size : base + (base / 8) * (rest[0] & 7)
  if (window > MOST_WINDOW) throw new Error(`a frame demands ${window} bytes of memory; ${MOST_WINDOW} are allowed`)
  const bytes = new Uint8Array(5 + rest.length)
  viewOf(bytes).setUint32(0, FRAME, true)
  bytes[4] = descriptor
  bytes.set(rest, 5)
  return { bytes, checksum: (descriptor & 4) !== 0 }
}

/** The bytes of one frame whose magic number was taken already, from its header to its checksum. */
async function* oneFrame(feed: ByteFeed): AsyncGenerator<Uint8Array> {
  const { bytes, checksum } = await frameHeader(feed)
  yield bytes
  for (let last = false; !last; ) {
    const head = await exactly(feed, 3)
    const header = numberOf(head)
    last = (header & 1) === 1
    const type = (header >> 1) & 3
    const size = header >>> 3
    if (type === 3 || size > MOST_BLOCK) throw new Error(`a block header is wrong (type ${type}, ${size} bytes)`)
    yield head
    yield* feed.pass(type === 1 ? 1 : size)
  }
  if (checksum) yield await exactly(feed, 4)
}

/** The plain bytes of all frames. @throws Error for anything that is not whole frames */
export async function* openZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const feed = byteFeed(chunks)
  for (let at = 0; ; at++) {
    const head = await feed.take(4)
    if (head.length === 0 && at > 0) return
    if (!isZstdMagic(head)) throw new Error(at === 0 ? 'it is no zstd file' : 'something else follows the last frame')
    const magic = viewOf(head).getUint32(0, true)
    if (isOld(magic)) throw new Error(`it is in the format of zstd 0.${magic - 0xfd2fb520}`)
    if (magic !== FRAME) {
      const length = numberOf(await exactly(feed, 4))
      for await (const _skipped of feed.pass(length));
      continue
    }
    yield* pipeline(oneFrame(feed), createZstdDecompress({ chunkSize: 1 << 18 }), () => {})
  }
}
