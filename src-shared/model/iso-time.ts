// Points in time as text: ISO 8601 in UTC with whole seconds, the only form in signed data: 2026-11-22T04:00:00Z.

const PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export const toIsoTime = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z')

/** True for a time that exists, in exactly this form. */
export function isIsoTime(text: string): boolean {
  if (!PATTERN.test(text)) return false
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && toIsoTime(date) === text
}
