import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Faults, withFaults } from '#testing/faults.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { withAccount } from './account.ts'

const open = (faults: Faults = {}) => withAccount(withFaults(memoryDisk({ size: 1024 * 1024 }), faults))

test('reading, flushing and asking for the identity is not writing', async () => {
  const { device, account } = open()
  await device.read(0, new Uint8Array(4096))
  await device.flush()
  await device.identity()
  await device.knownZero(0, 4096)
  assert.deepEqual(account(), { bytesWritten: 0, bytesZeroed: 0, bytesRead: 4096, flushes: 1, touched: false })
})

test('written and zeroed bytes are counted apart', async () => {
  const { device, account } = open()
  await device.write(0, new Uint8Array(1000))
  await device.write(4096, new Uint8Array(24))
  await device.zero(8192, 512)
  assert.deepEqual(account(), { bytesWritten: 1024, bytesZeroed: 512, bytesRead: 0, flushes: 0, touched: true })
})

test('a write that failed counts no bytes, but the disk counts as touched: part of it may have arrived', async () => {
  const { device, account } = open({ failWrite: 1 })
  await assert.rejects(device.write(0, new Uint8Array(512)), { code: 'disk.write-failed' })
  assert.deepEqual(account(), { bytesWritten: 0, bytesZeroed: 0, bytesRead: 0, flushes: 0, touched: true })
  const zeroing = open({ failWrite: 1 })
  await assert.rejects(zeroing.device.zero(0, 512), { code: 'disk.write-failed' })
  assert.equal(zeroing.account().touched, true)
  assert.equal(zeroing.account().bytesZeroed, 0)
})

test('a flush that failed is not counted', async () => {
  const { device, account } = open({ vanished: true })
  await assert.rejects(device.flush(), { code: 'disk.lost' })
  assert.equal(account().flushes, 0)
})

test('the account is a snapshot, and the wrapper shows the device as it is', async () => {
  const inner = memoryDisk({ size: 1024 * 1024, sectorSize: 4096, serial: 'X' })
  const { device, account } = withAccount(inner)
  const before = account()
  await device.write(0, new Uint8Array(4096).fill(7))
  assert.equal(before.bytesWritten, 0)
  assert.deepEqual(
    [device.size, device.sectorSize, device.path, device.readOnly],
    [1024 * 1024, 4096, inner.path, false],
  )
  assert.equal(
    withAccount({ ...inner, direct: false }).device.direct,
    false,
    'reads from a cache are not called direct',
  )
  assert.equal((await device.identity()).serial, 'X')
  assert.equal(inner.peek(0, 1)[0], 7)
})
