// Small real jobs on a disk in memory, for tests of the engine: a layout of 40 MiB without file systems to make, two
// releases with boot files, and a job context whose journal and events can be looked at.
import { MIB, utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { observeDisk, type Sight } from '#engine/observe.ts'
import type { BlockDevice, JobEvent, JournalStore } from '#engine/ports.ts'
import { type JobContext, JobFailed, runPlan } from '#engine/run-plan.ts'
import type { ReleaseImages } from '#engine/steps/context.ts'
import { buildFat32 } from '#format/fat32/fat32.ts'
import type { Layout } from '#model/layout.ts'
import type { Plan, ReleaseFacts, Request } from '#model/plan.ts'
import { inlineCodec, nodePace } from '#node/codec/block-codec.ts'
import { createDigest } from '#node/codec/hashing.ts'
import { planFlash } from '#plan/flash.ts'
import { planProvision } from '#plan/provision.ts'
import { planSlot } from '#plan/select-slot.ts'
import { AT, buildDisk, buildRelease } from './builders.ts'
import { plainSource, tableOf } from './image-fixture.ts'
import { type MemoryDisk, memoryDisk } from './memory-disk.ts'
import { seededBytes } from './random.ts'

export const SMALL_SIZE = 48 * MIB
export const SMALL_LAYOUT: Layout = {
  name: 'small',
  description: 'small, for tests',
  partitions: [
    { role: 'esp', name: 'ESP', size: 36 * MIB, filesystem: 'fat32', label: 'ESP' },
    { role: 'slot-a', name: 'SLOT-A', size: 2 * MIB, filesystem: 'none' },
    { role: 'slot-b', name: 'SLOT-B', size: 2 * MIB, filesystem: 'none' },
    { role: 'data', name: 'DATA', size: 'rest', minimum: MIB, filesystem: 'none' },
  ],
}

export interface SmallRelease {
  readonly facts: ReleaseFacts
  readonly images: ReleaseImages
  /** The system image. */
  readonly bytes: Uint8Array
}

function espSource(withLoader: boolean) {
  const { size, extents } = buildFat32({
    size: 35 * MIB,
    sectorSize: 512,
    volumeId: 1,
    time: new Date(0),
    partitionOffset: 0,
    files: [
      ...(withLoader ? [{ path: 'EFI/BOOT/BOOTX64.EFI', bytes: seededBytes(20_000, 3) }] : []),
      { path: 'EFI/BOOT/grub.cfg', bytes: utf8('set timeout=3\n') },
    ],
  })
  const bytes = new Uint8Array(size)
  for (const extent of extents) bytes.set(extent.bytes, extent.offset)
  return plainSource(bytes, tableOf(bytes, MIB))
}

let esp: ReturnType<typeof espSource> | null = null

/** Boot files in which the loader is missing. */
export const imagesWithoutLoader = (): ReleaseImages => ({
  image: (role) => (role === 'esp' ? espSource(false) : null),
})

/** A release whose image is 400 KiB of noise (jobOn does not look for a kernel in it). */
export function smallRelease(counter: number): SmallRelease {
  esp ??= espSource(true)
  const boot = esp
  const bytes = seededBytes(400 * 1024 + 512, counter)
  const system = plainSource(bytes)
  const { size, sha256 } = system.table
  const facts = buildRelease({
    digest: String(counter).padStart(64, '0'),
    version: `${counter}.0.0`,
    counter,
    system: { size, sha256 },
    esp: { size: boot.table.size, sha256: boot.table.sha256 },
  })
  return { facts, bytes, images: { image: (role) => (role === 'system' ? system : boot) } }
}

export const smallDisk = (): MemoryDisk => memoryDisk({ size: SMALL_SIZE, path: '/dev/sdb', serial: 'SMALL01' })

export const sightOf = async (device: BlockDevice): Promise<Sight> =>
  observeDisk(device, buildDisk({ sectorSize: device.sectorSize, identity: await device.identity() }))

/** @throws Error with the refusals */
export async function planOn(device: BlockDevice, request: Request, release: SmallRelease | null): Promise<Plan> {
  const seen = await sightOf(device)
  const facts = release?.facts ?? buildRelease()
  const made =
    request.kind === 'slot'
      ? planSlot(request, seen)
      : request.kind === 'flash'
        ? planFlash(request, seen, facts, null)
        : request.kind === 'provision'
          ? planProvision(request, seen, facts, null, [])
          : null
  if (!made?.ok) throw new Error(`refused: ${JSON.stringify(made?.refusals)}`)
  return made.value
}

export interface MemoryJournal extends JournalStore {
  readonly lines: { readonly key: string; readonly line: Readonly<Record<string, unknown>> }[]
}

export function memoryJournal(): MemoryJournal {
  const lines: MemoryJournal['lines'] = []
  return {
    lines,
    append: async (key, line) => {
      lines.push({ key, line })
    },
    read: async (key) => lines.filter((each) => each.key === key).map(({ line }) => line),
  }
}

/** Everything that runPlan needs; whatever is given replaces the default. */
export function jobOn(
  device: BlockDevice,
  release: SmallRelease | null,
  change: Partial<JobContext> = {},
): JobContext & { readonly events: JobEvent[] } {
  const events: JobEvent[] = []
  return {
    device,
    release: release?.images ?? null,
    boot: release?.images ?? null,
    codec: inlineCodec,
    pace: nodePace,
    clock: { now: () => new Date(AT) },
    signal: new AbortController().signal,
    journal: memoryJournal(),
    emit: (event) => {
      events.push(event)
    },
    makeFilesystem: () => Promise.reject(new Error('the small layout has no file system to make')),
    checkSlotContent: async () => 'unchecked',
    createDigest,
    events,
    ...change,
  }
}

export type Failure = JobFailed & { readonly code: string }

/** Runs a plan that must fail; gives the failure with the code of its cause. */
export async function failureOf(plan: Plan, job: JobContext): Promise<Failure> {
  try {
    await runPlan(plan, job)
  } catch (error) {
    if (!(error instanceof JobFailed)) throw error
    return Object.assign(error, { code: isEngineError(error.cause) ? error.cause.code : String(error.cause) })
  }
  throw new Error('the job did not fail')
}
