// One unit's job inside a runner: judged, planned and applied from what the runner sees itself.
import { EngineError } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { JobEvent } from '#engine/ports.ts'
import type { DiskIdentity } from '#model/disk.ts'
import type { Plan } from '#model/plan.ts'
import { describeDiskPath } from '#node/disk/inventory.ts'
import { journalFiles } from '#node/job/journal-file.ts'
import { applyJob, checkOffered, type Job, openDisk, planJob, systemClock } from '#node/job/station.ts'
import type { Authority } from './authority.ts'
import { orRefuse } from './last-word.ts'
import { withMismatch } from './mismatch.ts'
import { type RunnerReport, watchSurroundings } from './surroundings.ts'

/** What was asked for, with everything put in that is not the caller's to say. */
export interface Asked {
  readonly job: RunnerJob
  readonly neverTouch: readonly string[]
  /** Where a job without a release keeps its journal. */
  readonly journal: string
}

export interface UnitRun {
  readonly signal: AbortSignal
  emit(event: JobEvent): void
}

/** @throws EngineError `layout.not-named`, `disk.not-found`, `runner.*` */
export async function judge(
  authority: Authority,
  { job, neverTouch }: Pick<Asked, 'job' | 'neverTouch'>,
): Promise<Asked> {
  const { journal } = authority
  return { job: await authority.job(job), neverTouch: await authority.neverTouch(neverTouch), journal }
}

export function checkNeverTouch(identity: DiskIdentity, neverTouch: readonly string[]): void {
  const serial = identity.serial?.toLowerCase()
  if (serial && neverTouch.some((each) => each.trim().toLowerCase() === serial))
    throw new EngineError('runner.never-touch', { found: identity.serial ?? '' })
}

const journalOf = ({ job, journal }: Asked) => journalFiles('journal' in job ? job.journal : journal)

/** @throws Refused, EngineError `runner.never-touch`, what planJob throws */
export async function planUnit(job: Job, asked: Asked): Promise<Plan> {
  const disk = orRefuse(await checkOffered(job.path))
  checkNeverTouch(disk.identity, asked.neverTouch)
  return orRefuse(await planJob(job, journalOf(asked)))
}

/** applyJob observes again and plans again; what differs from the confirmed plan ends there, before the first write. */
export async function applyUnit(job: Job, plan: Plan, asked: Asked, { signal, emit }: UnitRun): Promise<RunnerReport> {
  const watch = await watchSurroundings(await describeDiskPath(job.path))
  const again: Job = {
    ...job,
    plan: (seen, device) => {
      checkNeverTouch(seen.disk.identity, asked.neverTouch)
      watch.saw(seen)
      return job.plan(seen, device)
    },
  }
  const run = {
    confirmed: plan,
    journal: journalOf(asked),
    clock: systemClock,
    signal,
    emit(event: JobEvent) {
      watch.heard(event)
      emit(event)
    },
  }
  const report = await applyJob(again, run).catch(async (error: unknown) => {
    const source = job.release?.image('system') ?? null
    const open = () => openDisk(job.path, true)
    throw await watch.completeFailure(await withMismatch(error, { plan, source, codec: job.codec, signal, open }))
  })
  return await watch.complete(report)
}
