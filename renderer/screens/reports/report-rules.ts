// Filtering certificates, choosing which rows are saved, and telling a certificate from its signature. Pure.
import type { ReportView } from '#contract/views.ts'

export type OutcomeFilter = 'all' | ReportView['outcome']

/** Every word must be found somewhere, also in `what` was done as it is shown; case does not matter. */
export function matchesReport(report: ReportView, what: string, filter: string, outcome: OutcomeFilter): boolean {
  if (outcome !== 'all' && report.outcome !== outcome) return false
  const text = [report.unit, what, report.version, report.id, report.at].join(' ').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** The host takes at most this many at once. */
export const CSV_MOST = 1000

/** The selected ones that are shown, else all that are shown; a hidden row is never saved by surprise. */
export function rowsToSave(
  shown: readonly ReportView[],
  selected: ReadonlySet<string>,
): { readonly rows: readonly ReportView[]; readonly selected: boolean } {
  const chosen = shown.filter(({ token }) => selected.has(token))
  const rows = chosen.length > 0 ? chosen : shown
  return { rows: rows.slice(0, CSV_MOST), selected: chosen.length > 0 }
}

/** Limits of the host's call. */
export const FILE_LIMITS = { report: 4_000_000, signature: 100_000 } as const

/** What a chosen file is; its content decides, not its name. */
export const kindOfFile = (text: string): keyof typeof FILE_LIMITS =>
  text.trimStart().startsWith('-----BEGIN PGP') ? 'signature' : 'report'

/** A certificate ends with a line break that copying often loses; the signature decides whether the rest is right. */
export const asWritten = (pasted: string): string => (pasted.endsWith('\n') ? pasted : `${pasted}\n`)
