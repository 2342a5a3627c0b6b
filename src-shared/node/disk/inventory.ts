// The disks of this computer, and one disk or image file by its path. Reads only. On Linux the kernel's own account
// (sysfs, mountinfo, swaps) decides; drivelist may only add reasons against a disk. Elsewhere drivelist is the source.
import { type BigIntStats, constants } from 'node:fs'
import { access, open, realpath, stat } from 'node:fs/promises'
import { EngineError, isEngineError } from '#base/errors.ts'
import { guessSectorSize } from '#format/gpt.ts'
import type { DiskIdentity, DiskInfo } from '#model/disk.ts'
import { hasMedium, openFailure } from '../os/os-errors.ts'
import { type BlockTree, readBlockTree } from './disk-users.ts'
import { addMounts, askDrivelist, type Drive, toDiskInfo } from './second-opinion.ts'
import { attribute, type BlockNode, devicePath, readDisk, SYSTEM_ROOTS, type SystemRoots } from './sysfs-disk.ts'

export interface Inventory {
  readonly disks: readonly DiskInfo[]
  /** What could not be asked, sentences for people. */
  readonly notes: readonly string[]
}

/** Memory, optical, floppy, flash without translation; device mapper and RAID stand on disks that are listed. */
const NOT_A_TARGET = /^(ram|zram|sr|fd|mtdblock|dm-|md|nbd|drbd|bcache)\d/
/** eMMC boot and RPMB areas: parts of a disk with nodes of their own. */
const EMMC_AREA = /^(mmcblk\d+)(boot\d|rpmb|gp\d)$/

const infoOf = (tree: BlockTree, node: BlockNode): DiskInfo => ({
  ...readDisk(node),
  ...(tree.uses.get(node.name) ?? { system: false, mounts: [], holders: [] }),
})

/** The disks that sysfs shows, by path; no readers without medium, no empty loop devices, no multipath legs. */
export function listSysfsDisks(roots: SystemRoots = SYSTEM_ROOTS): DiskInfo[] {
  const tree = readBlockTree(roots)
  return [...tree.nodes.values()]
    .filter((node) => node.disk === node.name && !NOT_A_TARGET.test(node.name) && !EMMC_AREA.test(node.name))
    .filter((node) => attribute(node.folder, 'hidden') !== '1')
    .map((node) => infoOf(tree, node))
    .filter((disk) => disk.identity.size > 0)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** All disks of this computer. Throws `disk.no-inventory` where neither the kernel nor drivelist can be asked. */
export async function listDisks(): Promise<Inventory> {
  if (process.platform !== 'linux') {
    const drives = await askDrivelist()
    return { disks: drives.filter(({ isVirtual }) => !isVirtual).map(toDiskInfo), notes: [] }
  }
  let disks: DiskInfo[]
  try {
    disks = listSysfsDisks()
  } catch (cause) {
    if (isEngineError(cause)) throw cause
    throw new EngineError('disk.no-inventory', { reason: 'mounts and block devices cannot be read' }, { cause })
  }
  try {
    const drives = await askDrivelist()
    return { disks: disks.map((disk) => addMounts(disk, drives)), notes: [] }
  } catch (error) {
    if (!isEngineError(error, 'disk.no-inventory')) throw error
    return {
      disks,
      notes: [`No second opinion on what is mounted (${error.details.reason}); the kernel's account was used.`],
    }
  }
}

/** `major:minor` of a device number (glibc's split of a 64-bit dev_t). */
export function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

/**
 * A block device by its number.
 * Throws `disk.not-found`, `disk.is-partition`, `disk.no-size`.
 */
export function describeBlockDevice(number: string, shown: string, roots: SystemRoots = SYSTEM_ROOTS): DiskInfo {
  const tree = readBlockTree(roots)
  const node = [...tree.nodes.values()].find(({ device }) => device === number)
  if (!node) throw new EngineError('disk.not-found', { disk: shown })
  const parent = node.disk === node.name ? EMMC_AREA.exec(node.name)?.[1] : node.disk
  if (parent !== undefined) throw new EngineError('disk.is-partition', { disk: shown, parent: devicePath(parent) })
  const info = infoOf(tree, node)
  if (info.identity.size === 0)
    throw new EngineError('disk.no-size', { disk: shown, found: 0, expected: info.sectorSize })
  return info
}

/** Loop devices of this computer that have `path` behind them. */
function loopsOn(path: string): string[] {
  if (process.platform !== 'linux') return []
  return [...readBlockTree(SYSTEM_ROOTS).nodes.values()]
    .filter(({ backingFile }) => backingFile === path)
    .map(({ name }) => name)
}

/**
 * A regular file as a disk: serial null, bus path `file:<device>:<inode>`, sectors of 4096 bytes when its partition
 * table says so. Throws `disk.not-found`, `disk.is-directory`, `disk.not-a-disk`, `disk.no-size`, `disk.no-permission`.
 */
export async function inspectFileAsDisk(path: string): Promise<DiskInfo> {
  let onMedium = true
  try {
    const real = await realpath(path)
    await using file = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = await file.stat({ bigint: true })
    if (!found.isFile()) throw notADisk(path, found)
    onMedium = hasMedium(found.dev)
    const { buffer, bytesRead } = await file.read(new Uint8Array(8192), 0, 8192, 0)
    const guess = guessSectorSize(buffer.subarray(0, bytesRead)) ?? 512
    const bytes = Number(found.size)
    const sectorSize = bytes % guess === 0 ? guess : 512
    if (bytes < sectorSize) throw new EngineError('disk.no-size', { disk: path, found: bytes, expected: sectorSize })
    return {
      path: real,
      identity: {
        serial: null,
        wwn: null,
        size: bytes - (bytes % sectorSize),
        busPath: `file:${found.dev}:${found.ino}`,
      },
      bus: 'file',
      vendor: null,
      model: null,
      sectorSize,
      removable: false,
      readOnly: !(await isWritable(real)),
      system: false,
      mounts: [],
      holders: loopsOn(real),
    }
  } catch (error) {
    throw error instanceof EngineError ? error : openFailure(path, error, onMedium)
  }
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  )

function notADisk(path: string, found: BigIntStats): EngineError {
  if (found.isDirectory()) return new EngineError('disk.is-directory', { disk: path })
  const kind = found.isCharacterDevice() ? 'character device' : found.isFIFO() ? 'pipe' : 'socket'
  return new EngineError('disk.not-a-disk', { disk: path, found: kind })
}

/**
 * One disk by device node, by a link such as /dev/disk/by-id/..., or an image file.
 * Throws `disk.not-found`, `disk.is-partition`, `disk.is-directory`, `disk.not-a-disk`, `disk.no-size`,
 * `disk.no-permission`, and on other systems than Linux `disk.no-inventory`.
 */
export async function describeDiskPath(path: string): Promise<DiskInfo> {
  if (process.platform === 'win32' && path.startsWith('\\\\.\\')) return fromDrivelist(path, await askDrivelist())
  let found: BigIntStats
  try {
    found = await stat(path, { bigint: true })
  } catch (error) {
    throw openFailure(path, error)
  }
  if (found.isFile()) return await inspectFileAsDisk(path)
  if (process.platform === 'linux' && found.isBlockDevice()) return describeBlockDevice(deviceNumber(found.rdev), path)
  const isNode = found.isBlockDevice() || (process.platform === 'darwin' && /\/dev\/r?disk\d+/.test(path))
  if (isNode) return fromDrivelist(await realpath(path), await askDrivelist())
  throw notADisk(path, found)
}

/** Throws `disk.is-partition`, `disk.not-found`. */
export function fromDrivelist(path: string, drives: readonly Drive[]): DiskInfo {
  const wanted = path.toLowerCase()
  const same = ({ device, raw }: Drive) => [device, raw].some((name) => name.toLowerCase() === wanted)
  const drive = drives.find(same)
  if (drive) return toDiskInfo(drive)
  const parent = /^(\/dev\/r?disk\d+)s\d+/.exec(path)?.[1]
  if (parent) throw new EngineError('disk.is-partition', { disk: path, parent })
  throw new EngineError('disk.not-found', { disk: path })
}

/** The identity anew, for an open device: a disk that is not there any more is `disk.lost`. */
export async function identifyDisk(path: string): Promise<DiskIdentity> {
  try {
    return (await describeDiskPath(path)).identity
  } catch (error) {
    if (!isEngineError(error, 'disk.not-found', 'disk.no-size')) throw error
    const details = { disk: path, operation: 'identifying', offset: 0, reason: error.code }
    throw new EngineError('disk.lost', details, { cause: error })
  }
}
