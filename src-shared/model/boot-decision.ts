// The boot loader's rules as pure functions over the values of one environment block: which slot a start takes, what is
// saved before it, and what happens when that slot does not load. src-shared/node/boot/grub/decide.cfg is the same, line by
// line; e2e/vm/grub-decisions.test.ts holds the two together. docs/format/esp.md is the specification.
import { otherSlot, SLOTS, type Slot } from './slot.ts'

/** The variables that the boot loader reads; it writes all but the first and the marks. */
export const LOADER_READS = [
  'ab_good',
  'ab_try',
  'ab_left',
  'ab_failed',
  'ab_a',
  'ab_b',
  'ab_run',
  'ab_starts',
] as const
export type LoaderVariable = (typeof LOADER_READS)[number]

/** As text, whatever it says; what is missing is empty. */
export type LoaderValues = Readonly<Record<LoaderVariable, string>>

/** What a trial saves, what a start of a confirmed slot saves, and what a slot saves that stands in for an unreadable one. */
const TRIAL = ['ab_try', 'ab_left', 'ab_failed'] as const
const STARTS = ['ab_run', 'ab_starts'] as const
const STAND_IN = [...TRIAL, 'ab_run'] as const

export interface Decision {
  /** Null: the rescue menu. */
  readonly first: Slot | null
  /** What is tried when `first` does not load. */
  readonly second: Slot | null
  /** A trial costs a try; a confirmed slot has more patience and counts only beside another good one. */
  readonly counted: 'trial' | 'confirmed' | null
  /** To be saved before `first` is loaded; empty: nothing. */
  readonly saves: readonly LoaderVariable[]
  readonly values: LoaderValues
  /** Without a count: what would boot if that were allowed. */
  readonly plain: readonly [Slot | null, Slot | null]
  readonly isProven: (slot: Slot) => boolean
}

const slotIn = (value: string): Slot | null => (value === 'A' || value === 'B' ? value : null)
const markOf = (values: LoaderValues, slot: Slot): string => (slot === 'A' ? values.ab_a : values.ab_b)

/** Where a start begins: `asked` is what ab_state says. */
export function decideStart(asked: Slot | null, values: LoaderValues): Decision {
  const isBad = (slot: Slot) => markOf(values, slot) === 'bad'
  const isProven = (slot: Slot) => !isBad(slot) && (values.ab_good === slot || markOf(values, slot) === 'good')
  const nothing: Decision = {
    first: null,
    second: null,
    counted: null,
    saves: [],
    values,
    plain: [null, null],
    isProven,
  }
  // A slot that is marked bad never boots by itself.
  let wanted: Slot = asked ?? slotIn(values.ab_good) ?? 'A'
  if (isBad(wanted)) wanted = otherSlot(wanted)
  if (isBad(wanted)) return nothing
  const other = otherSlot(wanted)
  const usable = !isBad(other) && (isProven(other) || values.ab_failed !== other)
  const spare = usable ? other : null
  const chosen = values.ab_try === wanted && values.ab_good !== wanted && isProven(other)
  if (isProven(wanted) && !chosen) {
    const settled = { ...nothing, first: wanted, second: spare }
    if (!isProven(other) || values.ab_starts === '') return settled
    const run = slotIn(values.ab_run) ?? wanted
    const left = values.ab_starts
    const turn = left === '0' ? otherSlot(run) : run
    const starts = COUNT_DOWN[left] ?? '5'
    const after = { ...values, ab_run: turn, ab_starts: starts }
    return { ...settled, first: turn, second: otherSlot(turn), counted: 'confirmed', saves: STARTS, values: after }
  }
  return decideTrial({ ...nothing, plain: [wanted, spare] }, wanted, spare)
}

/** A slot that nobody has confirmed starts only counted. Without tries it never boots by itself again. */
function decideTrial(nothing: Decision, wanted: Slot, spare: Slot | null): Decision {
  const { values, isProven } = nothing
  const other = otherSlot(wanted)
  const usedUp = values.ab_try === wanted && values.ab_left === '0'
  if (usedUp && isProven(other)) {
    const failed = { ...values, ab_failed: wanted }
    return { ...nothing, first: other, values: failed, saves: values.ab_failed === wanted ? [] : TRIAL }
  }
  let { ab_failed } = values
  let trial = wanted
  if (!isProven(other) && (usedUp || ab_failed === wanted)) {
    // When no slot is good, the other one gets tries of its own.
    ab_failed = wanted
    if (spare === null) return nothing
    trial = other
  }
  const fresh = values.ab_try !== trial
  if (fresh && trial === wanted) ab_failed = ''
  const left = fresh ? '3' : values.ab_left
  if (left === '0') return nothing
  return {
    ...nothing,
    first: trial,
    second: trial === wanted ? spare : null,
    counted: 'trial',
    saves: TRIAL,
    values: { ...values, ab_try: trial, ab_left: TRIES_DOWN[left] ?? '2', ab_failed },
  }
}

/** The boot loader has no arithmetic; a value that is none of ours begins anew. */
const TRIES_DOWN: Readonly<Record<string, string>> = { 2: '1', 1: '0' }
const COUNT_DOWN: Readonly<Record<string, string>> = { 5: '4', 4: '3', 3: '2', 2: '1', 1: '0' }

/**
 * Nothing could be saved: a slot that is not known to be confirmed does not boot then. `blind`: neither an environment
 * block nor the note of the good slot is there, so that nothing at all is known but what was asked for.
 */
export function withoutCount(decision: Decision, blind: boolean): Decision {
  const { first, counted, isProven, plain } = decision
  if (counted !== 'trial' || first === null) return { ...decision, counted: null, saves: [] }
  const uncounted = { ...decision, counted: null, saves: [] }
  if (blind) return { ...uncounted, first: plain[0], second: plain[1], isProven: () => true }
  const other = otherSlot(plain[0] ?? first)
  return { ...uncounted, first: isProven(other) ? other : null, second: null }
}

/** A counted trial whose slot does not even load ends, and a proven slot boots in its place. */
export const endTrial = ({ values, plain }: Decision): Pick<Decision, 'values' | 'saves'> => ({
  values: { ...values, ab_left: '0', ab_failed: plain[0] ?? '' },
  saves: TRIAL,
})

/** The tries of a slot that nobody has confirmed and that stands in for one that does not load; null: used up. */
export function countStandIn(slot: Slot, values: LoaderValues): Pick<Decision, 'values' | 'saves'> | null {
  const left = values.ab_try === slot ? values.ab_left : '3'
  if (left === '0') return null
  const counted = { ...values, ab_try: slot, ab_left: TRIES_DOWN[left] ?? '2', ab_run: slot }
  return { values: counted, saves: STAND_IN }
}

/** Seconds for which the rescue menu waits for a person before the tries begin anew (grub/rescue.cfg). */
export const RESCUE_PAUSE_S = 600

/**
 * Nothing booted, and the rescue menu has waited: a slot that is held back only because its tries are used up gets them
 * anew, because no other one could serve. Null: none is, so that the menu waits for a person. A slot marked bad never is.
 */
export function triesAnew(values: LoaderValues): Pick<Decision, 'values' | 'saves'> | null {
  const usedUp = (slot: Slot) => values.ab_failed === slot || (values.ab_try === slot && values.ab_left === '0')
  if (!SLOTS.some((slot) => markOf(values, slot) !== 'bad' && usedUp(slot))) return null
  return { values: { ...values, ab_try: '', ab_left: '3', ab_failed: '' }, saves: TRIAL }
}
