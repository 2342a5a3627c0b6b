// The one way to read a whole file that may be anybody's: no more than a limit of it is ever in memory, counted on what is
// read and not on what the system said a moment before, and nothing is waited for at the other end of a pipe.
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** For what has no limit of its own: what the kernel tells, and small files of the system. */
export const READ_LIMIT = 16 * 1024 * 1024

const CHUNK = 64 * 1024
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)

/** As the system tells it, so that it is worded where all its errors are. */
const refused = (code: string, path: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${path}: ${what}`), { code, syscall: 'read', path })

function check(path: string, found: Stats, limit: number): void {
  if (found.isDirectory()) throw refused('EISDIR', path, 'a folder')
  if (!found.isFile()) throw refused('ESPIPE', path, 'a pipe or a device')
  if (found.size > limit) throw refused('EFBIG', path, `${found.size} bytes, more than ${limit}`)
}

/** Takes pieces until there are no more; what /proc tells has no size before it is read. */
function gather(path: string, limit: number) {
  const parts: Buffer[] = []
  let length = 0
  return {
    take(part: Buffer): boolean {
      length += part.length
      if (length > limit) throw refused('EFBIG', path, `more than ${limit} bytes`)
      if (part.length > 0) parts.push(part)
      return part.length > 0
    },
    whole: (): Buffer<ArrayBuffer> => Buffer.concat(parts),
  }
}

const nextSize = ({ size }: Stats, limit: number): number => Math.min(limit + 1, Math.max(CHUNK, size))

/** Throws what the system throws, `EFBIG` for more than `limit` bytes, `ESPIPE` for what is no regular file. */
export async function readBounded(path: string | URL, limit = READ_LIMIT): Promise<Buffer<ArrayBuffer>> {
  await using file = await open(path, FLAGS)
  return await readOpenFile(file, String(path), limit)
}

/** The same of a file that is open at its start. */
export async function readOpenFile(file: FileHandle, path: string, limit: number): Promise<Buffer<ArrayBuffer>> {
  const found = await file.stat()
  check(path, found, limit)
  const all = gather(path, limit)
  for (;;) {
    const part = Buffer.alloc(nextSize(found, limit))
    const { bytesRead } = await file.read(part, 0, part.length, null)
    if (!all.take(part.subarray(0, bytesRead))) return all.whole()
  }
}

export const readBoundedText = async (path: string | URL, limit = READ_LIMIT): Promise<string> =>
  (await readBounded(path, limit)).toString('utf8')

/** SHA-256 of a regular file of any size, in constant memory. */
export async function sha256OfFile(path: string): Promise<string> {
  await using file = await open(path, FLAGS)
  check(path, await file.stat(), Number.POSITIVE_INFINITY)
  const hash = createHash('sha256')
  const part = Buffer.alloc(1 << 20)
  for (let bytesRead = -1; bytesRead !== 0; hash.update(part.subarray(0, bytesRead)))
    bytesRead = (await file.read(part, 0, part.length, null)).bytesRead
  return hash.digest('hex')
}

/** Like readBounded, at once. */
export function readBoundedSync(path: string | URL, limit = READ_LIMIT): Buffer<ArrayBuffer> {
  const fd = openSync(path, FLAGS)
  try {
    const found = fstatSync(fd)
    check(String(path), found, limit)
    const all = gather(String(path), limit)
    for (;;) {
      const part = Buffer.alloc(nextSize(found, limit))
      if (!all.take(part.subarray(0, readSync(fd, part, 0, part.length, null)))) return all.whole()
    }
  } finally {
    closeSync(fd)
  }
}

export const readBoundedTextSync = (path: string | URL, limit = READ_LIMIT): string =>
  readBoundedSync(path, limit).toString('utf8')
