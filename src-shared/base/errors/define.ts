// How the error catalogue is written down: one row per code, each area in a file of its own beside this one.
// A message names both values (`{expected}`, `{found}`); `{name|bytes}` prints a number of bytes for people.
import { formatBytes } from '../bytes.ts'
import { foreignText } from '../foreign-text.ts'

/** What the caller's shell learns; see EXIT for the numbers. */
export type ErrorKind = 'failed' | 'usage' | 'unfit' | 'untrusted' | 'permission' | 'cancelled' | 'lost'

/** Exit code of the command line per kind (the public contract of `twinslot`). */
export const EXIT: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  unfit: 3,
  untrusted: 4,
  permission: 5,
  cancelled: 6,
  lost: 7,
}

export interface ErrorSpec {
  /** Sentence with `{detail}` holes. */
  readonly message: string
  /** What the technician does next; may have holes too. */
  readonly remedy: string
  readonly kind: ErrorKind
  /** never: same input fails again; fix: after the remedy; again: may pass if simply repeated. */
  readonly retry: 'never' | 'fix' | 'again'
}

export type Details = Readonly<Record<string, string | number | boolean>>

export const defineErrors = <K extends string>(specs: Record<K, ErrorSpec>): Readonly<Record<K, ErrorSpec>> => specs

/** A detail may be a file name, a key's name or the last words of a tool: nothing of it steers what shows the sentence. */
const DETAIL_LIMIT = 2000

/** Fills the holes of a catalogue sentence; a hole without a detail stays visible, which the catalogue test rejects. */
export function fillTemplate(template: string, details: Details): string {
  return template.replace(/\{(\w+)(\|bytes)?\}/g, (hole, name: string, unit?: string) => {
    const value = details[name]
    if (value === undefined) return hole
    return unit && typeof value === 'number' ? formatBytes(value) : foreignText(String(value), DETAIL_LIMIT)
  })
}
