// The way of every command that writes: plan, show, confirm, apply, report. Refusals and failures leave with a truthful
// account of what was written.
import { join } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { explain, finding, firstError, isEngineError } from '#base/errors.ts'
import { type Result, refuse } from '#base/result.ts'
import type { JobEvent } from '#engine/ports.ts'
import { JobFailed, type Report } from '#engine/run-plan.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import type { Plan } from '#model/plan.ts'
import { journalFiles, journalFolder, stateDirectory } from '#node/job/journal-file.ts'
import { applyJob, checkOffered, type Job, planJob, systemClock } from '#node/job/station.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { reasonOf } from '#node/os/os-errors.ts'
import { writeNewFile } from '#node/os/output-file.ts'
import { rehearseReport } from '#node/os/rehearse-folder.ts'
import { terminalOutput } from '#node/terminal/steady-stream.ts'
import { describePlan } from '#plan/describe.ts'
import type { CommandContext } from './commands.ts'
import { askToConfirm, printPlan } from './confirm.ts'
import { type Account, NOTHING_WRITTEN, orRefuse } from './output.ts'

export interface Wishes {
  /** Only show the plan. */
  readonly planOnly: boolean
  /** Do not ask. */
  readonly yes: boolean
}

/** Plans, asks, runs and reports one job; returns the exit code. */
export async function runJob(job: Job, wishes: Wishes, context: CommandContext, done: DoneText): Promise<number> {
  const { output, signal } = context
  if (!job.look) orRefuse(await checkOffered(job.path))
  const plan = orRefuse(await planToEnd(job))
  const text = describePlan(plan)
  output.event({ type: 'plan', plan, text })
  printPlan(output, plan, text)
  if (wishes.planOnly) {
    output.result({ plan: plan.id, applied: false }, ['', 'Nothing was written (--plan).'])
    return 0
  }
  if (!wishes.yes) await askToConfirm([plan.disk], { input: process.stdin, output: terminalOutput() }, signal)
  const ended = await applyPlan(job, plan, context, (event) => output.event(event))
  if (!ended.ok) return output.failure(ended.error, ended.account)
  output.result(ended.fields, doneLines(done, ended))
  return 0
}

/** Plans a job that leaves a report: whether that can be kept is found out here, too. Throws what planJob throws. */
export async function planToEnd(job: Job): Promise<Result<Plan>> {
  const planned = await planJob(job, journalFiles(journalFolder()))
  if (!planned.ok) return planned
  try {
    await rehearseReport(reportsFolder())
    return planned
  } catch (error) {
    return refuse(finding('job.reports-unusable', { file: reportsFolder(), reason: reasonOf(error) }))
  }
}

const reportsFolder = (): string => join(stateDirectory(), 'reports')

export type Ended =
  | {
      readonly ok: true
      readonly report: Report
      readonly fields: Readonly<Record<string, unknown>>
      readonly file: string | null
    }
  | { readonly ok: false; readonly error: unknown; readonly account: Account }

/** Runs a confirmed plan and saves its report; an end that is no good one comes with its account. Never throws. */
export async function applyPlan(
  job: Job,
  plan: Plan,
  { signal }: Pick<CommandContext, 'signal'>,
  emit: (event: JobEvent) => void,
): Promise<Ended> {
  const [folder, journal] = [reportsFolder(), journalFiles(journalFolder())]
  try {
    const report = await applyJob(job, { confirmed: plan, journal, clock: systemClock, signal, emit })
    const file = await saveReport(folder, report, emit)
    const { resumed, account, steps, boot } = report
    const fields = {
      ...{ plan: plan.id, applied: true, disk: plan.disk.path, report: file },
      ...{ resumed, counters: account, steps, boot },
    }
    return { ok: true, report, fields, file }
  } catch (thrown) {
    const error = firstError(thrown)
    if (!(error instanceof JobFailed)) return { ok: false, error, account: NOTHING_WRITTEN }
    const file = await saveReport(folder, error.report, emit)
    return { ok: false, error: error.cause, account: accountOf(error, file) }
  }
}

/** What a person reads of a job that is done: the command's words, what boots next where that was changed, the report. */
export const doneLines = (done: DoneText, { report, file }: Extract<Ended, { ok: true }>): string[] => [
  ...done(report),
  ...(report.boot ? nextBootLines(report.boot) : []),
  ...(file ? [`Report: ${file}`] : []),
]

/** What to say when it worked. */
export type DoneText = (report: Report) => readonly string[]

/** Answers "was anything written?" from what passed to the device, and says what the disk is now. */
export function accountOf({ report, during }: JobFailed, reportFile: string | null): Account {
  const { bytesWritten, bytesZeroed, touched } = report.account
  const facts = {
    bytesWritten,
    bytesZeroed,
    stepsDone: report.steps.map((step) => step.title),
    stepUnderWay: during,
    report: reportFile,
  }
  if (!touched) return { written: false, sentence: NOTHING_WRITTEN.sentence, facts }
  const steps = `${report.steps.length} of ${report.plan.steps.length} steps were done`
  const sentence = `${formatBytes(bytesWritten)} were written and ${formatBytes(bytesZeroed)} zeroed; ${steps}${during ? `; it stopped in "${during}"` : ''}. ${stateAfter(report.plan, report.steps.length)}`
  return { written: true, sentence, facts }
}

/** What the disk is when the job stopped in step `done` (0 is the first one). */
function stateAfter({ request, steps }: Plan, done: number): string {
  const under = steps[done]
  switch (request.kind) {
    case 'provision':
      if (under?.type === 'wipe')
        return 'The old partition table may still be there, wholly or in part; nothing new was written yet.'
      if (!under) return 'All steps were done.'
      return under.type === 'write-table'
        ? 'The content is complete; the partition table may be there only in part.'
        : 'The disk has no partition table yet, so it will not be taken for a finished one.'
    case 'flash': {
      const began = steps.findIndex((step) => step.type === 'record-slot')
      if (!under) return 'All steps were done.'
      const unchanged = `Slot ${request.slot} still holds what it held before`
      if (done < began) return `${unchanged}; which slot boots may have changed ("twinslot slot list").`
      if (done === began) return `${unchanged}; it may be recorded as Incomplete.`
      return done === steps.length - 1
        ? `Slot ${request.slot} is written and was read back, but may still be recorded as Incomplete.`
        : `Slot ${request.slot} is recorded as Incomplete and will not be booted; the other slot is untouched.`
    }
    case 'slot':
      return 'The boot files are written in an order that keeps a complete slot selected.'
    case 'repair-table':
      return 'The intact side of the partition table was not touched.'
    case 'repair':
      return 'Only boot files were touched, each whole; what they were is kept in the journal.'
    case 'restore':
      return under?.type === 'replace-files' || under?.type === 'make-filesystem'
        ? 'The file system of /config may be changed in part: run the same command again, it repairs and finishes it.'
        : '/config is as it was.'
  }
}

/** The report's file; null, with a warning, when it could not be saved: what was done to the disk stays true. */
async function saveReport(folder: string, report: Report, emit: (event: JobEvent) => void): Promise<string | null> {
  const stamp = report.endedAt.replaceAll(/[-:]/g, '').replace(/\.\d+/, '')
  const file = join(folder, `${stamp}-${report.plan.request.kind}-${report.job.slice(0, 8)}.json`)
  try {
    await makeFolder(folder, 0o700)
    await writeNewFile(file, `${JSON.stringify(report, null, 2)}\n`, 0o600)
    return file
  } catch (error) {
    const reason = isEngineError(error) ? error.message : reasonOf(error)
    const lost = finding('cli.report-not-saved', { file, reason })
    emit({ type: 'warning', code: lost.code, message: explain(lost).message })
    return null
  }
}
