// What the kernel says is mounted and swapped to (proc(5)). Parsers are pure; reading is bounded by the kernel itself.

import { EngineError } from '#base/errors.ts'
import { readBoundedTextSync } from '../os/bounded-read.ts'
import { reasonOf } from '../os/os-errors.ts'

export interface Mount {
  /** `major:minor`; `0:n` for file systems without a block device of their own (btrfs, overlay, tmpfs). */
  readonly device: string
  readonly mountPoint: string
  readonly type: string
  readonly source: string
  /** Options of this mount: `ro`, `nosuid`, ... */
  readonly flags: string
  /** Options of the file system, e.g. `lowerdir` of an overlay; its `rw` or `ro` says what may happen to the medium. */
  readonly options: string
}

export interface Swap {
  readonly path: string
  readonly type: string
}

/** proc(5) writes space, tab, newline and backslash as three octal digits. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** /proc/PID/mountinfo; lines of another form are left out. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const fields = line.split(' ')
    const dash = fields.indexOf('-', 6)
    if (dash < 0 || fields.length < dash + 4) return []
    return [
      {
        device: fields[2],
        mountPoint: unescapeOctal(fields[4]),
        flags: fields[5],
        type: fields[dash + 1],
        source: unescapeOctal(fields[dash + 2]),
        options: unescapeOctal(fields[dash + 3]),
      },
    ]
  })
}

/** /proc/swaps; the first line is a heading. */
export function parseSwaps(text: string): Swap[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 2)
    .map(([path, type]) => ({ path: unescapeOctal(path), type }))
}

/** The mount that holds `path`: the longest mount point above it, the latest of several at one place. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  let best: Mount | null = null
  for (const mount of mounts) {
    const inside = mount.mountPoint === '/' || path === mount.mountPoint || path.startsWith(`${mount.mountPoint}/`)
    if (inside && mount.mountPoint.length >= (best?.mountPoint.length ?? 0)) best = mount
  }
  return best
}

const textOf = (path: string): string => {
  try {
    return readBoundedTextSync(path)
  } catch {
    // /proc/1 needs rights, /proc/swaps a kernel with swap: what is not there says nothing.
    return ''
  }
}

/**
 * All mounts that this process and process 1 see (in a container or chroot they differ, and both are in use).
 * @throws EngineError `disk.no-inventory` when /proc/self/mountinfo itself cannot be read: then nothing may be called unmounted
 */
export function readMounts(procRoot: string): Mount[] {
  const file = `${procRoot}/self/mountinfo`
  let own: string
  try {
    own = readBoundedTextSync(file)
  } catch (cause) {
    const reason = `what is mounted stands in ${file}, and ${reasonOf(cause)}`
    throw new EngineError('disk.no-inventory', { reason }, { cause })
  }
  return [...parseMountinfo(textOf(`${procRoot}/1/mountinfo`)), ...parseMountinfo(own)]
}

export const readSwaps = (procRoot: string): Swap[] => parseSwaps(textOf(`${procRoot}/swaps`))
