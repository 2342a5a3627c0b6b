// The agent's loop against a real server: keys, servers that are away, refuse or hang, clocks, and its end.
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { type AgentBench, openAgentBench } from '#testing/agent-bench.ts'
import { pauseAfter } from './agent.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const URL_2 = 'https://releases.example.org/2.0.bundle'
const CHECK_IN = /\/checkin$/

const checkIns = (bench: AgentBench) => bench.server.receivedOn(CHECK_IN)
const bearersOf = (bench: AgentBench) => bench.server.received.map(({ headers }) => headers.authorization?.slice(7))
const saidOnce = (bench: AgentBench, what: RegExp) => bench.notes.filter((line) => what.test(line)).length === 1

test('the check-in says who and what the appliance is, every poll interval', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.start()
  await bench.pass(5 * MINUTE)
  const [first] = checkIns(bench)
  assert.deepEqual(first?.body, {
    site_id: 'test-site',
    hostname: 'box',
    mac_address: '52:54:00:12:34:56',
    all_mac_addresses: ['52:54:00:12:34:56'],
    boot_source: 'installed_disk',
    ip_addresses: ['10.0.2.15'],
    uptime_seconds: 7,
    agent_version: 'source',
    nixos_version: null,
  })
  assert.equal(checkIns(bench).length, 6)
  assert.deepEqual(bench.notes, [])
})

test('a new key is in config.yaml before the next call is made, and the rest of the file stays', async () => {
  await using bench = await openAgentBench({ apiKey: 'first-key' })
  let callsWhenSaved = 0
  const { persist } = bench
  bench.persist = async (key) => {
    await persist(key)
    callsWhenSaved = bench.server.received.length
  }
  bench.start()
  await bench.asleep()
  const key = bench.server.fleet.apiKey()
  assert.equal(callsWhenSaved, 1)
  assert.ok(bench.server.received.length > 1)
  assert.deepEqual(new Set(bearersOf(bench)), new Set(['first-key', key]))
  assert.deepEqual(
    bearersOf(bench)
      .slice(1)
      .filter((bearer) => bearer !== key),
    [],
  )
  assert.match(await bench.state('config.yaml'), new RegExp(`api_key: "${key}" # kept\n`))
  assert.doesNotMatch(bench.notes.join(), /first-key/)
  assert.ok(!bench.notes.join().includes(key))
})

test('while a new key cannot be saved nothing is asked; it is not lost, and then used', async () => {
  await using bench = await openAgentBench()
  const { persist } = bench
  bench.persist = async () => {
    throw new EngineError('settings.not-saved', { file: 'config.yaml', reason: 'no space left (ENOSPC)' })
  }
  bench.start()
  await bench.pass(HOUR)
  assert.equal(bench.server.received.length, 1)
  assert.ok(saidOnce(bench, /no space left/))
  bench.persist = persist
  await bench.pass(HOUR)
  assert.ok(checkIns(bench).length > 1)
  assert.deepEqual(new Set(bearersOf(bench).slice(1)), new Set([bench.server.fleet.apiKey()]))
})

test('after a power cut between answer and saving the old key is refused; a new one in config.yaml ends that', async () => {
  await using bench = await openAgentBench()
  bench.server.setFault(() => ({ connection: 'lose' }))
  bench.start()
  await bench.asleep()
  bench.server.setFault(null)
  await bench.pass(12 * HOUR)
  const refused = checkIns(bench).length
  assert.ok(refused > 6 && refused < 24, `${refused} check-ins in 12 hours`)
  assert.ok(saidOnce(bench, /refuses the key of this appliance \(status 401\)/))
  const file = join(bench.paths.state, 'config.yaml')
  const config = await bench.state('config.yaml')
  await writeFile(file, config.replace('first-key', bench.server.fleet.apiKey()))
  await bench.pass(HOUR + MINUTE)
  const before = bench.server.received.length
  await bench.pass(2 * MINUTE)
  assert.ok(bench.server.received.length > before)
})

test('polls follow the interval, back off to an hour at most, and are spread', () => {
  for (const random of [0, 0.5, 1]) {
    assert.ok(pauseAfter(0, 60, random) >= 54_000 && pauseAfter(0, 60, random) <= 66_000)
    for (const failures of [1, 5, 100]) assert.ok(pauseAfter(failures, 3600, random) <= HOUR)
    assert.ok(pauseAfter(3, 60, random) > pauseAfter(1, 60, random))
  }
  assert.notEqual(pauseAfter(0, 60, 0), pauseAfter(0, 60, 1))
})

test('a server that goes away in the middle: reports wait and arrive in order when it is back', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.start()
  await bench.asleep()
  bench.server.fleet.offer({ version: '2.0', iso_url: URL_2 })
  bench.write = async () => {
    await bench.until(() => bench.server.fleet.statusWords().includes('downloading'))
    await bench.server.goAway()
  }
  await bench.pass(MINUTE + 10_000)
  await bench.pass(10 * MINUTE)
  assert.ok(bench.reboots.length > 0)
  assert.deepEqual(bench.server.fleet.statusWords(), ['downloading'])
  assert.ok(saidOnce(bench, /^http.*cannot be reached/))
  await bench.server.comeBack()
  await bench.pass(2 * HOUR)
  assert.deepEqual(bench.server.fleet.statusWords(), ['downloading', 'ready', 'rebooting'])
})

test('a server that answers 500 for a week is asked at most once an hour, and said to be so once', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.server.setFault(() => ({ status: 500 }))
  bench.start()
  await bench.pass(2 * HOUR)
  const before = bench.server.received.length
  await bench.pass(12 * HOUR)
  assert.ok(bench.server.received.length - before <= 16, `${bench.server.received.length - before} requests`)
  assert.ok(saidOnce(bench, /status 500/))
})

test('a server that asks for peace is left alone as long as it says, an hour at most; reports wait meanwhile', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const after = (text: string) => bench.server.setFault(() => ({ status: 503, headers: { 'retry-after': text } }))
  const asked = () => bench.server.received.length
  bench.start()
  await bench.asleep()
  bench.server.fleet.offer({ version: '2.0', iso_url: URL_2 })
  bench.write = async () => {
    await bench.until(() => bench.server.fleet.statusWords().includes('downloading'))
    after('1800')
  }
  await bench.pass(MINUTE)
  const before = asked()
  // Written and restarted, and after the first 503 nothing was said of it.
  assert.ok(bench.reboots.length > 0)
  assert.equal((await bench.appliance.outbox.list()).length, 2)
  await bench.pass(28 * MINUTE)
  assert.equal(asked(), before)
  after('86400')
  await bench.pass(4 * MINUTE)
  assert.equal(asked(), before + 1)
  bench.server.setFault(null)
  await bench.pass(50 * MINUTE)
  assert.equal(asked(), before + 1)
  await bench.pass(10 * MINUTE)
  assert.deepEqual(bench.server.fleet.statusWords(), ['downloading', 'ready', 'rebooting'])
})

test('answers that are not what was agreed are told and survived', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.server.fleet.offer({ version: '../2.0', iso_url: URL_2 })
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.ok(saidOnce(bench, /cannot be used: version must be a version of at most 50 characters/))
  assert.deepEqual(bench.server.fleet.statusWords(), ['failed'])
  assert.ok(checkIns(bench).length >= 2)
})

test('an appliance that nobody has claimed asks nobody, and begins when it has a server', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const file = join(bench.paths.state, 'config.yaml')
  const config = await bench.state('config.yaml')
  await rm(file)
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.equal(bench.server.received.length, 0)
  await writeFile(file, config)
  await bench.pass(2 * MINUTE)
  assert.ok(checkIns(bench).length > 0)
})

test('a mistake in config.yaml is told with its line; the loop goes on when it is corrected', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const file = join(bench.paths.state, 'config.yaml')
  const config = await bench.state('config.yaml')
  await writeFile(file, `${config}maintenance_window: {start: "25:00", end: "05:00"}\n`)
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.ok(saidOnce(bench, /25:00/))
  await writeFile(file, config)
  await bench.pass(2 * MINUTE)
  assert.ok(checkIns(bench).length > 0)
})

test('a clock that differs from the server is told, and a clock that goes backwards stops nothing', async () => {
  let ahead = DAY
  await using bench = await openAgentBench({
    rotates: false,
    now: () => new Date(bench.time.clock.now().getTime() + ahead),
  })
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.ok(saidOnce(bench, /clock of this appliance says 2026-11-22T04:00:00Z.*2026-11-23T04:00:00Z/))
  ahead = 0
  const before = checkIns(bench).length
  bench.time.set(new Date('2026-06-01T00:00:00Z'))
  await bench.pass(2 * HOUR)
  assert.ok(checkIns(bench).length > before)
  assert.ok(saidOnce(bench, /clock agrees/))
})

test('it ends at once in the middle of a request that hangs, of a writing that hangs, and of a wait', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.start()
  await bench.asleep()
  await bench.stop()
  bench.server.setFault(() => ({ connection: 'hang' }))
  bench.start()
  await bench.until(() => bench.server.received.some(({ path }, index) => index >= 3 && CHECK_IN.test(path)))
  // The client would wait for twenty seconds.
  assert.ok((await bench.stop()) < 10_000)
  bench.server.setFault(null)
  bench.server.fleet.offer({ version: '2.0', iso_url: URL_2 })
  let writing = 0
  bench.write = ({ signal }) => {
    writing++
    return new Promise((_, fail) => signal.addEventListener('abort', () => fail(new EngineError('job.cancelled'))))
  }
  bench.start()
  await bench.until(() => writing === 1)
  await bench.stop()
  assert.equal((await bench.appliance.store.load())?.phase, 'writing')
  bench.write = async () => {}
  bench.start()
  await bench.until(() => bench.reboots.length === 1)
})
