// Which disk and which slot run: by GUIDs from the disks, in the order of the specification, and never a guess.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFileDevice } from '#node/disk/file-device.ts'
import { addCopyOfDisk, type OwnAppliance, ownAppliance } from '#testing/own-appliance.ts'
import { fakeSystem } from '#testing/sysfs-tree.ts'
import { findOwnDisk, tolerantSlot } from './find.ts'
import { openBelow } from './open-device.ts'

const find = ({ paths }: OwnAppliance) => findOwnDisk(paths, (path, readOnly) => openFileDevice(path, { readOnly }))
const SATA = 'pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda'
const NVME = 'pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0/nvme0n1'
const guidOf = async (appliance: OwnAppliance, name: string) =>
  (await appliance.look()).table?.entries.find((entry) => entry.name === name)?.uniqueGuid ?? ''

test('defect 11: the disk is found by its GUID on eMMC and NVMe, whatever /dev/sda is', async () => {
  await using appliance = await ownAppliance()
  addCopyOfDisk(appliance, SATA, '8:0')
  const found = await find(appliance)
  assert.deepEqual([found.seen.disk.path, found.espDevice, found.doubt], ['/dev/mmcblk0', '179:1', null])
  assert.equal(found.path, appliance.image)

  const moved = addCopyOfDisk(appliance, NVME, '259:0', false)
  rmSync(appliance.image)
  writeFileSync(appliance.image, Buffer.alloc(1024 * 1024))
  const nvme = await findOwnDisk(appliance.paths, (path, readOnly) => openFileDevice(path, { readOnly }))
  assert.deepEqual([nvme.seen.disk.path, nvme.espDevice, nvme.path], ['/dev/nvme0n1', '259:1', moved])
})

test('of two disks with the same GUIDs (a clone left plugged in) it is the one that / is mounted from; where nothing tells, neither', async () => {
  await using appliance = await ownAppliance()
  addCopyOfDisk(appliance, SATA, '8:0', false)
  for (const [mount, disk] of [
    ['179:2 / squashfs /dev/mmcblk0p2 ro', '/dev/mmcblk0'],
    ['8:2 / squashfs /dev/sda2 ro', '/dev/sda'],
  ]) {
    appliance.system.setMounts(mount)
    assert.equal((await find(appliance)).seen.disk.path, disk)
  }
  appliance.system.setMounts('0:30 / overlay overlay rw,lowerdir=/x,upperdir=/y')
  await assert.rejects(find(appliance), {
    code: 'own.disk-twice',
    message: /More than one disk holds .*: .*mmcblk0.*sda/,
  })
  await assert.rejects(appliance.disk().look(), { code: 'own.disk-twice' })
})

test('a GUID that no disk has, or a command line that cannot be read: own.disk-unknown', async () => {
  await using appliance = await ownAppliance()
  await appliance.boot('A', 'ab.partition=A root=PARTUUID=00000000-0000-0000-0000-00000000000a')
  await assert.rejects(find(appliance), { code: 'own.disk-unknown' })
  rmSync(join(appliance.paths.proc, 'cmdline'))
  await assert.rejects(find(appliance), { code: 'own.disk-unknown' })
})

test('without a GUID the root names the disk: root=/dev/..., else what / is mounted from', async () => {
  await using appliance = await ownAppliance()
  await appliance.boot('A', 'root=/dev/mmcblk0p3')
  const named = await find(appliance)
  assert.deepEqual([named.seen.running, named.foundBy, named.doubt], ['B', 'root', null])
  await appliance.boot('A', 'quiet')
  await assert.rejects(find(appliance), { code: 'own.disk-unknown' })
  appliance.system.setMounts('179:2 / squashfs /dev/mmcblk0p2 ro', '179:1 /boot vfat /dev/mmcblk0p1 ro')
  const mounted = await find(appliance)
  assert.deepEqual([mounted.seen.running, mounted.foundBy, mounted.doubt], ['A', 'root', null])
})

test('the order is command line, ab_state, root, A; what contradicts or only wishes is not certain', async () => {
  await using appliance = await ownAppliance()
  const root = `root=PARTUUID=${await guidOf(appliance, 'SLOT-B')}`
  const data = `root=PARTUUID=${await guidOf(appliance, 'DATA')}`
  const state = join(appliance.paths.boot, 'ab_state')
  const seen = async (line: string) => {
    await appliance.boot('A', line)
    const { seen: sight, foundBy, doubt } = await find(appliance)
    return [sight.running, foundBy, doubt !== null]
  }
  writeFileSync(state, 'set active_partition="A"\n')
  assert.deepEqual(await seen(`ab.partition=B ${root}`), ['B', 'cmdline', false])
  assert.deepEqual(await seen(`ab.partition=B ${data}`), ['B', 'cmdline', false])
  assert.deepEqual(await seen(`ab.partition=A ${root}`), ['A', 'cmdline', true])
  assert.deepEqual(await seen(`ab.partition=A ab.partition=B ${root}`), ['A', 'cmdline', true])
  assert.deepEqual(await seen(`ab.partition=C ${root}`), ['A', 'ab_state', true])
  writeFileSync(state, 'B')
  assert.deepEqual(await seen(root), ['B', 'ab_state', false])
  assert.deepEqual(await seen(data), ['B', 'ab_state', true])
  rmSync(state)
  assert.deepEqual(await seen(root), ['B', 'root', false])
  assert.deepEqual(await seen(data), ['A', 'default', true])
})

test('while it is not certain which slot runs, nothing is written', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  await appliance.boot('A', `ab.partition=A root=PARTUUID=${await guidOf(appliance, 'SLOT-B')}`)
  const before = readFileSync(appliance.image)
  const codes = (await own.look()).findings.map(({ code }) => code)
  assert.deepEqual(codes, ['own.slot-unclear'])
  await assert.rejects(own.confirm('A'), { code: 'own.slot-unclear' })
  await assert.rejects(own.goBack(null), { code: 'own.slot-unclear' })
  assert.ok(readFileSync(appliance.image).equals(before))
})

test('a disk without slots is not an appliance disk', async () => {
  await using appliance = await ownAppliance()
  const bare = join(appliance.paths.dev, 'bare')
  copyFileSync(appliance.image, bare)
  appliance.system.setMounts('179:2 / squashfs /dev/mmcblk0p2 ro')
  await appliance.boot('A', 'ab.partition=A')
  writeFileSync(appliance.image, Buffer.alloc(48 * 1024 * 1024))
  await assert.rejects(find(appliance), { code: 'plan.not-ab-disk' })
})

test('ab_state is read as upstream reads it', () => {
  for (const text of ['set active_partition="B"\n', 'active_partition=B', 'x active_partition="B" y', ' B\r\n', 'B'])
    assert.equal(tolerantSlot(text), 'B', text)
  for (const text of ['', 'C', 'AB', 'set active_partition=""', 'b', 'partition B'])
    assert.equal(tolerantSlot(text), null)
})

test('the real opener wants a block device and tells who it is by sysfs', async () => {
  using system = fakeSystem()
  writeFileSync(join(system.roots.dev, 'sda'), Buffer.alloc(4096))
  const open = openBelow(system.roots)
  await assert.rejects(open(join(system.roots.dev, 'sda'), true), { code: 'disk.not-a-disk' })
  await assert.rejects(open(join(system.roots.dev, 'sdb'), true), { code: 'disk.not-found' })
})
