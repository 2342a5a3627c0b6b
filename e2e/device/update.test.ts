// One update as an operator wants it: ordered by the server, written while the old system works on, switched to only when
// the maintenance window opens, judged by its gate, confirmed; and then taken back by a person.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closedWindow, UP, worldOfFile } from './world.ts'

const file = worldOfFile()

test('A -> B by order: nothing is switched before the window, then B boots, passes its gate and is good; and back', async (t) => {
  const world = file.open(t)
  if (!world) return
  const { server } = world
  const [one, two] = [await world.release('1.0.0', 'good'), await world.release('2.0.0', 'good')]
  await world.provision(one, 'both')
  const { update } = world.order(two, closedWindow())
  await using vm = await world.start()
  const shows = async (command: string) => (await vm.run(command, 60_000)).output
  await vm.waitFor(/booting slot A \(not counted\)/, UP)

  await world.told('ready')
  await world.nextCheckIn()
  // Written, and outside the window: the boot selection is the old one.
  assert.match(await shows('cat /boot/ab_state'), /^set active_partition="A"$/m)
  assert.match(await shows('head -c 512 /boot/grubenv'), /^ab_try=$/m)
  assert.match(await shows('cat /var/lib/msp/update/update_state.json'), /"phase": *"ready"/)
  assert.doesNotMatch(vm.serial(), /restarting/)

  world.moveWindow(update, null)
  await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, UP)
  await vm.waitFor(/slot=B version=2\.0\.0/, UP)
  await world.told('succeeded')
  assert.deepEqual(server.fleet.statusWords(), ['downloading', 'ready', 'rebooting', 'verifying', 'succeeded'])
  assert.deepEqual([...new Set(server.fleet.statuses.map(({ update_id }) => update_id))], [update.update_id])
  await vm.waitFor(/boot complete: slot=B/, UP)
  assert.match(await shows('head -c 512 /boot/grubenv'), /^ab_good=B$/m)

  await vm.runAndRestart('hypernet-admin rollback --yes --reboot')
  await vm.waitFor(/booting slot A \(confirmed, 5 starts left\)/, UP)
  await vm.waitFor(/boot complete: slot=A version=1\.0\.0/, UP)
  await vm.kill()
  const { slots, boot } = await world.inspect()
  assert.deepEqual([boot.wanted, boot.good, slots.A.verdict], ['A', 'A', 'Good'])
  assert.equal(slots.B.record.content?.version, '2.0.0')
})
