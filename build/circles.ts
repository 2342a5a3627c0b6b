// Circles in a graph of imports, the shortest way round for each group of files that need each other.

type Imports = ReadonlyMap<string, readonly string[]>

/** The shortest way from `start` back to itself; null when there is none. */
function wayBack(start: string, imports: Imports): readonly string[] | null {
  const from = new Map<string, string>()
  const queue = [start]
  for (const file of queue) {
    for (const next of imports.get(file) ?? []) {
      if (next === start) {
        const way = [file]
        while (way[0] !== start) way.unshift(from.get(way[0]!)!)
        return way
      }
      if (from.has(next) || !imports.has(next)) continue
      from.set(next, file)
      queue.push(next)
    }
  }
  return null
}

/** What is not a key of `imports` is not looked at. A file stands in one circle at most. */
export function circlesIn(imports: Imports): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = []
  const told = new Set<string>()
  for (const file of imports.keys()) {
    const way = told.has(file) ? null : wayBack(file, imports)
    if (!way || way.some((each) => told.has(each))) continue
    for (const each of way) told.add(each)
    circles.push(way)
  }
  return circles
}
