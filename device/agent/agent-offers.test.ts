// Updates that the fleet and the channel offer, as the appliance lives through them; the defects of interop 4.2 that concern
// the device's view are named.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { type AgentBench, openAgentBench } from '#testing/agent-bench.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const URL_2 = 'https://releases.example.org/2.0.bundle'
/** Long stories need few check-ins. */
const RARELY = 'agent: {poll_interval: 3600}\n'
const ALL = [{ percent: 100, delay_hours: 0 }]
const UNTIL_REBOOT = ['downloading', 'ready', 'rebooting']

const offer = (bench: AgentBench, changes: object = {}) =>
  bench.server.fleet.offer({ version: '2.0', iso_url: URL_2, ...changes })
const words = (bench: AgentBench) => bench.server.fleet.statusWords()
const rebooted = (bench: AgentBench) => bench.until(() => bench.reboots.length > 0)
const phase = async (bench: AgentBench) => (await bench.appliance.store.load())?.phase ?? null
const hang = (signal: AbortSignal) =>
  new Promise<void>((_, fail) => signal.addEventListener('abort', () => fail(new EngineError('job.cancelled'))))

test("the fleet's update is written, and the server hears of each step before the restart", async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { update_id } = offer(bench)
  bench.start()
  await rebooted(bench)
  assert.deepEqual(words(bench), UNTIL_REBOOT)
  assert.ok(bench.server.fleet.statuses.every((post) => post.body.update_id === update_id))
  assert.equal(await phase(bench), 'rebooting')
})

for (const status of ['downloading', 'ready', 'rebooting'] as const)
  test(`defect 6: an appliance that the server believes to be ${status} begins again all the same`, async () => {
    await using bench = await openAgentBench({ rotates: false, offered: [status, 'downloading', 'ready'] })
    offer(bench)
    bench.server.fleet.setStatus(status)
    bench.start()
    await rebooted(bench)
    assert.deepEqual(words(bench), UNTIL_REBOOT)
  })

test('defect 14: a window that stays shut for more than a day neither lets an update through nor ends it', async () => {
  await using bench = await openAgentBench({ rotates: false, config: RARELY })
  // The bench begins on a Sunday.
  const maintenance_window = { start: '02:00', end: '05:00', timezone: 'UTC', days: ['wednesday'] }
  const parameters = { update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: URL_2, maintenance_window }
  const { order_id } = bench.server.fleet.sendOrder({ parameters })
  offer(bench, { update_id: 'u-1', rollout_id: 'r-1', maintenance_window })
  bench.start()
  await bench.pass(26 * HOUR)
  assert.deepEqual(words(bench), ['downloading', 'ready'])
  assert.deepEqual([await phase(bench), bench.reboots], ['ready', []])
  assert.equal(bench.server.fleet.orderState(order_id), 'acknowledged')
  bench.time.set(new Date('2026-11-25T02:01:00Z'))
  await bench.pass(6 * MINUTE)
  assert.deepEqual(words(bench), UNTIL_REBOOT)
})

test('a window that the server moves counts with the next check-in, not with the next look at the old window', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const maintenance_window = { start: '02:00', end: '05:00', timezone: 'UTC', days: ['wednesday'] }
  const { update_id } = offer(bench, { maintenance_window })
  bench.start()
  await bench.until(() => words(bench).includes('ready'))
  offer(bench, { update_id, maintenance_window: null })
  bench.server.fleet.setStatus('ready')
  // The driver alone would look again after five minutes.
  await bench.pass(2 * MINUTE)
  assert.deepEqual(words(bench), UNTIL_REBOOT)
})

test('defect 17: what the server no longer wants to hear is kept and told, not lost', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { update_id } = offer(bench)
  bench.server.fleet.cancelUpdate()
  const at = '2026-11-22T03:59:00Z'
  await bench.appliance.outbox.put({ at, update_id, status: 'verifying', boot_attempts: 3 })
  await bench.appliance.outbox.put({ at, update_id, status: 'rolled_back', error_message: 'API stayed silent' })
  bench.start()
  await bench.asleep()
  assert.deepEqual(await bench.appliance.outbox.list(), [])
  const kept = JSON.parse(await bench.state('update/undelivered.json'))
  assert.deepEqual(kept, [{ at, update_id, status: 'rolled_back', error_message: 'API stayed silent' }])
  assert.ok(bench.notes.some((line) => line.includes(update_id) && line.includes('undelivered.json')))
})

test('defect 17: while its rollout is paused nothing begins here, and what it reports is taken and counted', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { fleet } = bench.server
  const { update_id } = fleet.offer({ version: '2.0', iso_url: URL_2 }, { stages: ALL, others: ['other'] })
  fleet.pauseRollout()
  await bench.appliance.outbox.put({ at: '2026-11-22T03:59:00Z', update_id, status: 'rolled_back' })
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.deepEqual([await phase(bench), words(bench)], [null, ['rolled_back']])
  assert.deepEqual([fleet.rollout().status, fleet.rollout().progress.rolled_back], ['paused', 1])
})

test('defect 18: an update begins when the delay of the stage before is over, and ends its rollout', async () => {
  await using bench = await openAgentBench({ rotates: false, config: RARELY })
  const { fleet } = bench.server
  const stages = [{ percent: 50, delay_hours: 3 }, ...ALL]
  fleet.offer({ version: '2.0', iso_url: URL_2 }, { stages, others: ['first'] })
  fleet.reportOther('first', 'succeeded')
  bench.start()
  await bench.pass(2 * HOUR + 50 * MINUTE)
  assert.deepEqual([words(bench), fleet.rollout().current_stage], [[], 0])
  await bench.pass(HOUR + 10 * MINUTE)
  assert.deepEqual([words(bench), fleet.rollout().status], [UNTIL_REBOOT, 'in_progress'])
  await bench.stop()
  const record = await bench.appliance.store.load()
  await bench.bootNewSlot()
  await bench.appliance.outbox.put({
    at: '2026-11-22T08:30:00Z',
    update_id: record?.update_id ?? '',
    status: 'succeeded',
  })
  bench.start()
  await bench.asleep()
  assert.deepEqual([fleet.rollout().status, fleet.rollout().progress.succeeded], ['completed', 2])
})

test('defect 19: an appliance asks with its own key, and a server that wants a person there stops only that', async () => {
  await using bench = await openAgentBench({ rotates: false })
  bench.start()
  await bench.asleep()
  const [asked] = bench.server.receivedOn(/pending-update$/)
  assert.equal(asked?.headers.authorization, `Bearer ${bench.server.fleet.apiKey()}`)
  assert.equal(asked?.headers['x-site-id'], 'test-site')
  bench.server.setFault(({ path }) => (path.startsWith('/api/fleet/') ? { status: 401 } : null))
  const parameters = { update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: URL_2 }
  bench.server.fleet.sendOrder({ parameters })
  const before = bench.server.receivedOn(/checkin$/).length
  await bench.pass(10 * MINUTE)
  assert.ok(bench.server.receivedOn(/checkin$/).length - before >= 9)
  assert.ok(bench.reboots.length > 0)
  assert.equal(bench.notes.filter((line) => /status 401/.test(line)).length, 2)
})

test('an update that is cancelled half-way is given up without a trace', async () => {
  await using bench = await openAgentBench({ rotates: false })
  offer(bench)
  let aborted = false
  bench.write = async ({ signal }) => {
    signal.addEventListener('abort', () => {
      aborted = true
    })
    await hang(signal)
  }
  bench.start()
  await bench.until(() => words(bench).includes('downloading'))
  bench.server.fleet.cancelUpdate()
  await bench.until(async () => {
    bench.time.wakeNext(bench.time.elapsed() + 2 * MINUTE)
    return (await phase(bench)) === null
  })
  assert.ok(aborted)
  await bench.pass(10 * MINUTE)
  assert.deepEqual([words(bench), bench.reboots], [['downloading'], []])
  bench.write = async () => {}
  offer(bench, { version: '3.0' })
  await bench.pass(2 * MINUTE)
  assert.ok(bench.reboots.length > 0)
})

test('while reports wait, an update is not taken for withdrawn: the server judges by an older status', async () => {
  await using bench = await openAgentBench({ rotates: false })
  offer(bench, { maintenance_window: { start: '10:00', end: '11:00' } })
  bench.server.setFault(({ path }) => (path.endsWith('/update-status') ? { status: 503 } : null))
  bench.start()
  await bench.until(async () => (await phase(bench)) === 'ready')
  // As after an attempt that a power cut ended.
  bench.server.fleet.setStatus('rebooting')
  await bench.pass(2 * MINUTE)
  assert.equal(await phase(bench), 'ready')
  bench.server.setFault(null)
  await bench.pass(20 * MINUTE)
  assert.deepEqual([await phase(bench), words(bench)], ['ready', ['downloading', 'ready']])
})

test('an update that the server replaces by another one gives way to it', async () => {
  await using bench = await openAgentBench({ rotates: false })
  offer(bench, { maintenance_window: { start: '10:00', end: '11:00' } })
  bench.start()
  await bench.until(() => words(bench).includes('ready'))
  const { update_id } = offer(bench, { version: '3.0' })
  await bench.pass(2 * MINUTE)
  assert.equal((await bench.appliance.store.load())?.update_id, update_id)
})

test('an update that cannot begin is reported as failed once, one that runs already as succeeded', async () => {
  await using bench = await openAgentBench({ rotates: false })
  offer(bench, { iso_url: 'https://elsewhere.example.net/2.0.bundle' })
  bench.start()
  await bench.pass(5 * MINUTE)
  const [post] = bench.server.fleet.statuses
  assert.equal(post?.status, 'failed')
  assert.match(String(post?.body.error_message), /elsewhere\.example\.net/)
  offer(bench, { version: '1.0' })
  await bench.pass(5 * MINUTE)
  assert.deepEqual(words(bench), ['failed', 'succeeded'])
})

test('the channel is asked once a day at its time, and a person has to approve', async () => {
  const updates = 'auto_update: {enabled: true, channel: beta, schedule: "06:00", require_approval: true}\n'
  await using bench = await openAgentBench({ rotates: false, updates, config: 'agent: {poll_interval: 900}\n' })
  const asked = () => bench.server.receivedOn(/^\/api\/updates$/)
  bench.start()
  await bench.pass(MINUTE)
  // Never asked before: at once. Then at six.
  assert.equal(asked().length, 1)
  assert.deepEqual(asked()[0]?.query, { current: '1.0', channel: 'beta' })
  await bench.stop()
  bench.start()
  await bench.pass(HOUR)
  assert.equal(asked().length, 1)
  bench.server.fleet.release('beta', { version: '2.0', url: URL_2, sha256: '0'.repeat(64), size_bytes: null })
  await bench.pass(2 * HOUR)
  assert.equal(asked().length, 2)
  await bench.pass(HOUR)
  assert.deepEqual([await phase(bench), bench.reboots], ['ready', []])
  const record = await bench.appliance.store.load()
  assert.ok(record)
  // As `osiris-update --approve` does, in another process.
  await bench.appliance.store.save({ ...record, approved_at: '2026-11-22T08:00:00Z' })
  await bench.pass(MINUTE)
  assert.ok(bench.reboots.length > 0)
  assert.deepEqual(words(bench), [])
})

test('with a clock before the build date no schedule is followed', async () => {
  const updates = 'auto_update: {enabled: true, channel: stable, schedule: "02:00", require_approval: false}\n'
  await using bench = await openAgentBench({ rotates: false, updates, builtAt: new Date('2027-01-01T00:00:00Z') })
  bench.start()
  await bench.pass(20 * MINUTE)
  assert.equal(bench.server.receivedOn(/^\/api\/updates$/).length, 0)
})
