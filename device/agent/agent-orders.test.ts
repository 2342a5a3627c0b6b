// Orders, from the server's list to their completion: carried out at most once, answered at least once, and only when they
// are meant for this appliance. Real signatures, real server, real update cycle.
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type AgentBench, openAgentBench } from '#testing/agent-bench.ts'
import { createOrderSigner, type OrderParameters, pythonJson } from '#testing/fleet-server-orders.ts'
import { ledgerPath } from './order-ledger.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const SHUT = { start: '10:00', end: '11:00', timezone: 'UTC' }

const update = (changes: OrderParameters = {}): OrderParameters => ({
  update_id: 'u-1',
  rollout_id: null,
  version: '2.0',
  iso_url: 'https://releases.example.org/2.0.bundle',
  sha256: null,
  maintenance_window: SHUT,
  ...changes,
})
const send = (bench: AgentBench, changes: OrderParameters = {}, request: object = {}) =>
  bench.server.fleet.sendOrder({ parameters: update(changes), ...request }).order_id
const stateOf = (bench: AgentBench, id: string) => bench.server.fleet.orderState(id)
const completed = (bench: AgentBench, id: string) => bench.server.fleet.completionOf(id)
const answersTo = (bench: AgentBench, id: string) =>
  bench.server.received
    .filter(({ path }) => decodeURIComponent(path).includes(`/orders/${id}/`))
    .map(({ path }) => path)
const record = async (bench: AgentBench) => (await bench.appliance.store.load())?.update_id ?? null

test('an order is acknowledged when its update is accepted, and completed when the gate has judged', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const id = send(bench)
  bench.start()
  await bench.pass(10 * MINUTE)
  assert.deepEqual([stateOf(bench, id), await record(bench)], ['acknowledged', 'u-1'])
  await bench.stop()
  await bench.bootNewSlot()
  bench.start()
  await bench.pass(MINUTE)
  assert.deepEqual(completed(bench, id), {
    success: true,
    result: { status: 'succeeded', version: '2.0', message: 'Version 2.0 runs.' },
    error_message: null,
  })
  assert.deepEqual(answersTo(bench, id).length, 2)
})

test('an update that was rolled back completes its order as failed, with the reason', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const id = send(bench)
  bench.start()
  await bench.pass(MINUTE)
  await bench.stop()
  const at = '2026-11-22T04:10:00Z'
  const entry = { version: '2.0', update_id: 'u-1', release_digest: null, at, reason: 'the API stayed silent' }
  await bench.appliance.store.addRolledBack(entry)
  await bench.appliance.store.clear()
  bench.start()
  await bench.pass(MINUTE)
  const { success, result } = completed(bench, id) ?? {}
  assert.deepEqual([success, result], [false, { status: 'rolled_back', error: 'the API stayed silent' }])
})

test('two orders for one update are one update; an order for another one waits at the server until it is over', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const first = send(bench)
  const second = send(bench)
  const third = send(bench, { update_id: 'u-2', version: '3.0' })
  bench.start()
  await bench.pass(5 * MINUTE)
  assert.deepEqual(
    [first, second, third].map((id) => stateOf(bench, id)),
    ['acknowledged', 'acknowledged', 'pending'],
  )
  assert.equal(await record(bench), 'u-1')
  assert.equal(bench.notes.filter((line) => line.includes(third)).length, 1)
  await bench.stop()
  await bench.bootNewSlot()
  bench.start()
  await bench.pass(5 * MINUTE)
  assert.deepEqual(
    [first, second, third].map((id) => stateOf(bench, id)),
    ['completed', 'completed', 'acknowledged'],
  )
  assert.equal(await record(bench), 'u-2')
})

test('orders of other kinds are refused politely, once, with the reason', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const ids = ['run_drift', 'nixos_rebuild', 'nix_gc'].map((type) => send(bench, {}, { type }))
  bench.start()
  await bench.pass(5 * MINUTE)
  for (const id of ids) {
    assert.equal(stateOf(bench, id), 'failed')
    assert.match(String(completed(bench, id)?.error_message), /are not carried out here, only update_iso/)
    assert.equal(answersTo(bench, id).length, 2)
  }
  assert.equal(await record(bench), null)
})

test('defect 20: an order for another appliance of the site is refused here', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const id = send(bench, {}, { target: 'test-site-52:54:00:00:00:99' })
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.match(String(completed(bench, id)?.error_message), /is for test-site-52:54:00:00:00:99; this appliance is/)
  assert.equal(await record(bench), null)
})

test('defect 20: an order that names nobody is followed when the rollout has reached this appliance, not before', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const id = send(bench, { rollout_id: 'r-1' }, { target: undefined })
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.deepEqual([stateOf(bench, id), await record(bench)], ['pending', null])
  const { iso_url } = { iso_url: 'https://releases.example.org/2.0.bundle' }
  bench.server.fleet.offer({ update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url, maintenance_window: SHUT })
  await bench.pass(2 * MINUTE)
  assert.deepEqual([stateOf(bench, id), await record(bench)], ['acknowledged', 'u-1'])
})

test('a replayed order is not carried out a second time, not under its own number and not under another one', async () => {
  await using bench = await openAgentBench({ rotates: false, config: 'agent: {poll_interval: 600}\n' })
  const order = bench.server.fleet.sendOrder({ parameters: update() })
  bench.start()
  await bench.pass(MINUTE)
  await bench.stop()
  await bench.bootNewSlot()
  bench.start()
  await bench.pass(20 * MINUTE)
  assert.equal(stateOf(bench, order.order_id), 'completed')
  // The machine goes back to 1.0 by hand; the old order would install 2.0 again.
  await bench.bootNewSlot()
  bench.server.fleet.sendRaw(order)
  await bench.pass(2 * HOUR)
  assert.equal(await record(bench), null)
  const copy = bench.server.fleet.sendOrder({ parameters: update({ update_id: 'u-9' }), nonce: order.nonce })
  await bench.pass(20 * MINUTE)
  assert.match(String(completed(bench, copy.order_id)?.error_message), /was used before/)
  bench.server.fleet.sendRaw({ ...order, order_id: 'order-otherout' })
  await bench.pass(20 * MINUTE)
  assert.deepEqual([await record(bench), stateOf(bench, 'order-otherout')], [null, 'failed'])
})

test('orders with a foreign signature, a changed text, or past their time change nothing', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { fleet } = bench.server
  const createdAt = bench.time.clock.now()
  const foreign = createOrderSigner().make({ parameters: update(), createdAt, target: fleet.applianceId })
  const genuine = fleet.signer.make({ parameters: update(), createdAt, target: fleet.applianceId })
  const changed = { ...genuine, signed_payload: genuine.signed_payload.replace('2.0', '6.6') }
  // What is outside of the signed text counts for nothing.
  const dressed = { ...fleet.signer.make({ type: 'nix_gc', parameters: {}, createdAt }), order_type: 'update_iso' }
  for (const order of [foreign, changed, dressed]) fleet.sendRaw(order)
  const old = send(bench, {}, { createdAt: new Date(createdAt.getTime() - 8 * DAY) })
  bench.start()
  await bench.pass(20 * MINUTE)
  const ids = [foreign.order_id, changed.order_id, dressed.order_id, old]
  assert.deepEqual(
    ids.map((id) => stateOf(bench, id)),
    ['failed', 'failed', 'failed', 'failed'],
  )
  assert.equal(await record(bench), null)
  assert.match(pythonJson(update()), /"version": "2\.0"/)
})

test('while the clock is wrong no order is refused for its age', async () => {
  await using bench = await openAgentBench({ rotates: false, now: () => new Date('2026-11-22T04:00:00Z') })
  bench.time.set(new Date('2028-01-01T00:00:00Z'))
  const id = send(bench)
  bench.start()
  await bench.pass(5 * MINUTE)
  assert.equal(stateOf(bench, id), 'pending')
  bench.time.set(new Date('2026-11-22T04:06:00Z'))
  await bench.pass(5 * MINUTE)
  assert.equal(stateOf(bench, id), 'acknowledged')
})

test('an answer that gets lost is given again', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const id = send(bench, {}, { type: 'nix_gc' })
  let lost = 0
  bench.server.setFault(({ path }) => (path.includes('/acknowledge') && lost++ < 2 ? { connection: 'drop' } : null))
  bench.start()
  await bench.pass(10 * MINUTE)
  assert.deepEqual([lost, stateOf(bench, id)], [3, 'failed'])
})

test('an order for the version that runs is skipped, one that cannot begin fails with the reason', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const same = send(bench, { version: '1.0' })
  const elsewhere = send(bench, { update_id: 'u-3', iso_url: 'https://elsewhere.example.net/x.bundle' })
  bench.start()
  await bench.pass(2 * MINUTE)
  assert.deepEqual([completed(bench, same)?.success, stateOf(bench, elsewhere)], [true, 'failed'])
  assert.match(String(completed(bench, elsewhere)?.error_message), /elsewhere\.example\.net/)
})

test('the update of an order that is cancelled in its rollout is given up, and the order says so', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { fleet } = bench.server
  const parameters = update({ rollout_id: 'r-1' })
  fleet.offer({ update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: String(parameters.iso_url) })
  const { order_id } = fleet.sendOrder({ parameters })
  bench.write = async () => fleet.cancelUpdate()
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.deepEqual([await record(bench), bench.reboots], [null, []])
  assert.equal(stateOf(bench, order_id), 'failed')
})

test('however slow the server is, its answer that it has dropped the update comes before the restart is chosen', async () => {
  await using bench = await openAgentBench({ rotates: false })
  const { fleet } = bench.server
  const parameters = update({ rollout_id: 'r-1' })
  fleet.offer({ update_id: 'u-1', rollout_id: 'r-1', version: '2.0', iso_url: String(parameters.iso_url) })
  const { order_id } = fleet.sendOrder({ parameters })
  bench.server.setFault(({ path }) => (path.endsWith('/update-status') ? { delayMs: 300 } : null))
  bench.write = async () => fleet.cancelUpdate()
  bench.start()
  await bench.pass(3 * MINUTE)
  assert.deepEqual([await record(bench), bench.reboots], [null, []])
  assert.equal(stateOf(bench, order_id), 'failed')
})

test('a damaged used_nonces.json is set aside and told; the agent goes on', async () => {
  await using bench = await openAgentBench({ rotates: false })
  await writeFile(ledgerPath(bench.paths.state), '{"nonces": {"x": 5}')
  const id = send(bench)
  bench.start()
  await bench.pass(MINUTE)
  assert.equal(stateOf(bench, id), 'acknowledged')
  assert.match(await bench.state('used_nonces.json.damaged'), /"x": 5/)
  assert.ok(bench.notes.some((line) => line.includes(join(bench.paths.state, 'used_nonces.json'))))
})

test('an order is completed though the ledger was damaged or lost after the order was done', async () => {
  const losses: readonly ((path: string) => Promise<void>)[] = [
    (path) => writeFile(path, '\0'.repeat(100)),
    async (path) => {
      for (const name of [path, `${path}.spare`]) await writeFile(name, '')
    },
    async (path) => {
      for (const name of [path, `${path}.spare`]) await rm(name)
    },
  ]
  for (const lose of losses)
    for (const when of ['before', 'after'] as const) {
      await using bench = await openAgentBench({ rotates: false })
      const id = send(bench, { maintenance_window: null })
      bench.start()
      await bench.pass(2 * MINUTE)
      assert.equal(stateOf(bench, id), 'acknowledged')
      await bench.stop()
      if (when === 'before') await lose(ledgerPath(bench.paths.state))
      await bench.bootNewSlot()
      if (when === 'after') await lose(ledgerPath(bench.paths.state))
      bench.start()
      await bench.pass(MINUTE)
      assert.deepEqual([stateOf(bench, id), completed(bench, id)?.success], ['completed', true], when)
      const answers = answersTo(bench, id).length
      await bench.pass(10 * MINUTE)
      assert.equal(answersTo(bench, id).length, answers, 'and not again')
    }
})
