// Several windows, and disks that come and go, at one host: of one unit there is one plan, a job that began comes to an end, and
// no window takes a disk away from under it.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { UnitView } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { Report } from '#engine/run-plan.ts'
import { eventually, fakeHost } from '#testing/fake-host.ts'
import { openBench } from '../bench/bench.ts'
import { openJobs } from './jobs.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const { signal } = new AbortController()

async function station(name: string) {
  const data = room.path(name)
  mkdirSync(data)
  const host = fakeHost(data)
  host.change({ assistive: true })
  copyFileSync(room.trust, host.paths.trust)
  const saved: Report[] = []
  const reports = {
    save: async (_unit: unknown, report: Report) => `report-${saved.push(report)}`,
    history: () => [],
  }
  const files = { path: (token: string) => token }
  const listDisks = async () => ({ disks: [], notes: [] })
  const bench = await openBench(host, { signerNames: async () => new Map(), history: () => [], files, listDisks })
  const image = { path: room.release, name: 'one', hasBootFiles: true, product: 'demo', version: '1.0.0', hardware: [] }
  const images = { image: () => image, at: () => image }
  const drafts = { folder: async (token: string) => token, at: () => ({ from: null, unit: null, files: null }) }
  const { calls, batches } = openJobs(host, { bench, images, reports, drafts })
  const add = (disk: string) => bench.calls['bench.create-virtual']({ name: disk, size: 1e9 }, signal)
  const wish = { image: 'i'.repeat(16), boot: null, layout: room.path('small.yaml'), config: null, allowOlder: null }
  const plan = (units: readonly UnitView[], slots: 'A' | 'B') =>
    calls['plan.provision']({ units: units.map(({ token }) => token), ...wish, slots }, signal)
  const begin = (plans: readonly { plan: string }[]) =>
    calls['confirm.begin']({ plans: plans.map(({ plan: id }) => id) }, signal)
  const unit = await add('disk-0')
  return { host, bench, calls, batches, unit, add, plan, begin, path: `${host.paths.virtual}/disk-0.img` }
}

test('of one unit only the plan that was asked for last can be confirmed, also when two windows ask at the same moment', async () => {
  const it = await station('moment')
  using _host = it.host
  const [first, second] = await Promise.all([it.plan([it.unit], 'A'), it.plan([it.unit], 'B')])
  assert.deepEqual(first.plans, [])
  assert.deepEqual(
    first.refused.flatMap(({ refusals }) => refusals.map(({ code }) => code)),
    ['host.plan-gone'],
  )
  assert.deepEqual(second.refused, [])
  assert.equal((await it.begin(second.plans)).kind, 'serial')
})

test('a unit that goes while its job waits for its turn: that job fails, nothing was written, the batch comes to its end', async () => {
  const it = await station('gone')
  using _host = it.host
  const other = await it.add('disk-1')
  const { plans } = await it.plan([it.unit, other], 'A')
  const { challenge, expected } = await it.begin(plans)
  const { batch } = await it.calls['confirm.start']({ challenge, typed: expected }, signal)
  await it.bench.calls['bench.remove-virtual']({ unit: other.token, erase: false }, signal)
  const { jobs } = await eventually(
    () => it.batches.views().find((view) => view.batch === batch && view.state === 'done'),
    60_000,
  )
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
