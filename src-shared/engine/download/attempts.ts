// How often something that fails is tried again: with growing pauses, longer ones when the server asks for them, and only so
// many times in a row without progress.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { Waiting } from './ports.ts'
import { askedWaitMs, LONGEST_WAIT_DOWNLOAD_MS } from './retry-after.ts'

export interface RetryPolicy {
  /** Attempts in a row that bring nothing. */
  readonly attempts: number
  /** Pause after the first one; doubled after each further one, up to `longestMs`. */
  readonly pauseMs: number
  readonly longestMs: number
}

/** About four minutes in all. */
export const PATIENT: RetryPolicy = { attempts: 10, pauseMs: 1000, longestMs: 60_000 }

export interface Attempts {
  /** Something new came: the count begins again. */
  progress(): void
  /** Pauses, or gives up. Throws `download.no-progress`, `job.cancelled`. */
  failed(error: EngineError, received: number): Promise<void>
}

export function countAttempts(
  url: string,
  policy: RetryPolicy,
  pace: Waiting,
  signal: AbortSignal | undefined,
): Attempts {
  let count = 0
  return {
    progress() {
      count = 0
    },
    async failed(error, received) {
      throwIfAborted(signal)
      count++
      if (count >= policy.attempts) {
        const details = { url, attempts: count, received, reason: error.message }
        throw new EngineError('download.no-progress', details, { cause: error })
      }
      const own = Math.min(policy.longestMs, policy.pauseMs * 2 ** (count - 1))
      await pace.sleep(Math.max(own, askedWaitMs(error, LONGEST_WAIT_DOWNLOAD_MS)), signal)
      throwIfAborted(signal)
    },
  }
}
