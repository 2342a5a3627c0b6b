// How the next start is told: what the boot loader does (format/boot-start.ts), and what somebody selected, as two facts. One is
// never told as the other: a slot that is marked bad, has used up its tries or lost its turn is selected and does not start.
import { RESCUE_PAUSE_S } from './boot-decision.ts'
import type { BootState, NextBoot } from './boot-state.ts'

export interface NextFacts {
  /** Null: the rescue menu. */
  readonly next: NextBoot | null
  /** Where nothing boots next: what does when the rescue menu has waited. */
  readonly later: NextBoot | null
  readonly state: Pick<BootState, 'wanted'>
}

/** "Slot A boots next.", then, where that is another one, what is selected. */
export const nextBootLines = (facts: NextFacts): string[] => [
  facts.next ? `Slot ${facts.next.slot} boots next.` : rescueLine(facts.later),
  ...selectedLines(facts),
]

/** Nothing boots next. */
export const rescueLine = (later: NextBoot | null): string =>
  later
    ? `No slot has tries left: the rescue menu waits ${RESCUE_PAUSE_S / 60} minutes for a person, then slot ${later.slot} has its tries anew and boots.`
    : 'Nothing boots by itself: the rescue menu waits for a person.'

/** Empty when what is selected is what starts. */
export function selectedLines({ next, state: { wanted } }: NextFacts): string[] {
  if (wanted === null || wanted === next?.slot) return []
  return [`Slot ${wanted} is selected, but does not start: it is marked bad, has no tries left, or does not come up.`]
}

/** What else can be known of it: whether it is counted, and what happens when it does not load. */
export function describeNext({ slot, counted, triesLeft, startsLeft, spare }: NextBoot): string {
  const otherwise = spare === null ? 'the rescue menu waits' : `slot ${spare} boots`
  if (counted)
    return `The next boot of slot ${slot} is a trial and costs one try: ${triesLeft} left after it. If it does not load, ${otherwise}.`
  if (startsLeft === null) return `The next boot of slot ${slot} is not counted. If it does not load, ${otherwise}.`
  return `The next boot of slot ${slot} is counted until its health gate ends: ${startsLeft} more may fail before the other slot has its turn.`
}
