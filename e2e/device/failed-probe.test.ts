// A release that boots but does not work: its gate says no three times, the old slot comes back, the server is told, and
// whoever gets the disk later can read why.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twinslotText } from '../cli/twinslot.ts'
import { UP, worldOfFile } from './world.ts'

const file = worldOfFile()

test('B whose critical probe fails in three boots: back on A, rolled_back received, the reason readable offline', async (t) => {
  const world = file.open(t)
  if (!world) return
  const [one, two] = [await world.release('1.0.0', 'good'), await world.release('2.0.0', 'bad-probe')]
  await world.provision(one, 'both')
  world.order(two)
  {
    await using vm = await world.start()
    for (const left of [2, 1, 0]) await vm.waitFor(new RegExp(`booting slot B \\(counted, ${left} tries left\\)`), UP)
    const told = await world.told('rolled_back', 2 * UP)
    assert.equal(told.boot_attempts, 3)
    await vm.waitFor(/booting slot A \(not counted\)/, UP)
    await vm.waitFor(/boot complete: slot=A version=1\.0\.0/, UP)
    // The server forgets nothing: the order is still there. It is not followed a second time.
    await world.nextCheckIn()
    await world.nextCheckIn()
  }
  const words = world.server.fleet.statusWords()
  assert.deepEqual(words.slice(0, 3), ['downloading', 'ready', 'rebooting'])
  assert.deepEqual([words.filter((word) => word === 'verifying').length > 0, words.at(-1)], [true, 'rolled_back'])
  const { slots, boot } = await world.inspect()
  assert.deepEqual([boot.wanted, boot.good, slots.A.verdict, slots.B.verdict], ['A', 'A', 'Good', 'Bad'])
  const { out } = await twinslotText(['inspect', world.disk])
  assert.match(out, /2\.0\.0[\s\S]*application/)
})
