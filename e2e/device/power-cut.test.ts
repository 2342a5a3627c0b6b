// The plug is pulled four times during one update: while it is written, at noon while it waits for its window, after the
// switch, and in the first boot of the new slot. Each time the disk must name a slot that is whole, and the update goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Received } from '#testing/fleet-server.ts'
import { closedWindow, UP, type World, worldOfFile } from './world.ts'

const file = worldOfFile()

const MB = 1_000_000

/** First and last byte that a request wants of the release. */
function rangeOf({ path, headers }: Received): readonly [number, number] | null {
  const found = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
  return found && /^\/releases\//.test(path) ? [Number(found[1]), Number(found[2])] : null
}

/** What boots next is a slot that was confirmed, or a counted trial of one that is completely written. */
async function mustBoot(world: World, slot: 'A' | 'B'): Promise<void> {
  const { slots, boot } = await world.inspect()
  assert.equal(boot.next.slot, slot)
  assert.equal(boot.good, 'A')
  assert.equal(boot.next.counted, slot === 'B')
  assert.equal(slots[slot].record.state, 'written')
  assert.equal(slots.A.verdict, 'Good')
}

test('cut while writing, while waiting, after the switch and in the first boot: always a good slot, and it succeeds', async (t) => {
  const world = file.open(t)
  if (!world) return
  const { server } = world
  const [one, two] = [await world.release('1.0.0', 'good'), await world.release('2.0.0', 'good')]
  await world.provision(one)
  const { update } = world.order(two, closedWindow())

  let vm = await world.start()
  await server.waitFor((request) => (rangeOf(request)?.[0] ?? 0) > 25 * MB && !isTail(request, two.size), UP)
  await vm.kill()
  await mustBoot(world, 'A')
  assert.equal((await world.inspect()).slots.B.record.state, 'incomplete')

  const before = server.received.length
  vm = await world.start()
  await world.told('ready')
  await vm.kill()
  await mustBoot(world, 'A')
  const again = server.received
    .slice(before)
    .map(rangeOf)
    .filter((range) => range !== null)
  const fetched = again.reduce((sum, [first, last]) => sum + last + 1 - first, 0)
  // Head and tables are read anew, some 15 MB with what is read ahead; the blocks that are on the disk already are not.
  assert.ok(fetched < two.size * 0.95, `${fetched} of ${two.size} bytes were fetched again`)

  // Defect 4: a power cycle at noon does not activate what waits for its window.
  vm = await world.start()
  await vm.waitFor(/booting slot A \(not counted\)/, UP)
  world.moveWindow(update, null)
  await world.told('rebooting')
  await vm.kill()
  await mustBoot(world, 'B')

  vm = await world.start()
  await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, UP)
  await vm.waitFor(/slot=B version=2\.0\.0/, UP)
  await vm.kill()
  await mustBoot(world, 'B')

  vm = await world.start()
  await vm.waitFor(/booting slot B \(counted, 1 tries left\)/, UP)
  await world.told('succeeded')
  await vm.waitFor(/boot complete: slot=B version=2\.0\.0/, UP)
  await vm.kill()
  const { slots, boot } = await world.inspect()
  assert.deepEqual([boot.wanted, boot.good, slots.B.verdict], ['B', 'B', 'Good'])
  const words = server.fleet.statusWords()
  assert.deepEqual(
    words.filter((word, index) => word !== words[index - 1]),
    ['downloading', 'ready', 'rebooting', 'verifying', 'succeeded'],
  )
})

/** The tables at the end of the bundle are read before anything is written. */
function isTail(request: Received, size: number): boolean {
  const range = rangeOf(request)
  return range !== null && range[0] > size - 5 * MB
}
