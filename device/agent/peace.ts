// A server that is overloaded says how long it wants to be left alone (Retry-After); nothing is asked of it meanwhile, up to
// an hour.
import type { Finding } from '#base/errors.ts'
import { askedWaitMs, LONGEST_WAIT_AGENT_MS } from '#engine/download/retry-after.ts'
import type { Clock } from '#engine/ports.ts'

export interface Peace {
  /** An answer that was an error: it may ask for peace. */
  heed(problem: Finding): void
  /** Milliseconds still to wait, never more than an hour; 0: it may be asked. */
  left(): number
}

export function createPeace(clock: Clock): Peace {
  let [from, until] = [0, 0]
  return {
    heed(problem) {
      const wait = askedWaitMs(problem, LONGEST_WAIT_AGENT_MS)
      if (wait === 0) return
      from = clock.now().getTime()
      until = from + wait
    },
    left() {
      const now = clock.now().getTime()
      // A clock that was set back must not make it longer.
      return now < from ? 0 : Math.max(0, until - now)
    },
  }
}
