// Who uses a disk: mounts, swap, and the layers between (partitions, LUKS, LVM, RAID, loop files, btrfs, overlay roots).
// In doubt a disk counts as used.
import { readdirSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DiskInfo } from '#model/disk.ts'
import { type Mount, mountOf, readMounts, readSwaps } from './mounts.ts'
import { type BlockNode, readBlockNodes, type SystemRoots } from './sysfs-disk.ts'

export type DiskUse = Pick<DiskInfo, 'system' | 'mounts' | 'holders'>

/** Mount points without which this computer does not run. */
const SYSTEM_MOUNT = /^(\/|\/usr|\/etc|\/var|\/boot(\/.*)?|\/efi|\/nix(\/store)?)$/

export interface BlockTree {
  readonly nodes: ReadonlyMap<string, BlockNode>
  /** Use of each whole disk by kernel name; a disk that is not in it is free. */
  readonly uses: ReadonlyMap<string, DiskUse>
}

/** Reads the tree of block devices and everything that uses one. */
export function readBlockTree(roots: SystemRoots): BlockTree {
  const nodes = readBlockNodes(roots)
  const mounts = readMounts(roots.proc)
  const byDevice = new Map([...nodes.values()].map((node) => [node.device, node.name]))
  const byDmName = new Map([...nodes.values()].flatMap((node) => (node.dmName ? [[node.dmName, node.name]] : [])))

  /** Kernel name of `/dev/...`; null when it is no block device we know. */
  const nameOf = (path: string): string | null => {
    if (!path.startsWith('/dev/')) return null
    const direct = path.slice(5).replaceAll('/', '!')
    if (nodes.has(direct)) return direct
    const mapped = path.startsWith('/dev/mapper/') ? byDmName.get(path.slice(12)) : undefined
    if (mapped) return mapped
    try {
      const real = basename(realpathSync(join(roots.dev, path.slice(5))))
      return nodes.has(real) ? real : null
    } catch {
      // The source names something that is gone; its device number was looked at before.
      return null
    }
  }
  const deviceOf = (mount: Mount): string | null => byDevice.get(mount.device) ?? nameOf(mount.source)
  const holderOfFile = (path: string): string | null => {
    const mount = mountOf(mounts, path)
    return mount ? deviceOf(mount) : null
  }
  const below = (node: BlockNode): string[] => {
    const file = node.backingFile === null ? null : holderOfFile(node.backingFile.replace(/ \(deleted\)$/, ''))
    return [...node.slaves, ...(node.disk === node.name ? [] : [node.disk]), ...(file ? [file] : [])]
  }
  /** The device and everything it stands on. */
  const foundation = (name: string): Set<string> => {
    const found = new Set<string>()
    const queue = [name]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const node = nodes.get(next)
      if (!node || found.has(next)) continue
      found.add(next)
      queue.push(...below(node))
    }
    return found
  }

  const found = new Map<string, { system: boolean; mounts: Set<string>; holders: Set<string> }>()
  const mark = (name: string | null, what: { system?: boolean; mount?: string; holder?: string }) => {
    for (const each of name === null ? [] : foundation(name)) {
      const use = found.get(each) ?? { system: false, mounts: new Set(), holders: new Set() }
      found.set(each, use)
      use.system ||= what.system ?? false
      if (what.mount !== undefined) use.mounts.add(what.mount)
      if (what.holder !== undefined && what.holder !== each) use.holders.add(what.holder)
    }
  }

  const btrfs = btrfsGroups(roots)
  for (const mount of mounts) {
    const system = SYSTEM_MOUNT.test(mount.mountPoint)
    const name = deviceOf(mount)
    const group = mount.type === 'btrfs' ? btrfs.find((members) => name !== null && members.includes(name)) : undefined
    for (const each of group ?? [name]) mark(each, { system, mount: mount.mountPoint })
    if (mount.type === 'overlay' && system)
      for (const path of overlayLayers(mount.options)) mark(holderOfFile(path), { system, mount: mount.mountPoint })
  }
  for (const swap of readSwaps(roots.proc))
    mark(swap.type === 'file' ? holderOfFile(swap.path) : nameOf(swap.path), { system: true, holder: 'swap' })
  for (const node of nodes.values()) {
    const built = node.slaves.length > 0 || (node.backingFile !== null && below(node).length > 0)
    if (built) mark(node.name, { holder: node.dmName ? `${node.name} (${node.dmName})` : node.name })
    for (const holder of node.holders) {
      const dmName = nodes.get(holder)?.dmName
      mark(node.name, { holder: dmName ? `${holder} (${dmName})` : holder })
    }
  }
  const uses = new Map(
    [...found].map(([name, use]) => [
      name,
      { system: use.system, mounts: [...use.mounts].sort(), holders: [...use.holders].sort() },
    ]),
  )
  return { nodes, uses }
}

/** Directories that an overlay file system is made of. */
const overlayLayers = (options: string): string[] =>
  options
    .split(',')
    .filter((option) => /^(lowerdir|upperdir|workdir)\+?=/.test(option))
    .flatMap((option) => option.slice(option.indexOf('=') + 1).split(':'))
    .filter((path) => path.startsWith('/'))

/** The members of each mounted btrfs: its mount names only one of them. */
function btrfsGroups(roots: SystemRoots): string[][] {
  const folder = join(roots.sys, 'fs/btrfs')
  const list = (path: string): string[] => {
    try {
      return readdirSync(path)
    } catch {
      // No btrfs in this kernel, or a folder of another kind.
      return []
    }
  }
  return list(folder).map((uuid) => list(join(folder, uuid, 'devices')))
}
