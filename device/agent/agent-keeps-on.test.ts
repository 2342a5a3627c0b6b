// The agent keeps asking its server whatever else is wrong on the appliance, says each thing once, gives up no key before
// another one has worked, and ends with an error instead of half living on.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type AgentBench, openAgentBench } from '#testing/agent-bench.ts'
import { loadFormerKey } from '../settings-write.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SHUT = { start: '10:00', end: '11:00', timezone: 'UTC' }

const checkIns = (bench: AgentBench) => bench.server.received.filter(({ path }) => path === '/api/appliances/checkin')
const config = (bench: AgentBench) => join(bench.paths.state, 'config.yaml')
const bodyOf = (bench: AgentBench) =>
  (checkIns(bench).at(-1)?.body ?? {}) as { settings_problems?: { message: string }[]; site_id?: string }

test('a settings file that is cut in the middle of a round is a failed round; the next one goes well', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const whole = await readFile(config(bench), 'utf8')
  bench.start()
  await bench.asleep()
  bench.server.setFault(() => ({ delayMs: 100 }))
  for (const cut of ['', whole.slice(0, 40), `${whole}\nx: [`]) {
    await writeFile(config(bench), cut)
    await bench.pass(2 * MINUTE)
    await writeFile(config(bench), whole)
    const before = checkIns(bench).length
    await bench.pass(5 * MINUTE)
    assert.ok(checkIns(bench).length > before, `after ${cut.length} characters`)
  }
  assert.ok(!bench.notes.some((line) => line.includes('crashed')))
})

test('an error that ends a loop of the agent ends the agent', async () => {
  for (const path of ['host', 'random'] as const) {
    await using bench = await openAgentBench({ rotates: false })
    bench.breaks = path
    bench.start()
    await bench.until(() => bench.notes.some((line) => line.includes('crashed')))
    await bench.until(() => bench.time.sleeping() === 0)
  }
})

test('one mistake in one settings file: it checks in, tells the mistake there and once here, and restarts nothing', async () => {
  for (const [name, text] of [
    ['var/lib/msp/updates.yaml', ''],
    ['etc/twinslot/probes.yaml', 'health_checks: 7\n'],
    ['var/lib/msp/config.yaml', 'maintenance_window: {start: "02:00", end: "05:00", days: [tues]}\n'],
  ] as const) {
    await using bench = await openAgentBench({ rotates: false })
    const file = join(bench.paths.etc, '../..', name)
    const before = await readFile(file, 'utf8').catch(() => '')
    await writeFile(file, name.endsWith('config.yaml') ? before + text : text)
    const offer = { update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: 'https://releases.example.org/2.0' }
    bench.server.fleet.offer({ ...offer, maintenance_window: null })
    bench.start()
    await bench.pass(10 * MINUTE)
    assert.ok(checkIns(bench).length > 5, name)
    const [problem] = bodyOf(bench).settings_problems ?? []
    assert.match(
      problem?.message ?? '',
      new RegExp(name.split('/').at(-1) === 'probes.yaml' ? 'probe list|health_checks' : name),
    )
    assert.equal(bench.notes.filter((line) => line.includes('nothing is installed or restarted')).length, 1)
    assert.deepEqual(bench.reboots, [])
    await writeFile(file, name.endsWith('updates.yaml') ? 'auto_update: {enabled: no}\n' : before)
    await bench.pass(10 * MINUTE)
    assert.ok(bench.reboots.length > 0, `${name}: then it goes on`)
    assert.equal(bodyOf(bench).settings_problems, undefined)
  }
})

test('a new key that config.yaml could not hold is not taken; the old one goes on', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const before = await readFile(config(bench), 'utf8')
  for (const bad of ['R0tatedKey42\n', '', ' ', 'zwei wörter', 7, {}, 'k'.repeat(600)]) {
    bench.server.fleet.rotateTo(bad)
    bench.start()
    await bench.pass(2 * MINUTE)
    await bench.stop()
    assert.equal(await readFile(config(bench), 'utf8'), before, JSON.stringify(bad))
  }
  assert.ok(bench.notes.some((line) => line.includes('The old one is kept')))
  assert.ok(checkIns(bench).length > 7)
})

test('the old key is kept until the new one has worked, and put back when it never does', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const old = bench.server.fleet.apiKey()
  bench.server.fleet.rotateTo('never-works')
  bench.start()
  await bench.until(async () => (await loadFormerKey(bench.paths)) === old)
  bench.server.fleet.rotateTo(null)
  await bench.pass(5 * MINUTE)
  assert.match(await readFile(config(bench), 'utf8'), new RegExp(`api_key: "?${old}`))
  const seen = checkIns(bench).length
  await bench.pass(5 * MINUTE)
  assert.ok(checkIns(bench).length > seen)
  assert.ok(!bench.notes.join().includes(old) && !bench.notes.join().includes('never-works'))
})

test('a new key that works makes the old one forgotten', async () => {
  await using bench = await openAgentBench()
  bench.start()
  await bench.pass(5 * MINUTE)
  assert.match(await readFile(config(bench), 'utf8'), new RegExp(bench.server.fleet.apiKey()))
  assert.equal(await loadFormerKey(bench.paths), null)
})

test('waiting for a window for a day is one remark, and a server that is away is one, whatever times they name', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const order = { update_id: 'u-1', rollout_id: null, version: '2.0', iso_url: 'https://releases.example.org/2.0' }
  bench.server.fleet.sendOrder({ parameters: { ...order, sha256: null, maintenance_window: SHUT } })
  bench.start()
  await bench.pass(2 * HOUR)
  assert.equal(bench.notes.filter((line) => line.includes('the maintenance window opens')).length, 1)
  bench.server.setFault(() => ({ status: 500 }))
  const before = bench.notes.length
  await bench.pass(3 * HOUR)
  assert.ok(bench.notes.length - before < 8, bench.notes.slice(before).join('\n'))
})

test('names of sites in any script reach the server', async () => {
  await using bench = await openAgentBench({ rotates: false, siteId: '東京本社' })
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.ok(checkIns(bench).length > 0, bench.notes.join('; '))
  assert.ok(bench.server.received.some(({ path }) => path.endsWith('/orders/pending')))
  assert.equal(bodyOf(bench).site_id, '東京本社')
})

test('an offer that cannot be begun is told as failed once, also over restarts; one without optional fields is taken', async () => {
  await using bench = await openAgentBench({ rotates: false, offered: ['pending', 'notified', 'failed'] })
  const { fleet } = bench.server
  const offer = { update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: 'https://releases.example.org/2.0' }
  fleet.offer({ ...offer, version: '../../x' })
  for (let starts = 0; starts < 3; starts++) {
    bench.start()
    await bench.pass(3 * MINUTE)
    await bench.stop()
  }
  const told = () => bench.server.received.filter(({ path }) => path.endsWith('/update-status'))
  assert.equal(told().filter(({ body }) => (body as { status: string }).status === 'failed').length, 1)
  fleet.offer({ ...offer, update_id: 'u-2' })
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.ok(bench.reboots.length > 0)
})
