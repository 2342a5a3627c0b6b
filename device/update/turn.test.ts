// One program at a time changes what boots: real processes, one of which holds the turn while the other is started.
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { confirm } from '#model/boot-state.ts'
import { GateWorld } from '#testing/gate-world.ts'
import { type ProgramWorld, programWorld } from '#testing/program-world.ts'
import { buildOffer } from '#testing/update-world.ts'
import { healthGate } from '../gate/health-gate.ts'
import { createCycle } from './cycle.ts'
import { hypernetAdmin } from './hypernet-admin.ts'
import { osirisUpdate } from './osiris-update.ts'
import { patiently, turnsOf } from './turn.ts'

const DEVICE = new URL('../bin/twinslot-device.ts', import.meta.url).pathname

/** A real program of the appliance whose files are below `root`. */
async function program(root: string, ...argv: string[]) {
  const child = execFile(process.execPath, [DEVICE, ...argv, '--root', root, '--json'], { timeout: 120_000 })
  let out = ''
  child.stdout?.on('data', (text: string) => {
    out += text
  })
  const [exit] = await once(child, 'close')
  return { exit: exit as number, answer: JSON.parse(out) as { code: string; findings: { message: string }[] } }
}

/** A process that has the turn until it is killed. */
async function holder(t: TestContext, state: string, name: string): Promise<ChildProcess> {
  const turns = new URL('./turn.ts', import.meta.url)
  const code = `const { turnsOf } = await import('${turns}')
    const turn = await turnsOf(process.argv[1], process.argv[2])()
    console.log('held')
    setInterval(() => turn, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, state, name])
  t.after(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  assert.equal(line, 'held')
  return child
}

test('whoever would change what boots while another program does is told which one, and changes nothing', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'turn-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'etc/twinslot'), { recursive: true })
  writeFileSync(join(root, 'etc/twinslot/device.yaml'), 'product: demo\n')
  const state = join(root, 'var/lib/msp')
  await using _turn = await turnsOf(state, 'twinslot-agent')()
  const commands = [
    ['osiris-update', '--rollback', '--yes'],
    ['hypernet-admin', 'rollback', '--yes'],
  ]
  const before = readdirSync(root)
  for (const command of commands) {
    const { exit, answer } = await program(root, ...command)
    assert.deepEqual([exit, answer.code], [3, 'update.busy'], command.join(' '))
    assert.match(answer.findings[0].message, new RegExp(`twinslot-agent \\(process ${process.pid}\\)`))
  }
  assert.deepEqual(readdirSync(root), before)
})

async function proven(t: TestContext): Promise<ProgramWorld> {
  const world = await programWorld()
  t.after(() => world[Symbol.asyncDispose]())
  const bundle = await world.own.release('2.0.0', 2)
  assert.equal((await world.run(hypernetAdmin, ['update', '--image', bundle, '--yes'])).exit, 0)
  await world.own.start()
  await world.appliance.disk.confirm('B')
  await world.appliance.store.clear()
  return world
}

test('a turn ends with its process, however that ends; then the other program has it', async (t) => {
  const world = await proven(t)
  const { state } = world.own.paths
  const other = await holder(t, state, 'twinslot-agent')
  const digest = await world.digest()
  const refused = await world.run(osirisUpdate, ['--rollback', '--yes', '--json'])
  assert.equal(JSON.parse(refused.out).code, 'update.busy')
  assert.match(refused.out, new RegExp(`twinslot-agent \\(process ${other.pid}\\)`))
  const cycle = createCycle(world.appliance, world.deps)
  assert.ok((await cycle.accept(buildOffer({ version: '3.0.0', window: null }))).accepted)
  const waits = await cycle.step(new AbortController().signal)
  assert.ok(waits.state === 'waiting' && waits.for === 'turn')
  assert.equal(await world.digest(), digest)
  assert.deepEqual(await world.appliance.store.rolledBack(), [])
  const gone = once(other, 'exit')
  other.kill('SIGKILL')
  await gone
  assert.equal((await world.run(osirisUpdate, ['--rollback', '--yes'])).exit, 0)
  assert.equal((await world.appliance.disk.look()).next?.slot, 'A')
})

test('the gate of a trial waits for its turn and never decides beside another program; a confirmed slot is not held up', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'turn-gate-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const gate = async (world: GateWorld) => {
    const notes: string[] = []
    const given = { argv: [], json: false, signal: new AbortController().signal, result: () => {} }
    const run = healthGate.run({ ...given, appliance: world.appliance, note: (line) => void notes.push(line) })
    return { exit: await run.catch((error: EngineError) => error.code), notes: notes.join('\n') }
  }
  const trial = new GateWorld(folder)
  trial.arm()
  trial.boot()
  trial.effects = []
  const confirmed = new GateWorld(folder)
  confirmed.apply('confirm', confirm(confirmed.state, 'A'))
  {
    await using _turn = await turnsOf(folder, 'osiris-update')()
    assert.equal((await gate(trial)).exit, 'update.busy')
    assert.deepEqual(trial.effects, [])
    const { exit, notes } = await gate(confirmed)
    assert.equal(exit, 0)
    assert.match(notes, /osiris-update \(process \d+\)/)
  }
  assert.equal((await gate(trial)).exit, 0)
})

test('patience has an end, and an error of another kind is no reason to wait', async () => {
  const busy = new EngineError('update.busy', { holder: 'x' })
  let asked = 0
  let slept = 0
  const ask = (error: EngineError) => () => {
    asked++
    return Promise.reject(error)
  }
  const sleep = async (time: number) => {
    slept += time
  }
  await assert.rejects(patiently(ask(busy), 2000, sleep), busy)
  assert.deepEqual([asked, slept], [5, 2000])
  const broken = new EngineError('disk.lock-unsafe', { folder: '/run', uid: 0 })
  await assert.rejects(patiently(ask(broken), 2000, sleep), broken)
  assert.equal(asked, 6)
})
