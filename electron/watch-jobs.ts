// What the desktop does while jobs run: no sleep, a bar in the task bar, and a notification when a job needs hands and
// nobody looks at the window. Follows the same events as the page.
import type { ConsoleEvent } from '#contract/console.ts'
import type { BatchView } from '#contract/views.ts'

/** What is used of Electron's powerSaveBlocker. */
export interface SleepBlocker {
  start(type: 'prevent-app-suspension'): number
  stop(id: number): unknown
}

/** Keeps the machine awake from the first job to the last. */
export function followSleep(blocker: SleepBlocker, busy: () => boolean): Disposable & { look(): void } {
  let held: number | null = null
  const set = (wanted: boolean): void => {
    if (wanted && held === null) held = blocker.start('prevent-app-suspension')
    if (!wanted && held !== null) {
      blocker.stop(held)
      held = null
    }
  }
  return { look: () => set(busy()), [Symbol.dispose]: () => set(false) }
}

/** Why a person should come back. */
export type News = 'failed' | 'asks' | 'done'

export interface JobNews {
  readonly news: News
  readonly title: string
}

/** Tells what is new in a batch, once: a failure, a question, the end. Progress is not news. */
export function openNewsReader(): (batch: BatchView) => JobNews | null {
  const told = new Map<string, Set<string>>()
  return (batch) => {
    const known = told.get(batch.batch) ?? new Set<string>()
    told.set(batch.batch, known)
    const first = (key: string): boolean => known.size < known.add(key).size
    const failed = batch.jobs.find(({ job, state }) => (state === 'failed' || state === 'needs-you') && first(job))
    if (batch.state !== 'asks') known.delete('asks')
    const asks = batch.state === 'asks' && first('asks')
    const done = batch.state === 'done' && first('done')
    if (asks) return { news: 'asks', title: batch.title }
    if (failed) return { news: 'failed', title: failed.title }
    return done ? { news: 'done', title: batch.title } : null
  }
}

/** Done part of everything that runs, 0 to 1; null when nothing does. */
export function overallProgress(batches: readonly BatchView[]): number | null {
  const jobs = batches.filter(({ state }) => state !== 'done').flatMap((batch) => batch.jobs)
  const total = jobs.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
  return total === 0 ? null : jobs.reduce((sum, { doneBytes }) => sum + doneBytes, 0) / total
}

export interface WatchNeeds {
  readonly sleep: { look(): void }
  isFocused(): boolean
  notify(news: JobNews): void
  /** Part of the task bar's progress, or null for none. */
  showProgress(part: number | null): void
}

/** For `Hub.listen`. */
export function openJobWatch(needs: WatchNeeds): (event: ConsoleEvent) => void {
  const read = openNewsReader()
  const batches = new Map<string, BatchView>()
  return (event) => {
    if (event.type !== 'batch') return
    batches.set(event.batch.batch, event.batch)
    needs.sleep.look()
    needs.showProgress(overallProgress([...batches.values()]))
    const news = read(event.batch)
    if (news && !needs.isFocused()) needs.notify(news)
  }
}
