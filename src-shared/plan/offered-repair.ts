// Nothing is offered that would be refused: each repair that a damage calls for is planned before anybody hears of it.
import type { Finding } from '#base/errors.ts'
import type { Result } from '#base/result.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { Plan } from '#model/plan.ts'
import { planDoctor } from './repair-boot.ts'
import type { Damage, DoctorFacts } from './repair-facts.ts'
import { planRepair } from './repair-table.ts'

export interface OfferedRepair extends Damage {
  /** The repair works only with a release and its trust list. */
  readonly needsRelease: boolean
  /** Why the repair that would help cannot be done now; `repair` is null then. Empty otherwise. */
  readonly against: readonly Finding[]
}

export function offerRepair(damage: Damage, seen: DiskObservation, facts: DoctorFacts | null): OfferedRepair {
  if (damage.repair === null) return { ...damage, needsRelease: false, against: [] }
  const planned = planOf(damage.repair, seen, facts)
  if (planned.ok) return { ...damage, needsRelease: false, against: [] }
  if (planned.refusals.every(({ code }) => code === 'repair.no-release'))
    return { ...damage, needsRelease: true, against: [] }
  return { ...damage, repair: null, needsRelease: false, against: planned.refusals }
}

/** Who asks and when makes no difference to what is refused. */
function planOf(repair: NonNullable<Damage['repair']>, seen: DiskObservation, facts: DoctorFacts | null): Result<Plan> {
  const asked = { at: '2000-01-01T00:00:00.000Z', by: 'doctor' }
  if (repair === 'partition-table') return planRepair({ kind: 'repair-table', ...asked }, seen)
  return planDoctor({ kind: 'repair', repair, ...asked }, seen, facts, null)
}
