// The units of one runner, through the real program: one opening of the release for all, an end of its own for each, and nothing
// that a caller says makes one unit's plan, disk or rights another one's.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { linkSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type FromRunner, MOST_UNITS, type RunnerJob, TAKES_UNITS_MS, type ToRunner } from '#contract/runner.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { Plan } from '#model/plan.ts'
import { eventually } from '#testing/fake-host.ts'
import { noteCodes } from '#testing/noted-codes.ts'
import { type Runner, type RunnerUnit, startRunner } from '../runner-client.ts'
import { type Authority, ownAuthority } from './authority.ts'
import { openUnits, type Units } from './units.ts'

const PROGRAM = new URL('./main.ts', import.meta.url).pathname
const SIZE = 300_000_000
let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const start = (): Promise<Runner> =>
  startRunner({
    command: process.execPath,
    args: [PROGRAM],
    env: { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: room.path('state') },
  })

function newDisk(name: string): string {
  const path = room.path(name)
  writeFileSync(path, '')
  truncateSync(path, SIZE)
  return path
}
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

const provision = (target: string, change: Partial<Extract<RunnerJob, { kind: 'provision' }>> = {}): RunnerJob => ({
  kind: 'provision',
  target,
  trust: room.trust,
  journal: room.path('journal'),
  at: new Date().toISOString(),
  by: 'tech@bench',
  release: room.release,
  boot: null,
  layout: room.path('small.yaml'),
  slots: ['A'],
  config: null,
  luksKey: null,
  seed: null,
  allowOlder: null,
  ...change,
})

const ignore = () => {}
const codeOf = (answer: FromRunner): string => {
  noteCodes(JSON.stringify(answer))
  return answer.say === 'failed' ? answer.problems[0].code : answer.say
}

async function ask(unit: RunnerUnit, job: RunnerJob, onEvent: (event: unknown) => void = ignore): Promise<FromRunner> {
  unit.send({ verb: 'plan', job, neverTouch: [] })
  return await unit.answer(onEvent)
}
async function planned(unit: RunnerUnit, job: RunnerJob): Promise<Plan> {
  const answer = await ask(unit, job)
  assert.equal(answer.say, 'planned', JSON.stringify(answer))
  return (answer as { plan: unknown }).plan as Plan
}
async function apply(unit: RunnerUnit, plan: Plan): Promise<FromRunner> {
  unit.send({ verb: 'apply', plan: plan.id })
  return await unit.answer(ignore)
}
const holds = async (disk: string): Promise<void> => {
  const { exit, stderr } = await room.run([
    ...['verify', disk, '--slot', 'A', '--release', room.release, '--trust', room.trust],
  ])
  assert.equal(exit, 0, stderr)
}

test('units of one runner have plans of their own; one that is stopped leaves the others alone, one may join meanwhile', async () => {
  await using runner = await start()
  const disks = ['a.img', 'b.img', 'c.img', 'late.img'].map(newDisk)
  const [a, b, c, late] = disks.map(() => runner.unit())
  const plans = await Promise.all([a, b, c].map((unit, index) => planned(unit, provision(disks[index]))))
  assert.equal(new Set(plans.map(({ id }) => id)).size, 3)
  const blank = digest(disks[1])
  const first = apply(a, plans[0])
  b.send({ verb: 'cancel' })
  assert.equal(codeOf(await b.answer(ignore)), 'job.cancelled')
  const joined = await apply(late, await planned(late, provision(disks[3])))
  const ends = [await first, joined, await apply(c, plans[2])]
  assert.deepEqual(ends.map(codeOf), ['done', 'done', 'done'])
  for (const index of [0, 2, 3]) await holds(disks[index])
  assert.equal(digest(disks[1]), blank)
  // The one that was stopped, again.
  const again = runner.unit()
  assert.equal(codeOf(await apply(again, await planned(again, provision(disks[1])))), 'done')
  await holds(disks[1])
})

test('a disk is in one unit only, whatever it is called, until that one has ended', async () => {
  await using runner = await start()
  const disk = newDisk('one.img')
  symlinkSync(disk, room.path('link.img'))
  linkSync(disk, room.path('hard.img'))
  const first = runner.unit()
  await planned(first, provision(disk))
  for (const name of [disk, room.path('link.img'), room.path('hard.img'), `${room.path('.')}/./one.img`])
    assert.equal(codeOf(await ask(runner.unit(), provision(name))), 'disk.busy', name)
  // Two at the same moment: one of them.
  await first[Symbol.asyncDispose]()
  const both = await Promise.all([disk, room.path('hard.img')].map((name) => ask(runner.unit(), provision(name))))
  assert.deepEqual(both.map(codeOf).sort(), ['disk.busy', 'planned'])
})

test("a unit starts its own plan only: another unit's id is off-plan, and nothing is written", async () => {
  await using runner = await start()
  const disks = ['mine.img', 'yours.img'].map(newDisk)
  const [mine, yours] = disks.map(() => runner.unit())
  await planned(mine, provision(disks[0]))
  const plan = await planned(yours, provision(disks[1]))
  const blank = disks.map(digest)
  assert.equal(codeOf(await apply(mine, plan)), 'runner.off-plan')
  assert.deepEqual(disks.map(digest), blank)
  assert.equal(codeOf(await apply(yours, plan)), 'done', 'the other one goes on')
})

test('a line that is none of the protocol stops every unit of its runner, and nothing more is written', async () => {
  await using runner = await start()
  const disks = ['x.img', 'y.img'].map(newDisk)
  const units = disks.map(() => runner.unit())
  await Promise.all(units.map((unit, index) => planned(unit, provision(disks[index]))))
  const blank = disks.map(digest)
  units[0].send({ verb: 'apply', plan: 'not an id' })
  for (const unit of units) assert.equal(codeOf(await unit.answer(ignore)), 'runner.protocol')
  assert.deepEqual(disks.map(digest), blank)
  await runner.gone
})

test('the release is checked once for all used disks that have the same wish, and anew when it, or whom to trust, has changed', async () => {
  const release = room.path('exchanged.twinslot')
  writeFileSync(release, readFileSync(room.release))
  const trust = room.path('exchanged.asc')
  writeFileSync(trust, readFileSync(room.trust))
  await using runner = await start()
  let checks = 0
  const count = (event: unknown) => {
    if ((event as { type: string }).type === 'step-started') checks++
  }
  const join = async (name: string) => {
    const unit = runner.unit()
    const disk = newDisk(name)
    writeFileSync(disk, Buffer.alloc(4096, 0x55), { flag: 'r+' })
    const answer = await ask(unit, provision(disk, { release, trust }), count)
    return codeOf(answer)
  }
  assert.equal(await join('s1.img'), 'planned')
  const once = checks
  assert.ok(once > 0)
  assert.deepEqual(await Promise.all(['s2.img', 's3.img'].map(join)), ['planned', 'planned'])
  assert.equal(checks, once, 'no further check of the release')
  writeFileSync(trust, '')
  assert.match(await join('s4.img'), /^trust\./)
  writeFileSync(trust, readFileSync(room.trust))
  assert.equal(await join('s5.img'), 'planned')
  assert.equal(checks, once, 'the same keys as before')
  const bytes = readFileSync(release)
  bytes[bytes.length - 100] ^= 1
  writeFileSync(release, bytes)
  assert.notEqual(await join('s6.img'), 'planned')
})

/** Units in this process, with a clock that can be put forward. */
function local(more: Partial<Authority> = {}): {
  units: Units
  said: FromRunner[]
  wait(ms: number): void
  stop: AbortController
} {
  const said: FromRunner[] = []
  const stop = new AbortController()
  let at = 0
  const units = openUnits({
    authority: { ...ownAuthority(room.path('j')), ...more },
    signal: stop.signal,
    say: (message) => said.push(message),
    now: () => at,
  })
  return {
    units,
    said,
    stop,
    wait(ms) {
      at += ms
    },
  }
}
const plan = (unit: string, target: string): ToRunner => ({
  verb: 'plan',
  unit,
  job: { kind: 'slot', target, at: 'x', by: 'x', slot: 'A', action: 'reset', force: null },
  neverTouch: [],
})

test('a runner takes so many units and no more, and long after its start none: runner.closed', async () => {
  const it = local()
  for (let i = 0; i <= MOST_UNITS; i++) it.units.take(plan(`u-${i}`, newDisk(`many-${i}.img`)))
  await it.units.ended()
  const closed = it.said.filter((message) => codeOf(message) === 'runner.closed')
  assert.deepEqual(
    closed.map((message) => message.say === 'failed' && message.unit),
    [`u-${MOST_UNITS}`],
  )
  it.wait(TAKES_UNITS_MS)
  it.units.take(plan('late', newDisk('too-late.img')))
  await it.units.ended()
  assert.equal(codeOf(it.said.at(-1) as FromRunner), 'runner.closed')
})

test("with somebody else's rights nothing is opened while anything is written, nor by two units at once", async () => {
  const it = local({ forAnother: true })
  const take = (unit: string, job: RunnerJob) => it.units.take({ verb: 'plan', unit, job, neverTouch: [] })
  const saidOf = (unit: string) =>
    it.said.flatMap((message) =>
      'unit' in message && message.unit === unit && message.say !== 'event' ? [message] : [],
    )
  const plannedAs = (unit: string) =>
    eventually(() =>
      saidOf(unit)
        .flatMap((message) => (message.say === 'planned' ? [message.plan as Plan] : []))
        .at(0),
    )
  const config = { config: room.path('config') }
  take('one', provision(newDisk('r1.img')))
  take('two', provision(newDisk('r2.img')))
  take('alone', provision(newDisk('r3.img'), config))
  const plan = await plannedAs('one')
  it.units.take({ verb: 'apply', unit: 'one', plan: plan.id })
  take('late', provision(newDisk('r4.img')))
  await plannedAs('two')
  await eventually(() => saidOf('one').some(({ say }) => say === 'done'))
  it.stop.abort()
  await it.units.ended()
  for (const unit of ['alone', 'late']) assert.deepEqual(saidOf(unit).map(codeOf), ['runner.closed'], unit)
  const first = it.said.findIndex(({ say }) => say === 'event')
  const written = it.said.findIndex((said) => said.say === 'event' && (said.event as { step: number }).step > 0)
  const two = it.said.findIndex((said) => said.say === 'planned' && said.unit === 'two')
  assert.ok(first >= 0 && two < written, 'the first began to write when the second had opened its files')

  const other = local({ forAnother: true })
  other.units.take({ verb: 'plan', unit: 'alone', job: provision(newDisk('r5.img'), config), neverTouch: [] })
  other.units.take({ verb: 'plan', unit: 'more', job: provision(newDisk('r6.img')), neverTouch: [] })
  other.stop.abort()
  await other.units.ended()
  assert.deepEqual(
    other.said
      .filter(({ say }) => say === 'failed')
      .map(codeOf)
      .sort(),
    ['job.cancelled', 'runner.closed'],
  )
})

test('a killed runner is told to every unit, also to those that are not asked yet', async () => {
  const script = `echo $$ > ${room.path('pid')}; exec ${process.execPath} ${PROGRAM}`
  const runner = await startRunner({
    command: '/bin/sh',
    args: ['-c', script],
    env: { ...process.env, SUDO_UID: undefined },
  })
  const units = [runner.unit(), runner.unit()]
  const disks = ['k1.img', 'k2.img'].map(newDisk)
  const first = await planned(units[0], provision(disks[0]))
  await planned(units[1], provision(disks[1]))
  units[0].send({ verb: 'apply', plan: first.id })
  let writing = false
  const end = units[0].answer((event) => {
    const { type, step } = event as { type: string; step: number }
    if (type === 'step-started' && step > 0) writing = true
  })
  const ended = assert.rejects(end, { code: 'runner.died' })
  await eventually(() => writing)
  process.kill(Number(readFileSync(room.path('pid'), 'utf8')), 'SIGKILL')
  await ended
  await assert.rejects(units[1].answer(ignore), { code: 'runner.died' })
  assert.throws(() => units[1].send({ verb: 'apply', plan: first.id }), { code: 'runner.died' })
  assert.equal((await runner.gone).code, 'runner.died')
  for (const unit of units) await unit[Symbol.asyncDispose]()
  await runner[Symbol.asyncDispose]()
})
