// Why an appliance fell back can be read at the bench, from its disk alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fallback } from '#model/health.ts'
import { ownAppliance } from '#testing/own-appliance.ts'
import { twinslot, twinslotText } from './twinslot.ts'

test('inspect and slot list tell the last fall-back in words and in JSON', async () => {
  await using appliance = await ownAppliance({ slots: ['A', 'B'] })
  const own = appliance.disk()
  await own.armTrial('B')
  await appliance.start()
  const fallback: Fallback = {
    slot: 'B',
    version: '1.0.0',
    at: '2026-11-22T05:00:00Z',
    boots: 1,
    gated: 1,
    reason: 'unhealthy',
    bootId: 'boot-3',
    probes: [{ name: 'api', error: 'status 500' }],
  }
  await own.goBack(fallback)
  for (const command of [['inspect'], ['slot', 'list']]) {
    const { result } = await twinslot([...command, appliance.image])
    assert.deepEqual((result.boot as { fallback: Fallback }).fallback, fallback)
    const { out } = await twinslotText([...command, appliance.image])
    assert.match(out, /slot B {2}Bad/)
    assert.match(out, /Last fall-back: from slot B, version 1\.0\.0, .*the health check failed, 1 start counted/)
    assert.match(out, /api: status 500/)
  }
})
