import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionNode, sameIdentity } from './disk.ts'

test('partition nodes are named as the kernel names them on SATA, NVMe and eMMC', () => {
  assert.equal(partitionNode('/dev/sda', 2), '/dev/sda2')
  assert.equal(partitionNode('/dev/vdb', 10), '/dev/vdb10')
  assert.equal(partitionNode('/dev/nvme0n1', 2), '/dev/nvme0n1p2')
  assert.equal(partitionNode('/dev/mmcblk0', 2), '/dev/mmcblk0p2')
  assert.equal(partitionNode('/dev/loop7', 1), '/dev/loop7p1')
})

test('two disks are the same only when serial, WWN, size and bus path all are', () => {
  const disk = { serial: 'S', wwn: null, size: 1000, busPath: 'usb-1' }
  assert.equal(sameIdentity(disk, { ...disk }), true)
  for (const change of [{ serial: 'T' }, { serial: null }, { wwn: 'w' }, { size: 1001 }, { busPath: 'usb-2' }])
    assert.equal(sameIdentity(disk, { ...disk, ...change }), false)
})
