// A station with one disk of each kind, powered on: what every scenario of the station test starts from.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireTool } from '#node/os/run-tool.ts'
import { makeSystemImage, openRoom } from '../cli/bench-room.ts'
import { ahciDisk, blankDisk, controllers, dataDisk, GB, nvmeDisk, sdCard, usbDisk, virtioDisk } from './disks.ts'
import { sourcesDisk, stationImage } from './image.ts'
import { type Station, startStation } from './station-vm.ts'

export const MEDIUM = 16 * GB
/** An SD card's size is a power of two. */
export const SD_SIZE = 2 ** 34
export const SMALL = 1 * GB
/** So slow that a disk can be pulled while the image is under way. */
const SLOW = 8_000_000
const IMAGE_SIZE = 32_000_000

export interface Bench extends AsyncDisposable {
  readonly station: Station
  /** A file of the bench on this machine, such as a medium. */
  path(name: string): string
  /** Bytes that the file system here really holds for a medium. */
  allocated(name: string): Promise<number>
  /** Bytes of the release's system image. */
  imageSize(): Promise<number>
  /** Writes that the guest sent to each device since power-on, by QEMU's own count. */
  writes(id: string): Promise<number>
}

interface BlockStatistics {
  readonly qdev?: string
  readonly device?: string
  readonly stats: { readonly wr_operations: number }
}

export async function openBench(): Promise<Bench> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-station-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  const image = await stationImage()
  await sourcesDisk(path('sources.img'))
  await releaseDisk(folder, path('release.img'))
  const blank = (name: string, size = MEDIUM) => blankDisk(path(name), size)
  const devices = [
    ...controllers,
    ...virtioDisk({ id: 'sources', file: path('sources.img'), serial: 'SOURCES', readOnly: true }),
    ...virtioDisk({ id: 'release', file: path('release.img'), serial: 'RELEASE', readOnly: true }),
    ...virtioDisk({ id: 'data', file: await dataDisk(path('data.img'), 64_000_000), serial: 'DATA' }),
    ...virtioDisk({ id: 'small', file: await blank('small.img', SMALL), serial: 'SMALL' }),
    ...ahciDisk({ id: 'sata', file: await blank('sata.img'), serial: 'SATA-0001' }, 0),
    ...nvmeDisk({ id: 'nvme', file: await blank('nvme.img'), serial: 'NVME-0001' }),
    ...usbDisk({ id: 'usb', file: await blank('usb.img'), serial: 'USB-STICK-0001' }, 1),
    ...usbDisk({ id: 'slow', file: await blank('slow.img'), serial: 'USB-STICK-0002', writeRate: SLOW }, 2),
    ...sdCard({ id: 'sd', file: await blank('sd.img', SD_SIZE) }),
  ]
  await blank('other.img')
  const station = cleanup.use(await startStation({ image, folder, devices }))
  await settle(station)
  const held = cleanup.move()
  return {
    station,
    path,
    allocated: async (name) => (await stat(path(name))).blocks * 512,
    imageSize: async () => (await stat(path('system.squashfs'))).size,
    async writes(id) {
      const all = (await station.monitor('query-blockstats')) as readonly BlockStatistics[]
      const found = all.find((each) => each.device === id)
      if (!found) throw new Error(`the monitor knows no drive ${id}`)
      return found.stats.wr_operations
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** A signed release and the key ring that trusts it, made by the command line here, on a read-only disk. */
async function releaseDisk(folder: string, disk: string): Promise<void> {
  await using room = await openRoom()
  const system = makeSystemImage(folder, 'system', IMAGE_SIZE)
  const release = await room.makeRelease('station', ['--boot', room.path('boot')], system)
  const args = ['-noI', '-noD', '-noF', '-noX', '-all-root', '-no-progress', '-quiet']
  await requireTool('mksquashfs', [release, room.trust, disk, ...args], { timeoutMs: 60_000 })
}

/** USB disks appear a second after power-on; the release is mounted. */
async function settle(station: Station): Promise<void> {
  const script = `
    tries=0
    until [ "$(grep -c ' sd[a-z]$' /proc/partitions)" -ge 3 ]; do
      tries=$((tries + 1)); [ $tries -gt 600 ] && exit 1; usleep 100000
    done
    mkdir -p /run/release
    for entry in /sys/block/vd*; do
      [ "$(cat $entry/serial)" = RELEASE ] && mount -t squashfs -o ro /dev/\${entry##*/} /run/release
    done
    [ -f /run/release/trust.asc ]`
  const done = await station.run(script, { timeoutMs: 120_000 })
  if (done.code !== 0) throw new Error(`the station's disks did not appear: ${done.stderr}\n${station.console()}`)
}
