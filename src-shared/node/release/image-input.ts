// The plain bytes of an image file that may be compressed with gzip, xz or zstd; told by its first bytes, not its name.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { formatBytes } from '#base/bytes.ts'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import { readXzHeader } from '#format/xz-header.ts'
import { openXz, XzUnreadError } from '../codec/xz.ts'
import { isZstdMagic, openZstd } from '../codec/zstd-stream.ts'
import { openFileSource, readRange } from '../os/file-source.ts'
import { errnoOf } from '../os/os-errors.ts'

const HEAD = 1024
const startsWith = (head: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => head[index] === byte)

const KINDS = {
  gzip: (head: Uint8Array) => startsWith(head, [0x1f, 0x8b]),
  xz: (head: Uint8Array) => startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  zstd: isZstdMagic,
} as const

type Kind = keyof typeof KINDS | 'plain'

/** How a file is compressed, by its first bytes; null when it is not. */
export const compressionOf = (head: Uint8Array): keyof typeof KINDS | null =>
  (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((kind) => KINDS[kind](head)) ?? null

async function look(path: string): Promise<{ kind: Kind; head: Uint8Array }> {
  await using source = await openFileSource(path)
  const head = await readRange(source, 0, Math.min(HEAD, source.size))
  return { kind: compressionOf(head) ?? 'plain', head }
}

/** Why a sound xz file is not read: what it asks for beyond what the decoder has. */
function xzProblem(head: Uint8Array, error: XzUnreadError): string {
  const header = readXzHeader(head)
  if (!header) return error.message
  const { check, filters, dictionary } = header
  if (error.kind === 'memory')
    return `its dictionary is ${dictionary === null ? 'too large' : formatBytes(dictionary)}; up to 64 MiB are read`
  const odd = filters.filter((filter) => filter !== 'LZMA2').map((filter) => `the filter ${filter}`)
  if (!['none', 'CRC32', 'CRC64'].includes(check)) odd.push(`the check ${check}`)
  return odd.length === 0 ? 'it uses an option of xz that is not read here' : `it uses ${odd.join(' and ')}`
}

/**
 * Streams the plain bytes of an image in constant memory. Throws `release.not-found`, `.not-a-file`, `.unreadable`,
 * `.empty`, `.input-damaged` (the compressed data is), `.input-unread` (sound, but of a kind that is not read),
 * `.source-failed`, `job.cancelled`.
 */
export async function* readImageInput(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const { kind, head } = await look(path)
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  let plain: AsyncIterable<Uint8Array> = file
  // Errors of either stream come out of the last one, which is the one that is read.
  if (kind === 'gzip') plain = pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => {})
  if (kind === 'zstd') plain = openZstd(file)
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
    if (cause instanceof XzUnreadError)
      throw new EngineError('release.input-unread', { path, kind: 'xz', reason: xzProblem(head, cause) }, { cause })
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
