// The disks that the station guest sees: image files and the QEMU arguments that attach them.
import { open } from 'node:fs/promises'
import { requireTool } from '#node/os/run-tool.ts'

const MIB = 1024 * 1024
export const GB = 1_000_000_000
const MINUTE = 60_000

/** A sparse file that reads as zeroes. */
export async function blankDisk(path: string, size: number): Promise<string> {
  await using file = await open(path, 'wx')
  await file.truncate(size)
  return path
}

/** A GPT disk with one ext4 partition. */
export async function dataDisk(path: string, size: number): Promise<string> {
  await blankDisk(path, size)
  const last = Math.floor(size / MIB) * 2048 - 2048 - 1
  await requireTool('sgdisk', [`--new=1:2048:${last}`, '--change-name=1:station-data', path], { timeoutMs: MINUTE })
  const blocks = String(Math.floor((last - 2047) / 2))
  await requireTool('mke2fs', ['-q', '-t', 'ext4', '-b', '1024', '-E', `offset=${MIB}`, path, blocks], {
    timeoutMs: MINUTE,
  })
  return path
}

export interface Attached {
  readonly id: string
  readonly file: string
  readonly serial?: string
  readonly readOnly?: boolean
  /** Bytes per second the medium takes; unlimited without it. */
  readonly writeRate?: number
}

const drive = ({ id, file, readOnly, writeRate }: Attached): string[] => [
  '-drive',
  [
    `if=none,id=${id},format=raw,cache=writeback,file=${file}`,
    readOnly ? 'readonly=on' : '',
    writeRate ? `throttling.bps-write=${writeRate}` : '',
  ]
    .filter(Boolean)
    .join(','),
]

const device = (kind: string, disk: Attached, ...more: string[]): string[] => [
  ...drive(disk),
  '-device',
  [kind, `id=dev-${disk.id}`, `drive=${disk.id}`, ...(disk.serial ? [`serial=${disk.serial}`] : []), ...more].join(','),
]

export const virtioDisk = (disk: Attached): string[] => device('virtio-blk-pci', disk)
export const nvmeDisk = (disk: Attached): string[] => device('nvme', disk)
export const ahciDisk = (disk: Attached, port: number): string[] => device('ide-hd', disk, `bus=ahci.${port}`)
export const usbDisk = (disk: Attached, port: number): string[] =>
  device('usb-storage', disk, 'bus=xhci.0', `port=${port}`)
/** Size must be a power of two. */
export const sdCard = (disk: Attached): string[] => [
  ...drive(disk),
  '-device',
  `sdhci-pci,id=sdhci-${disk.id}`,
  '-device',
  `sd-card,id=dev-${disk.id},drive=${disk.id}`,
]
export const controllers = ['-device', 'ahci,id=ahci', '-device', 'qemu-xhci,id=xhci']
