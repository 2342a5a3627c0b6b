// A whole appliance in a folder: /proc, /sys, /dev, /etc, /boot and the state folder as files, its disk as an image file that
// the real engine provisioned. `start` does what firmware and boot loader do. For tests of the device's programs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MIB, viewOf } from '#base/bytes.ts'
import { type OwnDiskOptions, openOwnDisk } from '#device/own-disk/own-disk.ts'
import type { DevicePaths, OwnDisk } from '#device/ports.ts'
import { observeDisk, type Sight } from '#engine/observe.ts'
import { runPlan } from '#engine/run-plan.ts'
import { openFat } from '#format/fat32/fat32.ts'
import { ESP_PATH } from '#model/boot-state.ts'
import type { Slot } from '#model/slot.ts'
import { createDiskFile, openFileDevice } from '#node/disk/file-device.ts'
import type { CreateOptions } from '#node/release/create-release.ts'
import { openRelease } from '#node/release/open-release.ts'
import { planProvision } from '#plan/provision.ts'
import { type SimulatedBoot, simulateBoot } from './boot-simulator.ts'
import { buildDisk, provisionRequest } from './builders.ts'
import { seededBytes } from './random.ts'
import { openReleaseBench, type ReleaseBench } from './release-bench.ts'
import { jobOn, SMALL_LAYOUT, SMALL_SIZE } from './small-job.ts'
import { type FakeSystem, fakeSystem } from './sysfs-tree.ts'

export interface OwnAppliance extends AsyncDisposable {
  readonly paths: DevicePaths
  /** The disk: `<folder>/dev/mmcblk0`. */
  readonly image: string
  readonly system: FakeSystem
  /** Signing key, and the folder for releases. */
  readonly bench: ReleaseBench
  /** May be set forward. */
  readonly clock: { now(): Date; set(at: Date): void }
  /** `patienceMs` is 0 unless it is given. */
  disk(options?: Partial<OwnDiskOptions>): OwnDisk
  /** A signed bundle with a system image of its own (ext4's magic, no kernel to look for). Gives its path. */
  release(version: string, counter: number, changes?: Partial<CreateOptions>): Promise<string>
  /** What the kernel is told at the start of `slot`; anything else with `line`. */
  boot(slot: Slot, line?: string): Promise<void>
  /** One start of the machine: the boot loader's decision is saved, and the command line says what it started. */
  start(loadable?: Partial<Record<Slot, boolean>>): Promise<SimulatedBoot>
  look(): Promise<Sight>
  /** Overwrites a file of the ESP, as somebody else would. */
  putOnEsp(path: string, bytes: Uint8Array): Promise<void>
}

const PRODUCT = 'demo'
const DISK_NODE = 'devices/platform/mmc_host/mmc0/mmc0:0001/block/mmcblk0'
const SIGNED = new Date('2026-11-22T04:00:00Z')

/** `size` bytes that begin like ext4, so that nothing is looked for inside; noise by `seed`. */
export function fakeSystemImage(seed: number, size = 400 * 1024): Uint8Array {
  const image = seededBytes(size, seed)
  const view = viewOf(image)
  image.fill(0, 1024, 2048)
  view.setUint16(1080, 0xef53, true)
  view.setUint32(1024 + 4, Math.floor(size / 1024), true)
  // meta_bg: such images are not looked into.
  view.setUint32(1024 + 96, 0x10, true)
  return image
}

/** Slot A holds version 1.0.0 (counter 1) and runs; slot B is empty. */
export async function ownAppliance(options: { readonly slots?: readonly Slot[] } = {}): Promise<OwnAppliance> {
  const system = fakeSystem()
  const { sys, proc, dev } = system.roots
  const folder = dirname(sys)
  const below = (name: string): string => {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    return path
  }
  const bench = await openReleaseBench(SIGNED)
  const paths: DevicePaths = {
    sys,
    proc,
    dev,
    state: below('state'),
    config: below('config'),
    boot: below('boot'),
    etc: below('etc/twinslot'),
  }
  mkdirSync(join(paths.etc, 'keys'))
  writeFileSync(join(paths.etc, 'keys/release.asc'), bench.publicKey)
  mkdirSync(join(sys, 'class/dmi/id'), { recursive: true })
  writeFileSync(join(sys, 'class/dmi/id/product_name'), 'HP t640 Thin Client\n')
  const image = join(dev, 'mmcblk0')
  let now = SIGNED
  const clock = {
    now: () => now,
    set: (at: Date) => {
      now = at
    },
  }

  const release: OwnAppliance['release'] = async (version, counter, changes = {}) => {
    const file = bench.at(`${version}.img`)
    writeFileSync(file, fakeSystemImage(counter))
    const { path } = await bench.create(`${version}.twinslot`, {
      version,
      counter,
      product: PRODUCT,
      system: file,
      ...changes,
    })
    return path
  }

  await provision(image, await release('1.0.0', 1, { boot: bench.at('boot') }), bench, options.slots ?? ['A'])
  const parts = { mmcblk0p1: '179:1', mmcblk0p2: '179:2', mmcblk0p3: '179:3', mmcblk0p4: '179:4' }
  system.addDisk({
    link: DISK_NODE.slice('devices/'.length),
    dev: '179:0',
    size: SMALL_SIZE,
    attributes: { 'device/type': 'MMC', 'device/name': 'DF4032', 'device/cid': '11'.repeat(16) },
    partitions: parts,
  })

  async function withEsp<T>(use: (volume: Awaited<ReturnType<typeof openFat>>) => Promise<T>): Promise<T> {
    await using device = await openFileDevice(image)
    const { esp } = await observeDisk(device, buildDisk())
    if (!esp) throw new Error('the appliance lost its ESP')
    return await use(await openFat(device, esp.offset, esp.length))
  }
  const look = async (): Promise<Sight> => {
    await using device = await openFileDevice(image, { readOnly: true })
    return await observeDisk(device, buildDisk({ path: '/dev/mmcblk0', identity: await device.identity() }))
  }

  async function boot(slot: Slot, line?: string): Promise<void> {
    const { table } = await look()
    const entry = table?.entries.find(({ name }) => name === `SLOT-${slot}`)
    const told = `BOOT_IMAGE=/boot/kernel ab.partition=${slot} root=PARTUUID=${entry?.uniqueGuid.toLowerCase()} ro quiet`
    writeFileSync(join(proc, 'cmdline'), `${line ?? told}\n`)
  }
  await boot('A')

  return {
    paths,
    image,
    system,
    bench,
    clock,
    release,
    boot,
    look,
    disk: (changes = {}) =>
      openOwnDisk({
        paths,
        clock,
        product: PRODUCT,
        open: (path, readOnly) => openFileDevice(path, { readOnly }),
        patienceMs: 0,
        ...changes,
      }),
    async start(loadable = {}) {
      const seen = await look()
      const written = (slot: Slot) => seen.boot?.records[slot].state === 'written'
      const started = await withEsp(async (volume) => {
        const read = async (path: string) => ((await volume.stat(path)) ? await volume.read(path) : null)
        const files = {
          ab_state: await read(ESP_PATH.ab_state),
          grubenv: await read(ESP_PATH.grubenv),
          grubenv2: await read(ESP_PATH.grubenv2),
          good: await read(ESP_PATH.good),
        }
        const result = simulateBoot(files, { A: loadable.A ?? written('A'), B: loadable.B ?? written('B') })
        for (const file of ['grubenv', 'grubenv2'] as const) {
          const bytes = result.after[file]
          if (bytes) await volume.overwriteInPlace(ESP_PATH[file], bytes)
        }
        return result
      })
      if (started.booted) await boot(started.booted)
      return started
    },
    putOnEsp: (path, bytes) => withEsp((volume) => volume.put(path, bytes)),
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      system[Symbol.dispose]()
    },
  }
}

/** By the bench's own engine, from a signed bundle that brings the boot files. */
async function provision(image: string, bundle: string, bench: ReleaseBench, slots: readonly Slot[]): Promise<void> {
  await using device = await createDiskFile(image, SMALL_SIZE)
  await using release = await openRelease(bundle, bench.trusted, { now: bench.now })
  const seen = await observeDisk(device, buildDisk({ identity: await device.identity() }))
  const request = provisionRequest({ layout: SMALL_LAYOUT, slots })
  const plan = planProvision(request, seen, release.facts, null, [])
  if (!plan.ok) throw new Error(JSON.stringify(plan.refusals))
  const images = { image: (role: 'system' | 'esp') => (release.roles.includes(role) ? release.image(role) : null) }
  await runPlan(plan.value, { ...jobOn(device, null), release: images, boot: images })
}

/** A second disk beside the appliance's own, under another name, with the bytes of `image`. */
export function addCopyOfDisk(
  { system, paths, image }: OwnAppliance,
  link: string,
  dev: string,
  change = true,
): string {
  const name = link.slice(link.lastIndexOf('/') + 1)
  const bytes = Buffer.from(readFileSync(image))
  // Another disk's GUIDs: without an intact table nothing on it is found.
  if (change) bytes.fill(0, 0, MIB)
  if (change) bytes.fill(0, bytes.length - MIB)
  writeFileSync(join(paths.dev, name), bytes)
  const number = (part: number) => dev.replace(/\d+$/, (minor) => String(Number(minor) + part))
  const infix = /\d$/.test(name) ? 'p' : ''
  const partitions = Object.fromEntries([1, 2, 3, 4].map((part) => [`${name}${infix}${part}`, number(part)]))
  system.addDisk({ link, dev, size: SMALL_SIZE, partitions })
  return join(paths.dev, name)
}
