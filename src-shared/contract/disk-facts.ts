// What a station knows of one disk beyond what a look at it shows: how the last job ended, whether each slot's bytes are those
// that its record names, and whether a job was cut off. One reducer takes all that is heard of a disk; the words are computed
// from its facts alone. Promises: nothing is said to be equal that was not read since the disk was last written or out of sight;
// a found difference stays until the slot is written anew or read again. Pure: the time is an argument.
import { z } from 'zod'
import { SLOTS, type Slot } from '#model/slot.ts'
import { runnerJob } from './runner.ts'
import type { ContentText } from './views.ts'

const slotFact = z.strictObject({
  /** Digest that the slot's record named then. */
  sha256: z.string().max(64),
  state: z.enum(['equal', 'differs']),
  at: z.iso.datetime(),
})
const mark = z.strictObject({
  /** One plugging in: another value after it was out of sight. */
  plug: z.string().max(300),
  /** Another value after anybody wrote to it; null where that cannot be known. */
  writes: z.string().max(200).nullable(),
})
const JOB_KINDS = ['provision', 'flash', 'slot', 'repair', 'restore'] as const
const kind = z.enum(JOB_KINDS)

const begun = z.strictObject({ job: runnerJob, at: z.iso.datetime() })

export const diskFacts = z.strictObject({
  mark,
  /** From when on a slot without a fact was not looked at, and why. */
  since: z.strictObject({ at: z.iso.datetime(), why: z.enum(['plugged', 'written', 'interrupted']) }),
  slots: z.strictObject({ A: slotFact.nullable(), B: slotFact.nullable() }),
  lastJob: z
    .strictObject({ kind, outcome: z.enum(['done', 'failed', 'stopped', 'interrupted']), at: z.iso.datetime() })
    .nullable(),
  /** Under way now. Where it stands in a file that is read at a start, the console was ended while it ran. */
  running: begun.nullable(),
  /** Wrote and did not come to its end; what it was asked, to finish it. */
  unfinished: begun.nullable(),
})
export type DiskFacts = z.infer<typeof diskFacts>
export type DiskMark = DiskFacts['mark']
export type BegunJob = NonNullable<DiskFacts['unfinished']>

/** What a slot's record says; null: nothing is recorded as written. */
export type Recorded = Readonly<Record<Slot, { readonly sha256: string; readonly writtenAt: string } | null>>
export type Compared = Readonly<Record<Slot, 'not-checked' | 'equal' | 'differs'>>

export type DiskNews =
  /** `sure`: its identity tells it from any other disk, so that it is the same one after it was out of sight. */
  | { readonly type: 'present'; readonly mark: DiskMark; readonly sure: boolean }
  | { readonly type: 'looked'; readonly recorded: Recorded }
  | { readonly type: 'began'; readonly job: BegunJob['job'] }
  | {
      readonly type: 'ended'
      readonly outcome: 'done' | 'failed' | 'stopped'
      /** Were bytes of the disk changed? */
      readonly written: boolean
      /** Slots whose bytes it read back, with the digest that they have now. */
      readonly proven: Readonly<Partial<Record<Slot, string>>>
      readonly mark: DiskMark
    }
  /** Planned anew, nothing was left to do of what was begun. */
  | { readonly type: 'whole' }
  | { readonly type: 'checked'; readonly recorded: Recorded; readonly compared: Compared }

const UNREAD = { A: null, B: null } as const

/** A disk that was never seen here before. */
const appeared = (seen: DiskMark, at: string): DiskFacts => ({
  mark: seen,
  since: { at, why: 'plugged' },
  slots: UNREAD,
  lastJob: null,
  running: null,
  unfinished: null,
})

/** `facts` is null for a disk that nothing is known of. */
export function reduceDisk(facts: DiskFacts | null, news: DiskNews, now: Date): DiskFacts | null {
  const at = now.toISOString()
  if (news.type === 'present') return present(facts, news, at)
  if (facts === null) return null
  switch (news.type) {
    case 'looked':
      return looked(facts, news.recorded)
    case 'began':
      return { ...facts, running: { job: news.job, at } }
    case 'ended':
      return ended(facts, news, at)
    case 'whole':
      return facts.unfinished === null ? facts : { ...facts, unfinished: null }
    case 'checked':
      return { ...facts, slots: mapSlots((slot) => compared(facts, news, slot, at)) }
  }
}

function present(facts: DiskFacts | null, { mark: seen, sure }: Extract<DiskNews, { type: 'present' }>, at: string) {
  if (facts === null) return appeared(seen, at)
  const { plug, writes } = facts.mark
  if (plug !== seen.plug && !sure) return appeared(seen, at)
  const replugged = plug !== seen.plug
  const rewritten = writes !== null && seen.writes !== null && writes !== seen.writes
  if (!replugged && !rewritten) return facts.mark.writes === seen.writes ? facts : { ...facts, mark: seen }
  // Written on and on: it was noticed when it began.
  if (!replugged && facts.since.why === 'written' && SLOTS.every((slot) => facts.slots[slot]?.state !== 'equal'))
    return { ...facts, mark: seen }
  const why = replugged ? ('plugged' as const) : ('written' as const)
  return { ...facts, mark: seen, since: { at, why }, slots: mapSlots((slot) => onlyDifference(facts.slots[slot])) }
}

const onlyDifference = (fact: DiskFacts['slots']['A']) => (fact?.state === 'differs' ? fact : null)

/** A fact is about the content that the record names; another record is another content. */
function looked(facts: DiskFacts, recorded: Recorded): DiskFacts {
  const slots = mapSlots((slot) => (facts.slots[slot]?.sha256 === recorded[slot]?.sha256 ? facts.slots[slot] : null))
  const { unfinished } = facts
  // Finished elsewhere: its slots were written anew since.
  const mended =
    unfinished !== null &&
    wanted(unfinished.job).length > 0 &&
    wanted(unfinished.job).every((slot) => (recorded[slot]?.writtenAt ?? '') > unfinished.at)
  const same = !mended && SLOTS.every((slot) => slots[slot] === facts.slots[slot])
  return same ? facts : { ...facts, slots, unfinished: mended ? null : unfinished }
}

/** Slots that a job fills. */
const wanted = (job: BegunJob['job']): readonly Slot[] =>
  job.kind === 'provision' ? job.slots : job.kind === 'flash' ? [job.slot] : []

/** Slots whose content a job replaces, or takes away. */
const slotsOf = (job: BegunJob['job']): readonly Slot[] =>
  job.kind === 'provision' ? SLOTS : job.kind === 'flash' ? [job.slot] : []

type Ended = Extract<DiskNews, { type: 'ended' }>

function ended(facts: DiskFacts, { outcome, written, proven, mark: now }: Ended, at: string): DiskFacts {
  const { running } = facts
  if (running === null) return { ...facts, mark: now }
  const { job } = running
  const replaced = written ? slotsOf(job) : []
  const slots = mapSlots((slot) => {
    const sha256 = outcome === 'done' ? proven[slot] : undefined
    if (sha256 !== undefined) return { sha256, state: 'equal' as const, at }
    return replaced.includes(slot) ? null : facts.slots[slot]
  })
  const broken = written && outcome !== 'done'
  return {
    mark: now,
    since: broken ? { at, why: 'interrupted' } : facts.since,
    slots,
    lastJob: { kind: job.kind, outcome, at },
    running: null,
    unfinished: broken ? widest(facts.unfinished, running) : leftOpen(facts.unfinished, job, outcome),
  }
}

/** What was left unfinished before stays so until it, or something that replaces as much, is done. */
function leftOpen(before: BegunJob | null, done: BegunJob['job'], outcome: Ended['outcome']) {
  if (before === null || outcome !== 'done' || done.kind === 'provision') return outcome === 'done' ? null : before
  return replaces(done, before.job) ? null : before
}

function replaces(done: BegunJob['job'], before: BegunJob['job']): boolean {
  if (done.kind === 'flash') return before.kind === 'flash' && done.slot === before.slot
  if (done.kind === 'repair') return before.kind === 'repair' && done.repair === before.repair
  // Each choice of what boots is a whole one: the later one is what somebody wants.
  return done.kind === before.kind
}

/** What stays to be finished where two jobs were cut off: without the wider one the other one helps nobody. */
function widest(before: BegunJob | null, broken: BegunJob): BegunJob {
  return before !== null && WIDTH[before.job.kind] > WIDTH[broken.job.kind] ? before : broken
}
const WIDTH: Readonly<Record<BegunJob['job']['kind'], number>> = {
  provision: 3,
  flash: 2,
  restore: 2,
  repair: 1,
  slot: 1,
}

function compared(facts: DiskFacts, { recorded, compared: words }: Checked, slot: Slot, at: string) {
  const state = words[slot]
  const sha256 = recorded[slot]?.sha256
  if (state === 'not-checked' || sha256 === undefined) return facts.slots[slot]
  const before = facts.slots[slot]
  // A difference that is still there is as old as it is.
  return state === 'differs' && before?.state === 'differs' && before.sha256 === sha256 ? before : { sha256, state, at }
}
type Checked = Extract<DiskNews, { type: 'checked' }>

const mapSlots = <T>(make: (slot: Slot) => T) => ({ A: make('A'), B: make('B') })

/** Of a console that was ended in mid-job: nobody heard how it went on. Applied to what is read at a start. */
export function cutOff(facts: DiskFacts): DiskFacts {
  const { running } = facts
  if (running === null) return facts
  const { job, at } = running
  const replaced = slotsOf(job)
  return {
    ...facts,
    since: { at, why: 'interrupted' },
    slots: mapSlots((slot) => (replaced.includes(slot) ? null : facts.slots[slot])),
    lastJob: { kind: job.kind, outcome: 'interrupted', at },
    running: null,
    unfinished: widest(facts.unfinished, running),
  }
}

/** What is to be said of the content of these slots, those with a record; null when there is none. */
export function contentText(facts: DiskFacts, written: readonly Slot[]): ContentText | null {
  const known = written.flatMap((slot) => {
    const fact = facts.slots[slot]
    return fact === null ? [] : [{ slot, ...fact }]
  })
  const differing = known.filter(({ state }) => state === 'differs')
  if (differing.length > 0) return { kind: 'differs', slots: differing.map(({ slot }) => slot), at: oldest(differing) }
  if (written.length === 0) return null
  if (known.length === written.length) return { kind: 'verified', at: oldest(known) }
  return known.length === 0
    ? { kind: 'unread', ...facts.since }
    : { kind: 'partly', slots: known.map(({ slot }) => slot), at: oldest(known) }
}

const oldest = (facts: readonly { readonly at: string }[]): string => facts.map(({ at }) => at).sort()[0]
