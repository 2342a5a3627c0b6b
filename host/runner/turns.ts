// Two small helps for the units of a runner: waiting that ends when somebody stops it, and turns for work that takes memory.
import { EngineError } from '#base/errors.ts'

/** @throws EngineError the signal's reason, or `job.cancelled`, when it fires first */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>()
  const stop = () =>
    stopped.reject(signal.reason instanceof EngineError ? signal.reason : new EngineError('job.cancelled'))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([stopped.promise, work])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Runs what it is given, at most `atOnce` at a time, in the order of asking. */
export function openTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      // Whoever ends hands its turn over.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
