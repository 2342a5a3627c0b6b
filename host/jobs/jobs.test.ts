import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import type { BatchView, UnitView } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { eventually } from '#testing/fake-host.ts'
import { openJobsBench, JOBS_SIGNAL as signal } from '#testing/jobs-bench.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Another console over the same data, after the first one was ended. */
async function restart({ data }: { readonly data: string }) {
  const opened = await openJobsBench(room, data)
  return { ...opened, unit: (): UnitView => opened.bench.view().units[0] }
}

let count = 0
/** A host with `disks` blank disk images on its bench and a clock that can be put forward. */
async function station(disks: number, release = room.release) {
  count += 1
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const it = await openJobsBench(room, room.path(`station-${count}`), { release, now })
  it.host.change({ assistive: false })
  const units: UnitView[] = []
  // What a unit's view names is cut for people.
  const paths = Array.from({ length: disks }, (_, i) => `${it.data}/disk-${i}.img`)
  for (const path of paths) units.push(await it.addBlank(path))
  const wait = (ms: number) => {
    ahead += ms
  }
  return { ...it, units, paths, provision: (chosen = units) => it.provision(chosen), wait }
}

test('one unit: plan, typed name after two seconds, provisioned, verified, reported, and shown anew', async () => {
  const it = await station(1)
  using _host = it.host
  const [unit] = it.units
  const blank = digest(it.paths[0])
  const { plans, refused } = await it.provision()
  assert.deepEqual(refused, [])
  assert.equal(plans[0].after.length, 4)
  const challenge = await it.begin(plans)
  assert.equal(challenge.kind, 'serial')
  assert.equal(challenge.expected, 'disk-0')
  const start = (typed: string) => it.calls['confirm.start']({ challenge: challenge.challenge, typed }, signal)
  await assert.rejects(start('disk-0'), { code: 'host.confirmed-early' })
  it.wait(2001)
  await assert.rejects(start('disk-1'), { code: 'host.not-confirmed' })
  assert.equal(digest(it.paths[0]), blank, 'nothing was written before the confirmation')
  const { batch } = await start(' DISK-0 ')
  await assert.rejects(start('disk-0'), { code: 'host.unknown-token' })
  const done = await it.finished(batch)
  assert.equal(done.jobs[0].state, 'verified')
  assert.equal(done.jobs[0].doneBytes, done.jobs[0].totalBytes)
  assert.ok(done.jobs[0].totalBytes > 0)
  assert.equal(it.saved.length, 1)
  assert.equal(it.saved[0].outcome, 'done')
  await eventually(() => it.bench.unit(unit.token).view.recovery?.slots.A.version === '1.0.0')
  assert.ok(it.host.told.some((news) => news.type === 'progress'))
})

test('four units: the first goes alone, then the others; the confirmation asks for their number', async () => {
  const it = await station(4)
  using _host = it.host
  it.host.change({ assistive: true })
  const { plans } = await it.provision()
  const challenge = await it.begin(plans)
  assert.deepEqual([challenge.kind, challenge.expected, challenge.armAfterMs], ['count', '4', 0])
  const { batch } = await it.calls['confirm.start']({ challenge: challenge.challenge, typed: '4' }, signal)
  const done = await it.finished(batch)
  assert.deepEqual(
    done.jobs.map(({ state }) => state),
    ['verified', 'verified', 'verified', 'verified'],
  )
  const views = it.host.told.flatMap((news) => (news.type === 'batch' ? [news.batch] : []))
  const aloneUntilDone = views.every(
    ({ jobs }) => jobs[0].endedAt !== null || jobs.slice(1).every(({ startedAt }) => startedAt === null),
  )
  assert.ok(aloneUntilDone, 'no other unit started before the first one had ended')
  assert.ok(views.some(({ state }) => state === 'first-unit'))
})

test('when the first unit fails, nothing else starts until somebody says so', async () => {
  const it = await station(3)
  using _host = it.host
  it.host.change({ assistive: true })
  const { plans } = await it.provision()
  const challenge = await it.begin(plans)
  // Somebody else writes to the first disk: planning again differs.
  writeFileSync(it.paths[0], Buffer.alloc(512, 1), { flag: 'r+' })
  const { batch } = await it.calls['confirm.start']({ challenge: challenge.challenge, typed: '3' }, signal)
  const asking = await eventually(() => it.batches.views().find(({ state }) => state === 'asks'))
  assert.equal(asking.cause, 'changed')
  assert.equal(asking.jobs[0].diagnosis?.safe, 'untouched')
  assert.deepEqual(
    asking.jobs.slice(1).map(({ startedAt }) => startedAt),
    [null, null],
  )
  await it.calls['batch.continue']({ batch }, signal)
  const done = await it.finished(batch)
  assert.deepEqual(
    done.jobs.map(({ state }) => state),
    ['failed', 'verified', 'verified'],
  )
})

test('a stopped batch drops what waits, and says that nothing was written there', async () => {
  const it = await station(3)
  using _host = it.host
  it.host.change({ assistive: true })
  const { plans } = await it.provision()
  const challenge = await it.begin(plans)
  const { batch } = await it.calls['confirm.start']({ challenge: challenge.challenge, typed: '3' }, signal)
  await it.calls['batch.stop']({ batch }, signal)
  const done: BatchView = await it.finished(batch)
  assert.deepEqual(
    done.jobs.slice(1).map(({ state, diagnosis }) => [state, diagnosis?.safe]),
    [
      ['stopped', 'untouched'],
      ['stopped', 'untouched'],
    ],
  )
  assert.equal(it.batches.busy(), false)
})

test('a unit on the never-touch list, or one that is gone, is refused and not planned', async () => {
  const it = await station(1)
  using _host = it.host
  await assert.rejects(it.provision([{ ...it.units[0], token: 'x'.repeat(16) }]), { code: 'host.unknown-token' })
  await assert.rejects(it.calls['confirm.begin']({ plans: ['0'.repeat(64)] }, signal), { code: 'host.plan-gone' })
})

test('what was cut off is finished by the same job, planned anew; then it is no longer unfinished', async () => {
  const it = await station(1)
  using _host = it.host
  it.host.change({ assistive: true })
  const [unit] = it.units
  const finish = () => it.calls['plan.finish']({ unit: unit.token }, signal)
  await assert.rejects(finish(), { code: 'host.unknown-token' })
  const { plans: first } = await it.provision()
  assert.deepEqual(
    [first[0].image?.name, first[0].image?.product, first[0].image?.hardware, first[0].config],
    ['release', 'demo', ['hp-t640'], null],
  )
  await it.bench.began(unit.token, {
    kind: 'provision',
    target: it.paths[0],
    at: it.host.clock.now().toISOString(),
    by: 'Test',
    trust: it.host.paths.trust,
    journal: it.host.paths.journal,
    release: room.release,
    boot: null,
    layout: room.path('small.yaml'),
    slots: ['A'],
    config: null,
    luksKey: null,
    seed: null,
    allowOlder: null,
  })
  await it.bench.ended(unit.token, { outcome: 'failed', written: true, proven: {} })
  const known = () => it.bench.unit(unit.token).view.known
  assert.deepEqual([known().unfinished?.kind, known().lastJob?.outcome], ['provision', 'failed'])
  const { plans } = await finish()
  assert.deepEqual(plans[0].title, first[0].title)
  const { challenge } = await it.begin(plans)
  const { batch } = await it.calls['confirm.start']({ challenge, typed: 'disk-0' }, signal)
  await it.finished(batch)
  assert.deepEqual([known().unfinished, known().lastJob?.outcome], [null, 'done'])
  await eventually(() => known().content?.kind === 'verified')
})

test('a change of what boots, and a repair, that were cut off with their console are finished by the same job after a restart', async () => {
  const it = await station(1)
  using _ended = it.host
  const [{ token: first }] = it.units
  it.host.change({ assistive: true })
  const { plans } = await it.provision()
  const { challenge } = await it.begin(plans)
  await it.finished((await it.calls['confirm.start']({ challenge, typed: 'disk-0' }, signal)).batch)
  await it.bench.refresh(first)
  const asked = { target: it.paths[0], at: it.host.clock.now().toISOString(), by: 'Test' }
  await it.bench.began(first, { kind: 'slot', ...asked, slot: 'A', action: 'reset', force: null })
  it.host[Symbol.dispose]()

  const next = await restart(it)
  using _next = next.host
  const { token } = next.unit()
  const known = () => next.unit().known
  assert.deepEqual(
    [known().lastJob?.outcome, known().unfinished?.kind, known().unfinished?.obstacle],
    ['interrupted', 'slot', null],
  )
  const finish = () => next.calls['plan.finish']({ unit: token }, signal)
  const again = await finish()
  const direct = await next.calls['plan.slot']({ unit: token, slot: 'A', action: 'reset', force: null }, signal)
  assert.deepEqual([again.refused, again.plans[0].title], [[], direct.plans[0].title])
  assert.equal(known().unfinished?.kind, 'slot', 'planned only: nothing began')
  const { plans: toDo } = await finish()
  const question = await next.calls['confirm.begin']({ plans: toDo.map(({ plan }) => plan) }, signal)
  const { batch } = await next.calls['confirm.start']({ challenge: question.challenge, typed: 'disk-0' }, signal)
  await eventually(() => next.batches.views().find((view) => view.batch === batch && view.state === 'done'))
  assert.deepEqual([known().unfinished, known().lastJob?.kind], [null, 'slot'])

  // A repair that had come to its end when its console died: the planner says so, and it is offered no longer.
  const journal = next.host.paths.journal
  const repair = { kind: 'repair', ...asked, repair: 'environment', release: null, trust: null, journal } as const
  await next.bench.began(token, repair)
  await next.bench.ended(token, { outcome: 'stopped', written: true, proven: {} })
  await next.bench.refresh(token)
  assert.equal(known().unfinished?.kind, 'repair')
  const nothing = await finish()
  assert.deepEqual(
    nothing.refused.flatMap(({ refusals }) => refusals.map(({ code }) => code)),
    ['plan.nothing-to-repair'],
  )
  assert.equal(known().unfinished, null)
})

test('a station that could not keep a certificate plans and starts nothing, and a confirmation is not used up by that', async () => {
  let closed = true
  const rehearse = async () => {
    if (closed) throw new EngineError('job.reports-unusable', { file: 'reports', reason: 'no space left (ENOSPC)' })
  }
  using it = await openJobsBench(room, room.path('no-reports'), { reports: { rehearse } })
  const unit = await it.addBlank(`${it.data}/disk-0.img`)
  const { plans: none, refused } = await it.provision([unit])
  assert.deepEqual(
    [none, refused.flatMap(({ refusals }) => refusals.map(({ code }) => code))],
    [[], ['job.reports-unusable']],
  )
  closed = false
  const { challenge, expected } = await it.begin((await it.provision([unit])).plans)
  const start = () => it.calls['confirm.start']({ challenge, typed: expected }, signal)
  closed = true
  await assert.rejects(start(), { code: 'job.reports-unusable' })
  assert.deepEqual(it.batches.views(), [])
  closed = false
  await it.finished((await start()).batch)
})

test('a config goes to one unit: a plan for several with one is refused before anything is looked at', async () => {
  const it = await station(2)
  using _host = it.host
  const wish = {
    units: it.units.map(({ token }) => token),
    image: 'i'.repeat(16),
    boot: null,
    layout: room.path('small.yaml'),
    slots: 'A',
    config: 'draft-0001',
    allowOlder: null,
  } as const
  await assert.rejects(it.calls['plan.provision']({ ...wish, units: [...wish.units] }, signal), {
    code: 'host.config-one-unit',
  })
})

test('a tampered release never gets as far as a plan, and its cause is told', async () => {
  const bytes = readFileSync(room.release)
  bytes[bytes.length - 100] ^= 1
  const bad = room.path('bad.twinslot')
  writeFileSync(bad, bytes)
  const it = await station(1, bad)
  using _host = it.host
  const { plans, refused } = await it.provision()
  assert.deepEqual(plans, [])
  const [first] = refused[0].refusals
  assert.ok(['write.source-mismatch', 'write.source-undecodable'].includes(first.code), first.code)
  const { causeOf } = await import('./diagnosis.ts')
  assert.equal(causeOf(first)[0], 'damaged-image')
})
