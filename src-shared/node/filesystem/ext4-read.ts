// Reads a folder of an unmounted ext4 file system with debugfs, at an offset of a disk or image. Names on the disk are not
// trusted: nothing is created under them here, contents come out under names of ours. Reads only.
import { randomBytes } from 'node:crypto'
import { stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { CONFIG_LIMITS, nameProblem } from '#model/config-path.ts'
import { requireTool, TOO_MUCH_OUTPUT } from '../os/run-tool.ts'

export interface Ext4File {
  /** Relative to the folder that was read, separated by `/`. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly inode: number
}

export interface Ext4Place {
  /** Disk, partition or image. */
  readonly path: string
  /** Bytes. */
  readonly offset: number
  /** A private temporary folder. */
  readonly folder: string
  readonly signal?: AbortSignal
}

/** More than anybody writes: what an appliance put into its /config itself is kept as well. */
const MAX_FILES = 10_000
const MAX_BYTES = 256 * 1024 * 1024
const MAX_DEPTH = 4 * CONFIG_LIMITS.depth
/** Directories that one run of debugfs lists. */
const AT_ONCE = 64
const TIMEOUT = 120_000
const ROW = /^\/(\d+)\/(\d{6})\/(\d+)\/(\d+)\/([^/]*)\/(\d*)\/$/

const tooLarge = (directory: string) =>
  new EngineError('config.too-large', { folder: `/${directory}`, bytes: MAX_BYTES, files: MAX_FILES })
const odd = (directory: string, found: string) => new EngineError('restore.odd-name', { directory, found })

/** Runs commands; the answer of each by its position. debugfs tells failures only as text. */
async function debugfs(place: Ext4Place, commands: readonly string[]): Promise<{ answers: string[]; stderr: string }> {
  // The program takes what follows a "?" for options: the disk gets a name without surprises.
  const link = join(place.folder, `disk-${randomBytes(6).toString('hex')}`)
  await symlink(resolve(place.path), link)
  const input = commands.join('\n')
  const args = ['-f', '-', `${link}?offset=${place.offset}`]
  const limits = { timeoutMs: TIMEOUT, signal: place.signal, input: `${input}\n` }
  const { stdout, stderr } = await requireTool('debugfs', args, limits)
  const answers = stdout.split(/^debugfs: .*\n/m).slice(1)
  return { answers, stderr: stderr.replace(/^debugfs \d.*\n?/, '').trim() }
}

/**
 * Everything below `directory` (`` is the root); null when there is no such directory.
 * @throws EngineError `tool.*`, `restore.odd-name`, `config.too-large`
 */
export async function listExt4(place: Ext4Place, directory: string): Promise<readonly Ext4File[] | null> {
  const top = directory === '' ? 2 : await findDirectory(place, directory)
  if (top === null) return null
  const found: Ext4File[] = []
  let bytes = 0
  let level: readonly { path: string; inode: number }[] = [{ path: '', inode: top }]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw odd(directory, 'folders within folders without end')
    const next: Ext4File[] = []
    // In parts, so that the limits end the reading before a foreign disk decides how much memory it takes.
    for (let at = 0; at < level.length; at += AT_ONCE) {
      for (const row of await listAll(place, level.slice(at, at + AT_ONCE), directory)) {
        found.push(row)
        bytes += row.size
        if (found.length > MAX_FILES || bytes > MAX_BYTES) throw tooLarge(directory)
        if (row.kind === 'directory') next.push(row)
      }
    }
    level = next
  }
  return found
}

async function findDirectory(place: Ext4Place, name: string): Promise<number | null> {
  const rows = await listAll(place, [{ path: '', inode: 2 }], '')
  return rows.find(({ path, kind }) => path === name && kind === 'directory')?.inode ?? null
}

/** Who the directory itself belongs to; null when it is not there. */
export async function statExt4(place: Ext4Place, name: string): Promise<Ext4File | null> {
  const rows = await listAll(place, [{ path: '', inode: 2 }], '')
  return rows.find(({ path, kind }) => path === name && kind === 'directory') ?? null
}

async function listAll(
  place: Ext4Place,
  level: readonly { path: string; inode: number }[],
  directory: string,
): Promise<Ext4File[]> {
  const { answers, stderr } = await debugfs(
    place,
    level.map(({ inode }) => `ls -p <${inode}>`),
  ).catch((error: unknown) => {
    if (isEngineError(error, 'tool.failed') && error.details.code === TOO_MUCH_OUTPUT) throw tooLarge(directory)
    throw error
  })
  if (stderr !== '' || answers.length !== level.length)
    throw new EngineError('tool.failed', { tool: 'debugfs', code: 0, stderr: stderr.slice(0, 300) })
  return level.flatMap((parent, index) =>
    answers[index].split('\n').flatMap((line) => {
      if (line === '') return []
      const [, inode, mode, uid, gid, name, size] = ROW.exec(line) ?? []
      if (inode === undefined) throw odd(`/${directory}`, 'a name with a line break or slash in it')
      if (name === '.' || name === '..' || inode === '0' || (parent.inode === 2 && name === 'lost+found')) return []
      if (nameProblem(name) !== null) throw odd(`/${directory}`, JSON.stringify(name))
      const type = mode.slice(0, 2)
      const kind = type === '10' ? 'file' : type === '04' ? 'directory' : 'other'
      const path = parent.path === '' ? name : `${parent.path}/${name}`
      const bits = Number.parseInt(mode, 8) & 0o7777
      const owner = { uid: Number(uid), gid: Number(gid) }
      return [{ path, kind, mode: bits, ...owner, size: Number(size || 0), inode: Number(inode) } as const]
    }),
  )
}

/**
 * Copies the contents of files into the private folder; answers where each is.
 * @throws EngineError `tool.*`
 */
export async function dumpExt4(place: Ext4Place, files: readonly Ext4File[]): Promise<ReadonlyMap<string, string>> {
  const places = new Map(files.map(({ path, inode }) => [path, join(place.folder, `content-${inode}`)]))
  if (files.length === 0) return places
  const { stderr } = await debugfs(
    place,
    files.map(({ path, inode }) => `dump <${inode}> "${places.get(path)}"`),
  )
  if (stderr !== '') throw new EngineError('tool.failed', { tool: 'debugfs', code: 0, stderr: stderr.slice(0, 300) })
  for (const { path, size } of files) {
    const found = (await stat(places.get(path) ?? '')).size
    if (found !== size)
      throw new EngineError('tool.failed', { tool: 'debugfs', code: 0, stderr: `${found} of ${size} bytes came out` })
  }
  return places
}

/** ISO 8601 time of the newest of these files; null when there are none. @throws EngineError `tool.*` */
export async function newestExt4(place: Ext4Place, files: readonly Ext4File[]): Promise<string | null> {
  if (files.length === 0) return null
  const { answers } = await debugfs(
    place,
    files.map(({ inode }) => `stat <${inode}>`),
  )
  const times = answers.flatMap((answer) => {
    const [, seconds, extra] = /^\s*mtime: 0x([0-9a-f]{8})(?::([0-9a-f]{8}))?/m.exec(answer) ?? []
    if (seconds === undefined) return []
    // The two low bits of the second word are bits 32 and 33 of the seconds.
    const epoch = extra === undefined ? 0 : (Number.parseInt(extra, 16) & 3) * 2 ** 32
    return [Number.parseInt(seconds, 16) + epoch]
  })
  return times.length === 0 ? null : new Date(Math.max(...times) * 1000).toISOString()
}
