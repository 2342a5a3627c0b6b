// What the boot loader will do next, and the only ways to change it. Pure: a transition says the state after it and in
// which order the files on the ESP are overwritten, so that power lost between two of them never boots a wrong slot.
// The protocol is docs/format/esp.md; bytes are format/boot-state.ts.
import { otherSlot, type Slot, type SlotRecords, type Verdict } from './slot.ts'

/** Boots a slot gets to prove itself. */
export const TRIES = 3

/**
 * Starts of a confirmed slot without a verdict, before the other good slot has its turn: twice a trial's tries, because
 * somebody who switches an appliance off and on again is more likely than a system that breaks after it was confirmed.
 */
export const STARTS = 6

export interface BootState {
  /** `ab_state`: what somebody asked for; null when the file says nothing usable. */
  readonly wanted: Slot | null
  /** `ab_good`: the last confirmed slot, the one to fall back to. Boots uncounted when it is also the wanted one. */
  readonly good: Slot | null
  /** `ab_try`: the slot that `left` belongs to. */
  readonly trying: Slot | null
  /** `ab_left`: boots left, 0 to 3, for `trying`. */
  readonly left: number
  /** `ab_failed`: set by the boot loader when a trial ended without confirmation. */
  readonly failed: Slot | null
  /** `ab_a`, `ab_b`: what user space remembers of each slot's present content. A slot marked bad never boots by itself. */
  readonly marks: Readonly<Record<Slot, 'good' | 'bad' | null>>
  /** `ab_run`: the slot that the boot loader starts in turn, or in the place of one that does not load. */
  readonly run: Slot | null
  /** `ab_starts`: starts that a confirmed slot still has, 6 to 0, until the gate says that it came up; null: not counted. */
  readonly starts: number | null
  /** `ab_once`: the slot that somebody wants to boot once; for words only. */
  readonly once: Slot | null
}

/** Nothing known: what unreadable boot files amount to. */
export const NO_BOOT_STATE: BootState = {
  wanted: null,
  good: null,
  trying: null,
  left: TRIES,
  failed: null,
  marks: { A: null, B: null },
  run: null,
  starts: null,
  once: null,
}

/**
 * Files of the boot state on the ESP. `grubenv2` is the spare copy of `grubenv`; `good` notes the good slot once more, for
 * the day on which both are lost.
 */
export type BootFile = 'ab_state' | 'grubenv' | 'grubenv2' | 'good'

/** Where they are on the ESP. */
export const ESP_PATH = {
  ab_state: 'ab_state',
  grubenv: 'grubenv',
  grubenv2: 'twinslot/grubenv',
  good: 'twinslot/good',
  slots: 'twinslot/slots',
} as const

export interface Transition {
  readonly after: BootState
  /** Overwrite these, in this order, flushing after each; the rest of the state is in the file that is not named. */
  readonly order: readonly BootFile[]
}

const ENV: readonly BootFile[] = ['grubenv', 'grubenv2', 'good']
const ENV_THEN_WANTED: readonly BootFile[] = [...ENV, 'ab_state']
const WANTED_THEN_ENV: readonly BootFile[] = ['ab_state', ...ENV]

/** The counts of a slot that nobody has started yet. */
const FRESH = { trying: null, left: TRIES, run: null, starts: STARTS, once: null } as const

const mark = (state: BootState, slot: Slot, value: 'good' | 'bad' | null): BootState['marks'] => ({
  ...state.marks,
  [slot]: value,
})

const without = (value: Slot | null, slot: Slot): Slot | null => (value === slot ? null : value)

/**
 * State of a freshly provisioned disk. The default slot counts as confirmed: it was verified byte by byte, there is
 * nothing to fall back to, and a counted first boot could only end in the rescue menu (ADR 0011).
 */
export const factoryState = (defaultSlot: Slot): BootState => ({
  ...NO_BOOT_STATE,
  ...FRESH,
  wanted: defaultSlot,
  good: defaultSlot,
  marks: mark(NO_BOOT_STATE, defaultSlot, 'good'),
})

/** Was this content confirmed, and has nobody called it bad since? */
export const isProven = ({ good, marks }: BootState, slot: Slot): boolean =>
  marks[slot] !== 'bad' && (good === slot || marks[slot] === 'good')

/**
 * Boot `slot` next, counted: `ab_state` is the commit, the counter is in place before it. With one try it boots once and, unless
 * it is confirmed then, never again by itself. Content that was confirmed once
 * stays good, however the trial ends.
 */
export const armTrial = (state: BootState, slot: Slot, tries: number = TRIES): Transition => ({
  after: {
    ...state,
    ...FRESH,
    wanted: slot,
    trying: slot,
    left: Math.max(1, Math.min(TRIES, Math.trunc(tries))),
    failed: null,
    once: tries === 1 ? slot : null,
    marks: mark(state, slot, isProven(state, slot) ? 'good' : null),
  },
  order: ENV_THEN_WANTED,
})

/** The gate passed: `slot` is good; `ab_good` is the commit. Also what `slot good` does. */
export const confirm = (state: BootState, slot: Slot): Transition => ({
  after: {
    ...state,
    ...FRESH,
    wanted: slot,
    good: slot,
    failed: without(state.failed, slot),
    marks: mark(keepGood(state), slot, 'good'),
  },
  order: ENV_THEN_WANTED,
})

/** A slot that was good by `ab_good` alone stays good when another one takes that place. */
const keepGood = (state: BootState): BootState =>
  state.good !== null && state.marks[state.good] === null ? { ...state, marks: mark(state, state.good, 'good') } : state

/** Makes a confirmed slot the wanted one, uncounted. When it is the last good one, `ab_state` alone is the commit. */
export const select = (state: BootState, slot: Slot): Transition => ({
  after: { ...confirm(state, slot).after, failed: state.failed },
  order: state.good === slot ? WANTED_THEN_ENV : ENV_THEN_WANTED,
})

/** `slot` is bad. When it was wanted, the other slot is wanted instead; a slot that was confirmed before stays good. */
export function markBad(state: BootState, slot: Slot): Transition {
  const other = otherSlot(slot)
  return {
    after: {
      ...state,
      wanted: state.wanted === slot || state.wanted === null ? other : state.wanted,
      good: state.good === slot ? (state.marks[other] === 'good' ? other : null) : state.good,
      trying: without(state.trying, slot),
      left: state.trying === slot ? TRIES : state.left,
      failed: without(state.failed, slot),
      marks: mark(state, slot, 'bad'),
      run: without(state.run, slot),
      once: without(state.once, slot),
    },
    order: WANTED_THEN_ENV,
  }
}

/** Forgets failure, tries and earlier confirmation of `slot`: its content is new, or it shall get another chance. */
export const reset = (state: BootState, slot: Slot): Transition => ({
  after: {
    ...state,
    trying: without(state.trying, slot),
    left: state.trying === slot ? TRIES : state.left,
    failed: without(state.failed, slot),
    marks: mark(state, slot, state.good === slot ? 'good' : null),
    run: without(state.run, slot),
    once: without(state.once, slot),
  },
  order: ENV,
})

/** The confirmed slot that runs came up: the count of its starts begins anew. Nothing else changes. */
export const cameUp = (state: BootState): Transition => ({
  after: { ...state, run: null, starts: STARTS },
  order: ENV,
})

/** True when `cameUp` would change something: starts were counted, or never before. */
export const startsCounted = ({ run, starts }: BootState): boolean => run !== null || starts !== STARTS

/**
 * The running slot came up unhealthy, nobody has confirmed it, and there is nothing else to start: it gets its tries anew,
 * because a slot that comes up can be mended from afar, and the rescue menu, where the count leads, cannot.
 */
export const stay = (state: BootState, running: Slot): Transition => ({
  after: { ...state, trying: running, left: TRIES, failed: without(state.failed, running), once: null },
  order: ENV,
})

/**
 * The running slot gives way to the other one: uncounted when that one was confirmed before, else as a trial. `failed`:
 * the running slot's content is bad. Power lost in between starts the running slot again, counted, or the other one.
 */
export function goBack(state: BootState, running: Slot, failed: boolean): Transition {
  const target = otherSlot(running)
  const { after, order } = isProven(state, target) ? select(state, target) : armTrial(state, target)
  return { after: failed ? { ...after, marks: mark(after, running, 'bad') } : after, order }
}

/**
 * After a fall-back, done by the slot that runs: it becomes the wanted one again and remembers which slot failed. A slot
 * that was confirmed stays good: what it lost is its turn.
 */
export function settleFallback(state: BootState, running: Slot): Transition {
  const failed = state.failed ?? otherSlot(running)
  const { marks } = keepGood(state)
  const stays = failed === running || isProven(state, failed)
  return {
    after: {
      ...state,
      ...FRESH,
      wanted: running,
      failed: null,
      marks: stays ? marks : { ...marks, [failed]: 'bad' },
    },
    order: WANTED_THEN_ENV,
  }
}

export interface SlotVerdict {
  readonly verdict: Verdict
  /** Boots used of TRIES; only with Trying. */
  readonly triesUsed?: number
  /** Boots left; only with Trying. */
  readonly triesLeft?: number
  /** Somebody wants it to boot once, and it has not done so; only with Trying. */
  readonly once?: boolean
}

/** The word people see for a slot. A complete slot that never booted is on trial, with all its tries. */
export function verdictOf(slot: Slot, records: SlotRecords, state: BootState): SlotVerdict {
  const record = records[slot]
  if (record.state === 'empty') return { verdict: 'Empty' }
  if (record.state === 'incomplete') return { verdict: 'Incomplete' }
  const proven = isProven(state, slot)
  if (state.marks[slot] === 'bad' || (state.failed === slot && !proven)) return { verdict: 'Bad' }
  if (record.state === 'unknown') return { verdict: 'Unknown' }
  const onTrial = state.trying === slot && state.good !== slot
  const once = onTrial && state.once === slot && state.left === 1
  if (proven && !once) return { verdict: 'Good' }
  const left = onTrial ? state.left : TRIES
  return { verdict: 'Trying', triesUsed: TRIES - left, triesLeft: left, once }
}

/**
 * Starts that the running slot has used as a trial which nobody confirmed yet, 1 to 3; null when it is no trial: a proven
 * slot without another proven one starts uncounted, whatever the counter says (model/boot-decision.ts).
 */
export function trialBoot(state: BootState, running: Slot): number | null {
  if (state.trying !== running || state.good === running || state.wanted !== running) return null
  if (isProven(state, running) && !isProven(state, otherSlot(running))) return null
  return state.left < TRIES ? TRIES - state.left : null
}

/** May the boot loader be asked to start it in the place of what runs? Never what is bad, empty or half written. */
export const mayRun = (slot: Slot, records: SlotRecords, state: BootState): boolean =>
  ['Good', 'Trying', 'Unknown'].includes(verdictOf(slot, records, state).verdict)

/** "Good", "on trial, 3 tries left", "boots once", ... */
export function verdictText({ verdict, triesLeft = TRIES, once }: SlotVerdict): string {
  if (verdict !== 'Trying') return verdict
  if (once) return 'boots once'
  if (triesLeft === 0) return 'on trial, no tries left'
  return `on trial, ${triesLeft} ${triesLeft === 1 ? 'try' : 'tries'} left`
}

/** What the boot loader does at the next start; format/boot-start.ts answers it. */
export interface NextBoot {
  readonly slot: Slot
  /** True when this boot is a trial and costs a try. */
  readonly counted: boolean
  /** Of a trial: tries that are left once it has started. */
  readonly triesLeft: number | null
  /** Of a confirmed slot beside another good one: starts that are left once it has started. */
  readonly startsLeft: number | null
  /** What boots when this slot does not load; null: the rescue menu. */
  readonly spare: Slot | null
}
