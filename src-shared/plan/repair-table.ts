// Pure planner: a disk whose two partition tables are not alike -> the step that makes both like one of them. Where both are
// intact and differ, a person says which.
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { commandLine } from '#base/shell-word.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { PartitionEntry, PartitionTable } from '#model/partition-table.ts'
import type { Plan, RepairRequest } from '#model/plan.ts'
import { printable, targetOf } from './common.ts'
import { offerDisk } from './offer.ts'
import { sealPlan } from './plan-id.ts'
import { partitionText } from './plan-text.ts'

type Side = 'primary' | 'backup'
const SIDES = ['primary', 'backup'] as const

/**
 * Refusals: everything of offerDisk, `plan.nothing-to-repair`, `plan.choose-table-side`, `plan.table-side-damaged`, what is
 * wrong when no side is intact, and what the repair itself would refuse (`gpt.disk-too-small`).
 */
export function planRepair(request: RepairRequest, seen: DiskObservation): Result<Plan> {
  const refusals: Finding[] = [...offerDisk(seen.disk, null).reasons, ...tableRefusals(seen, request.keep)]
  const from = request.keep ?? seen.tableFrom
  const side = from && seen.tableSides[from]
  if (refusals.length > 0 || !from || !side) return refuse(...refusals)
  const lost = lostBy(seen, from)
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release: null,
      boot: null,
      erased: lost.map((entry) => partitionText(seen, entry)),
      kept: lost.length === 0 ? [{ kind: 'partitions' }] : [],
      steps: [{ type: 'repair-table', from, table: side.table }],
    }),
  )
}

/** Why the tables cannot be made alike, apart from reasons against the disk itself; empty when they can. */
export function tableRefusals(seen: DiskObservation, keep?: Side): Finding[] {
  const { tableFrom, tableSides, tableFindings, disk } = seen
  if (!tableFrom) return tableFindings.length > 0 ? [...tableFindings] : [finding('gpt.no-table', ends(seen))]
  const wrong = tableFindings.filter((each) => each.code !== 'gpt.mbr-hybrid')
  if (wrong.length === 0)
    return [
      finding('plan.nothing-to-repair', { disk: disk.path, part: 'both sides of its partition table are intact' }),
    ]
  if (keep === undefined && wrong.some((each) => each.code === 'gpt.sides-disagree')) return [chooseSide(seen)]
  const side = tableSides[keep ?? tableFrom]
  if (!side) return [finding('plan.table-side-damaged', { disk: disk.path, side: keep ?? tableFrom })]
  if (!side.refusal) return []
  // That the partitions have no room is the consequence; that the disk became smaller is the cause.
  return [wrong.find((each) => each.code === 'gpt.disk-shrunk') ?? side.refusal]
}

const ends = ({ disk }: DiskObservation) => ({ first: 1, last: Math.floor(disk.identity.size / disk.sectorSize) - 1 })

function chooseSide(seen: DiskObservation): Finding {
  const { disk, tableSides } = seen
  const possible = SIDES.filter((side) => tableSides[side]?.refusal === null)
  const command = (side: Side) => `"twinslot ${commandLine('table', 'repair', disk.path, '--keep', side)}"`
  return finding('plan.choose-table-side', {
    disk: disk.path,
    primary: lossText(seen, 'primary'),
    backup: lossText(seen, 'backup'),
    commands: possible.map(command).join(' or ') || 'provisioning, since there is room for neither',
  })
}

/** What keeping `side` would lose, in words. */
function lossText(seen: DiskObservation, side: Side): string {
  const lost = lostBy(seen, side)
  const names = lost.slice(0, 8).map(({ number, name }) => `partition ${number} "${printable(name)}"`)
  if (lost.length > names.length) names.push(`${lost.length - names.length} more`)
  return names.length === 0 ? 'no partition' : names.join(', ')
}

/** Partitions of the other side that are not in `side`, or not as they are there. */
export function lostBy({ tableSides }: Pick<DiskObservation, 'tableSides'>, side: Side): PartitionEntry[] {
  const other = tableSides[side === 'primary' ? 'backup' : 'primary']?.table
  const kept = new Set((tableSides[side]?.table.entries ?? []).map((entry) => JSON.stringify(entry)))
  return (other?.entries ?? []).filter((entry) => !kept.has(JSON.stringify(entry)))
}

/** Both sides, when they are intact and differ. */
export function differingSides({ tableSides, tableFindings }: DiskObservation): Record<Side, PartitionTable> | null {
  const { primary, backup } = tableSides
  if (!primary || !backup || !tableFindings.some(({ code }) => code === 'gpt.sides-disagree')) return null
  return { primary: primary.table, backup: backup.table }
}
