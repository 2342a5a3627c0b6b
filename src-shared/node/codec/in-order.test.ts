// Pieces come in order, only so many are under way, and none is left behind when one fails or the consumer stops.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inOrder } from './in-order.ts'

test('pieces come in order, and a slot is used again only after its piece was consumed', async () => {
  const busy = new Set<number>()
  let most = 0
  const start = async (index: number, slot: number) => {
    assert.ok(!busy.has(slot), `slot ${slot} is still in use`)
    busy.add(slot)
    most = Math.max(most, busy.size)
    await sleep((index * 7) % 5)
    return { index, slot }
  }
  const seen: number[] = []
  for await (const { index, slot } of inOrder(20, 3, start)) {
    seen.push(index)
    await sleep(1)
    busy.delete(slot)
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, index) => index),
  )
  assert.equal(most, 3)
})

test('when a piece fails the others are awaited before the failure is passed on', async () => {
  let underWay = 0
  const start = async (index: number) => {
    underWay++
    await sleep(index === 1 ? 1 : 15)
    underWay--
    if (index === 1) throw new Error('piece 1')
    return index
  }
  await assert.rejects(async () => {
    for await (const _ of inOrder(10, 4, start));
  }, /piece 1/)
  assert.equal(underWay, 0)
})

test('when the consumer stops nothing is under way any more', async () => {
  let underWay = 0
  const start = async (index: number) => {
    underWay++
    await sleep(5)
    underWay--
    return index
  }
  for await (const index of inOrder(10, 4, start)) if (index === 2) break
  assert.equal(underWay, 0)
})
