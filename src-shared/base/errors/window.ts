// Error codes of maintenance windows and daily schedules; see define.ts for the shape.
import { defineErrors } from './define.ts'

const REMEDY =
  'A window looks like this: start "02:00", end "05:00", timezone "America/New_York", days [sunday, monday].'

export const windowErrors = defineErrors({
  'window.malformed': {
    message: 'A maintenance window must be {expected}, found {found}.',
    remedy: REMEDY,
    kind: 'unfit',
    retry: 'fix',
  },
  'window.bad-time': {
    message: '"{found}" as {key} is not a time of day; expected is "00:00" to "23:59".',
    remedy: REMEDY,
    kind: 'unfit',
    retry: 'fix',
  },
  'window.bad-zone': {
    message: '"{found}" is not the name of a time zone.',
    remedy: 'Use a name of the IANA list, such as "Europe/Berlin", "America/New_York" or "UTC".',
    kind: 'unfit',
    retry: 'fix',
  },
  'window.bad-day': {
    message: '"{found}" is not a day of the week.',
    remedy: 'Use the full English names (sunday) or their first three letters (sun).',
    kind: 'unfit',
    retry: 'fix',
  },
})
