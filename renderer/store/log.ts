// The log drawer's lines: what changed, in order, since this window was opened. Pure: the time is an argument.
import type { Cause } from '#contract/causes.ts'
import type { ConsoleEvent } from '#contract/console.ts'
import type { StationView, UnitJobView } from '#contract/views.ts'

export type LogLine = { readonly at: Date } & (
  | { readonly type: 'state'; readonly unit: string; readonly state: UnitJobView['state'] }
  | { readonly type: 'stage'; readonly unit: string; readonly stage: UnitJobView['stage'] }
  | { readonly type: 'problem'; readonly unit: string; readonly code: string; readonly cause: Cause }
  | { readonly type: 'bench'; readonly count: number }
)

type Jobs = Map<string, UnitJobView>

/** What is new in these events, compared with what was known before them. */
export function linesOf(station: StationView | null, events: readonly ConsoleEvent[], at: Date): LogLine[] {
  if (station === null || events.length === 0) return []
  const jobs: Jobs = new Map(station.batches.flatMap((batch) => batch.jobs.map((job) => [job.job, job] as const)))
  let count = station.bench.units.length
  const lines: LogLine[] = []
  for (const event of events) {
    if (event.type === 'bench' && event.bench.units.length !== count) {
      count = event.bench.units.length
      lines.push({ at, type: 'bench', count })
    }
    for (const after of changedJobs(event, jobs)) {
      lines.push(...linesOfJob(jobs.get(after.job), after, at))
      jobs.set(after.job, after)
    }
  }
  return lines
}

function changedJobs(event: ConsoleEvent, jobs: Jobs): readonly UnitJobView[] {
  if (event.type === 'batch') return event.batch.jobs
  if (event.type !== 'progress') return []
  const job = jobs.get(event.job)
  return job ? [{ ...job, state: event.patch.state, stage: event.patch.stage }] : []
}

function linesOfJob(before: UnitJobView | undefined, after: UnitJobView, at: Date): LogLine[] {
  const unit = after.title
  const lines: LogLine[] = []
  if (before?.stage !== after.stage) lines.push({ at, type: 'stage', unit, stage: after.stage })
  if (before?.state !== after.state) lines.push({ at, type: 'state', unit, state: after.state })
  if (after.diagnosis && !before?.diagnosis) {
    const { cause, problem } = after.diagnosis
    lines.push({ at, type: 'problem', unit, code: problem.code, cause })
  }
  return lines
}
