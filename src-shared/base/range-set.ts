// A set of byte ranges, kept sorted and merged. Small by design: neighbours join, so sequential work stays one entry.

export class RangeSet {
  /** Pairs [start, end), ascending, apart. */
  #ranges: [number, number][] = []

  /** The ranges as [offset, length], ascending and apart. */
  get extents(): readonly (readonly [number, number])[] {
    return this.#ranges.map(([start, end]) => [start, end - start] as const)
  }

  add(offset: number, length: number): void {
    if (length <= 0) return
    let start = offset
    let end = offset + length
    const kept: [number, number][] = []
    for (const range of this.#ranges) {
      if (range[1] < start || range[0] > end) kept.push(range)
      else {
        start = Math.min(start, range[0])
        end = Math.max(end, range[1])
      }
    }
    kept.push([start, end])
    this.#ranges = kept.sort((a, b) => a[0] - b[0])
  }

  remove(offset: number, length: number): void {
    if (length <= 0) return
    const end = offset + length
    if (!this.#ranges.some((range) => range[0] < end && range[1] > offset)) return
    this.#ranges = this.#ranges.flatMap((range): [number, number][] => {
      if (range[1] <= offset || range[0] >= end) return [range]
      const rest: [number, number][] = []
      if (range[0] < offset) rest.push([range[0], offset])
      if (range[1] > end) rest.push([end, range[1]])
      return rest
    })
  }

  /** True when every byte of the range is in the set. An empty range is. */
  contains(offset: number, length: number): boolean {
    return length <= 0 || this.#ranges.some((range) => range[0] <= offset && range[1] >= offset + length)
  }
}
