// The way of every command that writes: plan, show, confirm, apply, report. Refusals and failures leave with a truthful
// account of what was written.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../src-shared/base/bytes.ts'
import { JobFailed, type Report } from '../src-shared/engine/run-plan.ts'
import type { Plan } from '../src-shared/model/plan.ts'
import { journalFiles, journalFolder, stateDirectory } from '../src-shared/node/journal-file.ts'
import { applyJob, type Job, lookAt, systemClock } from '../src-shared/node/station.ts'
import { describePlan } from '../src-shared/plan/describe.ts'
import { askToConfirm, printPlan } from './confirm.ts'
import type { CommandContext } from './main.ts'
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
  const plan = orRefuse(await job.plan(await (job.look ?? lookAt)(job.path)))
  const text = describePlan(plan)
  output.event({ type: 'plan', plan, text })
  printPlan(output, plan, text)
  if (wishes.planOnly) {
    output.result({ plan: plan.id, applied: false }, ['', 'Nothing was written (--plan).'])
    return 0
  }
  if (!wishes.yes) await askToConfirm(plan.disk, { input: process.stdin, output: process.stderr }, signal)
  const directory = stateDirectory()
  try {
    const report = await applyJob(job, {
      confirmed: plan,
      journal: journalFiles(journalFolder()),
      clock: systemClock,
      signal,
      emit: (event) => output.event(event),
    })
    const file = await saveReport(directory, report)
    output.result(
      {
        plan: plan.id,
        applied: true,
        disk: plan.disk.path,
        report: file,
        resumed: report.resumed,
        account: report.account,
        steps: report.steps,
      },
      [...done(report), `Report: ${file}`],
    )
    return 0
  } catch (error) {
    if (!(error instanceof JobFailed)) return output.failure(error, NOTHING_WRITTEN)
    const file = await saveReport(directory, error.report)
    return output.failure(error.cause, accountOf(error, file))
  }
}

/** What to say when it worked. */
export type DoneText = (report: Report) => readonly string[]

/** Answers "was anything written?" from what passed to the device, and says what the disk is now. */
export function accountOf({ report, during }: JobFailed, reportFile: string): Account {
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
  const sentence = `${formatBytes(bytesWritten)} were written and ${formatBytes(bytesZeroed)} zeroed; ${steps}${during ? `; it stopped in "${during}"` : ''}. ${stateAfter(report.plan)}`
  return { written: true, sentence, facts }
}

function stateAfter({ request }: Plan): string {
  if (request.kind === 'provision')
    return 'The disk has no partition table yet, so it will not be taken for a finished one.'
  if (request.kind === 'flash')
    return `Slot ${request.slot} is recorded as Incomplete and will not be booted; the other slot is untouched.`
  return 'The boot files are written in an order that keeps a complete slot selected.'
}

async function saveReport(directory: string, report: Report): Promise<string> {
  const folder = join(directory, 'reports')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stamp = report.endedAt.replaceAll(/[-:]/g, '').replace(/\.\d+/, '')
  const file = join(folder, `${stamp}-${report.plan.request.kind}-${report.job.slice(0, 8)}.json`)
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 })
  return file
}
