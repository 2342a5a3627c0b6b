// The library `drivelist` as a second pair of eyes. On Linux only its mount points count, and only against a disk: it
// calls every disk that is not removable a system disk, which would refuse the very disks we are made for. On other
// systems it is the source, and its word on system disks is taken.

import { fileURLToPath } from 'node:url'
import { EngineError, isEngineError } from '#base/errors.ts'
import { boundedJson } from '#format/bounded-json.ts'
import type { Bus, DiskInfo } from '#model/disk.ts'
import { requireTool } from '../os/run-tool.ts'

/** What we use of drivelist's answer. */
export interface Drive {
  readonly device: string
  readonly raw: string
  readonly busType: string
  readonly description: string
  readonly devicePath?: string | null
  readonly enumerator: string
  readonly size?: number | null
  readonly logicalBlockSize?: number | null
  readonly isReadOnly: boolean
  readonly isRemovable: boolean
  readonly isSystem: boolean
  readonly isVirtual?: boolean | null
  readonly mountpoints: readonly { readonly path: string }[]
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The answer crossed a process, so its form is checked: the fields that decide must be there, others may be absent. */
function isDrive(value: unknown): value is Drive {
  if (!isRecord(value)) return false
  const { mountpoints } = value
  const has = (type: string, ...names: string[]) => names.every((name) => typeof value[name] === type)
  const may = (type: string, ...names: string[]) =>
    names.every((name) => value[name] === undefined || value[name] === null || typeof value[name] === type)
  return (
    has('string', 'device', 'raw', 'busType', 'description', 'enumerator') &&
    has('boolean', 'isReadOnly', 'isRemovable', 'isSystem') &&
    may('number', 'size', 'logicalBlockSize') &&
    may('string', 'devicePath') &&
    may('boolean', 'isVirtual') &&
    Array.isArray(mountpoints) &&
    mountpoints.every((point) => isRecord(point) && typeof point.path === 'string')
  )
}

const CHILD = fileURLToPath(new URL('./drivelist-child.ts', import.meta.url))

/**
 * All drives that drivelist sees. Throws `disk.no-inventory` when the library is missing, fails, answers in another
 * form, or takes longer than 10 seconds.
 * @param child program to run instead, for tests
 */
export async function askDrivelist(child: string = CHILD): Promise<Drive[]> {
  try {
    // ELECTRON_RUN_AS_NODE: inside the console, process.execPath is Electron.
    const env = { ELECTRON_RUN_AS_NODE: '1' }
    const { stdout } = await requireTool(process.execPath, [child], { timeoutMs: 10_000, env })
    const drives: unknown = boundedJson(stdout, 4_000_000)
    if (Array.isArray(drives) && drives.every(isDrive)) return drives
    throw new EngineError('disk.no-inventory', { reason: 'drivelist answered in another form' })
  } catch (error) {
    if (isEngineError(error, 'disk.no-inventory')) throw error
    const reason = `drivelist: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`
    throw new EngineError('disk.no-inventory', { reason }, { cause: error })
  }
}

/** Adds the mount points that only drivelist saw; takes nothing away. */
export function addMounts(disk: DiskInfo, drives: readonly Drive[]): DiskInfo {
  const drive = drives.find(({ device, raw }) => device === disk.path || raw === disk.path)
  const more = drive?.mountpoints.map(({ path }) => path).filter((path) => !disk.mounts.includes(path)) ?? []
  const swaps = more.some((path) => path === '[SWAP]')
  const mounts = more.filter((path) => path.startsWith('/'))
  if (mounts.length === 0 && !swaps) return disk
  const holders = swaps && !disk.holders.includes('swap') ? [...disk.holders, 'swap'] : disk.holders
  return { ...disk, system: disk.system || swaps || mounts.includes('/'), mounts: [...disk.mounts, ...mounts], holders }
}

const BUSES: Readonly<Record<string, Bus>> = {
  ATA: 'ata',
  SATA: 'ata',
  IDE: 'ata',
  NVME: 'nvme',
  'PCI-EXPRESS': 'nvme',
  USB: 'usb',
  SD: 'mmc',
  MMC: 'mmc',
  'SECURE DIGITAL': 'mmc',
  SCSI: 'scsi',
  SAS: 'scsi',
}

/** A drive of macOS or Windows in our words. These systems tell drivelist no serial number. */
export function toDiskInfo(drive: Drive): DiskInfo {
  return {
    path: drive.device,
    identity: {
      serial: null,
      wwn: null,
      size: drive.size ?? 0,
      busPath: `${drive.enumerator}:${drive.devicePath ?? drive.raw}`,
    },
    bus: BUSES[drive.busType.toUpperCase()] ?? 'unknown',
    vendor: null,
    model: drive.description || null,
    sectorSize: drive.logicalBlockSize ?? 512,
    removable: drive.isRemovable,
    readOnly: drive.isReadOnly,
    system: drive.isSystem,
    mounts: drive.mountpoints.map(({ path }) => path),
    holders: [],
  }
}
