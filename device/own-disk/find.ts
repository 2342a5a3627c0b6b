// Finds the disk that this appliance runs from, and the slot that runs: by what the kernel was told and by partition GUIDs
// read from the disks themselves, never by names such as /dev/sda. Reads only. In doubt it says so, and nobody writes.
import { join } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { observeDisk, readGpt, type Sight } from '#engine/observe.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { FatVolume } from '#format/fat32/fat32.ts'
import type { BootObservation, Extent } from '#model/observation.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { type KernelLine, readKernelLine } from '#node/boot/kernel-line.ts'
import { type BlockTree, readBlockTree } from '#node/disk/disk-users.ts'
import { attribute, type BlockNode, devicePath, readDisk } from '#node/disk/sysfs-disk.ts'
import { readBoundedTextSync } from '#node/os/bounded-read.ts'
import { notAbDisk } from '#plan/flash.ts'
import type { DevicePaths, OwnDiskView } from '../ports.ts'

/** Opens a disk by its path below `paths.dev`; not exclusively, because its partitions are mounted. */
export type OpenDevice = (path: string, readOnly: boolean) => Promise<BlockDevice>

export interface FoundDisk {
  /** What to open. */
  readonly path: string
  readonly seen: Sight & { readonly running: Slot; readonly esp: Extent; readonly slots: Record<Slot, Extent> }
  readonly foundBy: OwnDiskView['foundBy']
  /** Why the running slot is not certain; null when it is. Nothing is written then. */
  readonly doubt: string | null
  /** `major:minor` of the ESP's partition; null when the kernel does not show it. */
  readonly espDevice: string | null
}

/** A disk under change: opened behind the guard, with the lock held. */
export interface OwnChange {
  readonly found: FoundDisk
  readonly device: BlockDevice
  readonly volume: FatVolume
  readonly boot: BootObservation
}

/** Memory, optical and network devices, things built on disks, and the special areas of eMMC. */
const NO_DISK = /^(ram|zram|sr|fd|mtdblock|dm-|md|nbd|drbd|bcache|loop)\d|^mmcblk\d+(boot\d|rpmb|gp\d)$/

interface RootPlace {
  readonly disk: BlockNode
  /** Partition number; null when only the disk is known. */
  readonly number: number | null
}

/** @throws EngineError `own.disk-unknown`, `plan.not-ab-disk`, `disk.*` */
export async function findOwnDisk(paths: DevicePaths, open: OpenDevice): Promise<FoundDisk> {
  const tree = readBlockTree(paths)
  const told = readKernelLine(paths.proc)
  const root = await findRoot(tree, told, paths, open)
  const path = nodePath(paths, root.disk)
  const use = tree.uses.get(root.disk.name) ?? { system: false, mounts: [], holders: [] }
  await using device = await open(path, true)
  const disk = { ...readDisk(root.disk), ...use, identity: await device.identity() }
  const seen = await observeDisk(device, disk)
  const { esp, slots, table } = seen
  if (!table || !esp || !slots) {
    const why = notAbDisk(seen)
    throw new EngineError(why.code, why.details)
  }
  const places = new Map(table.entries.map(({ number, firstLba }) => [firstLba * table.sectorSize, number]))
  const rootSlot = SLOTS.find((slot) => root.number !== null && places.get(slots[slot].offset) === root.number) ?? null
  const { running, foundBy, doubt } = findSlot(told, readAbState(paths), rootSlot)
  const espNode = [...tree.nodes.values()].find(
    (node) => node.disk === root.disk.name && partitionNumber(node) === places.get(esp.offset),
  )
  return { path, seen: { ...seen, running, esp, slots }, foundBy, doubt, espDevice: espNode?.device ?? null }
}

const nodePath = (paths: DevicePaths, node: BlockNode): string =>
  join(paths.dev, devicePath(node.name).slice('/dev/'.length))

const partitionNumber = (node: BlockNode): number | null => {
  const text = attribute(node.folder, 'partition')
  return text === null ? null : Number(text)
}

/** As upstream reads it: `active_partition="A"` anywhere, or a bare letter. */
export function tolerantSlot(text: string): Slot | null {
  const found = /active_partition="?([AB])"?/.exec(text)?.[1] ?? /^\s*([AB])\s*$/.exec(text)?.[1]
  return found === 'A' || found === 'B' ? found : null
}

function readAbState(paths: DevicePaths): Slot | null {
  try {
    return tolerantSlot(readBoundedTextSync(join(paths.boot, 'ab_state')).slice(0, 4096))
  } catch {
    // Not mounted, or no such file: the next source is asked.
    return null
  }
}

/** Command line, then ab_state, then the root's partition, then A (the order of the specification). */
function findSlot(told: KernelLine, wished: Slot | null, rootSlot: Slot | null) {
  const running = told.slots[0] ?? wished ?? rootSlot ?? 'A'
  const foundBy: OwnDiskView['foundBy'] =
    told.slots.length > 0 ? 'cmdline' : wished ? 'ab_state' : rootSlot ? 'root' : 'default'
  let doubt: string | null = null
  if (told.slots.length > 1) doubt = 'the kernel command line names both slots'
  else if (rootSlot !== null && rootSlot !== running)
    doubt = `${foundBy === 'cmdline' ? 'the kernel command line' : 'ab_state'} says ${running}, the root is in slot ${rootSlot}`
  else if (rootSlot === null && foundBy === 'ab_state') doubt = 'only ab_state names a slot, and that is a wish'
  else if (foundBy === 'default') doubt = 'neither the kernel command line nor the root names a slot'
  return { running, foundBy, doubt }
}

/** Where the running root file system lies. @throws EngineError `own.disk-unknown`, `own.disk-twice` */
async function findRoot(tree: BlockTree, told: KernelLine, paths: DevicePaths, open: OpenDevice): Promise<RootPlace> {
  const guid = told.rootGuid
  let places = guid ? await placesOfGuid(tree, guid, paths, open) : placesOfMount(tree, told.root)
  // A copy of the disk has the same GUIDs; the running root is on one of them only.
  if (guid && places.length > 1) {
    const mounted = new Set(placesOfMount(tree, null).map(({ disk, number }) => `${disk.name} ${number}`))
    const running = places.filter(({ disk, number }) => mounted.has(`${disk.name} ${number}`))
    if (running.length === 1) places = running
  }
  const disks = new Set(places.map(({ disk }) => disk.name))
  if (places.length === 1 || (!guid && disks.size === 1))
    return places.find(({ number }) => number !== null) ?? places[0]
  const where = guid ? `partition ${guid}` : 'the root file system'
  const names = [...disks].map((name) => `/dev/${name}`).join(', ')
  if (places.length === 0) throw new EngineError('own.disk-unknown', { reason: `no disk holds ${where}` })
  throw new EngineError('own.disk-twice', { what: where, found: names })
}

async function placesOfGuid(tree: BlockTree, guid: string, paths: DevicePaths, open: OpenDevice): Promise<RootPlace[]> {
  const places: RootPlace[] = []
  for (const disk of tree.nodes.values()) {
    if (disk.disk !== disk.name || NO_DISK.test(disk.name) || readDisk(disk).identity.size === 0) continue
    try {
      await using device = await open(nodePath(paths, disk), true)
      const { table } = await readGpt(device)
      for (const { uniqueGuid, number } of table?.entries ?? [])
        if (uniqueGuid.toUpperCase() === guid) places.push({ disk, number })
    } catch (error) {
      // A disk that cannot be read is not the one that this system runs from.
      if (!isEngineError(error)) throw error
    }
  }
  return places
}

/** By `root=/dev/...`, else by what `/` stands on, through whatever layers. */
function placesOfMount(tree: BlockTree, root: string | null): RootPlace[] {
  const named = root?.startsWith('/dev/') ? tree.nodes.get(root.slice(5).replaceAll('/', '!')) : undefined
  const nodes = named
    ? [named]
    : [...tree.nodes.values()].filter(({ name }) => tree.uses.get(name)?.mounts.includes('/'))
  return nodes.flatMap((node): RootPlace[] => {
    const disk = tree.nodes.get(node.disk)
    if (!disk || NO_DISK.test(disk.name)) return []
    return [{ disk, number: partitionNumber(node) }]
  })
}
