// Pure planner: a disk with one damaged side of its GPT -> the step that rebuilds it from the other side.
import { type Finding, finding } from '../base/errors.ts'
import { ok, type Result, refuse } from '../base/result.ts'
import type { DiskObservation } from '../model/observation.ts'
import type { Plan, RepairRequest } from '../model/plan.ts'
import { targetOf } from './common.ts'
import { offerDisk } from './offer.ts'
import { sealPlan } from './plan-id.ts'

/** Refusals: everything of offerDisk, `plan.nothing-to-repair`, and what is wrong when no side is intact. */
export function planRepair(request: RepairRequest, seen: DiskObservation): Result<Plan> {
  const refusals: Finding[] = [...offerDisk(seen.disk, null).reasons]
  const { table, tableFrom, tableFindings } = seen
  if (!table || !tableFrom)
    return refuse(
      ...refusals,
      ...(tableFindings.length > 0 ? tableFindings : [finding('gpt.no-signature', { side: 'primary', lba: 1 })]),
    )
  const wrong = tableFindings.filter((each) => each.code !== 'gpt.mbr-hybrid')
  if (wrong.length === 0)
    refusals.push(
      finding('plan.nothing-to-repair', { disk: seen.disk.path, part: 'both sides of its partition table are intact' }),
    )
  if (refusals.length > 0) return refuse(...refusals)
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release: null,
      boot: null,
      erased: [],
      kept: [{ kind: 'partitions' }],
      steps: [{ type: 'repair-table', from: tableFrom, table }],
    }),
  )
}
