// Linux block devices (disks, partitions, loop devices) as BlockDevices. O_EXCL makes the kernel refuse one that is
// mounted or held; O_DIRECT makes every read come from the device.
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { EngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { DiskIdentity } from '#model/disk.ts'
import { readBoundedText } from '../os/bounded-read.ts'
import { ioFailure, openFailure } from '../os/os-errors.ts'
import { findTool, requireTool, runTool } from '../os/run-tool.ts'
import { rawDevice } from './raw-device.ts'

export interface LinuxDeviceOptions {
  readonly readOnly?: boolean
  /** False: open although partitions of it are mounted. Only for the appliance's own disk, behind engine/guard.ts. */
  readonly exclusive?: boolean
  /** Reads the identity anew (node/disk/inventory.ts knows how); throws `disk.lost` when the device is gone. */
  identify(path: string): Promise<DiskIdentity>
}

/** `major:minor` of a block device; glibc's split of a 64-bit dev_t. */
export function deviceNumber(rdev: number): string {
  const big = BigInt(rdev)
  const major = ((big >> 8n) & 0xfffn) | ((big >> 32n) & ~0xfffn)
  const minor = (big & 0xffn) | ((big >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}

const sysfsFolder = (rdev: number): string => `/sys/dev/block/${deviceNumber(rdev)}`

const attribute = async (folder: string, ...names: string[]): Promise<string | null> => {
  for (const name of names) {
    try {
      return (await readBoundedText(`${folder}/${name}`)).trim()
    } catch {
      // Partitions keep their queue one folder up; older kernels lack some attributes: the next name is asked.
    }
  }
  return null
}

/** True once the kernel has dropped the device, or another one took its place. Waits a moment: EIO comes first. */
async function isGone(folder: string, sequence: string | null): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const size = await attribute(folder, 'size')
    const state = await attribute(folder, 'device/state', '../device/state')
    const now = await attribute(folder, 'diskseq', '../diskseq')
    if (size === null || size === '0' || now !== sequence) return true
    if (state === 'offline' || state === 'deleting' || state === 'dead') return true
    await new Promise((done) => setTimeout(done, 100))
  }
  return false
}

function zeroOffload({ fd }: FileHandle, folder: string): (offset: number, length: number) => Promise<boolean> {
  let possible: boolean | null = null
  return async (offset, length) => {
    // Without this the kernel itself writes zeroes, and nobody can cancel it.
    possible ??=
      Number((await attribute(folder, 'queue/write_zeroes_max_bytes', '../queue/write_zeroes_max_bytes')) ?? 0) > 0
    const tool = possible ? await findTool('blkdiscard') : null
    if (!tool) return false
    // --force: our own O_EXCL would be in its way. It gets the open device, whatever its name means by now.
    const args = ['--force', '--zeroout', '--offset', String(offset), '--length', String(length), '/proc/self/fd/3']
    possible = (await runTool(tool, args, { timeoutMs: 300_000, files: [fd] })).code === 0
    return possible
  }
}

/**
 * Opens a disk, a partition or a loop device.
 * Throws `disk.not-found`, `.not-a-disk`, `.no-size`, `.busy` (mounted or held), `.no-permission`, `.read-only`, `.lost`.
 */
export async function openLinuxDevice(path: string, options: LinuxDeviceOptions): Promise<BlockDevice> {
  const readOnly = options.readOnly ?? false
  const alone = options.exclusive === false ? 0 : constants.O_EXCL
  const flags = readOnly ? constants.O_RDONLY : constants.O_RDWR | alone
  await using cleanup = new AsyncDisposableStack()
  try {
    const { rdev } = await blockDeviceAt(path)
    const folder = sysfsFolder(rdev)
    const sectors = Number((await attribute(folder, 'size')) ?? 0)
    const sectorSize = Number(
      (await attribute(folder, 'queue/logical_block_size', '../queue/logical_block_size')) ?? 512,
    )
    if (sectors * 512 < sectorSize) {
      throw new EngineError('disk.no-size', { disk: path, found: sectors * 512, expected: sectorSize })
    }
    if (!readOnly && (await attribute(folder, 'ro')) === '1') {
      throw new EngineError('disk.read-only', { disk: path, reason: 'the device says so' })
    }
    const sequence = await attribute(folder, 'diskseq', '../diskseq')
    const handle = await open(path, flags | constants.O_DIRECT)
    cleanup.defer(() => handle.close())
    if ((await handle.stat()).rdev !== rdev) {
      throw new EngineError('disk.lost', { disk: path, operation: 'opening', offset: 0, reason: 'it was exchanged' })
    }
    const held = cleanup.move()
    return rawDevice({
      handle,
      path,
      size: sectors * 512,
      sectorSize,
      readOnly,
      direct: true,
      unit: sectorSize,
      fresh: false,
      zeroByOffload: zeroOffload(handle, folder),
      afterFlush: () => Promise.resolve(),
      failure: (operation, offset, error) => ioFailure(path, operation, offset, error, () => isGone(folder, sequence)),
      identity: () => options.identify(path),
      close: () => held.disposeAsync(),
    })
  } catch (error) {
    throw error instanceof EngineError ? error : openFailure(path, error)
  }
}

async function blockDeviceAt(path: string): Promise<{ rdev: number }> {
  const found = await stat(path)
  if (found.isDirectory()) throw new EngineError('disk.is-directory', { disk: path })
  if (!found.isBlockDevice()) throw new EngineError('disk.not-a-disk', { disk: path, found: 'file of another kind' })
  return found
}

/**
 * Makes the kernel read the partition table of a disk anew, also while this process holds the disk: `blockdev` first
 * (it drops vanished partitions), then `partx`. Throws `tool.failed`, `tool.missing`, `tool.timeout`.
 */
export async function rereadPartitions(path: string): Promise<void> {
  const limit = { timeoutMs: 30_000 }
  if ((await findTool('blockdev')) && (await runTool('blockdev', ['--rereadpt', path], limit)).code === 0) return
  await requireTool('partx', ['--update', path], limit)
}
