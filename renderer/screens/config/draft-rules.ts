// Lines, mistakes and changes of a config draft. Pure.
import type { ConfigDraftView, ConfigFileView, Problem, UnitView } from '#contract/views.ts'

export type DraftProblem = ConfigDraftView['problems'][number]

export const countLines = (text: string): number => text.split('\n').length

/** Where a line begins and ends within the text, for selecting it; the nearest line that there is. From 1. */
export function rangeOfLine(text: string, line: number): readonly [start: number, end: number] {
  const lines = text.split('\n')
  const index = Math.min(Math.max(1, Math.trunc(line)), lines.length) - 1
  const start = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0)
  return [start, start + lines[index].length]
}

/** Mistakes in the order of reading: by file as listed, then by line; those of a whole file come first. */
export function sortedProblems({ files, problems }: ConfigDraftView): readonly DraftProblem[] {
  const order = new Map(files.map(({ path }, index) => [path, index]))
  const at = ({ file }: DraftProblem): number => order.get(file) ?? files.length
  return problems.toSorted((a, b) => at(a) - at(b) || (a.line ?? 0) - (b.line ?? 0))
}

export const problemsOfFile = (draft: ConfigDraftView, path: string): readonly DraftProblem[] =>
  sortedProblems(draft).filter(({ file }) => file === path)

/** Lines with a mistake, to be marked beside the text. */
export const wrongLines = (problems: readonly DraftProblem[]): ReadonlySet<number> =>
  new Set(problems.flatMap(({ line }) => (line === null ? [] : [line])))

export type FileKind = 'text' | 'secret' | 'binary'

export const kindOfFile = ({ secret, text }: ConfigFileView): FileKind =>
  secret ? 'secret' : text === null ? 'binary' : 'text'

/** Null for a secret, a file that is no text, or one that is not there. */
export const textOfFile = ({ files }: ConfigDraftView, path: string): string | null =>
  files.find((file) => file.path === path)?.text ?? null

/** What its planner would refuse a restore for, as far as the unit itself is the reason. */
export const againstRestore = ({ refusals, configAgainst }: UnitView): readonly Problem[] =>
  configAgainst.restore === null ? refusals : [...refusals, configAgainst.restore]

/** Units whose /config can be read; the preferred one comes first. */
export const configSources = (units: readonly UnitView[], preferred: UnitView | null): readonly UnitView[] =>
  units
    .filter(({ recovery, configAgainst }) => recovery !== null && configAgainst.read === null)
    .toSorted((a, b) => Number(b.key === preferred?.key) - Number(a.key === preferred?.key))

/** Why a draft cannot be restored now. Mistakes can be accepted: the unit may have worked with them before. */
export type RestoreObstacle = 'no-draft' | 'unsaved' | 'mistakes' | 'no-unit'

export function restoreObstacle(
  draft: ConfigDraftView | null,
  unit: string | null,
  unsaved: boolean,
  withMistakes: boolean,
): RestoreObstacle | null {
  if (draft === null) return 'no-draft'
  if (unsaved) return 'unsaved'
  if (draft.problems.length > 0 && !withMistakes) return 'mistakes'
  return unit === null ? 'no-unit' : null
}
