// Versions of releases and their order. A version is dotted parts, optionally `-pre.release` and `+build`:
// 1.0.44, 2026.11, 0.2.0-rc.1, 1.4.0+debug.

const PATTERN = /^[0-9A-Za-z][0-9A-Za-z.]{0,63}(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?$/

export const isVersion = (text: string): boolean => PATTERN.test(text)

/** Numbers by value (of any length), words by code unit, a number before a word. */
function comparePart(a: string, b: string): number {
  const numeric = /^\d+$/
  const isNumber = numeric.test(a)
  if (isNumber !== numeric.test(b)) return isNumber ? -1 : 1
  if (isNumber) {
    const x = a.replace(/^0+(?=\d)/, '')
    const y = b.replace(/^0+(?=\d)/, '')
    if (x.length !== y.length) return x.length < y.length ? -1 : 1
    return x < y ? -1 : x > y ? 1 : 0
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function compareParts(a: readonly string[], b: readonly string[], missing: string | null): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i] ?? missing
    const y = b[i] ?? missing
    if (x === null || y === null) return x === null ? -1 : 1
    const order = comparePart(x, y)
    if (order !== 0) return order
  }
  return 0
}

function split(version: string): { release: string[]; pre: string[] | null } {
  const plain = version.split('+', 1)[0]
  const dash = plain.indexOf('-')
  if (dash < 0) return { release: plain.split('.'), pre: null }
  return { release: plain.slice(0, dash).split('.'), pre: plain.slice(dash + 1).split('.') }
}

/**
 * Negative, 0 or positive: the order of two versions. Parts are compared from the left; a missing part counts as 0
 * (1.2 = 1.2.0); a pre-release comes before its release (SemVer 2.0.0 section 11); `+build` is ignored.
 */
export function compareVersions(a: string, b: string): number {
  const x = split(a)
  const y = split(b)
  const order = compareParts(x.release, y.release, '0')
  if (order !== 0) return order
  if (x.pre === null || y.pre === null) return x.pre === y.pre ? 0 : x.pre === null ? 1 : -1
  return compareParts(x.pre, y.pre, null)
}
