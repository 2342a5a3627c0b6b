import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import type { FromRunner, RunnerJob, ToRunner } from '#contract/runner.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import type { Plan } from '#model/plan.ts'
import { noteCodes } from '#testing/noted-codes.ts'
import fc from '#testing/property.ts'
import { type RunnerUnit, startRunner } from '../runner-client.ts'
import { ownAuthority } from './authority.ts'
import { runSession } from './session.ts'

const PROGRAM = new URL('./main.ts', import.meta.url).pathname
const command = () => ({
  command: process.execPath,
  args: [PROGRAM],
  env: { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: room.path('state') },
})
const SIZE = 300_000_000
/** Not before the releases that the room makes. */
const AT = new Date(Date.now() + 60_000).toISOString()
let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

function newDisk(name: string): string {
  const path = room.path(name)
  writeFileSync(path, '')
  truncateSync(path, SIZE)
  return path
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

const provision = (target: string): RunnerJob => ({
  kind: 'provision',
  target,
  trust: room.trust,
  journal: room.path('journal'),
  at: AT,
  by: 'tech@bench',
  release: room.release,
  boot: null,
  layout: room.path('small.yaml'),
  slots: ['A'],
  config: null,
  luksKey: null,
  seed: '00112233445566778899aabbccddeeff',
  allowOlder: null,
})

const ignore = () => {}

async function planned(runner: RunnerUnit, job: RunnerJob, neverTouch: readonly string[] = []): Promise<Plan> {
  runner.send({ verb: 'plan', job, neverTouch: [...neverTouch] })
  const answer = await runner.answer(ignore)
  assert.equal(answer.say, 'planned')
  return (answer as { plan: unknown }).plan as Plan
}

const codesOf = (answer: FromRunner): string[] => {
  assert.equal(answer.say, 'failed')
  noteCodes(JSON.stringify(answer))
  return answer.say === 'failed' ? answer.problems.map(({ code }) => code) : []
}

test('a runner plans, waits for the id of its own plan, provisions, and what it wrote passes the check', async () => {
  const disk = newDisk('one.img')
  const blank = digest(disk)
  await using started = await startRunner(command())
  await using runner = started.unit()
  const plan = await planned(runner, provision(disk))
  assert.equal(digest(disk), blank, 'planning wrote nothing')
  const events: { type: string }[] = []
  runner.send({ verb: 'apply', plan: plan.id })
  const answer = await runner.answer((event) => events.push(event as { type: string }))
  assert.equal(answer.say, 'done', JSON.stringify(answer))
  assert.equal(events.filter(({ type }) => type === 'step-done').length, plan.steps.length)
  const verified = await room.run(['verify', disk, '--slot', 'A', '--release', room.release, '--trust', room.trust])
  assert.equal(verified.exit, 0, verified.stderr)

  await using second = await startRunner(command())
  second.send({ verb: 'check', target: disk })
  assert.deepEqual(await second.answer(ignore), { say: 'checked', A: 'equal', B: 'not-checked' })
})

test('another plan id than its own is runner.off-plan, and nothing is written', async () => {
  const disk = newDisk('off.img')
  const blank = digest(disk)
  await using started = await startRunner(command())
  await using runner = started.unit()
  const plan = await planned(runner, provision(disk))
  runner.send({ verb: 'apply', plan: plan.id.replace(/^./, (c) => (c === '0' ? '1' : '0')) })
  const answer = await runner.answer(ignore)
  assert.deepEqual(codesOf(answer), ['runner.off-plan'])
  assert.equal(answer.say === 'failed' && answer.written, false)
  assert.equal(digest(disk), blank)
})

test('a disk that changed between plan and apply is planned again, differs, and is not written', async () => {
  const disk = newDisk('swap.img')
  await using started = await startRunner(command())
  await using runner = started.unit()
  const plan = await planned(runner, provision(disk))
  writeFileSync(disk, Buffer.alloc(4096, 0x5a), { flag: 'r+' })
  const swapped = digest(disk)
  runner.send({ verb: 'apply', plan: plan.id })
  assert.deepEqual(codesOf(await runner.answer(ignore)), ['plan.changed'])
  assert.equal(digest(disk), swapped)
})

test('a serial on the never-touch list is refused whatever was confirmed', async () => {
  const { checkNeverTouch } = await import('./unit-job.ts')
  const identity = { serial: 'S4F2A91', wwn: null, size: 1, busPath: 'x' }
  assert.throws(
    () => checkNeverTouch(identity, [' s4f2a91 ']),
    (error) => isEngineError(error, 'runner.never-touch'),
  )
  checkNeverTouch(identity, ['S4F2A9'])
  checkNeverTouch({ ...identity, serial: null }, [''])
})

test('the end of its input stops a runner, and nothing more is written', async () => {
  const disk = newDisk('gone.img')
  const blank = digest(disk)
  {
    await using runner = await startRunner(command())
    await planned(runner.unit(), provision(disk))
  }
  assert.equal(digest(disk), blank)
})

test('a runner that cannot be started says so: runner.not-started', async () => {
  await assert.rejects(startRunner({ command: '/nonexistent/pkexec', args: [], env: {} }), (error) =>
    isEngineError(error, 'runner.not-started'),
  )
  const refused = startRunner({
    command: process.execPath,
    args: ['-e', 'console.error("no agent"); process.exit(127)'],
    env: process.env,
  })
  await assert.rejects(refused, (error) => isEngineError(error, 'runner.not-started') && /no agent/.test(error.message))
})

test('a runner that dies, or answers with something else, is reported as such: runner.died, runner.protocol', async () => {
  const hello = 'console.log(JSON.stringify({say:"hello",protocol:2}));'
  await using dying = await startRunner({
    command: process.execPath,
    args: ['-e', `${hello} process.exit(9)`],
    env: process.env,
  })
  await assert.rejects(dying.answer(ignore), (error) => isEngineError(error, 'runner.died'))
  await using odd = await startRunner({
    command: process.execPath,
    args: ['-e', `${hello} console.log('{"say":"done?"}')`],
    env: process.env,
  })
  await assert.rejects(odd.answer(ignore), (error) => isEngineError(error, 'runner.protocol'))
})

/** One session in this process: says what came out for lines that go in. */
async function session(lines: readonly string[]): Promise<{ said: FromRunner[]; exit: number }> {
  const said: FromRunner[] = []
  async function* feed() {
    for (const line of lines) {
      yield line
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const exit = await runSession({
    lines: feed(),
    say: (message) => said.push(message),
    authority: () => ownAuthority(room.path('j')),
  })
  return { said, exit }
}

test('off-plan and malformed requests of any kind end the session with an error and leave every disk as it was', async () => {
  const disk = newDisk('fuzz.img')
  const blank = digest(disk)
  const job = provision(disk)
  const plan: ToRunner = { verb: 'plan', unit: 'one', job, neverTouch: [] }
  const id = fc.stringMatching(/^[0-9a-f]{64}$/)
  const bad = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.json({ maxDepth: 3 }),
    id.map((plan) => JSON.stringify({ verb: 'apply', unit: 'one', plan })),
    fc.constantFrom('write', 'exec', 'apply-plan', '__proto__').map((verb) => JSON.stringify({ ...plan, verb })),
    fc.constant(JSON.stringify({ ...plan, job: { ...job, kind: 'format' } })),
    fc.constant(JSON.stringify({ ...plan, job: { ...job, steps: [{ type: 'wipe' }] } })),
    fc.constant(JSON.stringify({ ...plan, plan: { id: 'x', steps: [] } })),
    fc.constant(JSON.stringify({ verb: 'look', target: disk, write: true })),
    fc.constant(JSON.stringify({ verb: 'cancel' })),
  )
  const planThen = fc.oneof(
    id.map((plan) => JSON.stringify({ verb: 'apply', unit: 'one', plan })),
    fc.constant(JSON.stringify(plan)),
    fc.constant(JSON.stringify({ verb: 'look', target: disk })),
    fc.json({ maxDepth: 2 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(bad, { minLength: 1, maxLength: 4 }), async (lines) => {
      const { said, exit } = await session(lines)
      const last = said.at(-1)
      assert.notEqual(exit, 0)
      assert.equal(last?.say, 'failed')
      assert.equal(last?.say === 'failed' && last.written, false)
    }),
    { numRuns: 150 },
  )
  await fc.assert(
    fc.asyncProperty(planThen, async (second) => {
      const { said, exit } = await session([JSON.stringify(plan), second])
      assert.notEqual(exit, 0)
      const last = said.at(-1)
      assert.equal(last?.say === 'failed' && last.written, false)
    }),
    { numRuns: 12 },
  )
  assert.equal(digest(disk), blank)
})
