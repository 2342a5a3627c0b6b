// How much a job reads and writes, in the bytes that its progress counts. At most: a check that is satisfied early reads less.
import type { RecoveryView } from '#contract/views.ts'
import type { Plan, Step } from '#model/plan.ts'

/** `recovery`: what is recorded on the disk, for repairs that compare a slot with its record. */
export const bytesOf = (plan: Plan, recovery: RecoveryView | null): number =>
  plan.steps.reduce((sum, step) => sum + bytesOfStep(step, plan, recovery), 0)

/** Every image is written and read back; a check reads once. */
function bytesOfStep(step: Step, { release }: Plan, recovery: RecoveryView | null): number {
  switch (step.type) {
    case 'write-image':
      return 2 * step.size
    case 'check-slot':
      return step.size
    case 'revive-slot':
      return step.slots.reduce((sum, { size }) => sum + size, 0)
    case 'identify-slots':
      // Each slot is compared with its record, then with the release when that is another content.
      return step.slots.reduce((sum, { slot, at }) => {
        const { size, sha256 } = recovery?.slots[slot] ?? { size: null, sha256: null }
        const system = release?.system ?? null
        const sizes = [
          size ?? 0,
          system === null || (system.size === size && system.sha256 === sha256) ? 0 : system.size,
        ]
        return sizes.filter((each) => each <= at.length).reduce((all, each) => all + each, sum)
      }, 0)
    default:
      return 0
  }
}
