// Counting the results of a self-test and describing a support bundle. Pure.
import type { SelfTestRow } from '#contract/views.ts'

export type TestCounts = Readonly<Record<SelfTestRow['state'], number>>

export function countStates(rows: readonly SelfTestRow[]): TestCounts {
  const counts = { ok: 0, warning: 0, failed: 0 }
  for (const { state } of rows) counts[state] += 1
  return counts
}

const ORDER: Readonly<Record<SelfTestRow['state'], number>> = { failed: 0, warning: 1, ok: 2 }

/** What needs attention first; else as the host sent them. */
export const worstFirst = (rows: readonly SelfTestRow[]): readonly SelfTestRow[] =>
  rows.toSorted((a, b) => ORDER[a.state] - ORDER[b.state])

export const linesIn = (text: string): number => (text === '' ? 0 : text.replace(/\n$/, '').split('\n').length)

/** The bundle's type by its name. */
export const typeOfName = (name: string): string => (name.endsWith('.json') ? 'application/json' : 'text/plain')
