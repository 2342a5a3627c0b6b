// Bounded concurrency: work is started in order, a few at a time; nothing is left running when it ends, well or not.

/**
 * Runs `body` with a `start` that waits for a free place and then starts work without waiting for it. After the first
 * failure `start` throws it. The lane ends when all started work has ended, and throws the first failure.
 */
export async function withLane(
  depth: number,
  body: (start: (work: () => Promise<void>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | null = null
  const check = (): void => {
    if (failure) throw failure.error
  }
  async function start(work: () => Promise<void>): Promise<void> {
    while (running.size >= depth && !failure) await Promise.race(running)
    check()
    const one: Promise<void> = work()
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => running.delete(one))
    running.add(one)
  }
  try {
    await body(start)
  } catch (error) {
    failure ??= { error }
  }
  await Promise.all(running)
  check()
}

interface Releasable {
  release(): void
}

/** Work that holds something, for `start`: it is given back when the work ends, and also when it never begins. */
export async function startWith(
  start: (work: () => Promise<void>) => Promise<void>,
  held: Releasable,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await start(() => work().finally(() => held.release()))
  } catch (error) {
    held.release()
    throw error
  }
}
