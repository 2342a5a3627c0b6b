// Sets of whole numbers as half-open ranges, for block maps. Nothing here knows what the numbers count.

export interface Span {
  readonly start: number
  /** Not part of the span. */
  readonly end: number
}

/** Ascending, disjoint, adjoining spans joined, empty ones dropped. */
export function normalise(spans: readonly Span[]): Span[] {
  const result: { start: number; end: number }[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= start) continue
    const last = result.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}

/** What is in `from` and not in `without`; normalised. */
export function subtract(from: readonly Span[], without: readonly Span[]): Span[] {
  const result: Span[] = []
  const holes = normalise(without)
  let next = 0
  for (const { start, end } of normalise(from)) {
    let at = start
    while (next < holes.length && holes[next].end <= at) next++
    for (let i = next; i < holes.length && holes[i].start < end; i++) {
      if (holes[i].start > at) result.push({ start: at, end: holes[i].start })
      at = Math.max(at, holes[i].end)
    }
    if (at < end) result.push({ start: at, end })
  }
  return result
}
