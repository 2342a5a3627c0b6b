// Releases that end below everything of ours: a hang and a gate that never runs use up three tries and end on the old slot,
// without user space and without Node. A kernel panic, installed by the agent and reported: bench-to-appliance.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twinslot } from '../cli/twinslot.ts'
import { type Release, UP, type World, worldOfFile } from './world.ts'

const file = worldOfFile()
let base: Release | null = null

/** Releases that never report anything, and what the console shows of them. */
const SILENT = [
  ['a slot that hangs is restarted by the hardware watchdog', 'hang', /nobody feeds the watchdog/],
  ['a slot whose gate never runs is restarted when its time is over', 'no-gate', /restarting: requested/],
] as const

for (const [what, behaviour, sign] of SILENT)
  test(`${what}; after three counted boots the old slot boots`, async (t) => {
    const world = file.open(t)
    if (!world) return
    base ??= await world.release('3.0.0', 'no-gate')
    const silent = await world.release(`4.0.0-${behaviour}`, behaviour, { patience: 5 })
    await world.provision(base)
    await onStation(world, 'flash', world.disk, '--slot', 'B', '--release', silent.path, '--trust', world.trust)
    await onStation(world, 'slot', 'default', world.disk, 'B')
    {
      await using vm = await world.start()
      for (const left of [2, 1, 0]) {
        await vm.waitFor(new RegExp(`booting slot B \\(counted, ${left} tries left\\)`), UP)
        await vm.waitFor(sign, UP)
      }
      await vm.waitFor(/slot B has used up its tries/, UP)
      await vm.waitFor(/booting slot A \(not counted\)/, UP)
      assert.doesNotMatch(vm.serial(), /gate ended/)
    }
    const { slots, boot } = await world.inspect()
    assert.deepEqual([slots.B.verdict, slots.A.verdict, boot.next.slot], ['Bad', 'Good', 'A'])
  })

/** The command line, as at a bench. */
async function onStation(world: World, ...args: string[]): Promise<void> {
  const done = await twinslot([...args, '--yes'], { env: { TWINSLOT_STATE: `${world.folder}/station` } })
  assert.equal(done.exit, 0, JSON.stringify(done.result))
}
