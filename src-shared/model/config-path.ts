// What a file of /config may be called, how deep it may lie and how much there may be: one rule for what is written, what is
// read back, and what is typed. What this lets through survives the way through debugfs's script and listing.
import { utf8 } from '#base/bytes.ts'

export const CONFIG_LIMITS = {
  /** Files and folders together. */
  entries: 1000,
  /** Bytes of all files; what the console reads back in one piece. */
  bytes: 2 * 1024 * 1024,
  /** Folders above a file. */
  depth: 32,
  /** Bytes of a name. */
  name: 255,
  /** Bytes of a path. */
  path: 512,
} as const

/** Made by mke2fs in the root of every ext4; fsck puts what it finds there. */
const RESERVED = 'lost+found'

/** Why this cannot be the name of a file or folder; null when it can. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'a name in it is empty'
  if (name === '.' || name === '..') return 'it has a . or .. in it'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) return 'it has a control character or line break in it'
  if (/["/]/.test(name)) return 'it has a quote in a name'
  // What is no UTF-8 arrives as this character, too.
  if (/\ufffd/.test(name) || !name.isWellFormed()) return 'a name in it is not UTF-8 text'
  if (utf8(name).length > CONFIG_LIMITS.name) return `a name in it is longer than ${CONFIG_LIMITS.name} bytes`
  return null
}

/** Why this cannot be the path of a file below /config; null when it can. Parts are separated by `/`. */
export function configPathProblem(path: string): string | null {
  const parts = path.split('/')
  for (const part of parts) {
    const problem = nameProblem(part)
    if (problem !== null) return problem
  }
  if (parts[0] === RESERVED) return `${RESERVED} belongs to the file system`
  if (parts.length - 1 > CONFIG_LIMITS.depth) return `it lies below more than ${CONFIG_LIMITS.depth} folders`
  if (utf8(path).length > CONFIG_LIMITS.path) return `it is longer than ${CONFIG_LIMITS.path} bytes`
  return null
}

/** Files and the folders above them: what counts against `CONFIG_LIMITS.entries`. */
export function entriesOf(paths: Iterable<string>): number {
  const all = new Set<string>()
  for (const path of paths)
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) all.add(path.slice(0, end))
  return all.size
}

const BLOCK = 4096
const MIB = 1024 * 1024

/** Bytes of ext4 that these files need at most: their blocks, and two more for each file and folder. */
export function roomFor(files: readonly { readonly path: string; readonly size: number }[]): number {
  const content = files.reduce((sum, { size }) => sum + Math.ceil(size / BLOCK), 0)
  return (content + 2 * entriesOf(files.map(({ path }) => path))) * BLOCK
}

/** What a new ext4 of ours surely has room for: its tables and journal taken off generously. */
export function roomInNew(size: number): { readonly bytes: number; readonly entries: number } {
  const journal = size < 128 * MIB ? 4 * MIB : size < 1024 * MIB ? 16 * MIB : 128 * MIB
  return { bytes: Math.max(0, size - Math.ceil(size / 32) - journal - MIB), entries: Math.floor(size / 16384) - 16 }
}
