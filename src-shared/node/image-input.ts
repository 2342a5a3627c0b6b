// The plain bytes of an image file that may be compressed with gzip, xz or zstd; told by its first bytes, not its name.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { EngineError, isEngineError, throwIfAborted } from '../base/errors.ts'
import { openFileSource, readRange } from './file-source.ts'
import { errnoOf } from './os-errors.ts'
import { openXz } from './xz.ts'

const MAGICS = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
] as const

async function kindOf(path: string): Promise<'plain' | 'gzip' | 'xz' | 'zstd'> {
  await using source = await openFileSource(path)
  const head = await readRange(source, 0, Math.min(6, source.size))
  return MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0] ?? 'plain'
}

/**
 * Streams the plain bytes of an image in constant memory. Throws `release.not-found`, `.not-a-file`, `.unreadable`,
 * `.empty`, `.input-damaged` (the compressed data is), `.source-failed`, `job.cancelled`.
 */
export async function* readImageInput(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const kind = await kindOf(path)
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  let plain: AsyncIterable<Uint8Array> = file
  // Errors of either stream come out of the last one, which is the one that is read.
  if (kind === 'gzip') plain = pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {})
  if (kind === 'zstd') plain = pipeline(file, createZstdDecompress({ chunkSize: 1 << 18 }), () => {})
  if (kind === 'xz') plain = openXz(file)
  try {
    for await (const chunk of plain) {
      throwIfAborted(signal)
      yield chunk
    }
  } catch (cause) {
    if (isEngineError(cause)) throw cause
    if (kind === 'plain')
      throw new EngineError('release.source-failed', { name: path, offset: 0, reason: errnoOf(cause) }, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('release.input-damaged', { path, reason }, { cause })
  } finally {
    file.destroy()
  }
}

/** Cuts a stream into blocks of exactly `blockSize`, the last one shorter; each block is memory of its own. */
export async function* inBlocks(chunks: AsyncIterable<Uint8Array>, blockSize: number): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(blockSize)
  let filled = 0
  for await (const chunk of chunks) {
    let used = 0
    while (used < chunk.length) {
      const part = chunk.subarray(used, used + blockSize - filled)
      block.set(part, filled)
      filled += part.length
      used += part.length
      if (filled < blockSize) continue
      yield block
      block = Buffer.allocUnsafeSlow(blockSize)
      filled = 0
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}
