// What the gate finds itself in, one trace at a time: each of them alone has to be enough, because the power may have gone
// right after it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armTrial, type BootState, factoryState, goBack, settleFallback } from '#model/boot-state.ts'
import { type GateMemory, healthOf } from '#model/health.ts'
import { probeSays, recordOf, sampleUpdate } from '#testing/gate-world.ts'
import fc from '#testing/property.ts'
import { describeFallback, fallbackOf, type GateSituation, judge, standingOf, withBaseline } from './health-gate.ts'

const CONFIRMED = factoryState('A')
const ARMED = armTrial(CONFIRMED, 'B').after
const GIVEN_UP: BootState = { ...ARMED, left: 0, failed: 'B' }

/** A runs and is good, and B's update is under way. */
const situation = (changes: Partial<GateSituation> = {}): GateSituation => ({
  bootId: 'now',
  running: 'A',
  trialBoot: null,
  state: CONFIRMED,
  records: { A: recordOf('1.0'), B: recordOf('2.0'), override: null, fallback: null },
  update: sampleUpdate(),
  rolledBack: [],
  memory: null,
  ...changes,
})

const memory = (changes: Partial<GateMemory> = {}): GateMemory => ({
  slot: 'B',
  version: '2.0',
  updateId: 'update-1',
  bootId: 'earlier',
  at: '2026-01-01T00:00:00Z',
  gated: 3,
  results: probeSays(false),
  ...changes,
})

const kindOf = (changes: Partial<GateSituation>): string => {
  const standing = standingOf(situation(changes))
  return standing.kind === 'fell-back'
    ? `fell-back ${standing.reason} ${standing.boots} ${standing.gated}`
    : standing.kind
}

test('every trace of a trial of the other slot is enough to know that it is over', () => {
  const settled = settleFallback(GIVEN_UP, 'A').after
  const switching = sampleUpdate({ phase: 'switching' })
  assert.equal(kindOf({ state: GIVEN_UP }), 'fell-back boot-failed 3 0')
  assert.equal(kindOf({ state: GIVEN_UP, update: switching }), 'fell-back boot-failed 3 0')
  assert.equal(kindOf({ state: GIVEN_UP, memory: memory() }), 'fell-back unhealthy 3 3')
  assert.equal(kindOf({ state: GIVEN_UP, memory: memory({ gated: 2 }) }), 'fell-back boot-failed 3 2')
  assert.equal(kindOf({ state: { ...ARMED, left: 1 } }), 'fell-back operator 2 0')
  assert.equal(kindOf({ state: settled }), 'fell-back operator 1 0')
  assert.equal(kindOf({ update: sampleUpdate({ phase: 'verifying' }) }), 'fell-back operator 1 0')
  assert.equal(kindOf({ memory: memory({ gated: 1 }) }), 'fell-back operator 1 1')
  const rolledBack = [{ update_id: 'update-1', reason: 'x' }]
  assert.equal(kindOf({ update: switching, rolledBack }), 'fell-back boot-failed 1 0')
})

test('a fall-back that was settled and not told is told as it was recorded, unless that record is of an older one', () => {
  const rolledBack = [{ update_id: 'update-1', reason: 'x' }]
  const facts = { boots: 3, gated: 2, reason: 'boot-failed' } as const
  const told = (at: string, updateId?: string | null, version = '2.0') => {
    const { records } = situation()
    const fallback = { ...fallbackOf('B', { ...facts, at }, null, situation()), version, updateId }
    return kindOf({ rolledBack, records: { ...records, fallback }, memory: memory() })
  }
  for (const at of ['2026-01-01T00:00:01Z', '1999-12-31T23:59:59Z', '2999-12-31T23:59:59Z']) {
    assert.equal(told(at, 'update-1'), 'fell-back boot-failed 3 2', 'whatever the clock said')
    assert.equal(told(at, 'update-0'), 'fell-back unhealthy 3 3')
    assert.equal(told(at, null), 'fell-back boot-failed 3 2', 'from before there were ids: by the version')
    assert.equal(told(at, null, '1.9'), 'fell-back unhealthy 3 3')
  }
})

test('a memory of another trial is no trace: other update, other slot, or no trial at all', () => {
  for (const other of [{ updateId: 'update-0' }, { updateId: null }, { slot: 'A' }, { gated: 0 }] as const)
    assert.equal(kindOf({ memory: memory(other) }), 'never-started', JSON.stringify(other))
})

test('the boot loader could not write down that it gave up: the counter at its end says it', () => {
  assert.equal(kindOf({ state: { ...ARMED, left: 0 }, update: null }), 'fell-back boot-failed 3 0')
  assert.equal(kindOf({ state: { ...ARMED, left: 1 }, update: null }), 'confirmed')
})

test('a slot that holds no complete system could not be loaded', () => {
  const records = { A: recordOf('1.0'), B: { state: 'empty' }, override: null, fallback: null } as const
  assert.equal(kindOf({ state: GIVEN_UP, records }), 'fell-back unloadable 3 0')
})

test('the boot files are put right only where they do not say it yet', () => {
  const settleOf = (state: BootState) => {
    const standing = standingOf(situation({ state, update: sampleUpdate({ phase: 'verifying' }) }))
    return standing.kind === 'fell-back' && standing.settle
  }
  assert.equal(settleOf(GIVEN_UP), true)
  assert.equal(settleOf(ARMED), true)
  assert.equal(settleOf(settleFallback(GIVEN_UP, 'A').after), false)
  assert.equal(settleOf(goBack({ ...ARMED, left: 0 }, 'B', true).after), false)
})

test('an update that its cycle gave up is not gated any more', () => {
  const failed = { wire: 'DD_FAILED', finding: { code: 'job.cancelled', details: {} } } as const
  const standing = standingOf(
    situation({ running: 'B', state: { ...ARMED, left: 2 }, trialBoot: 1, update: sampleUpdate({ failed }) }),
  )
  assert.deepEqual(standing, { kind: 'trial', boot: 1, counted: true, gated: 1, update: null })
  assert.equal(kindOf({ update: sampleUpdate({ failed }) }), 'confirmed')
})

test('boots that reached the gate are counted per trial, once a boot', () => {
  const gatedAt = (trialBoot: number, remembered: GateMemory | null) => {
    const standing = standingOf(
      situation({ running: 'B', state: { ...ARMED, left: 3 - trialBoot }, trialBoot, memory: remembered }),
    )
    return standing.kind === 'trial' && standing.gated
  }
  assert.equal(gatedAt(1, null), 1)
  assert.equal(gatedAt(2, memory({ gated: 1 })), 2)
  assert.equal(gatedAt(2, memory({ gated: 1, bootId: 'now' })), 1)
  // The same update tried anew: its first boot begins anew.
  assert.equal(gatedAt(1, memory({ gated: 3 })), 1)
  assert.equal(gatedAt(2, memory({ gated: 1, updateId: 'update-0' })), 1)
})

test('only a failure is excused by the baseline, and only when the same probe had failed', () => {
  const excused = withBaseline(
    { ...probeSays(false), disk: { passed: true, critical: true, duration_ms: 1 } },
    { network: false, disk: false },
  )
  assert.deepEqual([excused.network.failed_before, excused.disk.failed_before], [true, undefined])
  assert.equal(healthOf(excused), 'degraded')
  assert.equal(healthOf(withBaseline(probeSays(false), { network: true })), 'unhealthy')
  assert.equal(healthOf(withBaseline(probeSays(false), { other: false })), 'unhealthy')
  assert.equal(healthOf(withBaseline(probeSays(false), null)), 'unhealthy')
})

test('whatever the situation, a slot that is good is never left and never restarted', () => {
  const slot = fc.constantFrom('A', 'B', null)
  const state = fc.record({
    wanted: slot,
    good: slot,
    trying: slot,
    left: fc.nat(3),
    failed: slot,
    marks: fc.record({ A: fc.constantFrom('good', 'bad', null), B: fc.constantFrom('good', 'bad', null) }),
  })
  fc.assert(
    fc.property(
      state,
      fc.constantFrom('accepted', 'ready', 'switching', 'rebooting', 'verifying', null),
      fc.constantFrom('A', 'B'),
      fc.constantFrom('healthy', 'degraded', 'unhealthy'),
      fc.boolean(),
      (found, phase, running, health, remembered) => {
        const made = situation({
          running,
          state: found as BootState,
          update: phase && sampleUpdate({ phase }),
          memory: remembered ? memory() : null,
        })
        const verdict = judge(standingOf(made), health, made)
        if (found.good === running) assert.ok(!['retry', 'go-back'].includes(verdict.action), JSON.stringify(made))
        if (verdict.action === 'confirm') assert.notEqual(health, 'unhealthy')
      },
    ),
    { numRuns: 2000 },
  )
})

test('the reason is told in one sentence, cut to what the ESP and the server hold', () => {
  const results = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`p${i}`, { ...probeSays(false).network, error: 'e'.repeat(300) }]),
  )
  const facts = { boots: 3, gated: 1, reason: 'boot-failed', at: '2026-01-01T00:00:00Z' } as const
  const fallback = fallbackOf('B', facts, memory({ results }), situation())
  assert.deepEqual([fallback.probes.length, fallback.probes[0].error.length, fallback.bootId], [8, 120, 'earlier'])
  const plain = { ...fallback, probes: [{ name: 'network', error: 'answered 503' }] }
  assert.equal(
    describeFallback(plain),
    'Version 2.0 in slot B reached its health gate 1 of 3 times in 3 boots (network: answered 503); slot A runs again.',
  )
  assert.equal(
    describeFallback({ ...plain, reason: 'unloadable', version: null, probes: [] }),
    'Slot B could not be loaded; slot A runs again.',
  )
})
