import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSOLE_CALLS } from '../../../src-shared/contract/console.ts'
import { buildAppliance, buildOwnDisk, buildProblem, buildStation, buildUnit } from '../../testing/fixtures.ts'
import { actionsFor, isVirtualName, matchesFilter, newestReports, stateOfUnit, VIRTUAL_SIZES } from './bench-rules.ts'

const idle = (): boolean => false
const twin = buildUnit({ twin: true })
const refused = buildAppliance({ refusals: [buildProblem()] })

test('a unit that cannot be written says so, unless its job says more', () => {
  assert.equal(stateOfUnit(buildUnit(), null), 'ready')
  assert.equal(stateOfUnit(twin, null), 'needs-you')
  assert.equal(stateOfUnit(refused, null), 'needs-you')
  assert.equal(stateOfUnit(buildUnit({ content: 'unreadable' }), null), 'unknown')
  assert.equal(stateOfUnit(refused, { state: 'verified' }), 'verified')
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
