// Long readings that change nothing (both slots of a unit, an image): how far each is, told to every window, and a way to
// stop it. Promises: one at a time per unit or image; memory does not grow with what is read; a stopped one ends with
// `job.cancelled` and nothing that was known before is lost.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { CheckView, Token } from '#contract/views.ts'
import type { Checks, Host } from './ports.ts'

/** Between two messages about how far they are. */
const INTERVAL_MS = 200

interface Running {
  view: CheckView
  readonly stop: AbortController
}

export function openChecks(
  host: Pick<Host, 'tell' | 'signal'>,
  elapsedMs: () => number = () => performance.now(),
): Checks {
  const running = new Map<Token, Running>()
  let toldAt = Number.NEGATIVE_INFINITY
  const views = (): readonly CheckView[] => [...running.values()].map(({ view }) => view)
  const tell = (): void => {
    toldAt = elapsedMs()
    host.tell({ type: 'checks', checks: views() })
  }
  const stop = (about: Token): void => running.get(about)?.stop.abort(new EngineError('job.cancelled'))

  return {
    views,
    stop,
    async run(about, expected, caller, read) {
      const other = running.get(about)?.view
      if (other) throw new EngineError('host.check-running', { found: other.doneBytes, expected: other.totalBytes })
      const mine: Running = { view: { about, doneBytes: 0, totalBytes: expected }, stop: new AbortController() }
      const signal = AbortSignal.any([mine.stop.signal, caller, host.signal])
      throwIfAborted(signal)
      running.set(about, mine)
      tell()
      try {
        return await read({
          signal,
          progress(doneBytes, totalBytes) {
            mine.view = { about, doneBytes, totalBytes }
            if (elapsedMs() - toldAt >= INTERVAL_MS) tell()
          },
        })
      } catch (error) {
        throwIfAborted(signal)
        throw error
      } finally {
        running.delete(about)
        tell()
      }
    },
    calls: {
      'check.stop': async ({ about }) => {
        stop(about)
        return {}
      },
    },
  }
}
