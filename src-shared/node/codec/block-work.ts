// What the codec does with one block, synchronously: runs in the worker threads of block-codec.ts, or inline in tests.
// Decoded bytes go straight into the target where that is possible, so that memory does not grow with the image.
import { hash } from 'node:crypto'
import { crc32, gunzipSync } from 'node:zlib'
import { EngineError, type Finding } from '#base/errors.ts'
import { between } from '#engine/copy/blocks.ts'
import type { StoredBlock } from '#engine/copy/ports.ts'
import { openXz } from './xz.ts'
import { openZstdDecoder, type ZstdDecoder } from './zstd-decoder.ts'

export interface CodecJob {
  readonly id: number
  readonly target: Uint8Array
  /** Null: only the digest of `target` is wanted. */
  readonly block: StoredBlock | 'checksum' | null
}

export type CodecAnswer =
  | { readonly id: number; readonly answer: string | number }
  | { readonly id: number; readonly failure: Finding }

const BLANK = Buffer.alloc(64 * 1024)
const zeroDigests = new Map<number, string>()

function isBlank(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at += BLANK.length) {
    const part = data.subarray(at, at + BLANK.length)
    if (Buffer.compare(part, BLANK.subarray(0, part.length)) !== 0) return false
  }
  return true
}

/** SHA-256, hexadecimal. Zeroes are recognised (comparing is ten times faster) and their digest is remembered. */
export function digestOf(data: Uint8Array): string {
  const known = zeroDigests.get(data.length)
  if (known !== undefined) return isBlank(data) ? known : hash('sha256', data)
  const digest = hash('sha256', data)
  if (isBlank(data) && zeroDigests.size < 64) zeroDigests.set(data.length, digest)
  return digest
}

export const checksumOf = (data: Uint8Array): number => crc32(data)

const undecodable = (reason: string, cause?: unknown): EngineError =>
  new EngineError('write.source-undecodable', { source: 'image', block: '?', reason }, { cause })

async function expandXz(stored: Uint8Array, length: number): Promise<Uint8Array> {
  const output = new Uint8Array(length)
  let filled = 0
  // A copy: the WebAssembly decoder takes no shared memory.
  for await (const part of openXz([stored.slice()])) {
    if (filled + part.length > length) throw undecodable(`more than ${length} bytes came out`)
    output.set(part, filled)
    filled += part.length
  }
  return output.subarray(0, filled)
}

let decoder: ZstdDecoder | null = null
let scratch: Uint8Array = new Uint8Array(0)

/** Room for a block that has holes, used again: its content is good until control is given away. */
function room(length: number): Uint8Array {
  if (scratch.length < length) scratch = new Uint8Array(length)
  return scratch.subarray(0, length)
}

/** The bytes of a frame, in `target` where the decoder can write there, else in memory of their own. */
function expand(block: StoredBlock, target: Uint8Array): Uint8Array {
  const { compression, stored } = block
  if (compression === 'zstd') {
    decoder ??= openZstdDecoder()
    return target.subarray(0, decoder.decode(stored, target))
  }
  return compression === 'gzip' ? gunzipSync(stored, { maxOutputLength: Math.max(1, target.length) }) : stored
}

/** Fills `target` with the plain block and answers its SHA-256; throws `write.source-undecodable`. */
export async function unpackInto(block: StoredBlock, target: Uint8Array): Promise<string> {
  const { zeroes } = block
  const parts = between(zeroes, target.length)
  const length = parts.reduce((sum, part) => sum + part[1], 0)
  let data: Uint8Array
  try {
    data =
      block.compression === 'xz'
        ? await expandXz(block.stored, length)
        : expand(block, zeroes.length === 0 ? target : room(length))
  } catch (error) {
    throw error instanceof EngineError ? error : undecodable(error instanceof Error ? error.message : 'unknown', error)
  }
  // No await from here on: blocks that are unpacked side by side share the scratch room.
  if (data.length !== length) throw undecodable(`${data.length} bytes came out, ${length} were expected`)
  if (data.buffer === target.buffer && data.byteOffset === target.byteOffset) return digestOf(target)
  let at = 0
  for (const [offset, size] of zeroes) target.fill(0, offset, offset + size)
  for (const [offset, size] of parts) {
    target.set(data.subarray(at, at + size), offset)
    at += size
  }
  return digestOf(target)
}
