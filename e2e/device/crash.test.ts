// Releases that crash below everything of ours. A kernel panic, installed by the agent, uses up its three tries and ends on
// the old slot, which reports it; a hang and a gate that never runs do the same, without user space and without Node.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twinslot } from '../cli/twinslot.ts'
import { type Release, UP, type World, worldOfFile } from './world.ts'

const file = worldOfFile()
let base: Release | null = null

test('an update whose kernel panics three times ends on the old slot, without help from the new one', async (t) => {
  const world = file.open(t)
  if (!world) return
  const [good, panic] = [await world.release('1.0.0', 'good'), await world.release('2.0.0', 'panic')]
  await world.provision(good)
  const { update } = world.order(panic)
  {
    // On USB, where the kernel takes longest to find its disk.
    await using vm = await world.start('usb')
    for (const left of [2, 1, 0]) {
      await vm.waitFor(new RegExp(`booting slot B \\(counted, ${left} tries left\\)`), UP)
      await vm.waitFor(/Kernel panic/, UP)
    }
    await vm.waitFor(/slot B has used up its tries/, UP)
    await vm.waitFor(/booting slot A \(not counted\)/, UP)
    assert.equal((await world.told('rolled_back')).boot_attempts, 3)
    await vm.waitFor(/boot complete: slot=A version=1\.0\.0/, UP)
    assert.equal(vm.serial().match(/gate ended/g)?.length, 2, 'the gate ran on slot A only, before and after')
  }
  const words = world.server.fleet.statuses.map(
    ({ update_id, status }) => `${update_id === update.update_id} ${status}`,
  )
  assert.deepEqual(words, ['true downloading', 'true ready', 'true rebooting', 'true rolled_back'])
  const { slots, boot } = await world.inspect()
  assert.equal(slots.B.verdict, 'Bad')
  assert.equal(slots.A.verdict, 'Good')
  assert.deepEqual([boot.wanted, boot.good], ['A', 'A'])
})

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
