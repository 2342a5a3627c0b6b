// Replaces the files of a directory inside an ext4 file system that stays. What is in use is copied into a sparse file;
// e2fsck makes the copy sound (journal replayed), debugfs changes it, e2fsck checks it again; only then is a block of the
// disk written, and only those that differ. A disk is never mounted, and nothing but this file system is written.
import { chmod, copyFile, type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import { normalise, type Span, subtract } from '#base/ranges.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { ChangedFilesystem, ConfigFiles } from '#engine/steps/context.ts'
import { ext4UsedRanges } from '#format/usage/ext4.ts'
import type { Extent } from '#model/observation.ts'
import { fillExt4 } from '../filesystem/ext4-contents.ts'
import { dumpExt4, type Ext4File, listExt4, statExt4 } from '../filesystem/ext4-read.ts'
import { fixedTime, readFully } from '../filesystem/filesystems.ts'
import { makeFolder } from '../os/make-folder.ts'
import { requireTool, runTool } from '../os/run-tool.ts'
import { readConfigBytes } from './config-folder.ts'

export interface ConfigInputs {
  /** The disk, for programs that read it by its name. */
  readonly disk: string
  /** The folder whose files become /config. */
  readonly folder: string
  /** Where the files that were there are kept. */
  readonly keepIn: string
  readonly signal: AbortSignal
}

const BLOCK = 4096
const CHUNK = 4 * 1024 * 1024
/** More than this is not copied aside for a change of a few files. */
const LIMIT = 4 * 1024 ** 3
const CHECK_MS = 600_000

export const configFilesOf = (inputs: ConfigInputs): ConfigFiles => ({
  keep: (at, directory) => keep(at, directory, inputs),
  replace: (wanted, device) => replace(wanted, device, inputs),
})

/** @throws EngineError `tool.missing`; what cannot be read cannot be kept, and is told in the evidence */
async function keep({ offset }: Extent, directory: string, { disk, keepIn, signal }: ConfigInputs) {
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-config-'))
  try {
    const place = { path: disk, offset, folder: scratch, signal }
    const all = (await listExt4(place, directory)) ?? []
    const files = all.filter(({ kind }) => kind === 'file')
    const places = await dumpExt4(place, files)
    await makeFolder(keepIn, 0o700)
    const folder = await mkdtemp(join(keepIn, 'config-'))
    for (const { path, mode } of files) {
      const target = join(folder, path)
      await makeFolder(dirname(target), 0o700)
      await copyFile(places.get(path) ?? '', target)
      await chmod(target, mode)
    }
    return { files: files.length, folder }
  } catch (error) {
    if (!isEngineError(error, 'tool.failed')) throw error
    return { files: 0, folder: `nowhere: ${error.message}` }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

type Wanted = Parameters<ConfigFiles['replace']>[0]

/**
 * @throws EngineError `restore.unsound`, `restore.too-much-data`, `restore.odd-name`, `config.changed`,
 * `config.unreadable`, `filesystem.*`, `tool.*`, `disk.*`, `job.cancelled`
 */
async function replace(wanted: Wanted, device: BlockDevice, inputs: ConfigInputs): Promise<ChangedFilesystem> {
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-config-'))
  let file: FileHandle | undefined
  const dispose = async () => {
    await file?.close()
    await rm(scratch, { recursive: true, force: true })
  }
  try {
    const copy = join(scratch, 'image')
    file = await open(copy, 'wx+', 0o600)
    await file.truncate(wanted.at.length)
    const aside: Aside = { copy, file, scratch, device, at: wanted.at, signal: inputs.signal }
    await copyUsed(aside, wanted.resumed)
    const begin = await markBegun(aside)
    await change(aside, wanted, inputs)
    const check = await runTool('e2fsck', ['-fn', copy], { timeoutMs: CHECK_MS, signal: inputs.signal })
    if (check.code !== 0)
      throw new EngineError('filesystem.contents-failed', {
        found: lastLine(check.stdout),
        expected: 'a sound file system',
      })
    const end = await firstBlock(file)
    const changes = await differences(aside)
    const reader = file
    const read = (offset: number, target: Uint8Array) => readFully(reader, offset, target)
    return { begin, end, changes, read, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

interface Aside {
  readonly copy: string
  readonly file: FileHandle
  readonly scratch: string
  readonly device: BlockDevice
  readonly at: Extent
  readonly signal: AbortSignal
}

const lastLine = (text: string): string => text.trim().split('\n').slice(-3).join(' | ').slice(0, 300)

const unsound = (found: string, cause?: unknown) =>
  new EngineError('restore.unsound', { name: 'of /config', found }, cause === undefined ? undefined : { cause })

async function usedRanges({ file }: Aside, size: number, read?: (o: number, t: Uint8Array) => Promise<void>) {
  try {
    return await ext4UsedRanges(read ?? ((offset, target) => readFully(file, offset, target)), size)
  } catch (error) {
    if (!isEngineError(error, 'filesystem.unreadable')) throw error
    throw unsound(error.message, error)
  }
}

/** Copies what is in use, lets e2fsck replay the journal and repair what is safe, copies what came into use by that. */
async function copyUsed(aside: Aside, resumed: boolean): Promise<void> {
  const { device, at, copy, signal } = aside
  const onDisk = (offset: number, target: Uint8Array) => device.read(at.offset + offset, target)
  const before = normalise(await usedRanges(aside, at.length, onDisk))
  const found = before.reduce((sum, { start, end }) => sum + end - start, 0)
  if (found > LIMIT) throw new EngineError('restore.too-much-data', { found, expected: LIMIT })
  await copyIn(aside, before, false)
  const check = await runTool('e2fsck', [resumed ? '-fy' : '-fp', copy], { timeoutMs: CHECK_MS, signal })
  if (check.code >= 4) throw unsound(lastLine(check.stdout || check.stderr))
  await copyIn(aside, subtract(await usedRanges(aside, at.length), before), true)
}

/** `gentle`: blocks that the copy holds already stay. */
async function copyIn({ file, device, at, signal }: Aside, spans: readonly Span[], gentle: boolean): Promise<void> {
  const nothing = Buffer.alloc(BLOCK)
  const step = gentle ? BLOCK : CHUNK
  const buffer = device.allocate(step)
  const held = Buffer.alloc(BLOCK)
  for (const { start, end } of spans)
    for (let offset = start; offset < end; offset += step) {
      throwIfAborted(signal)
      const chunk = buffer.subarray(0, Math.min(step, end - offset))
      if (gentle) {
        await readFully(file, offset, held)
        if (!held.equals(nothing)) continue
      }
      await device.read(at.offset + offset, chunk)
      await file.write(chunk, 0, chunk.length, offset)
    }
}

async function firstBlock(file: FileHandle): Promise<Uint8Array> {
  const block = new Uint8Array(BLOCK)
  await readFully(file, 0, block)
  return block
}

/** From now on the file system says that it was not left cleanly. */
async function markBegun({ copy, file, signal }: Aside): Promise<Uint8Array> {
  await requireTool('debugfs', ['-w', '-R', 'ssv state 0', copy], { timeoutMs: CHECK_MS, signal })
  return await firstBlock(file)
}

async function change({ copy, scratch, signal }: Aside, wanted: Wanted, inputs: ConfigInputs): Promise<void> {
  const { directory, files, time } = wanted
  const place = { path: copy, offset: 0, folder: scratch, signal }
  const env = fixedTime(new Date(time))
  const owner = await statExt4(place, directory)
  const old = (await listExt4(place, directory)) ?? []
  await removeAll(place, directory, old, owner !== null, env)
  const contents = await Promise.all(
    files.map(async (each) => ({
      path: `${directory}/${each.path}`,
      mode: each.mode,
      bytes: await readConfigBytes(inputs.folder, each),
    })),
  )
  const folder = await mkdtemp(join(scratch, 'fill-'))
  await fillExt4({ image: copy, folder, directories: [directory], files: contents, env, signal })
  await script(
    place,
    [
      ...ownersOf(
        directory,
        owner,
        old,
        files.map(({ path }) => path),
      ),
      'ssv state 1',
    ],
    env,
  )
}

/** The deepest first; folders after what is in them. */
async function removeAll(
  place: Parameters<typeof listExt4>[0],
  directory: string,
  old: readonly Ext4File[],
  there: boolean,
  env: Record<string, string>,
): Promise<void> {
  const deepest = [...old].sort((a, b) => b.path.split('/').length - a.path.split('/').length)
  const lines = deepest.map(({ path, kind }) => `${kind === 'directory' ? 'rmdir' : 'rm'} "/${directory}/${path}"`)
  await script(place, [...lines, ...(there ? [`rmdir "/${directory}"`] : [])], env)
}

/** The directory, and files that were there before, belong to whom they belonged. */
function ownersOf(directory: string, owner: Ext4File | null, old: readonly Ext4File[], paths: readonly string[]) {
  const lines = old
    .filter(({ path, kind }) => kind === 'file' && paths.includes(path))
    .flatMap(({ path, uid, gid }) => owned(`${directory}/${path}`, uid, gid))
  if (!owner) return lines
  const { mode, uid, gid } = owner
  return [...lines, `sif "/${directory}" mode 0${(0o040000 | mode).toString(8)}`, ...owned(directory, uid, gid)]
}

const owned = (path: string, uid: number, gid: number) => [`sif "/${path}" uid ${uid}`, `sif "/${path}" gid ${gid}`]

async function script(
  { path, folder, signal }: Parameters<typeof listExt4>[0],
  lines: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  if (lines.length === 0) return
  const file = join(await mkdtemp(join(folder, 'script-')), 'commands')
  await writeFile(file, `${lines.join('\n')}\n`, { flag: 'wx' })
  const { stderr } = await requireTool('debugfs', ['-w', '-f', file, path], { timeoutMs: CHECK_MS, env, signal })
  const found = stderr.replace(/^debugfs \d.*\n?/, '').trim()
  if (found !== '') throw new EngineError('filesystem.contents-failed', { found, expected: 'no complaint' })
}

/** Blocks in use afterwards that the disk does not hold like this, without the first one. */
async function differences(aside: Aside): Promise<Extent[]> {
  const { file, device, at, signal } = aside
  const changed: Span[] = []
  const [ours, theirs] = [Buffer.alloc(CHUNK), device.allocate(CHUNK)]
  for (const { start, end } of await usedRanges(aside, at.length))
    for (let offset = start; offset < end; offset += CHUNK) {
      throwIfAborted(signal)
      const length = Math.min(CHUNK, end - offset)
      await readFully(file, offset, ours.subarray(0, length))
      await device.read(at.offset + offset, theirs.subarray(0, length))
      for (let block = 0; block < length; block += BLOCK) {
        if (offset + block === 0) continue
        if (ours.compare(theirs, block, block + BLOCK, block, block + BLOCK) !== 0)
          changed.push({ start: offset + block, end: offset + block + BLOCK })
      }
    }
  return normalise(changed).map(({ start, end }) => ({ offset: start, length: end - start }))
}
