// /config of a detached disk as files in memory. Reads only; what is neither file nor folder is named and left out.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { observeDisk } from '#engine/observe.ts'
import { CONFIG_LIMITS } from '#model/config-path.ts'
import { type ConfigPlace, whyUnread } from '#plan/restore.ts'
import { dumpExt4, listExt4, newestExt4 } from '../filesystem/ext4-read.ts'
import { openDisk } from '../job/station.ts'
import { readBounded } from '../os/bounded-read.ts'
import { findConfigPlace } from './config-place.ts'

export interface ConfigRead {
  readonly files: readonly { readonly path: string; readonly mode: number; readonly bytes: Uint8Array }[]
  /** ISO 8601 time of the newest file. */
  readonly newest: string | null
  /** Links and the like. */
  readonly left: readonly string[]
}

/**
 * Reads /config of a disk or image; no files when there is no such directory yet.
 * @throws EngineError `restore.no-place`, `restore.encrypted`, `restore.odd-name`, `config.too-large`, `tool.*`, `disk.*`
 */
export async function readConfigOf(target: string, signal: AbortSignal): Promise<ConfigRead> {
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-config-'))
  try {
    const found = await placeOf(target)
    const place = { path: target, offset: found.at.offset, folder: scratch, signal }
    const all = (await listExt4(place, found.directory)) ?? []
    const files = all.filter(({ kind }) => kind === 'file')
    const { bytes: most, entries } = CONFIG_LIMITS
    if (all.length > entries || files.reduce((sum, { size }) => sum + size, 0) > most)
      throw new EngineError('config.too-large', { folder: '/config', bytes: most, files: entries })
    const contents = await dumpExt4(place, files)
    return {
      files: await Promise.all(
        files.map(async ({ path, mode }) => ({ path, mode, bytes: await readBounded(contents.get(path) ?? '', most) })),
      ),
      newest: await newestExt4(place, files),
      left: all.flatMap(({ kind, path }) => (kind === 'other' ? [path] : [])),
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * ISO 8601 time of the newest file of /config; null when there are none, or when they cannot be read without a key.
 * @throws EngineError `tool.*`, `disk.*`, `restore.odd-name`, `config.too-large`
 */
export async function configAgeOf(target: string, signal: AbortSignal): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-config-'))
  try {
    const found = await placeOf(target)
    const place = { path: target, offset: found.at.offset, folder: scratch, signal }
    const all = (await listExt4(place, found.directory)) ?? []
    return await newestExt4(
      place,
      all.filter(({ kind }) => kind === 'file'),
    )
  } catch (error) {
    if (isEngineError(error, 'restore.no-place', 'restore.encrypted')) return null
    throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * What /config of a disk holds, as far as it can be read: what can be refused is refused before anything is planned. A file
 * system that debugfs does not read has nothing to keep; whether it is sound is looked at before it is changed.
 * @throws EngineError `restore.odd-name`, `config.too-large`, `tool.missing`, `tool.timeout`
 */
export async function listConfig(target: string, { at, directory }: ConfigPlace, signal: AbortSignal) {
  const scratch = await mkdtemp(join(tmpdir(), 'twinslot-config-'))
  try {
    return (await listExt4({ path: target, offset: at.offset, folder: scratch, signal }, directory)) ?? []
  } catch (error) {
    if (isEngineError(error, 'tool.failed')) return []
    throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Where /config is, when it can be read. */
async function placeOf(target: string) {
  await using open = await openDisk(target, true)
  const seen = await observeDisk(open.device, open.disk)
  const place = await findConfigPlace(open.device, seen)
  const unfit = whyUnread(seen, place)
  if (unfit) throw new EngineError(unfit.code, unfit.details)
  if (!place) throw new EngineError('restore.no-place', { disk: target, found: 'no such partition' })
  return place
}
