// Disk images: a BlockDevice over a regular file. Direct I/O where the file system has it; elsewhere (`direct: false`)
// the file's cached pages are dropped after each flush, as far as the system lets us. Two writers of one file are refused.
// The name is used once, to open it: other programs get the descriptor, and a name that means another file is `disk.moved`.
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { EngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskIdentity } from '#model/disk.ts'
import { allocateAligned } from '../os/aligned-memory.ts'
import { errnoOf, hasMedium, ioFailure, openFailure } from '../os/os-errors.ts'
import { lockHandle, lockPath } from '../os/path-lock.ts'
import { findTool, runTool } from '../os/run-tool.ts'
import { rawDevice } from './raw-device.ts'

export interface FileDeviceOptions {
  readonly readOnly?: boolean
  /** Logical sector size that the image pretends to have: 512 (default) or 4096. */
  readonly sectorSize?: number
  /** False forces the page cache, for tests and for measuring. */
  readonly direct?: boolean
}

interface Opened {
  readonly handle: FileHandle
  readonly direct: boolean
  readonly unit: number
}

/** Smallest unit that direct I/O on this descriptor accepts; null when it accepts none (tmpfs on older kernels, FUSE). */
async function directUnit(handle: FileHandle, size: number): Promise<number | null> {
  const probe = allocateAligned(4096)
  for (const unit of [512, 4096]) {
    if (size % unit !== 0 || size < 2 * unit) continue
    try {
      await handle.read(probe, 0, unit, unit)
      return unit
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL') throw error
    }
  }
  return null
}

async function openDirect(plain: FileHandle, flags: number, size: number): Promise<Opened | null> {
  if (constants.O_DIRECT === undefined) return null
  let handle: FileHandle
  try {
    // The same open file once more, whatever its name means by now.
    handle = await open(`/proc/self/fd/${plain.fd}`, flags | constants.O_DIRECT)
  } catch (error) {
    // The second: /proc is not mounted.
    if (['EINVAL', 'ENOENT'].includes(errnoOf(error))) return null
    throw error
  }
  const unit = await directUnit(handle, size)
  if (unit !== null) return { handle, direct: true, unit }
  await handle.close()
  return null
}

const kindOf = (mode: number): string => {
  const kinds: Record<number, string> = { 4802: 'character device', 2401: 'pipe', 26411: 'socket' }
  return kinds[mode & 0o170000] ?? 'special file'
}

/** The file as a program sees it to which its descriptor was given. */
const THEIRS = '/proc/self/fd/3'

/** Drops the file's clean pages from the cache, so that the next read asks the medium. */
async function dropCachedPages({ fd }: FileHandle): Promise<void> {
  const dd = process.platform === 'linux' ? await findTool('dd') : null
  const args = [`if=${THEIRS}`, 'iflag=nocache', 'count=0', 'status=none']
  if (dd) await runTool(dd, args, { timeoutMs: 60_000, files: [fd] })
}

function holePuncher({ fd }: FileHandle): (offset: number, length: number) => Promise<boolean> {
  let possible = process.platform === 'linux'
  return async (offset, length) => {
    const fallocate = possible ? await findTool('fallocate') : null
    if (!fallocate) return false
    const range = ['--punch-hole', '--offset', String(offset), '--length', String(length)]
    possible = (await runTool(fallocate, [...range, THEIRS], { timeoutMs: 120_000, files: [fd] })).code === 0
    return possible
  }
}

/** Whoever may write the file can lock it, under any of its names; a reader of a file that others may read could, too. */
async function lockImage(handle: FileHandle, path: string): Promise<AsyncDisposable> {
  if (process.platform !== 'linux') {
    const { dev, ino } = await handle.stat()
    return await lockPath(path, `${dev}-${ino}`)
  }
  await lockHandle(handle, path)
  return { [Symbol.asyncDispose]: async () => {} }
}

/** @throws EngineError `disk.moved` when `path` is not what is open */
async function checkName(path: string, opened: { readonly dev: number; readonly ino: number }): Promise<void> {
  const named = await stat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return null
    throw openFailure(path, error)
  })
  if (named === null) throw new EngineError('disk.moved', { disk: path, found: 'nothing has that name' })
  if (named.dev !== opened.dev || named.ino !== opened.ino)
    throw new EngineError('disk.moved', { disk: path, found: 'another file has that name' })
}

async function deviceOver(
  path: string,
  options: FileDeviceOptions,
  made: FileHandle | null = null,
): Promise<BlockDevice> {
  const readOnly = options.readOnly ?? false
  const sectorSize = options.sectorSize ?? 512
  const flags = readOnly ? constants.O_RDONLY : constants.O_RDWR
  let onMedium = true
  await using cleanup = new AsyncDisposableStack()
  try {
    // O_NONBLOCK: opening a pipe by mistake must not wait for its other end.
    const plain = made ?? (await open(path, flags | (constants.O_NONBLOCK ?? 0)))
    cleanup.defer(() => plain.close())
    const found = await plain.stat()
    onMedium = hasMedium(found.dev)
    if (found.isDirectory()) throw new EngineError('disk.is-directory', { disk: path })
    if (!found.isFile()) throw new EngineError('disk.not-a-disk', { disk: path, found: kindOf(found.mode) })
    if (found.size < sectorSize) {
      throw new EngineError('disk.no-size', { disk: path, found: found.size, expected: sectorSize })
    }
    const size = found.size - (found.size % sectorSize)
    if (!readOnly) cleanup.use(await lockImage(plain, path))
    const direct = options.direct === false ? null : await openDirect(plain, flags, found.size)
    const { handle, unit } = direct ?? { handle: plain, unit: 1 }
    if (direct) cleanup.defer(() => handle.close())
    const held = cleanup.move()
    const identity = async (): Promise<DiskIdentity> => {
      const now = await handle.stat()
      await checkName(path, now)
      return {
        serial: null,
        wwn: null,
        size: now.size - (now.size % sectorSize),
        busPath: `file:${now.dev}:${now.ino}`,
      }
    }
    return rawDevice({
      handle,
      path,
      size,
      sectorSize,
      readOnly,
      direct: direct !== null,
      unit,
      fresh: made !== null,
      zeroByOffload: holePuncher(handle),
      afterFlush: () => (direct ? Promise.resolve() : dropCachedPages(handle)),
      failure: (operation, offset, error) => ioFailure(path, operation, offset, error, async () => false, onMedium),
      identity,
      close: () => held.disposeAsync(),
    })
  } catch (error) {
    throw error instanceof EngineError ? error : openFailure(path, error, onMedium)
  }
}

/**
 * Opens an existing disk image. Its size is rounded down to whole sectors.
 * Throws `disk.not-found`, `.is-directory`, `.not-a-disk`, `.no-size`, `.busy`, `.no-permission`, `.read-only`.
 */
export const openFileDevice = (path: string, options: FileDeviceOptions = {}): Promise<BlockDevice> =>
  deviceOver(path, options)

/**
 * Makes a sparse disk image of `size` bytes and opens it; all of it is known to be zero.
 * `replace` truncates an existing file, otherwise it is refused with `disk.file-exists`. Throws `disk.full` when the file
 * system cannot hold a file of that size, and what openFileDevice throws.
 */
export async function createDiskFile(
  path: string,
  size: number,
  options: FileDeviceOptions & { readonly replace?: boolean } = {},
): Promise<BlockDevice> {
  const sectorSize = options.sectorSize ?? 512
  if (!Number.isSafeInteger(size) || size < sectorSize) {
    throw new EngineError('disk.no-size', { disk: path, found: size, expected: sectorSize })
  }
  let handle: FileHandle | null = null
  try {
    // O_EXCL also refuses a symbolic link that points nowhere. A disk holds secrets: it is its maker's alone.
    const make = () => open(path, 'wx+', 0o600)
    handle = await (options.replace ? open(path, 'r+') : make()).catch((error) => {
      if (options.replace && errnoOf(error) === 'ENOENT') return make()
      throw error
    })
    const found = await handle.stat()
    if (!found.isFile()) throw new EngineError('disk.not-a-disk', { disk: path, found: kindOf(found.mode) })
    {
      await using _lock = await lockImage(handle, path)
      if (options.replace) await handle.truncate(0)
      await handle.truncate(size - (size % sectorSize))
      await handle.datasync()
    }
  } catch (error) {
    await handle?.close()
    const reason = errnoOf(error)
    if (error instanceof EngineError) throw error
    if (reason === 'EEXIST') throw await existing(path)
    if (reason === 'ENOSPC' || reason === 'EFBIG') {
      throw new EngineError('disk.full', { disk: path, offset: size }, { cause: error })
    }
    throw openFailure(path, error)
  }
  return deviceOver(path, { ...options, readOnly: false }, handle)
}

async function existing(path: string): Promise<EngineError> {
  try {
    await using handle = await open(path, 'r')
    return new EngineError('disk.file-exists', { disk: path, found: (await handle.stat()).size })
  } catch (error) {
    return openFailure(path, error)
  }
}
