// Several windows, and disks that come and go, at one host: of one unit there is one plan, a job that began comes to an end, and
// no window takes a disk away from under it or plans another job for it.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { PlanAnswer } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { openJobsBench, JOBS_SIGNAL as signal } from '#testing/jobs-bench.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

async function station(name: string) {
  const it = await openJobsBench(room, room.path(name))
  const add = (disk: string) => it.bench.calls['bench.create-virtual']({ name: disk, size: 1e9 }, signal)
  return { ...it, add, unit: await add('disk-0'), path: `${it.host.paths.virtual}/disk-0.img` }
}

const refusalsIn = ({ refused }: PlanAnswer) =>
  refused.flatMap(({ refusals }) => refusals.map(({ code, details }) => [code, details.reason]))

test('of one unit only the plan that was asked for last can be confirmed, also when two windows ask at the same moment', async () => {
  const it = await station('moment')
  using _host = it.host
  const ask = (slots: 'A' | 'B') => it.provision([it.unit], { slots })
  const [first, second] = await Promise.all([ask('A'), ask('B')])
  assert.deepEqual(first.plans, [])
  assert.deepEqual(
    refusalsIn(first).map(([code]) => code),
    ['host.plan-gone'],
  )
  assert.deepEqual(second.refused, [])
  assert.equal((await it.begin(second.plans)).kind, 'serial')
})

test('a unit that a job writes to, or that waits for its turn, is refused in the plan of every kind of job, and no longer afterwards', async () => {
  const it = await station('kept')
  using _host = it.host
  const other = await it.add('disk-1')
  const { plans } = await it.provision([it.unit, other])
  const batch = await it.start(plans)
  // Nothing was awaited since the first one began: it writes, and the other one waits for it.
  const plan = { image: 'i'.repeat(16), slot: 'B', changedOnly: true, allowOlder: null } as const
  for (const [{ token }, reason] of [
    [it.unit, 'a job writes to it'],
    [other, 'a job waits for it'],
  ] as const)
    for (const answer of await Promise.all([
      it.calls['plan.flash']({ units: [token], ...plan }, signal),
      it.calls['plan.slot']({ unit: token, slot: 'A', action: 'reset', force: null }, signal),
      it.calls['plan.repair']({ unit: token, repair: 'environment', image: null }, signal),
    ]))
      assert.deepEqual([answer.plans, refusalsIn(answer)], [[], [['disk.busy', reason]]])
  const third = await it.add('disk-2')
  const mixed = await it.provision([it.unit, third])
  assert.deepEqual(
    [mixed.plans.map(({ unit }) => unit), refusalsIn(mixed)],
    [[third.token], [['disk.busy', 'a job writes to it']]],
    'the others of the same wish get their plans',
  )
  const done = await it.finished(batch)
  assert.deepEqual(
    done.jobs.map(({ state }) => state),
    ['verified', 'verified'],
    'and the job knows nothing of it',
  )
  assert.deepEqual((await it.provision([it.unit, other])).refused, [])
})

test('a unit that goes while its job waits for its turn: that job fails, nothing was written, the batch comes to its end', async () => {
  const it = await station('gone')
  using _host = it.host
  const other = await it.add('disk-1')
  const { plans } = await it.provision([it.unit, other])
  const batch = await it.start(plans)
  await it.bench.calls['bench.remove-virtual']({ unit: other.token, erase: false }, signal)
  const { jobs } = await it.finished(batch)
  assert.deepEqual(
    jobs.map(({ state }) => state),
    ['verified', 'failed'],
  )
  assert.deepEqual([jobs[1].diagnosis?.problem.code, jobs[1].diagnosis?.written], ['disk.not-found', false])
  assert.equal(it.batches.busy(), false)
})

test('a disk file is neither taken off nor erased while a job writes to it', async () => {
  const it = await station('held')
  using _host = it.host
  const held = it.bench.hold(it.unit.token)
  for (const erase of [false, true])
    await assert.rejects(it.bench.calls['bench.remove-virtual']({ unit: it.unit.token, erase }, signal), {
      code: 'disk.busy',
    })
  assert.ok(existsSync(it.path))
  held[Symbol.dispose]()
  await it.bench.calls['bench.remove-virtual']({ unit: it.unit.token, erase: true }, signal)
  assert.deepEqual(it.bench.view().units, [])
  assert.equal(existsSync(it.path), false)
})
