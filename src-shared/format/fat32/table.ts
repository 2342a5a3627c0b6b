// The file allocation table of an existing volume: chains, free clusters, changes. Everything read is bounded: a chain is
// never longer than the volume, a cluster number is checked before use, memory for the table is at most 4 MiB.
import { viewOf } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type FatGeometry, fatOffset, isDataCluster } from './geometry.ts'

/** What the codec needs of a disk; offsets are bytes from the start of the device. BlockDevice satisfies it. */
export interface FatDevice {
  read(offset: number, target: Uint8Array): Promise<void>
  write(offset: number, data: Uint8Array): Promise<void>
  flush(): Promise<void>
}

export interface FatTable {
  /** Follows a chain from `first`; stops with `fat.damaged` beyond `limit` clusters or at a wild or repeated number. */
  chain(first: number, limit: number): Promise<number[]>
  /** `count` free clusters, in one piece when possible. Throws `fat.full`. */
  findFree(count: number): Promise<number[]>
  countFree(): Promise<number>
  /** Writes entries (cluster -> value) to every FAT in use, sector by sector in ascending order. */
  set(changes: ReadonlyMap<number, number>): Promise<void>
}

export const END_OF_CHAIN = 0x0fffffff
const MASK = 0x0fffffff
const PAGE = 65536
const MAX_PAGES = 64

/** Entries that link `clusters` into one chain. */
export function chainEntries(clusters: readonly number[]): Map<number, number> {
  return new Map(clusters.map((cluster, i) => [cluster, i + 1 < clusters.length ? clusters[i + 1] : END_OF_CHAIN]))
}

export function openTable(device: FatDevice, base: number, g: FatGeometry): FatTable {
  const fatBytes = g.fatSectors * g.sectorSize
  const main = base + fatOffset(g, g.activeFat ?? 0)
  const pages = new Map<number, Uint8Array>()

  async function page(number: number): Promise<Uint8Array> {
    const known = pages.get(number)
    if (known) return known
    const bytes = new Uint8Array(Math.min(PAGE, fatBytes - number * PAGE))
    await device.read(main + number * PAGE, bytes)
    if (pages.size >= MAX_PAGES) for (const oldest of pages.keys()) if (pages.delete(oldest)) break
    pages.set(number, bytes)
    return bytes
  }

  async function entry(cluster: number): Promise<number> {
    const at = cluster * 4
    return viewOf(await page(Math.floor(at / PAGE))).getUint32(at % PAGE, true) & MASK
  }

  async function chain(first: number, limit: number): Promise<number[]> {
    const found: number[] = []
    const damaged = (value: number | string, expected: string) =>
      new EngineError('fat.damaged', { what: `the cluster chain from ${first}`, found: value, expected })
    const seen = new Set<number>()
    for (let cluster = first; cluster < 0x0ffffff8; cluster = await entry(cluster)) {
      if (!isDataCluster(g, cluster)) throw damaged(`cluster ${cluster}`, `2 to ${g.clusters + 1}`)
      if (seen.has(cluster)) throw damaged(`a loop at cluster ${cluster}`, 'an end')
      if (found.length >= limit) throw damaged(`more than ${limit} clusters`, 'an end')
      seen.add(cluster)
      found.push(cluster)
    }
    return found
  }

  /** Calls `visit` for each free cluster, ascending, until it answers false. */
  async function eachFree(visit: (cluster: number) => boolean): Promise<void> {
    const end = g.clusters + 2
    for (let number = 0; number * (PAGE / 4) < end; number++) {
      const view = viewOf(await page(number))
      const first = number * (PAGE / 4)
      const last = Math.min(end, first + view.byteLength / 4)
      for (let cluster = Math.max(2, first); cluster < last; cluster++)
        if ((view.getUint32((cluster - first) * 4, true) & MASK) === 0 && !visit(cluster)) return
    }
  }

  async function findFree(count: number): Promise<number[]> {
    if (count === 0) return []
    const scattered: number[] = []
    let start = -1
    let length = 0
    let free = 0
    await eachFree((cluster) => {
      free++
      if (scattered.length < count) scattered.push(cluster)
      if (start + length !== cluster) {
        start = cluster
        length = 0
      }
      length++
      return length < count
    })
    if (length >= count) return Array.from({ length: count }, (_, i) => start + i)
    if (scattered.length === count) return scattered
    throw new EngineError('fat.full', { needed: count * g.clusterSize, found: free * g.clusterSize })
  }

  async function countFree(): Promise<number> {
    let free = 0
    await eachFree(() => {
      free++
      return true
    })
    return free
  }

  async function set(changes: ReadonlyMap<number, number>): Promise<void> {
    const perSector = g.sectorSize / 4
    const sectors = new Map<number, [number, number][]>()
    for (const [cluster, value] of [...changes].sort((a, b) => a[0] - b[0])) {
      const sector = Math.floor(cluster / perSector)
      const list = sectors.get(sector) ?? []
      list.push([cluster % perSector, value])
      sectors.set(sector, list)
    }
    const copies = g.activeFat === null ? Array.from({ length: g.fatCount }, (_, i) => i) : [g.activeFat]
    const updated = new Map<number, Uint8Array>()
    for (const [sector, list] of sectors) {
      const bytes = new Uint8Array(g.sectorSize)
      await device.read(main + sector * g.sectorSize, bytes)
      const view = viewOf(bytes)
      // The upper four bits are reserved and kept (spec 4).
      for (const [index, value] of list)
        view.setUint32(index * 4, ((view.getUint32(index * 4, true) & ~MASK) | (value & MASK)) >>> 0, true)
      updated.set(sector, bytes)
      pages.delete(Math.floor((sector * g.sectorSize) / PAGE))
    }
    for (const copy of copies)
      for (const [sector, bytes] of updated)
        await device.write(base + fatOffset(g, copy) + sector * g.sectorSize, bytes)
  }

  return { chain, findFree, countFree, set }
}
