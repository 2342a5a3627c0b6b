// The never-touch list: what may be added, and which serial numbers of the bench could be. Pure.
import type { UnitView } from '#contract/views.ts'

/** Limits of the host's call. */
const LONGEST = 64
const MOST = 200

export type AddResult =
  | { readonly ok: true; readonly list: readonly string[]; readonly serial: string }
  | { readonly ok: false; readonly why: 'empty' | 'long' | 'known' | 'full' }

const same = (a: string, b: string): boolean => a.trim().toUpperCase() === b.trim().toUpperCase()

export const isListed = (list: readonly string[], serial: string): boolean => list.some((one) => same(one, serial))

export function addSerial(list: readonly string[], typed: string): AddResult {
  const serial = typed.trim()
  if (serial === '') return { ok: false, why: 'empty' }
  if (serial.length > LONGEST) return { ok: false, why: 'long' }
  if (isListed(list, serial)) return { ok: false, why: 'known' }
  if (list.length >= MOST) return { ok: false, why: 'full' }
  return { ok: true, list: [...list, serial], serial }
}

/** Units that can be protected by their serial number and are not yet; each serial number once. */
export function unitsToProtect(units: readonly UnitView[], list: readonly string[]): readonly UnitView[] {
  const seen: string[] = [...list]
  return units.filter(({ serial }) => {
    if (serial === null || serial.trim() === '' || isListed(seen, serial)) return false
    seen.push(serial)
    return true
  })
}
