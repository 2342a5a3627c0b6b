// Maintenance windows: when an appliance may restart into an update. Reads both dialects of the fleet's fields and answers
// "open now?", "when next?", "until when?" for any time zone. What daylight saving does to a window: ADR 0016.
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { DAY, endMomentOf, isZone, localDay, momentOf, weekdayOf } from './zoned-time.ts'

export type Window =
  | { readonly kind: 'always' }
  | {
      readonly kind: 'hours'
      /** Minutes after local midnight. */
      readonly start: number
      /** Minutes after local midnight, up to 1440; at or before `start` it is on the next day. */
      readonly end: number
      /** IANA name. */
      readonly zone: string
      /** Days on which it starts, 0 = Sunday; sorted, never empty. */
      readonly days: readonly number[]
    }

export const ALWAYS: Window = { kind: 'always' }
const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const DAY_MINUTES = 1440
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

const cut = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** true or false, also as the words that YAML 1.1 has for them; null for anything else. */
export function switchOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (['true', 'yes', 'on', 'y'].includes(word)) return true
  return ['false', 'no', 'off', 'n'].includes(word) ? false : null
}

/** Minutes after midnight of "02:00", "2:00" or "02:00:00"; null for anything else. "24:00" only as an end. */
export function parseTimeOfDay(text: unknown, asEnd = false): number | null {
  if (typeof text !== 'string') return null
  const match = /^(\d{1,2}):([0-5]\d)(?::00)?$/.exec(text.trim())
  if (!match) return null
  const minutes = Number(match[1]) * 60 + Number(match[2])
  return minutes < DAY_MINUTES || (asEnd && minutes === DAY_MINUTES) ? minutes : null
}

/**
 * Reads a window as the fleet server and config.yaml spell it. Absent, null, `{}` and `enabled: false` are always open;
 * no days are all days; no time zone is UTC. Refusals: `window.malformed`, `.bad-time`, `.bad-zone`, `.bad-day`.
 */
export function parseWindow(value: unknown): Result<Window> {
  if (value === null || value === undefined) return ok(ALWAYS)
  const malformed = (expected: string, found: unknown) =>
    refuse(finding('window.malformed', { expected, found: cut(found) }))
  if (typeof value !== 'object' || Array.isArray(value)) return malformed('an object with start and end', value)
  const fields = value as Readonly<Record<string, unknown>>
  const enabled = switchOf(fields.enabled ?? true)
  if (enabled === null) return malformed('switched by enabled: true or false', fields.enabled)
  if (!enabled || Object.keys(fields).length === 0) return ok(ALWAYS)
  return readHours(fields)
}

/** What would be wrong with a window that is switched off, were it switched on; of keys that are there with a value. */
export function mistakesOfSwitchedOff(value: unknown): readonly Finding[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const fields = value as Readonly<Record<string, unknown>>
  if (switchOf(fields.enabled ?? true) !== false) return []
  const { start, end, timezone, days } = fields
  const read = readHours({ start: start ?? '00:00', end: end ?? '24:00', timezone, days })
  return read.ok ? [] : read.refusals
}

function readHours(fields: Readonly<Record<string, unknown>>): Result<Window> {
  const found: Finding[] = []
  const start = parseTimeOfDay(fields.start)
  const end = parseTimeOfDay(fields.end, true)
  if (start === null) found.push(finding('window.bad-time', { key: 'start', found: cut(fields.start ?? '') }))
  if (end === null) found.push(finding('window.bad-time', { key: 'end', found: cut(fields.end ?? '') }))
  const zone = fields.timezone ?? 'UTC'
  if (typeof zone !== 'string' || !isZone(zone)) found.push(finding('window.bad-zone', { found: cut(zone) }))
  const names: unknown = fields.days ?? []
  const list: readonly unknown[] = Array.isArray(names) ? names : []
  if (list !== names) found.push(finding('window.malformed', { expected: 'for a list of days', found: cut(names) }))
  const days = list.map(dayOf)
  for (const [index, day] of days.entries())
    if (day === null) found.push(finding('window.bad-day', { found: cut(list[index]) }))
  if (found.length > 0 || start === null || end === null || typeof zone !== 'string') return refuse(...found)
  const chosen = [...new Set(days.filter((day) => day !== null))].sort()
  return ok({ kind: 'hours', start, end, zone, days: chosen.length > 0 ? chosen : EVERY_DAY })
}

function dayOf(name: unknown): number | null {
  if (typeof name !== 'string') return null
  const word = name.trim().toLowerCase()
  const index = DAY_NAMES.findIndex((day) => word === day || word === day.slice(0, 3))
  return index < 0 ? null : index
}

interface Interval {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** The times of the windows that start on pages `first` to `last` after the page of `instant`; those that exist. */
function* intervals(window: Window & { kind: 'hours' }, instant: number, first: number, last: number) {
  const today = localDay(window.zone, instant)
  const nextDay = window.end <= window.start ? DAY : 0
  for (let page = first; page <= last; page++) {
    const day = today + page * DAY
    if (!window.days.includes(weekdayOf(day))) continue
    const from = momentOf(window.zone, day, window.start)
    const to = endMomentOf(window.zone, day + nextDay, window.end)
    if (from < to) yield { from, to } satisfies Interval
  }
}

function intervalAt(window: Window & { kind: 'hours' }, instant: number): Interval | null {
  // A window ends at the latest on the page after the one it starts on; one more for zones that skip a page.
  let found: Interval | null = null
  for (const interval of intervals(window, instant, -2, 1))
    if (interval.from <= instant && instant < interval.to && (!found || interval.to > found.to)) found = interval
  return found
}

/** Is the window open at `instant`? The last moment of a window is the one before its end. */
export const isOpen = (window: Window, instant: Date): boolean =>
  window.kind === 'always' || intervalAt(window, instant.getTime()) !== null

/** The first moment, not before `instant`, at which the window is open. */
export function nextOpening(window: Window, instant: Date): Date {
  if (isOpen(window, instant) || window.kind === 'always') return instant
  // A window that starts on one day of the week comes within seven days, or within fourteen when a clock change skips it.
  for (const { from } of intervals(window, instant.getTime(), -1, 15))
    if (from > instant.getTime()) return new Date(from)
  throw new RangeError(`no opening within two weeks of ${instant.toISOString()}`)
}
