// Readings of units, a few at once and one at a time per unit: asking again while one is under way waits for that one.
export interface Looks {
  /** Never rejects for another unit's sake; `work` says itself what went wrong. */
  begin(unit: string, work: () => Promise<void>): Promise<void>
  /** Those that wait or are under way now. */
  all(): Promise<unknown>
}

export function openLooks(atOnce: number): Looks {
  const waiting: (() => void)[] = []
  const underWay = new Map<string, Promise<void>>()
  let running = 0
  const turn = async (): Promise<void> => {
    if (running < atOnce) {
      running += 1
      return
    }
    // Whoever ends hands its turn over.
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    await promise
  }
  const run = async (unit: string, work: () => Promise<void>): Promise<void> => {
    await turn()
    try {
      await work()
    } finally {
      underWay.delete(unit)
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  return {
    begin(unit, work) {
      const mine = underWay.get(unit) ?? run(unit, work)
      underWay.set(unit, mine)
      return mine
    },
    all: () => Promise.allSettled(underWay.values()),
  }
}
