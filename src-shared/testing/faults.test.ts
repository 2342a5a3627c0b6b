// A disk that claims more room than it has, as counterfeit sticks do: the tests of the diagnosis stand on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlockDevice } from '#engine/ports.ts'
import { withFaults } from './faults.ts'
import { memoryDisk } from './memory-disk.ts'
import { seededBytes } from './random.ts'

const MIB = 1024 * 1024
const REAL = 2 * MIB + 512
const fake = (): BlockDevice => withFaults(memoryDisk({ size: 8 * MIB }), { realSize: REAL })

async function read(device: BlockDevice, offset: number, length: number): Promise<Buffer> {
  const target = device.allocate(length)
  await device.read(offset, target)
  return Buffer.from(target)
}

test('what is written behind the true end lies at the start, and each is read in the place of the other', async () => {
  const device = fake()
  const [first, second] = [seededBytes(4096, 1), seededBytes(4096, 2)]
  await device.write(512, first)
  assert.deepEqual(await read(device, 512 + 2 * REAL, 4096), Buffer.from(first))
  await device.write(512 + REAL, second)
  assert.deepEqual(await read(device, 512, 4096), Buffer.from(second))
  await device.zero(512 + REAL, 4096)
  assert.ok((await read(device, 512, 4096)).every((byte) => byte === 0))
  assert.equal(device.size, 8 * MIB, 'it claims what it has not')
})

test('one write that is longer than the true medium wraps round within itself', async () => {
  const device = fake()
  const data = seededBytes(3 * MIB, 3)
  await device.write(MIB, data)
  const found = await read(device, MIB, 3 * MIB)
  const lost = 3 * MIB - REAL
  assert.deepEqual(found.subarray(0, lost), Buffer.from(data.subarray(REAL)), 'the end of it is where its start was')
  assert.deepEqual(found.subarray(lost, REAL), Buffer.from(data.subarray(lost, REAL)))
})
