// What the bench shows of a unit, decided from what is known: its state word, whether a filter finds it, what may be selected. Pure.
import type { ReportView, StateWord, UnitJobView, UnitView } from '#contract/views.ts'

/** The job's word while it runs; afterwards what is known of the unit decides, never how the last job ended alone. */
export function stateOfUnit(unit: UnitView, job: Pick<UnitJobView, 'state' | 'endedAt'> | null): StateWord {
  if (job && isBusy(job)) return job.state
  const { unfinished, content, lastJob } = unit.known
  if (unit.twin || unit.refusals.length > 0 || unit.tableSides !== null) return 'needs-you'
  if (unfinished !== null || content?.kind === 'differs') return 'needs-you'
  if (unit.content === 'unreadable' || !isSettled(unit)) return 'unknown'
  const read = content?.kind === 'verified' ? content.at : null
  if (lastJob !== null && lastJob.outcome !== 'done' && (read === null || read < lastJob.at))
    return lastJob.outcome === 'failed' ? 'failed' : 'stopped'
  return read === null ? 'ready' : 'verified'
}

/** Is it known what is on it: neither being read for the first time nor being written? */
export const isSettled = ({ content }: Pick<UnitView, 'content'>): boolean =>
  content !== 'looking' && content !== 'being-written'

/** Only then what is not shown is not there. */
export const isRead = (unit: Pick<UnitView, 'content'>): boolean => isSettled(unit) && unit.content !== 'unreadable'

/** Is there something to see or to choose under Slots & recovery? Also two partition tables that contradict each other. */
export const hasSlotsScreen = ({ recovery, tableSides }: Pick<UnitView, 'recovery' | 'tableSides'>): boolean =>
  recovery !== null || tableSides !== null

/** What was read of the unit before a job began to change it, and may be so no more. */
export const isOfBefore = (
  { content }: Pick<UnitView, 'content'>,
  job: Pick<UnitJobView, 'startedAt' | 'endedAt'> | null,
): boolean => content !== 'being-written' && job !== null && isBusy(job) && job.startedAt !== null

/** Nothing that tools know is on a disk whose writing was cut off early; blank it is not. */
export const contentOf = ({
  content,
  known,
}: Pick<UnitView, 'content' | 'known'>): UnitView['content'] | 'half-written' =>
  content === 'blank' && known.unfinished !== null ? 'half-written' : content

/** A job is under way: the unit is not offered for another one. */
export const isBusy = (job: Pick<UnitJobView, 'endedAt'> | null): boolean => job !== null && job.endedAt === null

/** Every word of the filter must be found somewhere; case and spaces at the ends do not matter. */
export function matchesFilter(unit: UnitView, filter: string, words: readonly string[] = []): boolean {
  const text = [
    unit.serial,
    unit.model,
    unit.path,
    unit.port,
    ...(unit.summary.kind === 'partitions' ? unit.summary.names : []),
    unit.recovery?.slots.A.version,
    unit.recovery?.slots.B.version,
    ...words,
  ]
    .join(' ')
    .toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

export type BenchAction = 'provision' | 'repair' | 'slots' | 'restore'

/** Which actions fit the selected units; why not is said at the unit itself. */
export function actionsFor(units: readonly UnitView[], busy: (unit: UnitView) => boolean): ReadonlySet<BenchAction> {
  const actions = new Set<BenchAction>()
  if (units.length === 0) return actions
  const free = units.every((unit) => !busy(unit) && !unit.twin && unit.refusals.length === 0 && isSettled(unit))
  const appliances = units.every(({ recovery }) => recovery !== null)
  if (free) actions.add('provision')
  if (free && appliances) actions.add('repair')
  if (units.length === 1 && hasSlotsScreen(units[0])) actions.add('slots')
  if (units.length === 1 && appliances && free && units[0].configAgainst.restore === null) actions.add('restore')
  return actions
}

/** Sizes offered for a new virtual disk, bytes, as drives are sold. */
export const VIRTUAL_SIZES = [16e9, 32e9, 64e9, 128e9, 256e9, 500e9] as const

/** The rule of the contract for names of virtual disks. */
export const isVirtualName = (name: string): boolean => /^[\w .-]{1,60}$/.test(name) && name.trim() !== ''

/** The newest certificate of each unit, as far as it has one. */
export function newestReports(
  units: readonly UnitView[],
  jobOf: (unit: UnitView) => Pick<UnitJobView, 'report'> | null,
  reports: readonly ReportView[],
): readonly ReportView[] {
  return units.flatMap((unit) => {
    const own = jobOf(unit)?.report ?? unit.recovery?.history.find(({ report }) => report !== null)?.report
    return reports.filter(({ token }) => token === own)
  })
}

/** The keys from one to the other, both included, in the order in which they stand; only the second when the first is gone. */
export function rangeBetween(keys: readonly string[], from: string, to: string): readonly string[] {
  const [a, b] = [keys.indexOf(from), keys.indexOf(to)]
  if (b === -1) return []
  return a === -1 ? [to] : keys.slice(Math.min(a, b), Math.max(a, b) + 1)
}

/** Why not every button is offered for the selected units, for beside the buttons; null when all are, or nothing is selected. */
export function whyNotOffered(
  units: readonly UnitView[],
  busy: (unit: UnitView) => boolean,
):
  | 'slots.busy'
  | 'bench.twin'
  | 'bench.refused'
  | 'bench.content.looking'
  | 'bench.content.being-written'
  | 'bench.why.slots'
  | 'bench.why.one'
  | null {
  if (units.some(busy)) return 'slots.busy'
  if (units.some(({ twin }) => twin)) return 'bench.twin'
  if (units.some(({ refusals }) => refusals.length > 0)) return 'bench.refused'
  if (units.some(({ content }) => content === 'looking')) return 'bench.content.looking'
  if (units.some(({ content }) => content === 'being-written')) return 'bench.content.being-written'
  if (units.some(({ recovery }) => recovery === null)) return 'bench.why.slots'
  return units.length > 1 ? 'bench.why.one' : null
}
