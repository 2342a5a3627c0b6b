// A clock that stands still, and sleepers that a test wakes in the order in which they would have woken.
import type { Clock } from '#engine/ports.ts'

export interface FakeTime {
  readonly clock: Clock
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Sets the clock, backwards too; who sleeps sleeps as long as before. */
  set(at: Date): void
  /** How many sleep. */
  sleeping(): number
  /** Milliseconds since the beginning, whatever the clock was set to. */
  elapsed(): number
  /** Goes on to the first who wakes at or before `end` (of `elapsed`) and wakes them; else to `end`, answering false. */
  wakeNext(end: number): boolean
}

interface Sleeper {
  readonly at: number
  wake(): void
}

export function createFakeTime(start: Date): FakeTime {
  let passed = 0
  let epoch = start.getTime()
  const sleepers = new Set<Sleeper>()
  return {
    clock: { now: () => new Date(epoch + passed) },
    sleep(milliseconds, signal) {
      if (signal.aborted) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const sleeper: Sleeper = { at: passed + milliseconds, wake: resolve }
      sleepers.add(sleeper)
      signal.addEventListener('abort', resolve as () => void, { once: true })
      return promise.finally(() => sleepers.delete(sleeper))
    },
    set(at) {
      epoch = at.getTime() - passed
    },
    elapsed: () => passed,
    sleeping: () => sleepers.size,
    wakeNext(end) {
      const [first] = [...sleepers].sort((a, b) => a.at - b.at)
      if (!first || first.at > end) {
        passed = end
        return false
      }
      passed = Math.max(passed, first.at)
      sleepers.delete(first)
      first.wake()
      return true
    },
  }
}
