// Runs a plan's steps through the ports: per step guard (still the same disk?) -> journal "started" -> perform and verify
// -> journal "done". A step that an earlier run of the same job began is performed again in its checking form; nothing
// that a journal says is believed without reading the disk.
import { utf8 } from '#base/bytes.ts'
import { EngineError, firstError, isEngineError, throwIfAborted } from '#base/errors.ts'
import { type DiskIdentity, sameIdentity } from '#model/disk.ts'
import type { NextFacts } from '#model/next-boot-text.ts'
import type { Plan, Step } from '#model/plan.ts'
import type { SlotOverride } from '#model/slot.ts'
import { describeStep } from '#plan/describe.ts'
import { isSealed, jobKey } from '#plan/plan-id.ts'
import { type AccountedDevice, type WriteAccount, withAccount } from './account.ts'
import { bootAfter } from './boot-after.ts'
import { diskMarks } from './disk-marks.ts'
import { keepOldBytes } from './old-bytes.ts'
import type { BlockDevice, Clock, Evidence, JobEvent, JournalStore } from './ports.ts'
import type { StepContext } from './steps/context.ts'
import { performStep } from './steps/steps.ts'

export interface JobContext extends Omit<StepContext, 'device' | 'marks' | 'plan' | 'resumed' | 'progress'> {
  readonly device: BlockDevice
  readonly journal: JournalStore
  readonly clock: Clock
  emit(event: JobEvent): void
}

export interface StepReport {
  readonly title: string
  readonly evidence: Evidence
  readonly startedAt: string
  readonly endedAt: string
}

/** The plan plus evidence; what a certificate is made from. */
export interface Report {
  readonly schema: 'twinslot-report/1'
  readonly outcome: 'done' | 'failed'
  readonly job: string
  readonly plan: Plan
  readonly startedAt: string
  readonly endedAt: string
  readonly resumed: boolean
  /** One per step that ended, in order. */
  readonly steps: readonly StepReport[]
  readonly account: WriteAccount
  readonly error: { readonly code: string; readonly message: string } | null
  /** Of a job that is done and changed boot files: what boots next, and what is selected; null where that is not known. */
  readonly boot: NextFacts | null
}

/** A job that stopped: the report of what was done travels with the cause. */
export class JobFailed extends Error {
  readonly report: Report
  override readonly cause: unknown
  /** Title of the step that was under way, null when none had started. */
  readonly during: string | null

  constructor(report: Report, cause: unknown, during: string | null) {
    super(cause instanceof Error ? cause.message : String(cause))
    this.name = 'JobFailed'
    this.report = report
    this.cause = cause
    this.during = during
  }
}

/** Repairs keep what they overwrite in the journal: whoever has to take one back finds the old bytes there. No command does it. */
const KEEPS_OLD_BYTES: Readonly<Partial<Record<Step['type'], true>>> = {
  'repair-table': true,
  'rewrite-boot-state': true,
  'put-boot-files': true,
  'identify-slots': true,
  'revive-slot': true,
  'replace-files': true,
}

/**
 * Runs every step of a sealed plan on an open device.
 * @throws JobFailed around any EngineError; the report inside says truthfully what was written.
 */
export async function runPlan(plan: Plan, job: JobContext): Promise<Report> {
  const key = jobKey(plan.request, plan.disk, plan.release)
  const accounted: AccountedDevice = withAccount(job.device)
  const startedAt = job.clock.now().toISOString()
  const marks = diskMarks(accounted.device, nonceOf(plan, startedAt, job))
  const done: StepReport[] = []
  let during: string | null = null
  let resumed = false
  let boot: NextFacts | null = null
  const report = (outcome: Report['outcome'], error: Report['error']): Report => ({
    schema: 'twinslot-report/1',
    outcome,
    job: key,
    plan,
    startedAt,
    endedAt: job.clock.now().toISOString(),
    resumed,
    steps: done,
    account: accounted.account(),
    error,
    boot,
  })
  try {
    if (!isSealed(plan))
      throw new EngineError('plan.changed', { expected: plan.id, found: 'a plan with other content' })
    const begun = stepsBegun(await job.journal.read(key))
    resumed = begun.size > 0
    const override = overrideOf(plan)
    await job.journal.append(key, { event: 'begin', at: startedAt, plan: plan.id, seed: seedOf(plan), override })
    for (const [index, step] of plan.steps.entries()) {
      throwIfAborted(job.signal)
      checkIdentity(plan.disk, await job.device.identity(), plan.disk.path)
      during = describeStep(step)
      const stepStartedAt = job.clock.now().toISOString()
      job.emit({ type: 'step-started', step: index + 1, total: plan.steps.length, title: during })
      await job.journal.append(key, { event: 'step-started', step: index, kind: step.type })
      const kept = step.type in KEEPS_OLD_BYTES ? keepOldBytes(marks.device, job.journal, key, index) : null
      const device = kept?.device ?? marks.device
      const proof = await performStep(step, contextOf(plan, job, { device, marks }, index, begun.has(index)))
      const evidence = kept ? { ...proof, oldBytesKept: kept.bytes(), oldBytesIn: `journal ${key}` } : proof
      await job.journal.append(key, { event: 'step-done', step: index, evidence })
      done.push({ title: during, evidence, startedAt: stepStartedAt, endedAt: job.clock.now().toISOString() })
      job.emit({ type: 'step-done', step: index + 1, evidence })
      during = null
    }
    // What was written must still be what the name means: nobody is told "done" of a file that was moved away.
    checkIdentity(plan.disk, await job.device.identity(), plan.disk.path)
    await job.journal.append(key, { event: 'end', at: job.clock.now().toISOString() })
    boot = await bootAfter(plan, job.device)
    return report('done', null)
  } catch (thrown) {
    const error = firstError(thrown)
    const code = isEngineError(error) ? error.code : 'cli.bug'
    const message = error instanceof Error ? error.message : String(error)
    throw new JobFailed(report('failed', { code, message }), error, during)
  }
}

function contextOf(
  plan: Plan,
  job: JobContext,
  disk: Pick<StepContext, 'device' | 'marks'>,
  index: number,
  resumed: boolean,
): StepContext {
  return {
    ...job,
    plan,
    ...disk,
    resumed,
    progress: (phase, doneBytes, totalBytes) =>
      job.emit({ type: 'progress', step: index + 1, phase, doneBytes, totalBytes }),
  }
}

/** What marks of this run hold and those of no other do. */
function nonceOf(plan: Plan, startedAt: string, { createDigest }: JobContext): Uint8Array {
  const digest = createDigest()
  digest.update(utf8(`${plan.id} ${startedAt}`))
  return utf8(digest.hex().slice(0, 16))
}

/** Steps begun since the journal's last "end": what an interrupted run may have left half done. */
function stepsBegun(lines: readonly Readonly<Record<string, unknown>>[]): ReadonlySet<number> {
  const begun = new Set<number>()
  for (const line of lines) {
    if (line.event === 'end') begun.clear()
    if (line.event === 'step-started' && typeof line.step === 'number') begun.add(line.step)
  }
  return begun
}

/** The seed an unfinished run of this job used, so that continuing keeps its identifiers; null when there is none. */
export function unfinishedSeed(lines: readonly Readonly<Record<string, unknown>>[]): string | null {
  let seed: string | null = null
  for (const line of lines) {
    if (line.event === 'begin' && typeof line.seed === 'string') seed = line.seed
    if (line.event === 'end') seed = null
  }
  return seed
}

/** What an unfinished run of this job was allowed by a reason: by now the disk no longer tells what it held; null when nothing was. */
export function unfinishedOverride(lines: readonly Readonly<Record<string, unknown>>[]): SlotOverride | null {
  let override: SlotOverride | null = null
  for (const line of lines) {
    if (line.event === 'begin' && isOverride(line.override)) override = line.override
    if (line.event === 'end') override = null
  }
  return override
}

const isOverride = (value: unknown): value is SlotOverride =>
  value instanceof Object &&
  ['slot', 'action', 'reason', 'at', 'by'].every((key) => typeof Reflect.get(value, key) === 'string')

const overrideOf = ({ steps }: Plan): SlotOverride | null =>
  steps.find((step) => step.type === 'write-esp')?.override ?? null

const seedOf = (plan: Plan): string | null => (plan.request.kind === 'provision' ? plan.request.seed : null)

/**
 * The disk that was confirmed must be the disk that is written.
 * @throws EngineError `plan.disk-changed`
 */
export function checkIdentity(expected: DiskIdentity, found: DiskIdentity, path: string): void {
  if (sameIdentity(found, expected)) return
  throw new EngineError('plan.disk-changed', { expected: identityText(expected), found: identityText(found), path })
}

const identityText = ({ serial, size, busPath }: DiskIdentity): string =>
  `${serial ?? 'without serial'}, ${size} bytes, at ${busPath}`
