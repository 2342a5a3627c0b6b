// What is newer, and what failed here before, is told by what a slot holds and by ids, never by a clock; the ESP counts where
// the data partition has forgotten.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armTrial, factoryState, settleFallback } from '#model/boot-state.ts'
import type { Fallback } from '#model/health.ts'
import { buildContent, buildRecords } from '#testing/builders.ts'
import { buildOffer, EVENING, openUpdateWorld, type World } from '#testing/update-world.ts'
import { createCycle } from './cycle.ts'

const never = new AbortController().signal
const open = (world: World) => createCycle(world.appliance, world.deps)
const AHEAD = new Date(EVENING.getTime() + 9 * 3_600_000)

/** Slot B holds 2.0.0, written when the clock was nine hours ahead, and was left after its trial. */
function afterFallback(fallback: Partial<Fallback> | null) {
  const content = buildContent({ version: '2.0.0', writtenAt: AHEAD.toISOString() })
  const whole = {
    slot: 'B',
    version: '2.0.0',
    at: AHEAD.toISOString(),
    boots: 3,
    gated: 0,
    bootId: null,
    probes: [],
  } as const
  const records = buildRecords({ B: { state: 'written', content } })
  return openUpdateWorld({
    records: { ...records, fallback: fallback && { ...whole, reason: 'boot-failed', ...fallback } },
    state: settleFallback({ ...armTrial(factoryState('A'), 'B').after, wanted: 'B', failed: 'B', left: 0 }, 'A').after,
  })
}

test('the same version ordered again is written again, whatever time the slot was written at before', async () => {
  const world = afterFallback({ updateId: 'update-1' })
  const again = buildOffer({ origin: 'order', updateId: 'update-2', window: null })
  assert.ok((await open(world).accept(again)).accepted)
  assert.equal((await open(world).step(never)).state, 'rebooting')
  assert.equal(world.durable.finished, 1)
  assert.equal(world.durable.state.wanted, 'B')
})

test('a version that fell back is known from the ESP alone: by the fall-back, or by the mark on what the slot holds', async () => {
  for (const world of [afterFallback({ updateId: 'update-1' }), afterFallback({}), afterFallback(null)])
    for (const origin of ['fleet', 'channel'] as const) {
      const answer = await open(world).accept(buildOffer({ origin, updateId: 'update-1', window: null }))
      assert.ok(!answer.accepted)
      assert.equal(answer.findings[0].code, 'update.rolled-back-before')
    }
  const order = buildOffer({ origin: 'order', updateId: 'update-1', window: null })
  assert.equal((await open(afterFallback({ updateId: 'update-1' })).accept(order)).accepted, false, 'the same order')
  const other = await open(afterFallback({ version: '1.9.9', slot: 'A' })).accept(buildOffer({ version: '3.0.0' }))
  assert.ok(other.accepted, 'another version')
})

test('a slot that was marked bad after it was written is not started, and the update says so', async () => {
  for (const phase of ['ready', 'switching'] as const) {
    const world = openUpdateWorld()
    const offer = buildOffer()
    await open(world).accept(offer)
    await open(world).step(never)
    assert.equal(world.durable.record?.phase, 'ready')
    world.durable.record = { ...world.durable.record, phase, offer: { ...offer, window: null } }
    world.durable.state = { ...world.durable.state, marks: { A: 'good', B: 'bad' } }
    const state = await open(world).step(never)
    assert.ok(state.state === 'failed' && state.wire === 'SLOT_BAD', JSON.stringify(state))
    assert.deepEqual([world.durable.state.wanted, world.statuses().at(-1), world.durable.record], ['A', 'failed', null])
  }
})

test('an update whose selection was taken back by hand ends without another start', async () => {
  for (const phase of ['rebooting', 'verifying'] as const) {
    const world = openUpdateWorld()
    await open(world).accept(buildOffer({ window: null }))
    await open(world).step(never)
    assert.ok(world.durable.record)
    world.durable.record = { ...world.durable.record, phase }
    world.durable.state = factoryState('A')
    const state = await open(world).step(never)
    assert.ok(state.state === 'failed' && state.wire === 'NOT_STARTED', JSON.stringify(state))
    assert.equal(world.durable.record, null)
  }
})

test('what fell back is told as rolled back also by the cycle, from whichever place still knows it', async () => {
  const known: ((world: World) => void)[] = [
    ({ durable }) => {
      const about = { version: '2.0.0', release_digest: null, at: '', reason: 'it hung' }
      durable.rolledBack = [{ ...about, update_id: 'update-1' }]
    },
    (world) => {
      world.durable.records = afterFallback({ updateId: 'update-1' }).durable.records
    },
  ]
  for (const remember of known) {
    const world = openUpdateWorld()
    await open(world).accept(buildOffer({ window: null }))
    await open(world).step(never)
    assert.ok(world.durable.record)
    world.durable.record = { ...world.durable.record, phase: 'verifying' }
    world.durable.state = factoryState('A')
    remember(world)
    await open(world).step(never)
    assert.equal(world.statuses().at(-1), 'rolled_back')
  }
})

test('the good slot is not written while the other one was started by hand', async () => {
  const world = openUpdateWorld({ running: 'B' })
  const answer = await open(world).accept(buildOffer())
  assert.equal(answer.accepted ? '' : answer.findings[0].code, 'update.running-unconfirmed')
  const home = openUpdateWorld()
  await open(home).accept(buildOffer({ window: null }))
  home.durable.running = 'B'
  assert.equal((await open(home).step(never)).state, 'failed')
  assert.equal(home.durable.finished, 0)
})

test('an update that runs and is confirmed, but whose end nobody wrote down, is told as succeeded without another start', async () => {
  const world = openUpdateWorld()
  await open(world).accept(buildOffer({ window: null }))
  await open(world).step(never)
  world.start()
  world.durable.state = factoryState('B')
  assert.equal((await open(world).step(never)).state, 'idle')
  assert.deepEqual([world.statuses().at(-1), world.durable.record], ['succeeded', null])
})
