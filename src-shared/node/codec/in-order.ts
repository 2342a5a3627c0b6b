// Works on several numbered pieces at once and hands them out in order; memory is what the `depth` slots hold.

/**
 * Yields `start(0)`, `start(1)`, ... in order with up to `depth` under way. A piece may use what belongs to its slot
 * (0 to depth - 1) until the next one is asked for. When the consumer stops or a piece fails, the others are awaited first,
 * so that nobody still reads from what is closed next.
 */
export async function* inOrder<T>(
  count: number,
  depth: number,
  start: (index: number, slot: number) => Promise<T>,
): AsyncGenerator<T> {
  const underWay: Promise<T>[] = []
  let next = 0
  const fill = () => {
    while (next < count && underWay.length < depth) {
      const piece = start(next, next % depth)
      // Awaited below in order; a failure before its turn must not count as unhandled.
      piece.catch(() => {})
      underWay.push(piece)
      next++
    }
  }
  try {
    for (let index = 0; index < count; index++) {
      fill()
      const piece = await underWay[0]
      yield piece
      underWay.shift()
    }
  } finally {
    await Promise.allSettled(underWay)
  }
}
