// What a screen reader is told of running jobs: changes of state, and progress at each quarter; failures once, at once. Pure.
import type { BatchView, UnitJobView } from '#contract/views.ts'
import { percentOf } from '../text/numbers.ts'

export type Announcement =
  | { readonly tone: 'polite'; readonly type: 'state'; readonly job: UnitJobView }
  | { readonly tone: 'polite'; readonly type: 'progress'; readonly job: UnitJobView; readonly percent: number }
  | { readonly tone: 'assertive'; readonly type: 'failed'; readonly job: UnitJobView }
  | { readonly tone: 'assertive'; readonly type: 'asks' }

const QUARTER = 25
const quarterOf = (job: UnitJobView): number => Math.floor(percentOf(job.doneBytes, job.totalBytes) / QUARTER) * QUARTER

export function announcements(before: readonly BatchView[], after: readonly BatchView[]): Announcement[] {
  if (before === after) return []
  const jobs = new Map(before.flatMap((batch) => batch.jobs.map((job) => [job.job, job] as const)))
  const states = new Map(before.map(({ batch, state }) => [batch, state]))
  const news: Announcement[] = []
  for (const batch of after) {
    if (batch.state === 'asks' && states.get(batch.batch) !== 'asks') news.push({ tone: 'assertive', type: 'asks' })
    for (const job of batch.jobs) {
      const old = jobs.get(job.job)
      if (old !== job) news.push(...aboutJob(old, job))
    }
  }
  return news
}

function aboutJob(old: UnitJobView | undefined, job: UnitJobView): Announcement[] {
  if (old?.state !== job.state)
    return [
      job.state === 'failed' ? { tone: 'assertive', type: 'failed', job } : { tone: 'polite', type: 'state', job },
    ]
  const quarter = quarterOf(job)
  const moved =
    job.totalBytes > 0 && quarter !== quarterOf(old) && (job.state === 'writing' || job.state === 'reading-back')
  return moved ? [{ tone: 'polite', type: 'progress', job, percent: quarter }] : []
}
