import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSOLE_CALLS } from '#contract/console.ts'
import type { UnitView } from '#contract/views.ts'
import {
  buildAppliance,
  buildOwnDisk,
  buildProblem,
  buildStation,
  buildUnit,
  NOTHING_KNOWN,
} from '#renderer/testing/fixtures.ts'
import {
  actionsFor,
  contentOf,
  isOfBefore,
  isRead,
  isVirtualName,
  matchesFilter,
  newestReports,
  rangeBetween,
  stateOfUnit,
  VIRTUAL_SIZES,
  whyNotOffered,
} from './bench-rules.ts'

const idle = (): boolean => false
const twin = buildUnit({ twin: true })
const refused = buildAppliance({ refusals: [buildProblem()] })

const running = { state: 'writing', endedAt: null } as const
const ended = { state: 'verified', endedAt: '2026-11-22T14:00:00.000Z' } as const
const known = (change: Partial<UnitView['known']>): UnitView => buildUnit({ known: { ...NOTHING_KNOWN, ...change } })
const at = (minute: number): string => `2026-11-22T14:${minute}:00.000Z`

test('a disk whose writing was cut off before anything on it can be recognised is not called blank', () => {
  const unfinished = { kind: 'provision', at: at(20), obstacle: null } as const
  assert.equal(contentOf(buildUnit({ content: 'blank' })), 'blank')
  assert.equal(contentOf({ content: 'blank', known: { ...NOTHING_KNOWN, unfinished } }), 'half-written')
  assert.equal(contentOf({ content: 'other', known: { ...NOTHING_KNOWN, unfinished } }), 'other')
})

test('how the last job ended is not what the unit is: a difference found since, or a job of slots, never reads Verified', () => {
  const done = { kind: 'slot', outcome: 'done', at: at(30) } as const
  assert.equal(stateOfUnit(known({ lastJob: done }), ended), 'ready')
  const differs = { kind: 'differs', slots: ['B'], at: at(20) } as const
  assert.equal(stateOfUnit(known({ lastJob: done, content: differs }), ended), 'needs-you')
  assert.equal(stateOfUnit(known({ lastJob: done, content: { kind: 'verified', at: at(20) } }), null), 'verified')
  const unread = { kind: 'unread', at: at(40), why: 'plugged' } as const
  assert.equal(stateOfUnit(known({ lastJob: { ...done, kind: 'provision' }, content: unread }), ended), 'ready')
})

test('a failure stays until the content was read since, and what was cut off needs a person', () => {
  const failed = { kind: 'provision', outcome: 'failed', at: at(30) } as const
  assert.equal(stateOfUnit(known({ lastJob: failed }), null), 'failed')
  assert.equal(
    stateOfUnit(known({ lastJob: failed, content: { kind: 'verified', at: at(20) } }), null),
    'failed',
    'read before',
  )
  assert.equal(stateOfUnit(known({ lastJob: failed, content: { kind: 'verified', at: at(40) } }), null), 'verified')
  assert.equal(stateOfUnit(known({ lastJob: { ...failed, outcome: 'interrupted' } }), null), 'stopped')
  const unfinished = { kind: 'provision', at: at(30), obstacle: null } as const
  assert.equal(stateOfUnit(known({ lastJob: failed, unfinished }), null), 'needs-you')
  assert.equal(stateOfUnit(known({ lastJob: failed, unfinished }), running), 'writing')
})

test('a unit that is read for the first time is neither ready nor offered', () => {
  const looking = buildUnit({ content: 'looking' })
  assert.equal(stateOfUnit(looking, null), 'unknown')
  assert.ok(!actionsFor([looking], idle).has('provision'))
})

test('while a disk is written its content is not said to be what it was before', () => {
  const job = { ...running, startedAt: at(10) }
  const writing = buildUnit({ content: 'being-written' })
  assert.equal(contentOf(writing), 'being-written')
  assert.equal(stateOfUnit(writing, job), 'writing')
  assert.equal(stateOfUnit(writing, null), 'unknown', 'written by somebody else')
  for (const content of ['being-written', 'looking', 'unreadable'] as const) assert.ok(!isRead({ content }), content)
  assert.ok(!actionsFor([writing], idle).has('provision'))
  assert.equal(whyNotOffered([writing], idle), 'bench.content.being-written')
  assert.ok(!isOfBefore(writing, job), 'nothing of before is shown')
  const appliance = buildAppliance()
  assert.ok(isOfBefore(appliance, job), 'its slots are shown as they were read before')
  assert.ok(!isOfBefore(appliance, { ...job, startedAt: null }), 'it waits for its turn')
  assert.ok(!isOfBefore(appliance, { ...job, endedAt: at(20) }))
  assert.ok(!isOfBefore(appliance, null))
})

test('a disk whose two partition tables contradict each other needs a person, who is led to the choice', () => {
  const side = { partitions: [], lost: [], against: [] }
  const torn = buildUnit({ content: 'other', tableSides: { primary: side, backup: side } })
  assert.equal(stateOfUnit(torn, null), 'needs-you')
  assert.deepEqual([...actionsFor([torn], idle)], ['provision', 'slots'])
})

test('a unit that cannot be written says so, unless a job runs on it', () => {
  assert.equal(stateOfUnit(buildUnit(), null), 'ready')
  assert.equal(stateOfUnit(twin, null), 'needs-you')
  assert.equal(stateOfUnit(refused, null), 'needs-you')
  assert.equal(stateOfUnit(buildUnit({ content: 'unreadable' }), null), 'unknown')
  assert.equal(stateOfUnit(refused, running), 'writing')
})

test('without a selection nothing can be started', () => {
  assert.equal(actionsFor([], idle).size, 0)
})

test('what fits the units is offered: a twin, a refused or a busy unit is never offered for writing', () => {
  assert.deepEqual([...actionsFor([buildAppliance()], idle)].sort(), ['provision', 'repair', 'restore', 'slots'])
  assert.deepEqual([...actionsFor([buildUnit()], idle)], ['provision'])
  assert.deepEqual([...actionsFor([buildAppliance(), buildUnit()], idle)], ['provision'])
  assert.deepEqual([...actionsFor([twin], idle)], [])
  assert.deepEqual([...actionsFor([refused], idle)], ['slots'])
  assert.deepEqual([...actionsFor([buildOwnDisk()], idle)], ['slots'], 'the disk that the console runs from')
  assert.deepEqual([...actionsFor([buildAppliance(), refused], idle)], [])
  assert.deepEqual([...actionsFor([buildAppliance()], () => true)], ['slots'])
})

test('a restore is offered where /config can be replaced, and nowhere else', () => {
  const noPlace = buildProblem({ code: 'restore.no-place', message: 'There is no place for /config on /dev/sdb.' })
  const without = buildAppliance({ configAgainst: { read: noPlace, restore: noPlace } })
  assert.deepEqual([...actionsFor([without], idle)].sort(), ['provision', 'repair', 'slots'])
  // A partition of its own is made anew, whatever it holds.
  const unread = buildAppliance({ configAgainst: { read: noPlace, restore: null } })
  assert.ok(actionsFor([unread], idle).has('restore'))
})

test('the filter finds serial, port, version, in any order and case; all its words must be found', () => {
  const unit = buildAppliance({ serial: 'S3Z8NB0K4F2A91', port: '1-2' }, { version: '2.9.9' })
  for (const filter of ['4f2a91', '2.9.9 s3z8', ' 1-2 ', '', 'usb'])
    assert.ok(matchesFilter(unit, filter, ['USB']), filter)
  for (const filter of ['4F2A92', '2.9.9 nvme']) assert.ok(!matchesFilter(unit, filter, ['USB']), filter)
})

test('a name or size that is offered is one that the host takes', () => {
  const schema = CONSOLE_CALLS['bench.create-virtual']
  for (const name of ['practice', 'T640 v1.2', 'a/b', '', '   ', 'x'.repeat(61), '..'])
    if (isVirtualName(name)) assert.ok(schema.safeParse({ name: name.trim(), size: VIRTUAL_SIZES[0] }).success, name)
  assert.ok(!isVirtualName('a/b') && !isVirtualName('   ') && isVirtualName('practice'))
  for (const size of VIRTUAL_SIZES) assert.ok(schema.safeParse({ name: 'x', size }).success)
})

test('the newest certificate of a unit is exported: of its last job, else of its history; one that is gone is left out', () => {
  const [known] = buildStation().reports
  const reports = ['old', 'new', 'job'].map((token) => ({ ...known, token }))
  const row = (report: string | null) =>
    ({ at: '2026-11-22T08:00:00Z', what: { kind: 'restore', files: 1 }, outcome: 'done', report }) as const
  const { recovery } = buildAppliance()
  const withHistory = (...tokens: (string | null)[]) =>
    buildAppliance({ recovery: recovery && { ...recovery, history: tokens.map(row) } })
  const tokens = (unit: ReturnType<typeof buildUnit>, job: { report: string | null } | null = null) =>
    newestReports([unit], () => job, reports).map(({ token }) => token)
  assert.deepEqual(tokens(withHistory(null, 'new', 'old')), ['new'])
  assert.deepEqual(tokens(withHistory('old'), { report: 'job' }), ['job'])
  assert.deepEqual(tokens(withHistory('old'), { report: null }), ['old'])
  assert.deepEqual(tokens(buildUnit(), { report: 'job' }), ['job'])
  assert.deepEqual(tokens(withHistory('gone')), [])
  assert.deepEqual(tokens(buildUnit()), [])
})

test('a range goes from the unit that was clicked last to this one, in either direction', () => {
  const keys = ['a', 'b', 'c', 'd']
  assert.deepEqual(rangeBetween(keys, 'b', 'd'), ['b', 'c', 'd'])
  assert.deepEqual(rangeBetween(keys, 'd', 'b'), ['b', 'c', 'd'])
  assert.deepEqual(rangeBetween(keys, 'c', 'c'), ['c'])
  assert.deepEqual(rangeBetween(keys, 'gone', 'c'), ['c'])
  assert.deepEqual(rangeBetween(keys, 'a', 'gone'), [], 'one that may not be chosen')
})

test('wherever a button is not offered for a selection, a reason is', () => {
  const looking = buildUnit({ content: 'looking' })
  for (const [units, busy] of [
    [[twin], false],
    [[refused], false],
    [[buildUnit(), looking], false],
    [[buildUnit()], true],
    [[buildUnit()], false],
    [[buildAppliance()], false],
    [[buildAppliance(), buildUnit()], false],
    [[buildAppliance(), buildAppliance()], false],
  ] as const)
    assert.equal(
      whyNotOffered(units, () => busy) === null,
      (['slots', 'repair', 'provision'] as const).every((action) => actionsFor(units, () => busy).has(action)),
      JSON.stringify(units.map(({ content }) => content)),
    )
})
