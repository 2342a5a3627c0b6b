// Orders and power cuts: whatever was on disk when the power went, the order is carried out once and answered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, explain, finding } from '#base/errors.ts'
import { ok, refuse } from '#base/result.ts'
import { sampleUpdate } from '#testing/gate-world.ts'
import type { OpenedOrder } from '#trust/order.ts'
import type { Accepted, Refused } from '../update/cycle-types.ts'
import { EMPTY, forgotten, forgottenUpTo, type Ledger, withNonce, withOrder } from './order-ledger.ts'
import { followOrders, type OpenContext, type OrderParts } from './orders.ts'

const NOW = new Date('2026-11-22T04:00:00Z')
const NONCE = 'ab'.repeat(16)
const signal = new AbortController().signal
class PowerCut extends Error {}

const opened = (orderId: string): OpenedOrder => ({
  ...{ orderId, nonce: NONCE, createdAt: NOW, expiresAt: new Date('2026-11-29T04:00:00Z'), key: 'k', addressed: true },
  offer: { ...sampleUpdate().offer, origin: 'order', orderId },
})

/** One appliance: what is on its disk, what its cycle took, what its server heard. */
function world() {
  let disk: Ledger = EMPTY
  let effects = 0
  const state = {
    cutAt: -1,
    accepted: [] as string[],
    acknowledged: [] as string[],
    notes: [] as string[],
    ours: 'yes' as 'yes' | 'no' | 'cannot-tell',
    addressed: true,
    completed: [] as string[],
    answer: null as Refused | EngineError | null,
    ledger: () => disk,
    forgetOrders() {
      disk = { ...disk, orders: {} }
    },
  }
  const effect = (act: () => void) => {
    if (effects++ === state.cutAt) throw new PowerCut()
    act()
  }
  const parts: OrderParts = {
    ledger: {
      load: async () => disk,
      save: async (ledger) =>
        effect(() => {
          disk = structuredClone(ledger)
        }),
    },
    api: {
      acknowledge: async (id) => effect(() => state.acknowledged.push(id)),
      complete: async (id) => effect(() => state.completed.push(id)),
    },
    open(received, { nonces }: OpenContext) {
      const { order_id } = received as { order_id: string }
      if (nonces.has(NONCE)) return refuse(finding('order.replayed', { order: order_id, nonce: NONCE }))
      return ok({ ...opened(order_id), addressed: state.addressed })
    },
    async accept(offer): Promise<Accepted | Refused> {
      if (state.answer instanceof EngineError) throw state.answer
      if (state.answer) return state.answer
      const again = state.accepted.includes(offer.updateId)
      effect(() => state.accepted.push(offer.updateId))
      return { accepted: true, record: sampleUpdate(), again }
    },
    isOurs: async () => state.ours,
    ...{ now: () => NOW, clockDoubtful: false, note: (line) => void state.notes.push(line) },
  }
  return { state, parts, round: (id: string) => followOrders([{ order_id: id }], parts, signal) }
}

test('power cuts at every moment: the order goes on with the next start and is acknowledged', async () => {
  let cuts = 0
  for (let cutAt = 0; ; cutAt++) {
    const { state, round } = world()
    state.cutAt = cutAt
    try {
      await round('order-1')
      break
    } catch (error) {
      assert.ok(error instanceof PowerCut)
      cuts++
    }
    // The server lists it as long as it heard nothing.
    await round('order-1')
    assert.deepEqual([...new Set(state.acknowledged)], ['order-1'])
    assert.equal(state.ledger().orders['order-1']?.state, 'accepted')
    assert.equal(state.ledger().nonces[NONCE]?.state, 'used')
    // Another order with this number is none, whatever was cut.
    await round('order-2')
    assert.equal(new Set(state.accepted).size, 1)
    assert.deepEqual(state.completed, ['order-2'])
  }
  assert.ok(cuts >= 4, `${cuts} moments`)
})

test('a nonce that was begun for one order serves no other one', async () => {
  const { state, round } = world()
  state.cutAt = 1
  await assert.rejects(round('order-1'), PowerCut)
  assert.equal(state.ledger().nonces[NONCE]?.state, 'begun')
  await round('order-2')
  assert.deepEqual([state.accepted, state.completed], [[], ['order-2']])
})

test('a nonce that was used up serves its own order no second time, also when the order itself was forgotten', async () => {
  const { state, round } = world()
  await round('order-1')
  state.forgetOrders()
  await round('order-1')
  assert.deepEqual([state.accepted.length, state.completed], [1, ['order-1']])
})

test('an order of a rollout that names nobody waits until the server means this appliance', async () => {
  const { state, round } = world()
  Object.assign(state, { addressed: false, ours: 'no' })
  await round('order-1')
  const notOurs = finding('agent.order-not-ours', { order: 'order-1', update: 'update-1' })
  assert.deepEqual(state.notes, [`Order order-1: ${explain(notOurs).message}`])
  assert.deepEqual([state.accepted, state.acknowledged, state.ledger()], [[], [], EMPTY])
  state.ours = 'cannot-tell'
  await round('order-1')
  assert.deepEqual(state.accepted, ['update-1'])
})

test('the nonce is released when the update could not be taken, so that the order may come again', async () => {
  const { state, round } = world()
  state.answer = new EngineError('disk.lost', { disk: '/dev/x', operation: 'reading', offset: 0, reason: 'EIO' })
  await round('order-1')
  assert.deepEqual([state.ledger().nonces, state.acknowledged], [{}, []])
  state.answer = {
    accepted: false,
    findings: [finding('update.another-under-way', { expected: 'u-0', found: 'u-1' })],
  }
  await round('order-1')
  assert.deepEqual([state.ledger().nonces, state.acknowledged], [{}, []])
  state.answer = null
  await round('order-1')
  assert.deepEqual([state.accepted.length, state.acknowledged], [1, ['order-1']])
})

test('nonces are kept until their order has expired; what the server has not heard is kept longer', () => {
  const until = '2026-11-29T04:00:00Z'
  const names = { order_id: 'a', order_type: 'update_iso', update_id: 'u', version: '2', at: until, until }
  const completion = { success: true, result: {}, error_message: null }
  const over = { ...names, state: 'over', acknowledged: true, completion, reported: true } as const
  let ledger = withNonce(EMPTY, NONCE, { order_id: 'a', until, state: 'used' })
  ledger = withOrder(ledger, over)
  ledger = withOrder(ledger, { ...over, order_id: 'b', reported: false })
  ledger = withOrder(ledger, { ...over, order_id: 'c', state: 'accepted', completion: null, reported: false })
  const before = forgotten(ledger, new Date('2026-11-29T03:59:59Z'))
  assert.deepEqual(before, ledger)
  const after = forgotten(ledger, new Date('2026-11-29T04:00:00Z'))
  assert.deepEqual([Object.keys(after.nonces), Object.keys(after.orders)], [[], ['b', 'c']])
})

test('a clock that went forward and back brings no order to life again, and no order is valid for ever', () => {
  const made = '2026-11-22T05:00:00.000Z'
  const used = { order_id: 'o-1', until: '2026-11-22T07:00:00.000Z', created: made, state: 'used' } as const
  const ahead = forgotten({ nonces: { n: used }, orders: {} }, new Date('2036-01-01T00:00:00Z'))
  assert.deepEqual([ahead.nonces, forgottenUpTo(ahead)], [{}, new Date(made)])
  const back = forgotten(ahead, new Date('2026-11-22T06:00:00Z'))
  assert.deepEqual(forgottenUpTo(back), new Date(made), 'the mark only grows')
  const older = { ...used, created: '2020-01-01T00:00:00.000Z', until: '2020-01-02T00:00:00.000Z' }
  const still = forgotten({ ...back, nonces: { m: older } }, new Date(made))
  assert.deepEqual(forgottenUpTo(still), new Date(made))
})
