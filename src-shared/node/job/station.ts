// A station's hands: opens disks and runs plans on them. Plan and apply are apart: apply observes again, plans again, and
// starts only when the new plan's id is the one that was confirmed.
import { EngineError, isEngineError } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { openBottleneck } from '#engine/bottleneck.ts'
import type { BlockCodec } from '#engine/copy/ports.ts'
import type { SharedReading, UnitReading } from '#engine/copy/shared-reading.ts'
import { observeDisk, type Sight } from '#engine/observe.ts'
import type { BlockDevice, Clock, JobEvent, JournalStore } from '#engine/ports.ts'
import { rehearse } from '#engine/rehearsal.ts'
import { checkIdentity, type Report, runPlan } from '#engine/run-plan.ts'
import type { ConfigFiles, ReleaseImages } from '#engine/steps/context.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { Plan } from '#model/plan.ts'
import { offerDisk } from '#plan/offer.ts'
import { jobKey } from '#plan/plan-id.ts'
import { nodePace } from '../codec/block-codec.ts'
import { createDigest } from '../codec/hashing.ts'
import { filesystemMaker, type MakerInputs } from '../config/filesystem-maker.ts'
import { openFileDevice } from '../disk/file-device.ts'
import { describeDiskPath, identifyDisk } from '../disk/inventory.ts'
import { openLinuxDevice, rereadPartitions } from '../disk/linux-device.ts'
import { checkNotHeld, inSpiteOfLookers } from '../disk/not-held.ts'
import { checkSlotContent } from '../release/content-check.ts'
import type { JournalFiles } from './journal-file.ts'

export { operatorName } from '../os/who.ts'

export const systemClock: Clock = { now: () => new Date() }

export interface OpenDisk extends AsyncDisposable {
  readonly disk: DiskInfo
  readonly device: BlockDevice
}

/**
 * Opens a disk or a disk image by path; `known` spares describing a disk anew that was listed a moment ago.
 * @throws EngineError `disk.*` (not found, a directory, a partition, busy, no permission, read-only)
 */
export async function openDisk(path: string, readOnly: boolean, known?: DiskInfo): Promise<OpenDisk> {
  const disk = known ?? (await describeDiskPath(path))
  const openIt = async () =>
    disk.bus === 'file'
      ? await openFileDevice(disk.path, { readOnly, sectorSize: disk.sectorSize })
      : await openLinuxDevice(disk.path, { readOnly, identify: identifyDisk })
  const device = await (readOnly ? openIt() : inSpiteOfLookers(openIt))
  return { disk, device, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]() }
}

/**
 * The reasons against a disk that need no look at its content; they come before anything is opened.
 * @throws EngineError `disk.*`
 */
export async function checkOffered(path: string): Promise<Result<DiskInfo>> {
  const disk = await describeDiskPath(path)
  const { offered, reasons } = offerDisk(disk, null)
  return offered ? ok(disk) : refuse(...reasons)
}

/** Looks at a disk without writing. */
export async function lookAt(path: string, known?: DiskInfo): Promise<Sight> {
  await using open = await openDisk(path, true, known)
  return await observeDisk(open.device, open.disk)
}

export interface Job {
  readonly path: string
  /** `device`: the disk that was seen, for planners that look deeper; null before an image file is made. */
  plan(seen: DiskObservation, device: BlockDevice | null): Result<Plan> | Promise<Result<Plan>>
  /** What planning looks at, when it is not the disk itself (an image file that is not made yet). */
  readonly look?: (path: string) => Promise<DiskObservation>
  readonly release: ReleaseImages | null
  readonly boot: ReleaseImages | null
  readonly inputs: MakerInputs
  readonly codec: BlockCodec
  /** The system image, read together with the other units of a batch. */
  readonly shared?: SharedReading
  /** Only of jobs that restore /config. */
  readonly configFiles?: ConfigFiles
}

/**
 * Plans a job by a look at its disk; nothing is written. What applying the plan would be refused for (who holds the disk, boot
 * files, the journal) is tried here, by the functions that will write.
 * @throws EngineError `disk.*`, `job.journal-*`, and what planning throws
 */
export async function planJob(job: Job, journal: JournalFiles): Promise<Result<Plan>> {
  if (job.look) return await rehearsed(job, journal, await job.plan(await job.look(job.path), null), null)
  await using open = await openDisk(job.path, true)
  const planned = await job.plan(await observeDisk(open.device, open.disk), open.device)
  if (planned.ok) await checkNotHeld(open.disk)
  return await rehearsed(job, journal, planned, open.device)
}

async function rehearsed(
  { boot, codec }: Job,
  journal: JournalFiles,
  planned: Result<Plan>,
  device: BlockDevice | null,
): Promise<Result<Plan>> {
  if (!planned.ok) return planned
  const plan = planned.value
  const unfit = await rehearse(device, { plan, boot, codec })
  if (unfit.length > 0) return refuse(...unfit)
  await journal.rehearse(jobKey(plan.request, plan.disk, plan.release))
  return planned
}

export interface JobRun {
  readonly confirmed: Plan
  readonly journal: JournalStore
  readonly clock: Clock
  readonly signal: AbortSignal
  emit(event: JobEvent): void
}

/**
 * Runs a confirmed plan.
 * @throws EngineError `plan.disk-changed`, `plan.changed` before anything is written; JobFailed afterwards.
 */
export async function applyJob(job: Job, run: JobRun): Promise<Report> {
  const reading = job.shared?.join()
  try {
    return await applyAlone(job, run, reading)
  } finally {
    reading?.leave()
  }
}

async function applyAlone(job: Job, run: JobRun, reading: UnitReading | undefined): Promise<Report> {
  let report: Report
  let disk: DiskInfo
  {
    await using open = await openDisk(job.path, false)
    disk = open.disk
    checkIdentity(run.confirmed.disk, await open.device.identity(), disk.path)
    const again = await job.plan(await observeDisk(open.device, open.disk), open.device)
    if (!again.ok) throw new EngineError(again.refusals[0].code, again.refusals[0].details)
    if (again.value.id !== run.confirmed.id)
      throw new EngineError('plan.changed', {
        expected: run.confirmed.id.slice(0, 16),
        found: again.value.id.slice(0, 16),
      })
    const bottleneck = openBottleneck(nodePace)
    report = await runPlan(again.value, {
      device: bottleneck.device(open.device),
      release: bottleneck.release(job.release),
      boot: job.boot,
      codec: bottleneck.codec(job.codec),
      ...(reading ? { reading } : {}),
      pace: nodePace,
      journal: run.journal,
      clock: run.clock,
      signal: run.signal,
      emit: (event) => run.emit(bottleneck.mark(event)),
      makeFilesystem: filesystemMaker(job.inputs, run.signal),
      checkSlotContent,
      createDigest,
      ...(job.configFiles ? { configFiles: job.configFiles } : {}),
    })
  }
  const hasNewTable = run.confirmed.steps.some((step) => step.type === 'write-table' || step.type === 'repair-table')
  if (hasNewTable && disk.bus !== 'file') await showPartitions(disk.path, run)
  return report
}

/** The disk is finished; that the kernel does not look at it again is no reason to call the job failed. */
async function showPartitions(path: string, { emit }: JobRun): Promise<void> {
  try {
    await rereadPartitions(path)
  } catch (error) {
    if (!isEngineError(error)) throw error
    const message = `The disk is finished, but this computer has not noticed its new partitions yet: ${error.message} Unplug it and plug it in again.`
    emit({ type: 'warning', code: error.code, message })
  }
}
