// Wall clock and instants: which moment is "02:00 on 8 March in New York"? Pure, by the zone data that Intl brings along.
// A wall time inside a gap is the first moment after it; one that happens twice has a first and a last moment (ADR 0016).

/** A day of some calendar page, without a zone: milliseconds of its midnight if the zone were UTC. */
export type LocalDay = number

const MINUTE = 60_000
export const DAY = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}

/** True for a name of the IANA list (any case); not for offsets such as "+02:00". */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** What the wall clock shows at `instant`, as if it were UTC, in milliseconds. */
function wallOf(zone: string, instant: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const of = (type: string) => parts.get(type as Intl.DateTimeFormatPartTypes) ?? 0
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall + (((instant % 1000) + 1000) % 1000)
}

const offsetAt = (zone: string, instant: number): number => wallOf(zone, instant) - instant

/** The calendar page in `zone` at `instant`. */
export const localDay = (zone: string, instant: number): LocalDay => Math.floor(wallOf(zone, instant) / DAY) * DAY

/** 0 = Sunday to 6 = Saturday. */
export const weekdayOf = (day: LocalDay): number => new Date(day).getUTCDay()

/** The first moment at which the wall clock shows `minutes` after midnight of `day`, or, in a gap, the end of the gap. */
export function momentOf(zone: string, day: LocalDay, minutes: number): number {
  const { moments, gapEnd } = findMoments(zone, day + minutes * MINUTE)
  return gapEnd ?? Math.min(...moments)
}

/** The moment from which on the wall clock is never again before `minutes` after midnight of `day`. */
export function endMomentOf(zone: string, day: LocalDay, minutes: number): number {
  const { moments, gapEnd } = findMoments(zone, day + minutes * MINUTE - 1)
  return gapEnd ?? Math.max(...moments) + 1
}

/** When the wall clock shows `wall`: once, twice, or never (then the end of the gap). */
function findMoments(zone: string, wall: number): { moments: readonly number[]; gapEnd?: number } {
  // No zone is a day away from UTC in either direction, and none changes its clock twice within two days.
  const before = offsetAt(zone, wall - DAY)
  const after = offsetAt(zone, wall + DAY)
  const moments = [wall - before, wall - after].filter((moment) => wallOf(zone, moment) === wall)
  if (moments.length > 0) return { moments }
  return { moments, gapEnd: endOfGap(zone, wall - Math.max(before, after), wall - Math.min(before, after)) }
}

/** The moment in (low, high] at which the offset changes. */
function endOfGap(zone: string, low: number, high: number): number {
  const early = offsetAt(zone, low)
  let below = low
  let above = high
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2)
    if (offsetAt(zone, middle) === early) below = middle
    else above = middle
  }
  return above
}
