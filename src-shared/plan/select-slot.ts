// Pure planner of the manual boot selection: default, once, good, bad, reset. A slot is checked before it is selected:
// its content must be recorded as completely written, and a check step re-reads it against the recorded digest.
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { isProven, TRIES, verdictOf } from '#model/boot-state.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { BootChange, Plan, SlotRequest, Step } from '#model/plan.ts'
import { otherSlot, type SlotOverride } from '#model/slot.ts'
import { targetOf } from './common.ts'
import { notAbDisk } from './flash.ts'
import { reasonsAgainst } from './offer.ts'
import { sealPlan } from './plan-id.ts'

/**
 * Plans a change of what boots. Refusals: everything of reasonsAgainst, `plan.not-ab-disk`, `slot.not-selectable` (empty or
 * half-written, without a reason to force it), `slot.last-good` (marking bad the only slot that boots).
 */
export function planSlot(request: SlotRequest, seen: DiskObservation): Result<Plan> {
  const refusals: Finding[] = [...reasonsAgainst(seen, request.slot)]
  if (!seen.slots || !seen.esp || !seen.boot) return refuse(...refusals, notAbDisk(seen))
  const { slot, action } = request
  const { state, records } = seen.boot
  const record = records[slot]
  const verdict = verdictOf(slot, records, state).verdict
  const selects = action === 'default' || action === 'once' || action === 'good'
  // Alone on the appliance nobody gives a reason: a slot that failed is not tried again before it is written anew.
  const complete = record.state === 'written' && !(seen.running !== undefined && verdict === 'Bad')
  if (selects && !complete && request.force === null) refusals.push(finding('slot.not-selectable', { slot, verdict }))
  const other = otherSlot(slot)
  const left = verdictOf(other, records, state).verdict
  if (action === 'bad' && left !== 'Good' && left !== 'Trying' && request.force === null)
    refusals.push(finding('slot.last-good', { slot, other, verdict: left }))
  if (refusals.length > 0) return refuse(...refusals)

  const forced = request.force !== null && (selects ? !complete : action === 'bad')
  const override: SlotOverride | null = forced
    ? { slot, action: `slot ${action}`, reason: request.force ?? '', at: request.at, by: request.by }
    : null
  const steps: Step[] = []
  if (selects && record.state === 'written')
    steps.push({
      type: 'check-slot',
      slot,
      at: seen.slots[slot],
      size: record.content.size,
      sha256: record.content.sha256,
    })
  // On the appliance itself every change of what boots is a trial.
  const settled = seen.running === undefined ? isProven(state, slot) : state.good === slot
  steps.push({ type: 'boot-state', esp: seen.esp, change: changeFor(request, settled), override })
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release: null,
      boot: null,
      erased: [],
      kept: [{ kind: 'everything' }],
      steps,
    }),
  )
}

/** A slot that nobody has confirmed boots as a counted trial; boot once is a trial with one try. */
function changeFor({ action, slot }: SlotRequest, isGood: boolean): BootChange {
  if (action === 'default') return isGood ? { kind: 'select', slot } : { kind: 'arm', slot, tries: TRIES }
  if (action === 'once') return { kind: 'arm', slot, tries: 1 }
  return { kind: action === 'good' ? 'confirm' : action, slot }
}
