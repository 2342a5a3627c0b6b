// What the run screen computes from a batch. Pure.
import type { BatchView, UnitJobView } from '#contract/views.ts'

export interface BatchCounts {
  readonly verified: number
  readonly failed: number
  /** By a person, or dropped before they began; not a failure. */
  readonly stopped: number
  /** Not ended. */
  readonly left: number
}

export function countsOf({ jobs }: Pick<BatchView, 'jobs'>): BatchCounts {
  const ended = jobs.filter(({ endedAt }) => endedAt !== null)
  const verified = ended.filter(({ state }) => state === 'verified' || state === 'ready').length
  const stopped = ended.filter(({ state }) => state === 'stopped').length
  return { verified, failed: ended.length - verified - stopped, stopped, left: jobs.length - ended.length }
}

/** Bytes of all units; a unit that ended early counts as finished, so that the bar reaches its end. */
export function bytesOfBatch({ jobs }: Pick<BatchView, 'jobs'>): { readonly done: number; readonly total: number } {
  let [done, total] = [0, 0]
  for (const job of jobs) {
    total += job.totalBytes
    done += job.endedAt === null ? job.doneBytes : job.totalBytes
  }
  return { done, total }
}

/** Seconds until the batch is finished at the rate of now; null while nothing is measured. */
export function remainingOfBatch(batch: Pick<BatchView, 'jobs'>): number | null {
  const { done, total } = bytesOfBatch(batch)
  const running = batch.jobs.filter(({ endedAt }) => endedAt === null)
  const rate = running.reduce((sum, { curve }) => sum + (curve.at(-1) ?? 0), 0)
  return rate > 0 ? (total - done) / rate : null
}

/** The batch that is shown: the one asked for, else the newest that is not finished, else the newest. */
export function batchToShow(batches: readonly BatchView[], about: string | null): BatchView | null {
  const newest = batches.toReversed()
  return (
    newest.find(({ batch }) => batch === about) ?? newest.find(({ state }) => state !== 'done') ?? newest[0] ?? null
  )
}

/** The unit that is looked at: the chosen one, else the one that needs a person, else the first that runs. */
export function jobToShow(jobs: readonly UnitJobView[], chosen: string | null): UnitJobView | null {
  return (
    jobs.find(({ job }) => job === chosen) ??
    jobs.find(({ state }) => state === 'needs-you') ??
    jobs.find(({ endedAt, startedAt }) => endedAt === null && startedAt !== null) ??
    jobs[0] ??
    null
  )
}

/** Bytes per second of a job that has ended; 0 when it moved none that are counted, null while it runs. */
export function meanRate({ startedAt, endedAt, doneBytes }: UnitJobView): number | null {
  if (endedAt === null) return null
  const seconds = startedAt === null ? 0 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return seconds > 0 ? doneBytes / seconds : 0
}

/** Nothing waits in a job that has ended. */
export const wordOfStep = (
  { endedAt }: Pick<UnitJobView, 'endedAt'>,
  { state }: Pick<UnitJobView['steps'][number], 'state'>,
): UnitJobView['steps'][number]['state'] | 'not-begun' =>
  endedAt !== null && state === 'waiting' ? 'not-begun' : state
