// The daily time at which an appliance looks for updates by itself (updates.yaml, `schedule: "02:00"`): once per day,
// later when it was off at that time, and not for ever late when a clock was wrong.
import { finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { parseTimeOfDay } from './window.ts'
import { DAY, localDay, momentOf } from './zoned-time.ts'

/** Checks the text. Refusal: `window.bad-time`. */
export function parseSchedule(text: unknown): Result<string> {
  if (typeof text === 'string' && parseTimeOfDay(text) !== null) return ok(text.trim())
  return refuse(finding('window.bad-time', { key: 'schedule', found: String(text).slice(0, 60) }))
}

/** The last moment, not after `now`, at which `schedule` was due. */
function lastDue(minutes: number, zone: string, now: number): number {
  const today = localDay(zone, now)
  for (let page = 1; page >= -3; page--) {
    const moment = momentOf(zone, today + page * DAY, minutes)
    if (moment <= now) return moment
  }
  throw new RangeError('no day began in the last three days')
}

/**
 * Shall the daily work run now? `schedule` null: at any time. `lastRun` null: never ran. A `lastRun` after `now` was
 * recorded by a wrong clock and counts as none.
 */
export function due(schedule: string | null, zone: string, lastRun: Date | null, now: Date): boolean {
  const minutes = parseTimeOfDay(schedule)
  if (minutes === null || lastRun === null || lastRun > now) return true
  return lastRun.getTime() < lastDue(minutes, zone, now.getTime())
}

/**
 * Can the clock be right? Not when it shows a time before the running system was built: then a window or an expiry says
 * nothing, and nobody acts on them.
 */
export const clockTrusted = (now: Date, builtAt: Date): boolean => now >= builtAt
