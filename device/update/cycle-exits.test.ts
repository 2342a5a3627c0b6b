// No phase of an update is without an exit: from every phase, with boot files, records and state files that say anything, and
// clocks that jump, the update comes to its end within a few starts, by the real gate and the real cycle.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type BootState, NO_BOOT_STATE } from '#model/boot-state.ts'
import type { Fallback } from '#model/health.ts'
import type { Slot, SlotRecord } from '#model/slot.ts'
import { UPDATE_PHASES, type UpdateOrigin } from '#model/update.ts'
import { noteFor, recordOf, sampleUpdate } from '#testing/gate-world.ts'
import { type Behaviour, LifeWorld } from '#testing/life-world.ts'
import fc from '#testing/property.ts'

const folder = mkdtempSync(join(tmpdir(), 'cycle-exits-'))
after(() => rmSync(folder, { recursive: true }))

const MOST_STARTS = 12
const HOUR = 3_600_000
const TERMINAL = ['succeeded', 'failed', 'rolled_back']

const slot = fc.constantFrom<Slot>('A', 'B')
const slotOrNone = fc.constantFrom<Slot | null>('A', 'B', null)
const mark = fc.constantFrom<'good' | 'bad' | null>('good', 'bad', null)
const state = fc.record({
  wanted: slotOrNone,
  good: slotOrNone,
  trying: slotOrNone,
  left: fc.nat(3),
  failed: slotOrNone,
  run: slotOrNone,
  starts: fc.option(fc.nat(6)),
  once: fc.constant(NO_BOOT_STATE.once),
  marks: fc.record({ A: mark, B: mark }),
}) satisfies fc.Arbitrary<BootState>
const record = fc.constantFrom<SlotRecord>(
  recordOf('1.0'),
  recordOf('2.0'),
  recordOf('2.0'),
  { state: 'empty' },
  { state: 'unknown' },
  { state: 'incomplete', since: '2026-01-01T00:00:00Z', by: 'x', version: '2.0' },
)
const time = fc.constantFrom(
  '1970-01-01T00:00:00Z',
  '2026-11-20T21:00:00.000Z',
  '2026-11-21T07:00:00Z',
  '2099-01-01T00:00:00Z',
)
const fallback = fc.option(
  fc.record({
    ...{ slot, version: fc.constantFrom('1.0', '2.0', null), at: time, boots: fc.nat(3), gated: fc.nat(3) },
    reason: fc.constantFrom<Fallback['reason']>('boot-failed', 'unhealthy', 'unloadable', 'gate-failed', 'operator'),
    ...{ bootId: fc.constant(null), probes: fc.constant([]), updateId: fc.constantFrom('update-1', 'update-0', null) },
  }),
)
const update = fc.record({
  ...{ phase: fc.constantFrom(...UPDATE_PHASES), target_partition: slot, started_at: time },
  found: fc.constantFrom(null, 'empty', '2.0 00 2026-01-01T00:00:00Z test'),
  ...{ approved_at: fc.constantFrom(null, '2026-01-01T00:00:00Z'), retry_at: fc.option(time) },
})
const facts = fc.record({
  ...{ update, state, now: time, A: record, B: record, fallback },
  origin: fc.constantFrom<UpdateOrigin>('fleet', 'order', 'channel', 'local'),
  behaviour: fc.constantFrom<Behaviour>('healthy', 'unhealthy', 'panic'),
  /** Of the state files, before which start. */
  ...{ wipedAt: fc.option(fc.nat(5)), noted: fc.boolean(), rolledBack: fc.boolean(), remembered: fc.boolean() },
  jumps: fc.array(fc.constantFrom(0, 0, 9 * HOUR, -9 * HOUR, 40 * 365 * 24 * HOUR, -40 * 365 * 24 * HOUR), {
    maxLength: 8,
  }),
})
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never

function worldOf(given: Facts): LifeWorld {
  const world = new LifeWorld(folder)
  const offer = { ...sampleUpdate().offer, origin: given.origin }
  world.update = sampleUpdate({ ...given.update, offer })
  world.now = new Date(given.now)
  world.records = { A: given.A, B: given.B, override: null, fallback: given.fallback }
  const trial = given.noted ? noteFor(given.update.target_partition, world.records, world.update) : null
  world.records = { ...world.records, trial }
  const about = { version: '2.0', update_id: 'update-1', release_digest: null, at: given.now, reason: 'x' }
  world.rolledBack = given.rolledBack ? [about] : []
  const left = {
    slot: given.update.target_partition,
    version: '2.0',
    updateId: 'update-1',
    bootId: 'boot-1',
    at: given.now,
  }
  world.memory = given.remembered ? { ...left, gated: 1, results: null } : null
  world.loadable = { A: given.A.state !== 'empty', B: given.B.state !== 'empty' }
  world.behaviour = given.behaviour
  world.setBootState(given.state)
  return world
}

/** Starts until it is over; null when only the rescue menu is left, where a person is needed for the machine itself. */
async function liveOn(world: LifeWorld, given: Facts): Promise<number | null> {
  let jump = 0
  for (let starts = 1; starts <= MOST_STARTS; starts++) {
    if (given.wipedAt === starts) Object.assign(world, { update: null, memory: null, rolledBack: [] })
    try {
      const state = await world.live(() => given.jumps[jump++] ?? 0)
      if (state === 'over') return starts
      if (state === 'dead') return null
    } catch (error) {
      if (!(error instanceof Error && error.message === 'the rescue menu')) throw error
      // What came up is never given up for a menu; what does not come up may be.
      if (given.behaviour !== 'panic') assert.equal(world.gates, 0, `stranded: ${world.effects.join(', ')}`)
      return null
    }
  }
  // Nothing that could judge or report ever came up.
  if (world.gates === 0) return null
  return assert.fail(`no end: ${world.states.join(', ')}; ${world.effects.join(', ')}`)
}

test('from every phase, whatever is on the disk and whatever the clock does, an update ends within twelve starts', async () => {
  let ended = 0
  await fc.assert(
    fc.asyncProperty(facts, async (given) => {
      const world = worldOf(given)
      if ((await liveOn(world, given)) === null) return
      ended++
      assert.equal(world.update, null)
      const ends = new Set(world.reports.map(({ status }) => status).filter((status) => TERMINAL.includes(status)))
      assert.ok(ends.size <= 1, `two ends: ${[...ends]}; ${world.effects.join(', ')}`)
    }),
    { numRuns: 1500 },
  )
  assert.ok(ended > 700, String(ended))
})

test('an update that runs already, accepted and then judged unhealthy by the gate of this start, fails with the reason', async () => {
  const world = new LifeWorld(folder)
  world.behaviour = 'unhealthy'
  world.update = sampleUpdate({ phase: 'accepted', target_partition: 'A' })
  world.records = { A: recordOf('2.0'), B: recordOf('1.0'), override: null, fallback: null, trial: null }
  world.setBootState({ ...NO_BOOT_STATE, wanted: 'A', good: 'B', marks: { A: 'good', B: 'good' } })
  assert.equal(await world.live(() => 0), 'over')
  const [end] = world.reports.filter(({ status }) => TERMINAL.includes(status))
  assert.deepEqual([end?.status, end?.error_code], ['failed', 'HEALTH_CHECK_FAILED'])
  assert.match(end?.error_message ?? '', /Version 2\.0 runs in slot A already.*answered 503/)
})
