// Progress at the edge: at most ten messages a second and always the last of a phase; every other event at once.
import type { JobEvent } from '#engine/ports.ts'

const INTERVAL_MS = 100

export function latestPerStep(emit: (event: JobEvent) => void, now: () => number = () => performance.now()) {
  let lastAt = Number.NEGATIVE_INFINITY
  let lastPhase = ''
  const throttled = (event: JobEvent): void => {
    if (event.type !== 'progress') {
      emit(event)
      return
    }
    const phase = `${event.step} ${event.phase}`
    const due = phase !== lastPhase || event.doneBytes >= event.totalBytes || now() - lastAt >= INTERVAL_MS
    if (!due) return
    lastPhase = phase
    lastAt = now()
    emit(event)
  }
  let title = ''
  return {
    emit: throttled,
    /** Work before the plan: a step of its own, which starts with the first progress. */
    authenticating(what: string, doneBytes: number, totalBytes: number): void {
      if (what !== title) emit({ type: 'step-started', step: 0, total: 0, title: what })
      title = what
      throttled({ type: 'progress', step: 0, phase: 'authenticate', doneBytes, totalBytes })
    },
  }
}
