// Small files that must survive a power cut: the old content or the new one, never half. Written beside the old file,
// flushed, renamed over it, and the folder flushed. A damaged JSON file is set aside and told, never a crash loop.

import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EngineError, type Finding, finding } from '#base/errors.ts'
import { boundedJson, jsonProblem } from '#format/bounded-json.ts'
import { whyUnreadable } from './absent.ts'
import { readBoundedText } from './bounded-read.ts'
import { makeFolder } from './make-folder.ts'
import { errnoOf, reasonOf } from './os-errors.ts'

/** No state file comes near this; a larger one is damage. */
export const STATE_FILE_LIMIT = 4 * 1024 * 1024

/** Writes of one process to one path follow each other: they share the name of the new file. */
const underWay = new Map<string, Promise<void>>()

export interface AtomicOptions {
  /** Permission bits of the new file; without it those of the old one, or 0644. */
  readonly mode?: number
}

/**
 * Replaces the content of `path`; durable when it returns. Creates the folder. Leftovers of writers that died are removed.
 * @throws EngineError `settings.not-saved`; the old content is untouched then.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicOptions = {},
): Promise<void> {
  const before = underWay.get(path) ?? Promise.resolve()
  const mine = before.then(() => replace(path, content, options))
  const settled = mine.catch(() => {
    // Whoever asked for this write gets its error; the next one starts all the same.
  })
  underWay.set(path, settled)
  try {
    await mine
  } finally {
    if (underWay.get(path) === settled) underWay.delete(path)
  }
}

async function replace(path: string, content: string | Uint8Array, options: AtomicOptions): Promise<void> {
  const folder = dirname(path)
  const fresh = join(folder, `.${basename(path)}.${process.pid}.new`)
  try {
    await makeOnDisk(folder)
    await removeLeftovers(path)
    const mode = options.mode ?? (await modeOf(path)) ?? 0o644
    const file = await open(fresh, 'wx', mode)
    try {
      // The process's umask may have taken bits away.
      await file.chmod(mode)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    await syncFolder(folder)
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => {
      // The first error tells more; the leftover is removed by the next write.
    })
    throw new EngineError('settings.not-saved', { file: path, reason: reasonOf(cause) }, { cause })
  }
}

/**
 * Removes a file so that a power cut does not bring it back. No error when there is none.
 * @throws EngineError `settings.not-saved`
 */
export async function removeFileDurably(path: string): Promise<void> {
  try {
    await rm(path)
    await syncFolder(dirname(path))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return
    throw new EngineError('settings.not-saved', { file: path, reason: reasonOf(cause) }, { cause })
  }
}

/** `null` when nothing has that name; a link that leads nowhere cannot be read. @throws EngineError `settings.file-unreadable`, `settings.file-too-large` */
export async function readTextFile(path: string, limit = STATE_FILE_LIMIT): Promise<string | null> {
  try {
    const { size } = await stat(path)
    if (size > limit) throw new EngineError('settings.file-too-large', { file: path, found: size, limit })
    return await readBoundedText(path, limit)
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    const reason = await whyUnreadable(path, cause)
    if (reason === null) return null
    throw new EngineError('settings.file-unreadable', { file: path, reason }, { cause })
  }
}

export type JsonFile<T> =
  | { readonly state: 'absent' }
  /** `finding`: it was damaged, and is read from its spare copy. */
  | { readonly state: 'present'; readonly value: T; readonly finding?: Finding }
  /** It was renamed; `finding` says to what. */
  | { readonly state: 'damaged'; readonly finding: Finding }

/**
 * Reads a JSON file. `parse` turns the value into what is wanted, or answers null (or throws) when it is not that. Then,
 * and when the bytes are not JSON, the file is renamed to `NAME.damaged` (an older one is replaced).
 * Where it cannot be renamed it stays, and is told in the same way.
 * @throws EngineError `settings.file-unreadable` (the disk, not the content)
 */
export async function readJsonFile<T>(path: string, parse: (value: unknown) => T | null): Promise<JsonFile<T>> {
  let text: string | null
  try {
    text = await readTextFile(path)
  } catch (error) {
    if (error instanceof EngineError && error.code === 'settings.file-too-large')
      return { state: 'damaged', finding: await setAside(path, 'it is too large') }
    if (error instanceof EngineError && errnoOf(error.cause) === 'EISDIR')
      return { state: 'damaged', finding: await setAside(path, 'it is a folder') }
    if (error instanceof EngineError && errnoOf(error.cause) === 'ENOENT')
      return { state: 'damaged', finding: await setAside(path, 'it leads nowhere') }
    throw error
  }
  if (text === null) return { state: 'absent' }
  try {
    const value = parse(boundedJson(text, STATE_FILE_LIMIT))
    if (value !== null) return { state: 'present', value }
  } catch (error) {
    return { state: 'damaged', finding: await setAside(path, text.trim() === '' ? 'it is empty' : jsonProblem(error)) }
  }
  return { state: 'damaged', finding: await setAside(path, 'it does not hold what it should') }
}

/** JSON as people can read it, with a newline at the end; atomic. @throws EngineError `settings.not-saved` */
export const writeJsonFile = (path: string, value: unknown, options?: AtomicOptions): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, options)

async function setAside(path: string, reason: string): Promise<Finding> {
  const aside = `${path}.damaged`
  try {
    await rename(path, aside)
    await syncFolder(dirname(path))
  } catch (cause) {
    // Whoever reads goes on all the same: a folder that cannot be written must not stop a gate.
    return finding('settings.state-damaged', { file: path, aside: `${path} (${reasonOf(cause)})`, reason })
  }
  return finding('settings.state-damaged', { file: path, aside, reason })
}

const spareOf = (path: string): string => `${path}.spare`

/** What must not be lost with one damaged block: the file, then its spare copy. @throws EngineError `settings.not-saved` */
export async function writeJsonTwice(path: string, value: unknown): Promise<void> {
  await writeJsonFile(path, value)
  await writeJsonFile(spareOf(path), value)
}

/**
 * Like readJsonFile; of a damaged file the spare copy is read, and put in its place. A file that is not there was removed:
 * its spare copy does not count.
 */
export async function readJsonTwice<T>(path: string, parse: (value: unknown) => T | null): Promise<JsonFile<T>> {
  const first = await readJsonFile(path, parse)
  if (first.state !== 'damaged') return first
  const spare = await readJsonFile(spareOf(path), parse)
  if (spare.state !== 'present') return first
  try {
    await writeFileAtomic(path, (await readTextFile(spareOf(path))) ?? '')
  } catch (error) {
    // It cannot be written now; what was read is true all the same.
    if (!(error instanceof EngineError)) throw error
  }
  return {
    state: 'present',
    value: spare.value,
    finding: finding('settings.state-restored', { ...first.finding.details }),
  }
}

/** Both, the file first. @throws EngineError `settings.not-saved` */
export async function removeTwice(path: string): Promise<void> {
  await removeFileDurably(path)
  await removeFileDurably(spareOf(path))
}

async function makeOnDisk(folder: string): Promise<void> {
  const first = await makeFolder(folder)
  // A new folder is an entry of its parent, which has to reach the disk as well.
  if (first) await syncFolder(dirname(first))
}

async function modeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode & 0o777
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** New files of this path whose writer is dead, or was an earlier process with our number. */
async function removeLeftovers(path: string): Promise<void> {
  const start = `.${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    const number = name.startsWith(start) && name.endsWith('.new') ? Number(name.slice(start.length, -4)) : Number.NaN
    if (!Number.isInteger(number) || number <= 0) continue
    if (number === process.pid || !isRunning(number)) await rm(join(dirname(path), name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}
