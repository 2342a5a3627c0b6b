import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeFallback, type Fallback, healthOf } from './health.ts'

const FALLBACK: Fallback = {
  slot: 'B',
  version: '2.0.0',
  at: '2026-01-02T03:04:05Z',
  boots: 3,
  gated: 2,
  reason: 'unhealthy',
  bootId: 'boot-7',
  probes: [{ name: 'api', error: 'status 500' }],
}

test('a fall-back reads as slot, version, time, reason, boot, and one line per failed probe', () => {
  assert.deepEqual(describeFallback(FALLBACK), [
    'Last fall-back: from slot B, version 2.0.0, at 2026-01-02T03:04:05Z: the health check failed, 3 starts counted, 2 reached the health check (boot boot-7)',
    '    api: status 500',
  ])
  const operator = describeFallback({ ...FALLBACK, version: null, reason: 'operator', bootId: null, probes: [] })
  assert.deepEqual(operator, [
    'Last fall-back: from slot B, version unknown, at 2026-01-02T03:04:05Z: a person went back',
  ])
})

test('advisory failures and failures from before the update degrade, other critical ones are unhealthy', () => {
  const probe = { passed: false, critical: true, duration_ms: 1 }
  assert.equal(healthOf({ a: { ...probe, passed: true } }), 'healthy')
  assert.equal(healthOf({ a: { ...probe, critical: false } }), 'degraded')
  assert.equal(healthOf({ a: { ...probe, failed_before: true } }), 'degraded')
  assert.equal(healthOf({ a: { ...probe, failed_before: true }, b: probe }), 'unhealthy')
})
