// The library `drivelist` as a second pair of eyes. On Linux only its mount points count, and only against a disk: it
// calls every disk that is not removable a system disk, which would refuse the very disks we are made for. On other
// systems it is the source, and its word on system disks is taken.
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { EngineError, isEngineError } from '../base/errors.ts'
import type { Bus, DiskInfo } from '../model/disk.ts'
import { requireTool } from './run-tool.ts'

const driveSchema = z.object({
  device: z.string(),
  raw: z.string(),
  busType: z.string(),
  description: z.string(),
  devicePath: z.string().nullable(),
  enumerator: z.string(),
  size: z.number().nullable(),
  logicalBlockSize: z.number().nullish(),
  isReadOnly: z.boolean(),
  isRemovable: z.boolean(),
  isSystem: z.boolean(),
  isVirtual: z.boolean().nullish(),
  mountpoints: z.array(z.object({ path: z.string() })),
})
export type Drive = z.infer<typeof driveSchema>

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
    const drives = z.array(driveSchema).safeParse(JSON.parse(stdout))
    if (drives.success) return drives.data
    throw new EngineError('disk.no-inventory', { reason: `drivelist: ${drives.error.issues[0].message}` })
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
