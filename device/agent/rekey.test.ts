// An appliance that a power cut locked out gets a key again by itself, asks no more than once an hour for it, and says what
// came of it. Real server, real files; the power goes where it hurts.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { type AgentBench, openAgentBench } from '#testing/agent-bench.ts'
import { keyTroublePath } from '../update/key-trouble.ts'
import { tellStatus } from '../update/status.ts'
import { hardwareId } from './rekey.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const REKEY = /\/provision\/rekey$/

const rekeys = (bench: AgentBench) => bench.server.receivedOn(REKEY)
const checkIns = (bench: AgentBench) => bench.server.receivedOn(/\/checkin$/)
const status = async (bench: AgentBench) => await tellStatus(bench.appliance)
const keyLines = async (bench: AgentBench) => (await status(bench)).lines.filter((line) => /^Key: /.test(line))

/** The server rotates the key, and the power goes before the answer has arrived. */
async function lockedOut(options: Parameters<typeof openAgentBench>[0] = {}): Promise<AgentBench> {
  const bench = await openAgentBench({ apiKey: 'first-key', ...options })
  bench.server.setFault(() => ({ connection: 'lose' }))
  bench.start()
  await bench.asleep()
  await bench.stop()
  bench.server.setFault(null)
  assert.notEqual(bench.server.fleet.apiKey(), 'first-key')
  return bench
}

test('a power cut between receiving a new key and saving it: another one is asked for, saved, and used', async () => {
  await using bench = await lockedOut({ rekeys: true })
  let savedBefore = 0
  const { persist } = bench
  bench.persist = async (key) => {
    await persist(key)
    savedBefore = bench.server.received.length
  }
  bench.start()
  await bench.asleep()
  const key = bench.server.fleet.apiKey()
  const [asked] = rekeys(bench)
  assert.deepEqual(asked.body, {
    site_id: 'test-site',
    mac_address: '52:54:00:12:34:56',
    hostname: 'box',
    hardware_id: '4c4c4544-0000-1000-8000-000000000001',
  })
  // The refused key is not shown around.
  assert.equal(asked.headers.authorization, undefined)
  assert.equal(bench.server.received.indexOf(asked), savedBefore - 1)
  assert.match(await bench.state('config.yaml'), new RegExp(`api_key: "${key}" # kept\n`))
  const last = bench.server.received.at(-1)
  assert.equal(last?.headers.authorization, `Bearer ${key}`)
  await bench.pass(3 * HOUR)
  assert.equal(rekeys(bench).length, 1)
  assert.deepEqual([(await status(bench)).value.key_refused, await keyLines(bench)], [null, []])
  assert.ok(!bench.notes.join().includes(key) && !bench.notes.join().includes('first-key'))
})

test('a power cut between receiving that one and saving it: within the hour none is asked for, then it goes well', async () => {
  await using bench = await lockedOut({ rekeys: true })
  const { persist } = bench
  const received = Promise.withResolvers<void>()
  bench.persist = async () => {
    received.resolve()
    await new Promise(() => {}) // the power goes here
  }
  bench.start()
  await received.promise
  await bench.stop()
  bench.persist = persist
  assert.match(await bench.state('config.yaml'), /api_key: first-key/)
  bench.start()
  await bench.pass(50 * MINUTE)
  assert.equal(rekeys(bench).length, 1)
  assert.match((await keyLines(bench)).join(), /refused by the fleet server since 2026-11-22T04:0.*asked for at/)
  await bench.pass(2 * HOUR)
  assert.equal(rekeys(bench).length, 2)
  assert.match(await bench.state('config.yaml'), new RegExp(bench.server.fleet.apiKey()))
  assert.equal((await status(bench)).value.key_refused, null)
})

test('a key that cannot be saved is kept in memory, and nothing is asked before it is on disk', async () => {
  await using bench = await lockedOut({ rekeys: true })
  const { persist } = bench
  bench.persist = async () => {
    throw new EngineError('settings.not-saved', { file: 'config.yaml', reason: 'no space left (ENOSPC)' })
  }
  bench.start()
  await bench.pass(3 * HOUR)
  assert.deepEqual([rekeys(bench).length, bench.server.received.at(-1)?.path], [1, '/api/provision/rekey'])
  bench.persist = persist
  await bench.pass(HOUR + MINUTE)
  assert.equal(rekeys(bench).length, 1)
  assert.match(await bench.state('config.yaml'), new RegExp(bench.server.fleet.apiKey()))
})

test('a server that gives no new key is asked once an hour, over restarts too; config.yaml stays and status says why', async () => {
  await using bench = await lockedOut()
  const config = await bench.state('config.yaml')
  for (let starts = 0; starts < 3; starts++) {
    bench.start()
    await bench.pass(15 * MINUTE)
    await bench.stop()
  }
  assert.equal(rekeys(bench).length, 1)
  bench.start()
  await bench.pass(6 * HOUR)
  assert.ok(rekeys(bench).length > 2 && rekeys(bench).length <= 7, `${rekeys(bench).length} in under seven hours`)
  const times = rekeys(bench).length
  assert.equal(await bench.state('config.yaml'), config)
  const { value, lines } = await status(bench)
  assert.match(JSON.stringify(value.key_refused), /"code":"agent.rekey-refused".*"status":404/)
  const at = lines.findIndex((line) => line.startsWith('Key: refused by the fleet server since 2026-11-22T04:0'))
  assert.match(lines[at + 1], /gives this appliance no new key \(status 404\)/)
  assert.match(lines[at + 2], /claim the appliance again/)
  // A key that a person puts there ends it.
  await writeFile(join(bench.paths.state, 'config.yaml'), config.replace('first-key', bench.server.fleet.apiKey()))
  await bench.pass(HOUR + MINUTE)
  assert.deepEqual([rekeys(bench).length, await keyLines(bench)], [times, []])
})

test('only a refused key leads there: not a forbidden one, not a server that is away or unwell', async () => {
  await using bench = await openAgentBench({ rotates: false, rekeys: true })
  for (const fault of [{ status: 403 }, { status: 500 }, { status: 404 }, { connection: 'drop' }] as const) {
    bench.server.setFault(() => fault)
    bench.start()
    await bench.pass(5 * MINUTE)
    await bench.stop()
  }
  assert.deepEqual([rekeys(bench).length, await keyLines(bench)], [0, []])
  assert.ok(checkIns(bench).length > 4)
})

test('a damaged key.json, or one from the future, does not keep the appliance out', async () => {
  for (const text of [
    '{"refused_since": 5',
    '{"refused_since":"2040-01-01T00:00:00Z","asked_at":"2040-01-01T00:00:00Z"}',
  ]) {
    await using bench = await lockedOut({ rekeys: true })
    await mkdir(join(bench.paths.state, 'update'), { recursive: true })
    await writeFile(keyTroublePath(bench.paths.state), text)
    bench.start()
    await bench.asleep()
    assert.equal(rekeys(bench).length, 1, text)
  }
})

test('the board names itself by its UUID, else by its serial number; what makers leave in is no name', async (t) => {
  const sys = await mkdtemp(join(tmpdir(), 'twinslot-dmi-'))
  t.after(() => rm(sys, { recursive: true }))
  const put = (name: string, text: string) => writeFile(join(sys, 'class/dmi/id', name), text)
  assert.equal(await hardwareId({ sys }), null)
  await mkdir(join(sys, 'class/dmi/id'), { recursive: true })
  await put('product_uuid', '00000000-0000-0000-0000-000000000000\n')
  assert.equal(await hardwareId({ sys }), null)
  await put('product_serial', 'To Be Filled By O.E.M.\n')
  assert.equal(await hardwareId({ sys }), null)
  await put('product_serial', 'CZC123\n')
  assert.equal(await hardwareId({ sys }), 'CZC123')
  await put('product_uuid', '4c4c4544-0042\n')
  assert.equal(await hardwareId({ sys }), '4c4c4544-0042')
})
