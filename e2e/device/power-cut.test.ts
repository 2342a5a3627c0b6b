// The plug is pulled (kill -9 of the machine) while the release is downloaded, while it is written, right after the switch
// and in the first boot of the new slot: there is always a confirmed slot, and what was interrupted goes on to its end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { devicesCannotRun, openWorld, UP, type World } from './world.ts'

let world: World
let reason: string | null = null
before(async () => {
  reason = await devicesCannotRun()
  if (!reason) world = await openWorld()
})
after(() => world?.[Symbol.asyncDispose]())

/** Slow enough that a cut meets the download, in bytes a second. */
const SLOW = 2_000_000

test('power cut during download, write, switch and first boot: always a good slot, and the update succeeds', async (t) => {
  if (reason) return t.skip(reason)
  const { server } = world
  const [one, two] = [await world.release('1.0.0', 'good'), await world.release('2.0.0', 'good')]
  await world.provision(one)
  world.order(two)
  const asked = () => server.receivedOn(/2\.0\.0\.twinslot$/).length
  const offline = async () => {
    const { slots, boot } = await world.inspect()
    assert.deepEqual([boot.good, slots.A.verdict], ['A', 'Good'], 'slot A is confirmed and intact')
    return { wanted: boot.wanted, B: slots.B.verdict }
  }
  server.setFault(({ path }) => (path === two.urlPath ? { bytesPerSecond: SLOW } : null))

  // Once near the beginning, when nothing or little was written, and once well into the writing.
  for (const [seconds, found] of [[4, ['Empty', 'Incomplete']] as const, [20, ['Incomplete']] as const]) {
    const before = asked()
    await using vm = await world.start()
    await vm.waitFor(/booting slot A \(not counted\)/, UP)
    for (const end = Date.now() + UP; asked() === before; await delay(200))
      assert.ok(Date.now() < end, 'the download began')
    await delay(seconds * 1000)
    await vm.kill()
    const { wanted, B } = await offline()
    assert.equal(wanted, 'A')
    assert.ok((found as readonly string[]).includes(B), `slot B is ${B} after ${seconds} s`)
  }

  server.setFault(() => null)
  {
    await using vm = await world.start()
    await vm.waitFor(/booting slot A \(not counted\)/, UP)
    await world.told('rebooting')
    await vm.kill()
    assert.deepEqual((await offline()).wanted, 'B', 'the switch was durable before anybody was told')
  }
  {
    await using vm = await world.start()
    await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, UP)
    await vm.waitFor(/slot=B version=2\.0\.0/, UP)
    await vm.kill()
    await offline()
  }
  {
    await using vm = await world.start()
    await vm.waitFor(/booting slot B \(counted, 1 tries left\)/, UP)
    await world.told('succeeded')
    await vm.waitFor(/boot complete: slot=B version=2\.0\.0/, UP)
    await vm.kill()
  }
  const { slots, boot } = await world.inspect()
  assert.deepEqual([boot.wanted, boot.good, slots.B.verdict, slots.A.verdict], ['B', 'B', 'Good', 'Good'])
  assert.equal(server.fleet.statusWords().at(-1), 'succeeded')
  const sent = server.receivedOn(/2\.0\.0\.twinslot$/)
  assert.ok(sent.length >= 3, `the download went on ${sent.length - 1} times`)
})
