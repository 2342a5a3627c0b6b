// What the boot loader will do next, and the only ways to change it. Pure: a transition says the state after it and in
// which order the files on the ESP are overwritten, so that power lost between two of them never boots a wrong slot.
// The protocol is docs/format/esp.md; bytes are format/boot-state.ts.
import { otherSlot, type Slot, type SlotRecords, type Verdict } from './slot.ts'

/** Boots a slot gets to prove itself. */
export const TRIES = 3

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
  /** `ab_a`, `ab_b`: what user space remembers of each slot's present content. The boot loader does not read them. */
  readonly marks: Readonly<Record<Slot, 'good' | 'bad' | null>>
}

/** Nothing known: what unreadable boot files amount to. */
export const NO_BOOT_STATE: BootState = {
  wanted: null,
  good: null,
  trying: null,
  left: TRIES,
  failed: null,
  marks: { A: null, B: null },
}

/** Files of the boot state on the ESP. `grubenv2` is the spare copy of `grubenv`. */
export type BootFile = 'ab_state' | 'grubenv' | 'grubenv2'

/** Where they are on the ESP. */
export const ESP_PATH = {
  ab_state: 'ab_state',
  grubenv: 'grubenv',
  grubenv2: 'twinslot/grubenv',
  slots: 'twinslot/slots',
} as const

export interface Transition {
  readonly after: BootState
  /** Overwrite these, in this order, flushing after each; the rest of the state is in the file that is not named. */
  readonly order: readonly BootFile[]
}

const ENV_THEN_WANTED: readonly BootFile[] = ['grubenv', 'grubenv2', 'ab_state']
const WANTED_THEN_ENV: readonly BootFile[] = ['ab_state', 'grubenv', 'grubenv2']
const ENV_ONLY: readonly BootFile[] = ['grubenv', 'grubenv2']

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
  wanted: defaultSlot,
  good: defaultSlot,
  marks: mark(NO_BOOT_STATE, defaultSlot, 'good'),
})

/** Boot `slot` next, counted: `ab_state` is the commit, the counter is in place before it. */
export const armTrial = (state: BootState, slot: Slot, tries: number = TRIES): Transition => ({
  after: {
    ...state,
    wanted: slot,
    trying: slot,
    left: Math.max(1, Math.min(TRIES, Math.trunc(tries))),
    failed: null,
    marks: mark(state, slot, null),
  },
  order: ENV_THEN_WANTED,
})

/** Boot `slot` next and, unless it is confirmed then, never again by itself. */
export const armOnce = (state: BootState, slot: Slot): Transition => armTrial(state, slot, 1)

/** The gate passed: `slot` is good; `ab_good` is the commit. Also what `slot good` does. */
export const confirm = (state: BootState, slot: Slot): Transition => ({
  after: {
    ...state,
    wanted: slot,
    good: slot,
    trying: null,
    left: TRIES,
    failed: without(state.failed, slot),
    marks: mark(state, slot, 'good'),
  },
  order: ENV_THEN_WANTED,
})

/** Makes a confirmed slot the wanted one, uncounted. When it is the last good one, `ab_state` alone is the commit. */
export const select = (state: BootState, slot: Slot): Transition => ({
  after: { ...confirm(state, slot).after, failed: state.failed },
  order: state.good === slot ? WANTED_THEN_ENV : ENV_THEN_WANTED,
})

/** `slot` is bad. When it was wanted, the other slot is wanted instead; when it was the good one, nothing is. */
export const markBad = (state: BootState, slot: Slot): Transition => ({
  after: {
    ...state,
    wanted: state.wanted === slot || state.wanted === null ? otherSlot(slot) : state.wanted,
    good: without(state.good, slot),
    trying: without(state.trying, slot),
    left: state.trying === slot ? TRIES : state.left,
    failed: without(state.failed, slot),
    marks: mark(state, slot, 'bad'),
  },
  order: WANTED_THEN_ENV,
})

/** Forgets failure, tries and earlier confirmation of `slot`: its content is new, or it shall get another chance. */
export const reset = (state: BootState, slot: Slot): Transition => ({
  after: {
    ...state,
    trying: without(state.trying, slot),
    left: state.trying === slot ? TRIES : state.left,
    failed: without(state.failed, slot),
    marks: mark(state, slot, state.good === slot ? 'good' : null),
  },
  order: ENV_ONLY,
})

/**
 * The running slot gives way to the other one: uncounted when that one was confirmed before, else as a trial. `failed`:
 * the running slot's content is bad. Power lost in between starts the running slot again, counted, or the other one.
 */
export function goBack(state: BootState, running: Slot, failed: boolean): Transition {
  const target = otherSlot(running)
  const proven = state.good === target || state.marks[target] === 'good'
  const { after, order } = proven ? select(state, target) : armTrial(state, target)
  return { after: failed ? { ...after, marks: mark(after, running, 'bad') } : after, order }
}

/** After a fall-back, done by the slot that runs: it becomes the wanted one again and remembers which slot failed. */
export function settleFallback(state: BootState, running: Slot): Transition {
  const failed = state.failed ?? otherSlot(running)
  return {
    after: {
      ...state,
      wanted: running,
      trying: null,
      left: TRIES,
      failed: null,
      marks: failed === running ? state.marks : mark(state, failed, 'bad'),
    },
    order: WANTED_THEN_ENV,
  }
}

export interface SlotVerdict {
  readonly verdict: Verdict
  /** Boots used of TRIES; only with Trying. */
  readonly triesUsed?: number
}

/** The word people see for a slot. A complete slot that never booted is Trying (0 of 3). */
export function verdictOf(slot: Slot, records: SlotRecords, state: BootState): SlotVerdict {
  const record = records[slot]
  if (record.state === 'empty') return { verdict: 'Empty' }
  if (record.state === 'incomplete') return { verdict: 'Incomplete' }
  if (state.failed === slot || state.marks[slot] === 'bad') return { verdict: 'Bad' }
  if (record.state === 'unknown') return { verdict: 'Unknown' }
  if (state.good === slot) return { verdict: 'Good' }
  if (state.trying === slot) return { verdict: 'Trying', triesUsed: TRIES - state.left }
  if (state.marks[slot] === 'good') return { verdict: 'Good' }
  return { verdict: 'Trying', triesUsed: 0 }
}

/** Starts that the running slot has used as a trial which nobody confirmed yet, 1 to 3; null when it is no trial. */
export function trialBoot(state: BootState, running: Slot): number | null {
  if (state.trying !== running || state.good === running || state.wanted !== running) return null
  return state.left < TRIES ? TRIES - state.left : null
}

/** "Good", "Trying (1 of 3)", ... */
export const verdictText = ({ verdict, triesUsed }: SlotVerdict): string =>
  verdict === 'Trying' ? `Trying (${triesUsed ?? 0} of ${TRIES})` : verdict

export interface NextBoot {
  readonly slot: Slot
  /** True when this boot is a trial and costs a try. */
  readonly counted: boolean
  /** What boots when this slot cannot, or has used up its tries; null: the rescue menu. */
  readonly spare: Slot | null
}

/**
 * The slot the boot loader takes next; null: the rescue menu. A slot recorded as empty is passed over, because its
 * kernel cannot be there. A slot without tries never boots by itself;
 * when no slot is good, the other one gets tries of its own. Everything else is the boot loader's rule (testing/boot-simulator.ts is held against GRUB).
 */
export function bootsNext(state: BootState, records: SlotRecords): NextBoot | null {
  const wanted = state.wanted ?? state.good ?? 'A'
  const other = otherSlot(wanted)
  const usedUp = state.trying === wanted && state.left === 0
  const loads = (slot: Slot | null): slot is Slot => slot !== null && records[slot].state !== 'empty'
  if (wanted !== state.good) {
    if (usedUp && state.good) return loads(state.good) ? { slot: state.good, counted: false, spare: null } : null
    if (usedUp || (state.good === null && state.failed === wanted)) {
      const left = state.trying === other ? state.left : TRIES
      return left > 0 && loads(other) ? { slot: other, counted: true, spare: null } : null
    }
    if (loads(wanted)) return { slot: wanted, counted: true, spare: other }
  } else if (loads(wanted)) return { slot: wanted, counted: false, spare: other }
  return loads(other) ? { slot: other, counted: false, spare: null } : null
}
