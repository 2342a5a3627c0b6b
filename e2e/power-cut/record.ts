// Runs real plans on disks in memory and writes down what they do to the disk: steps, operations and journal lines.
import { checkUp } from '#engine/checkup.ts'
import { observeDisk, type Sight } from '#engine/observe.ts'
import type { BlockDevice, JournalStore } from '#engine/ports.ts'
import { type Report, runPlan } from '#engine/run-plan.ts'
import type { Plan, Request } from '#model/plan.ts'
import { inlineCodec, nodePace } from '#node/codec/block-codec.ts'
import { createDigest } from '#node/codec/hashing.ts'
import { filesystemMaker, NO_INPUTS } from '#node/config/filesystem-maker.ts'
import { checkSlotContent } from '#node/release/content-check.ts'
import { planFlash } from '#plan/flash.ts'
import { sealPlan } from '#plan/plan-id.ts'
import { planProvision } from '#plan/provision.ts'
import { planDoctor } from '#plan/repair-boot.ts'
import { planRepair } from '#plan/repair-table.ts'
import { planSlot } from '#plan/select-slot.ts'
import { AT, buildDisk } from '#testing/builders.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import type { Pages } from '#testing/pages.ts'
import { type RecordedOp, withRecording } from '#testing/recording.ts'
import type { Release } from './world.ts'

/** Content and shape of a disk. */
export interface Disk {
  readonly pages: Pages
  readonly size: number
  readonly sectorSize: number
}

/** What somebody asks for. */
export interface Work {
  readonly request: Request
  /** Null for the slot commands. */
  readonly release: Release | null
}

interface Line {
  readonly key: string
  readonly line: Readonly<Record<string, unknown>>
  /** Operations on the disk before this line was durable. */
  readonly ops: number
}

export interface Recorded {
  readonly plan: Plan
  readonly report: Report
  readonly before: Disk
  readonly after: Disk
  readonly ops: readonly RecordedOp[]
  /** First operation of each step of the plan. */
  readonly starts: readonly number[]
  readonly journal: readonly Line[]
}

export const openDisk = ({ pages, size, sectorSize }: Disk) =>
  memoryDisk({ pages, size, sectorSize, path: '/dev/sdb', serial: 'POWERCUT01' })

export const look = async (device: BlockDevice): Promise<Sight> =>
  observeDisk(device, buildDisk({ sectorSize: device.sectorSize, identity: await device.identity() }))

/** @throws when the work is refused; the message holds the codes */
export async function planWork({ request, release }: Work, seen: Sight, device: BlockDevice): Promise<Plan> {
  const facts = await checkUp(device, seen)
  const plan = () => {
    if (request.kind === 'slot') return planSlot(request, seen)
    if (request.kind === 'repair-table') return planRepair(request, seen)
    if (request.kind === 'repair') return planDoctor(request, seen, facts, null)
    if (request.kind === 'restore') throw new Error('restores are tested with real file systems')
    if (!release) throw new Error('this work needs a release')
    if (request.kind === 'flash') return planFlash(request, seen, release.facts, null)
    return planProvision(request, seen, release.facts, null, [])
  }
  const made = plan()
  if (!made.ok) throw new Error(`refused: ${JSON.stringify(made.refusals)}`)
  return made.value
}

/**
 * Does the work on a copy of the disk. `journal`: what an interrupted run left behind. `change` replaces the steps of the
 * plan, to see what another order would do.
 */
export async function record(
  work: Work,
  before: Disk,
  journal: readonly Line[] = [],
  change: (steps: Plan['steps']) => Plan['steps'] = (steps) => steps,
): Promise<Recorded> {
  const disk = openDisk(before)
  const { device, ops } = withRecording(disk)
  const { id: _id, ...made } = await planWork(work, await look(device), device)
  const plan = sealPlan({ ...made, steps: change(made.steps) })
  const lines: Line[] = []
  const store: JournalStore = {
    append: async (key, line) => {
      lines.push({ key, line, ops: ops.length })
    },
    read: async (key) => [...journal, ...lines].filter((each) => each.key === key).map(({ line }) => line),
  }
  const starts: number[] = []
  const report = await runPlan(plan, {
    device,
    release: work.release,
    boot: work.release,
    codec: inlineCodec,
    pace: nodePace,
    clock: { now: () => new Date(AT) },
    signal: new AbortController().signal,
    journal: store,
    emit: (event) => {
      if (event.type === 'step-started') starts.push(ops.length)
    },
    makeFilesystem: filesystemMaker(NO_INPUTS, new AbortController().signal),
    checkSlotContent,
    createDigest,
  })
  const after = { ...before, pages: disk.pages }
  return { plan, report, before, after, ops, starts, journal: lines }
}
