// Releases that crash below everything of ours. A kernel panic, installed by the agent, uses up its three tries and ends on
// the old slot, which reports it; a hang is ended by the hardware watchdog and counted like any other start.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { twinslot } from '../cli/twinslot.ts'
import { devicesCannotRun, openWorld, UP, type World } from './world.ts'

let world: World
let reason: string | null = null
before(async () => {
  reason = await devicesCannotRun()
  if (!reason) world = await openWorld()
})
after(() => world?.[Symbol.asyncDispose]())

test('an update whose kernel panics three times ends on the old slot, without help from the new one', async (t) => {
  if (reason) return t.skip(reason)
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

test('a slot that hangs is restarted by the hardware watchdog, and the start was counted', async (t) => {
  if (reason) return t.skip(reason)
  const [base, hang] = [await world.release('3.0.0', 'no-gate'), await world.release('4.0.0', 'hang')]
  await world.provision(base)
  const command = async (...args: string[]) => {
    const done = await twinslot([...args, '--yes'], { env: { TWINSLOT_STATE: `${world.folder}/station` } })
    assert.equal(done.exit, 0, JSON.stringify(done.result))
  }
  const trust = ['--trust', `${world.folder}/trust.asc`]
  await command('flash', world.disk, '--slot', 'B', '--release', hang.path, ...trust)
  await command('slot', 'default', world.disk, 'B')
  {
    await using vm = await world.start()
    await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, UP)
    await vm.waitFor(/nobody feeds the watchdog/, UP)
    await vm.waitFor(/booting slot B \(counted, 1 tries left\)/, UP)
  }
  assert.equal((await world.inspect()).slots.B.triesUsed, 2)
})
