// What can be done with the slots of a unit, and what against advice. Pure; the engine judges again when it plans.
import type { ConsoleParams } from '#contract/console.ts'
import type { ImageView, PlanAnswer, Problem, RecoveryView, RepairKind, SlotView } from '#contract/views.ts'
import { otherSlot, type Slot } from '#model/slot.ts'

export type SlotAction = ConsoleParams<'plan.slot'>['action']

/** The actions of a card, the usual ones first; marking good or bad is in a menu. */
export const MAIN_ACTIONS = ['once', 'default', 'reset'] as const satisfies readonly SlotAction[]
export const MARK_ACTIONS = ['good', 'bad'] as const satisfies readonly SlotAction[]

const SELECTING = new Set<SlotAction>(['once', 'default', 'good'])
const WRITTEN = new Set<SlotView['verdict']>(['Good', 'Trying', 'Bad'])
/** A slot that is bad never boots by itself. */
const BOOTS = new Set<SlotView['verdict']>(['Good', 'Trying'])

/** Why an action is against advice; null = it is not. `failed`: the slot is marked bad. */
export type Advice = 'not-written' | 'failed' | 'differs' | 'last-slot'

export function adviceAgainst(action: SlotAction, slot: Slot, { slots }: RecoveryView): Advice | null {
  const own = slots[slot]
  if (SELECTING.has(action)) {
    if (!WRITTEN.has(own.verdict)) return 'not-written'
    if (own.checked === 'differs') return 'differs'
    return own.verdict === 'Bad' ? 'failed' : null
  }
  return action === 'bad' && !BOOTS.has(slots[otherSlot(slot)].verdict) ? 'last-slot' : null
}

/** A job reads the slot back before it selects it, and would fail there: what is known to differ is not offered. */
export const wouldFail = (action: SlotAction, slot: Slot, recovery: RecoveryView): boolean =>
  adviceAgainst(action, slot, recovery) === 'differs'

/** Did the engine refuse only what a reason can override? */
const FORCIBLE = new Set(['slot.not-selectable', 'slot.last-good'])
export const canBeForced = (refusals: readonly Problem[]): boolean =>
  refusals.length > 0 && refusals.every(({ code }) => FORCIBLE.has(code))

export const refusalsOf = ({ refused }: PlanAnswer): readonly Problem[] => refused.flatMap(({ refusals }) => refusals)

/** Which sentence tells what boots next. */
export type NextSentence =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'settled' | 'unknown' | 'later'; readonly slot: Slot }
  | { readonly kind: 'patient'; readonly slot: Slot; readonly spare: Slot; readonly starts: number }
  | { readonly kind: 'counted'; readonly slot: Slot; readonly spare: Slot; readonly tries: number }
  | { readonly kind: 'alone'; readonly slot: Slot; readonly tries: number }

/** The boot loader's numbers are what is left after the start; people are told what there is before it. */
export function nextSentence({ bootsNext, bootsLater, slots }: RecoveryView): NextSentence {
  if (bootsNext === null) return bootsLater ? { kind: 'later', slot: bootsLater.slot } : { kind: 'nothing' }
  const { slot, spare, triesLeft, startsLeft } = bootsNext
  if (startsLeft !== null) return { kind: 'patient', slot, spare: otherSlot(slot), starts: startsLeft + 1 }
  if (triesLeft === null) return { kind: slots[slot].verdict === 'Good' ? 'settled' : 'unknown', slot }
  const tries = triesLeft + 1
  return spare ? { kind: 'counted', slot, spare, tries } : { kind: 'alone', slot, tries }
}

/** Repairs that need a release: for the loader's files, or to find out what a slot holds. */
export const needsImage = (repair: RepairKind): boolean => repair === 'boot-loader' || repair === 'slot-record'

/** Releases that fit such a repair. */
export const repairImages = (repair: RepairKind, images: readonly ImageView[]): readonly ImageView[] =>
  images.filter(({ state, hasBootFiles }) => {
    const good = state === 'trusted' || state === 'verified'
    return good && (repair !== 'boot-loader' || hasBootFiles)
  })

/** Bytes that a check of both digests reads. */
export const bytesToCheck = ({ slots }: RecoveryView): number => (slots.A.size ?? 0) + (slots.B.size ?? 0)
