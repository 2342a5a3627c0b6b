import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SLOTS, type Slot } from '#model/slot.ts'
import {
  type Compared,
  contentText,
  cutOff,
  type DiskFacts,
  type DiskMark,
  type DiskNews,
  diskFacts,
  type Recorded,
  reduceDisk,
} from './disk-facts.ts'
import type { RunnerJob } from './runner.ts'

const base = { target: '/dev/sdb', at: '2026-11-22T14:00:00.000Z', by: 'test' }
const files = { trust: '/t', journal: '/j', release: '/r' }
const PROVISION: RunnerJob = {
  kind: 'provision',
  ...base,
  ...files,
  boot: null,
  layout: 'hp-t640',
  slots: ['A'],
  config: null,
  luksKey: null,
  seed: null,
  allowOlder: null,
}
const flash = (slot: Slot): RunnerJob => ({
  kind: 'flash',
  ...base,
  ...files,
  slot,
  changedOnly: true,
  allowOlder: null,
})
const SWITCH: RunnerJob = { kind: 'slot', ...base, slot: 'A', action: 'default', force: null }

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 14, minute))
const iso = (minute: number): string => at(minute).toISOString()
const record = (sha256: string, minute = 0) => ({ sha256, writtenAt: iso(minute) })
const here = (writes: string | null = '1', plug = 'p1', sure = true): DiskNews => ({
  type: 'present',
  mark: { plug, writes },
  sure,
})
const looked = (recorded: Recorded): DiskNews => ({ type: 'looked', recorded })
const checked = (recorded: Recorded, compared: Compared): DiskNews => ({ type: 'checked', recorded, compared })
const done = (proven: Partial<Record<Slot, string>>, writes = '2'): DiskNews => ({
  type: 'ended',
  outcome: 'done',
  written: true,
  proven,
  mark: { plug: 'p1', writes },
})
const stopped = (written: boolean): DiskNews => ({
  type: 'ended',
  outcome: 'failed',
  written,
  proven: {},
  mark: { plug: 'p1', writes: '2' },
})

/** One piece of news a minute. */
function after(...news: readonly DiskNews[]): DiskFacts {
  const facts = news.reduce<DiskFacts | null>((known, each, minute) => reduceDisk(known, each, at(minute)), null)
  assert.ok(facts)
  return facts
}
const provisioned: readonly DiskNews[] = [here(), { type: 'began', job: PROVISION }, done({ A: 'aa' })]
const BOTH: Recorded = { A: record('aa'), B: record('bb') }

test('what a job wrote and read back is verified, with the time of its end', () => {
  const facts = after(...provisioned)
  assert.deepEqual(contentText(facts, ['A']), { kind: 'verified', at: iso(2) })
  assert.deepEqual(facts.lastJob, { kind: 'provision', outcome: 'done', at: iso(2) })
  assert.equal(facts.unfinished, null)
})

test('a difference that was found stays over a job that does not touch the slot, and the last job is another fact', () => {
  const facts = after(
    here(),
    checked(BOTH, { A: 'equal', B: 'differs' }),
    { type: 'began', job: SWITCH },
    done({}),
    here('2'),
    looked(BOTH),
  )
  assert.deepEqual(contentText(facts, SLOTS), { kind: 'differs', slots: ['B'], at: iso(1) })
  assert.deepEqual(facts.lastJob, { kind: 'slot', outcome: 'done', at: iso(3) })
})

test('a difference stays over unplugging and foreign writes, until the slot is written anew or read again', () => {
  const found = [here(), checked(BOTH, { A: 'equal', B: 'differs' })]
  const later = after(...found, here('1', 'p2'), here('9', 'p2'), looked(BOTH))
  assert.deepEqual(contentText(later, SLOTS), { kind: 'differs', slots: ['B'], at: iso(1) })
  const again = after(...found, checked(BOTH, { A: 'equal', B: 'differs' }))
  assert.equal(contentText(again, SLOTS)?.at, iso(1), 'it differs since it was found')
  const equal = after(...found, checked(BOTH, { A: 'equal', B: 'equal' }))
  assert.equal(contentText(equal, SLOTS)?.kind, 'verified')
  const rewritten = after(...found, { type: 'began', job: flash('B') }, done({ B: 'cc' }))
  assert.deepEqual(contentText(rewritten, SLOTS), { kind: 'verified', at: iso(1) })
  const elsewhere = after(...found, looked({ A: record('aa'), B: record('dd', 9) }))
  assert.deepEqual(contentText(elsewhere, SLOTS), { kind: 'partly', slots: ['A'], at: iso(1) })
})

test('verified is not said of a disk that was out of sight, or that somebody else wrote to', () => {
  assert.deepEqual(contentText(after(...provisioned, here('2', 'p2')), ['A']), {
    kind: 'unread',
    at: iso(3),
    why: 'plugged',
  })
  assert.deepEqual(contentText(after(...provisioned, here('3')), ['A']), { kind: 'unread', at: iso(3), why: 'written' })
  assert.equal(contentText(after(...provisioned, here('2')), ['A'])?.kind, 'verified')
})

test('a disk that is written on and on was noticed when that began, and nothing but its mark changes', () => {
  const first = after(...provisioned, here('3'))
  const later = reduceDisk(first, here('4'), at(50))
  assert.deepEqual(later, { ...first, mark: { plug: 'p1', writes: '4' } })
})

test('of a disk that cannot be told from another one nothing is believed once it was out of sight', () => {
  const facts = after(...provisioned, here('2', 'p2', false))
  assert.equal(facts.lastJob, null)
  assert.equal(contentText(facts, ['A'])?.kind, 'unread')
})

test('a job that was cut off with its console is unfinished, and what it may have written is not verified', () => {
  const facts = cutOff(after(...provisioned, { type: 'began', job: flash('A') }))
  assert.deepEqual(facts.lastJob, { kind: 'flash', outcome: 'interrupted', at: iso(3) })
  assert.equal(facts.unfinished?.job.kind, 'flash')
  assert.deepEqual(contentText(facts, ['A']), { kind: 'unread', at: iso(3), why: 'interrupted' })
  assert.equal(cutOff(facts), facts, 'once')
})

test('a job that failed after it wrote is unfinished; one that failed before is not', () => {
  const begun: readonly DiskNews[] = [here(), { type: 'began', job: PROVISION }]
  assert.equal(after(...begun, stopped(true)).unfinished?.job, PROVISION)
  assert.equal(after(...begun, stopped(false)).unfinished, null)
})

test('an unfinished job stays so until it, or something that replaces as much, is done, here or elsewhere', () => {
  const left: readonly DiskNews[] = [here(), { type: 'began', job: flash('B') }, stopped(true)]
  const then = (job: RunnerJob): DiskFacts => after(...left, { type: 'began', job }, done({}))
  assert.ok(then(SWITCH).unfinished)
  assert.ok(then(flash('A')).unfinished)
  assert.equal(then(flash('B')).unfinished, null)
  assert.equal(then(PROVISION).unfinished, null)
  assert.ok(after(...left, looked({ A: null, B: record('bb', 0) })).unfinished, 'the record is from before')
  assert.equal(after(...left, looked({ A: null, B: record('bb', 30) })).unfinished, null)
})

const REPAIR: RunnerJob = { kind: 'repair', ...base, repair: 'environment', release: null, trust: null, journal: '/j' }

test('whatever kind of job was cut off, or failed after it wrote, is unfinished: none is only told of', () => {
  const restore: RunnerJob = { kind: 'restore', ...base, config: '/c', journal: '/j' }
  for (const job of [PROVISION, flash('A'), restore, SWITCH, REPAIR]) {
    const begun: readonly DiskNews[] = [...provisioned, { type: 'began', job }]
    assert.equal(cutOff(after(...begun)).unfinished?.job, job, job.kind)
    assert.equal(after(...begun, stopped(true)).unfinished?.job, job, job.kind)
    assert.equal(after(...begun, stopped(false)).unfinished, null, job.kind)
    assert.equal(after(...begun, stopped(true), { type: 'began', job }, done({})).unfinished, null, job.kind)
  }
})

test('a smaller job that is cut off does not make one forget that the disk was not written to its end', () => {
  const left = after(here(), { type: 'began', job: PROVISION }, stopped(true), { type: 'began', job: SWITCH })
  assert.equal(cutOff(left).unfinished?.job, PROVISION)
  const small = after(here(), { type: 'began', job: SWITCH }, stopped(true), { type: 'began', job: PROVISION })
  assert.equal(cutOff(small).unfinished?.job, PROVISION)
})

test('a later choice of what boots replaces the one that was cut off; a repair is replaced by the same repair only', () => {
  const left = (job: RunnerJob): readonly DiskNews[] => [...provisioned, { type: 'began', job }, stopped(true)]
  const then = (job: RunnerJob, next: RunnerJob) =>
    after(...left(job), { type: 'began', job: next }, done({})).unfinished
  assert.equal(then(SWITCH, { ...SWITCH, slot: 'B', action: 'once' }), null)
  assert.equal(then(REPAIR, { ...REPAIR, repair: 'boot-loader' })?.job, REPAIR)
  assert.equal(then(REPAIR, REPAIR), null)
  assert.equal(then(REPAIR, SWITCH)?.job, REPAIR)
  assert.equal(then(REPAIR, PROVISION), null)
})

test('what has nothing left to do is no longer unfinished', () => {
  const facts = after(...provisioned, { type: 'began', job: REPAIR }, stopped(true), { type: 'whole' })
  assert.equal(facts.unfinished, null)
  assert.equal(facts.lastJob?.outcome, 'failed', 'how it ended stays')
})

test('what is kept is read back as it was', () => {
  const facts = after(...provisioned, { type: 'began', job: flash('B') })
  assert.deepEqual(diskFacts.parse(JSON.parse(JSON.stringify(facts))), facts)
})

/** Fixed seed: the same sequences in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A disk as it really is, beside what is known of it. */
interface World {
  readonly content: Record<Slot, { sha256: string; intact: boolean } | null>
  mark: DiskMark
  facts: DiskFacts | null
}

test('in every history: verified is said only of bytes that are right, and a difference that was found is never forgotten', () => {
  const random = generator(20261130)
  for (let history = 0; history < 2000; history += 1) {
    const world: World = { content: { A: null, B: null }, mark: { plug: 'p0', writes: '0' }, facts: null }
    const found = new Set<Slot>()
    let minute = 0
    const hear = (news: DiskNews): void => {
      minute += 1
      world.facts = reduceDisk(world.facts, news, at(minute))
    }
    const written = (): void => {
      world.mark = { ...world.mark, writes: String(Number(world.mark.writes) + 1) }
    }
    const recorded = (): Recorded => ({
      A: world.content.A && record(world.content.A.sha256, minute),
      B: world.content.B && record(world.content.B.sha256, minute),
    })
    const slot = (): Slot => SLOTS[random(2)]
    const acts: readonly (() => void)[] = [
      () => {
        const [one, sha256] = [slot(), `s${minute}`]
        hear({ type: 'began', job: flash(one) })
        world.content[one] = { sha256, intact: true }
        found.delete(one)
        written()
        hear({ type: 'ended', outcome: 'done', written: true, proven: { [one]: sha256 }, mark: world.mark })
      },
      () => {
        const one = slot()
        hear({ type: 'began', job: flash(one) })
        world.content[one] = null
        found.delete(one)
        written()
        if (random(2) === 0) hear({ type: 'ended', outcome: 'failed', written: true, proven: {}, mark: world.mark })
        else world.facts = world.facts && cutOff(world.facts)
      },
      () => {
        hear({ type: 'began', job: SWITCH })
        written()
        hear({ type: 'ended', outcome: 'done', written: true, proven: {}, mark: world.mark })
      },
      // Somebody damages a slot; seen at the next look, since the disk was written.
      () => {
        const here_ = world.content[slot()]
        if (here_) here_.intact = false
        written()
      },
      // Away, changed elsewhere without a trace, and back.
      () => {
        const there = world.content[slot()]
        if (there) there.intact = false
        world.mark = { plug: `p${minute}`, writes: '0' }
      },
      () => {
        const compared = Object.fromEntries(
          SLOTS.map((each) => {
            const is = world.content[each]
            if (is && !is.intact) found.add(each)
            if (is?.intact) found.delete(each)
            return [each, is === null ? 'not-checked' : is.intact ? 'equal' : 'differs']
          }),
        ) as Compared
        hear(checked(recorded(), compared))
      },
    ]
    for (let step = 0; step < 12; step += 1) {
      hear({ type: 'present', mark: world.mark, sure: true })
      hear(looked(recorded()))
      acts[random(acts.length)]()
      hear({ type: 'present', mark: world.mark, sure: true })
      hear(looked(recorded()))
      assert.ok(world.facts)
      const filled = SLOTS.filter((each) => world.content[each] !== null)
      const text = contentText(world.facts, filled)
      if (text?.kind === 'verified') assert.ok(filled.every((each) => world.content[each]?.intact))
      const told = text?.kind === 'differs' ? text.slots : []
      for (const each of found) if (world.content[each]) assert.ok(told.includes(each), `history ${history}`)
    }
  }
})
