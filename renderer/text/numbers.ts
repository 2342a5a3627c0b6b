// Sizes, rates, durations and times as people read them. Pure: locale and clock are arguments. Decimal units, as drives have them.
import type { Translate } from './translate.ts'

const formats = new Map<string, Intl.NumberFormat>()

/** Making a format costs far more than using it, and rates are shown ten times a second. */
function unitText(value: number, unit: string, digits: number, locale: string): string {
  const name = `${locale} ${unit} ${digits}`
  const format =
    formats.get(name) ??
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      // The short form of bytes has no plural.
      unitDisplay: unit === 'byte' ? 'long' : 'short',
      maximumFractionDigits: digits,
    })
  formats.set(name, format)
  return format.format(value)
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

function scaled(bytes: number): { value: number; unit: (typeof UNITS)[number] } {
  let step = 0
  let value = bytes
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000
    step += 1
  }
  return { value, unit: UNITS[step] }
}

const digitsFor = (value: number, unit: string): number => (unit === 'byte' || value >= 100 ? 0 : 1)

/** 476 GB, 1.5 TB. */
export function bytesText(bytes: number, locale: string): string {
  const { value, unit } = scaled(bytes)
  return unitText(value, unit, digitsFor(value, unit), locale)
}

/** 212 MB/s. */
export function rateText(bytesPerSecond: number, locale: string): string {
  const megabytes = bytesPerSecond / 1e6
  return unitText(megabytes, 'megabyte-per-second', megabytes >= 100 ? 0 : 1, locale)
}

/** Rounded as people say it: about 2 min. Null while measuring. */
export function remainingText(seconds: number | null, t: Translate): string {
  if (seconds === null) return t('progress.measuring')
  if (seconds < 50) return t('progress.aboutSeconds')
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return t('progress.aboutMinutes', { minutes })
  return t('progress.aboutHours', {
    hours: Math.floor(minutes / 60),
    minutes: (Math.round((minutes % 60) / 5) * 5) % 60,
  })
}

/** 0:07, 12:40, 1:02:03. */
export function elapsedText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** Never 100 before it is finished, never more. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0
  if (done >= total) return 100
  return Math.min(99, Math.max(0, Math.floor((done / total) * 100)))
}

const AGES = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** 3 minutes ago, in 2 days, now. */
export function relativeText(at: Date, now: Date, locale: string): string {
  const seconds = (at.getTime() - now.getTime()) / 1000
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, length] of AGES) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit)
  }
  return format.format(0, 'second')
}

/** 14:05 CET today, 20 Nov 2026, 14:05 CET on another day. */
export function timeText(at: Date, now: Date, locale: string, zone?: string): string {
  const sameDay = dayIn(at, zone) === dayIn(now, zone)
  const day = sameDay ? {} : ({ day: 'numeric', month: 'short', year: 'numeric' } as const)
  const format = { ...day, hour: '2-digit', minute: '2-digit', timeZoneName: 'short', timeZone: zone } as const
  return new Intl.DateTimeFormat(locale, { ...format, hour12: false }).format(at)
}

const dayIn = (at: Date, zone?: string): string =>
  new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: zone }).format(at)
