// One block device as sysfs shows it: size, sectors, names, serial number. Reads files only; nothing is opened in /dev.
import { readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DiskIdentity, DiskInfo } from '#model/disk.ts'
import { readBoundedSync } from '../os/bounded-read.ts'
import { busOf, busPathOf } from './bus-path.ts'

/** Where the kernel's file systems are; tests point these at trees of their own. */
export interface SystemRoots {
  readonly sys: string
  readonly proc: string
  readonly dev: string
}

export const SYSTEM_ROOTS: SystemRoots = { sys: '/sys', proc: '/proc', dev: '/dev' }

/** A whole disk or a partition in the tree of block devices. */
export interface BlockNode {
  /** Kernel name: `sda`, `sda1`, `dm-0`, `loop0`. */
  readonly name: string
  /** Resolved sysfs folder. */
  readonly folder: string
  /** `major:minor` */
  readonly device: string
  /** The whole disk's name; the own name when it is no partition. */
  readonly disk: string
  /** Names of the devices this one is built from (dm, md, bcache). */
  readonly slaves: readonly string[]
  /** Names of the devices that are built on this one. */
  readonly holders: readonly string[]
  readonly dmName: string | null
  /** File behind a loop device. */
  readonly backingFile: string | null
}

const bytesAt = (folder: string, name: string): Buffer | null => {
  try {
    return readBoundedSync(join(folder, name))
  } catch {
    // Attributes differ by driver and kernel, and a device may go away meanwhile: absent is an answer.
    return null
  }
}

/** An attribute as text without padding; null when it is absent or empty. */
export function attribute(folder: string, name: string): string | null {
  const text = bytesAt(folder, name)?.toString('utf8').replace(/\0/g, ' ').trim().replace(/\s+/g, ' ')
  return text ? text : null
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    // No such folder: a device without holders, slaves or partitions.
    return []
  }
}

function nodeAt(folder: string, name: string, disk: string): BlockNode {
  return {
    name,
    folder,
    device: attribute(folder, 'dev') ?? '',
    disk,
    slaves: namesIn(join(folder, 'slaves')),
    holders: namesIn(join(folder, 'holders')),
    dmName: attribute(folder, 'dm/name'),
    backingFile: attribute(folder, 'loop/backing_file'),
  }
}

/** All block devices and their partitions by kernel name. */
export function readBlockNodes(roots: SystemRoots): ReadonlyMap<string, BlockNode> {
  const nodes = new Map<string, BlockNode>()
  const block = join(roots.sys, 'block')
  for (const name of namesIn(block)) {
    let folder: string
    try {
      folder = realpathSync(join(block, name))
    } catch {
      // Unplugged between the listing and this line.
      continue
    }
    nodes.set(name, nodeAt(folder, name, name))
    for (const part of namesIn(folder))
      if (attribute(join(folder, part), 'partition') !== null) nodes.set(part, nodeAt(join(folder, part), part, name))
  }
  return nodes
}

/** Serial number of the unit that the SCSI layer keeps (SPC-4 page 0x80): four header bytes, then text. */
function vpdSerial(folder: string): string | null {
  const page = bytesAt(folder, 'device/vpd_pg80')
  if (!page || page.length < 4 || page[1] !== 0x80) return null
  return (
    page
      .subarray(4, 4 + page.readUInt16BE(2))
      .toString('latin1')
      .replace(/\0/g, ' ')
      .trim() || null
  )
}

/** The USB device above a disk: the nearest folder with `idVendor`. */
function usbFolder(folder: string): string | null {
  for (let at = dirname(folder); /\/usb\d+\//.test(`${at}/`); at = dirname(at))
    if (attribute(at, 'idVendor') !== null) return at
  return null
}

function identityOf(folder: string, backingFile: string | null): DiskIdentity {
  const bus = busOf(folder)
  const usb = bus === 'usb' ? usbFolder(folder) : null
  const serial =
    (usb && attribute(usb, 'serial')) ??
    attribute(folder, 'device/serial') ??
    attribute(folder, 'serial') ??
    vpdSerial(folder)
  const wwn = attribute(folder, 'wwid') ?? attribute(folder, 'device/wwid') ?? attribute(folder, 'device/cid')
  return {
    serial: serial !== null && /^(0x)?0*$/.test(serial) ? null : serial,
    wwn,
    size: Number(attribute(folder, 'size') ?? 0) * 512,
    busPath: backingFile === null ? busPathOf(folder) : `loop:${backingFile}`,
  }
}

/** `/dev/sda`; the kernel writes `!` for `/` in names such as `cciss!c0d0`. */
export const devicePath = (name: string): string => `/dev/${name.replaceAll('!', '/')}`

/** What sysfs knows of a disk; who uses it is disk-users.ts. `size` is 0 for a reader without medium. */
export function readDisk(node: BlockNode): Omit<DiskInfo, 'system' | 'mounts' | 'holders'> {
  const { folder, name } = node
  const bus = busOf(folder)
  const usb = bus === 'usb' ? usbFolder(folder) : null
  const vendor = attribute(folder, 'device/vendor') ?? (usb && attribute(usb, 'manufacturer'))
  const model =
    attribute(folder, 'device/model') ?? attribute(folder, 'device/name') ?? (usb && attribute(usb, 'product'))
  return {
    path: devicePath(name),
    identity: identityOf(folder, node.backingFile),
    bus,
    // virtio and NVMe have a PCI vendor number here, which names nobody.
    vendor: vendor !== null && /^0x[0-9a-f]+$/i.test(vendor) ? null : vendor,
    model,
    sectorSize: Number(attribute(folder, 'queue/logical_block_size') ?? 512),
    removable: attribute(folder, 'removable') === '1' || attribute(folder, 'device/type') === 'SD',
    readOnly: attribute(folder, 'ro') === '1',
  }
}
