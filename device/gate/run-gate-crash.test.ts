// The power goes before each effect of a gate, and the machine starts again: whatever the cut, the story comes to its one
// end. A status is never lost, a confirmed slot is never reported as rolled back, nothing ungated stays the default.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { GateWorld, PowerCut, probeSays } from '#testing/gate-world.ts'
import fc from '#testing/property.ts'
import { readBootCount } from '../update/store.ts'
import { runGate } from './run-gate.ts'

const folder = mkdtempSync(join(tmpdir(), 'gate-crash-'))
after(() => rmSync(folder, { recursive: true }))

/** What the new slot does at its first, second, ... boot; the last word stays. */
type Behaviour = readonly ('healthy' | 'unhealthy' | 'panic')[]

const TERMINAL = ['succeeded', 'failed', 'rolled_back']
const ends = (world: GateWorld) =>
  world.reports.map(({ status }) => status).filter((status) => TERMINAL.includes(status))

/** Boots and gates until nothing is open any more; `cuts`: effects until the power goes, one after the other. */
async function live(behaviour: Behaviour, cuts: readonly number[]): Promise<GateWorld> {
  const world = new GateWorld(folder)
  world.arm()
  const pending = [...cuts]
  world.cutIn = pending.shift() ?? null
  let boots = 0
  for (let start = 0; start < 16; start++) {
    world.boot()
    if (world.running === 'B') boots++
    // A confirmed slot that panics for ever is another story: nobody counts its boots.
    const way =
      world.running === 'A' || world.state.good === 'B' ? 'healthy' : behaviour[Math.min(boots, behaviour.length) - 1]
    if (way === 'panic') continue
    try {
      const { rebooting } = await runGate({
        appliance: world.appliance,
        signal: AbortSignal.timeout(60_000),
        probe: async () => probeSays(way === 'healthy'),
        note() {},
      })
      checkReports(world)
      const { state, update, running } = world
      if (!rebooting && update === null && state.wanted === running && state.good === running) return world
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      checkReports(world)
      world.cutIn = pending.shift() ?? null
    }
  }
  return assert.fail(`no end after 16 boots: ${world.effects.join(', ')}`)
}

/** What must hold at every moment. */
function checkReports(world: GateWorld): void {
  const told = ends(world)
  assert.ok(new Set(told).size <= 1, `two different ends: ${told} in ${world.effects.join(', ')}`)
  if (told.includes('rolled_back')) assert.notEqual(world.state.good, 'B', 'rolled_back for a confirmed slot')
  if (told.includes('succeeded')) assert.equal(world.state.good, 'B', 'succeeded without confirmation')
  assert.ok(world.update !== null || told.length > 0, 'the update is forgotten and nobody was told')
}

async function checkEnd(world: GateWorld, expected: 'succeeded' | 'rolled_back'): Promise<void> {
  const { state, running } = world
  assert.equal(ends(world)[0], expected, world.effects.join(', '))
  const slot = expected === 'succeeded' ? 'B' : 'A'
  assert.deepEqual([running, state.wanted, state.good, state.trying, state.failed], [slot, slot, slot, null, null])
  assert.deepEqual(world.rolledBack.map(({ version }) => version).slice(0, 1), expected === 'succeeded' ? [] : ['2.0'])
  assert.equal(await readBootCount({ state: folder }), 0)
}

const STORIES: readonly (readonly [string, Behaviour, 'succeeded' | 'rolled_back'])[] = [
  ['a healthy slot is confirmed', ['healthy'], 'succeeded'],
  ['a slot that is healthy at its second boot is confirmed', ['unhealthy', 'healthy'], 'succeeded'],
  ['a slot that is unhealthy three times is left', ['unhealthy'], 'rolled_back'],
  ['a slot that panics three times is left, and the old one tells', ['panic'], 'rolled_back'],
  ['a slot that panics and is unhealthy is left', ['panic', 'unhealthy'], 'rolled_back'],
  ['a slot that is unhealthy once and then panics is left', ['unhealthy', 'panic'], 'rolled_back'],
]

for (const [name, behaviour, expected] of STORIES)
  test(`${name}, wherever the power goes once`, async () => {
    const whole = await live(behaviour, [])
    await checkEnd(whole, expected)
    const count = whole.effects.filter((effect) => !effect.startsWith('--')).length
    for (let cut = 0; cut < count; cut++) await checkEnd(await live(behaviour, [cut]), expected)
  })

test('the power may go several times: the end is one of the two, told once and true', async () => {
  const way = fc.constantFrom('healthy', 'unhealthy', 'panic')
  await fc.assert(
    fc.asyncProperty(
      fc.array(way, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(14), { maxLength: 4 }),
      async (behaviour, cuts) => {
        const world = await live(behaviour as Behaviour, cuts)
        const end = ends(world)[0]
        assert.ok(end === 'succeeded' || end === 'rolled_back', String(end))
        await checkEnd(world, end)
      },
    ),
    { numRuns: 150 },
  )
})
