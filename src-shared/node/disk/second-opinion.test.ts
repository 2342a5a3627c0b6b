import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { GB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import type { DiskInfo } from '#model/disk.ts'
import { fromDrivelist } from './inventory.ts'
import { addMounts, askDrivelist, type Drive, toDiskInfo } from './second-opinion.ts'

const drive: Drive = {
  device: '/dev/disk2',
  raw: '/dev/rdisk2',
  busType: 'USB',
  description: 'SanDisk Ultra',
  devicePath: 'IODeviceTree:/PCI0@0/XHC1@14',
  enumerator: 'diskutil',
  size: 16 * GB,
  logicalBlockSize: 512,
  isReadOnly: false,
  isRemovable: true,
  isSystem: false,
  isVirtual: false,
  mountpoints: [{ path: '/Volumes/STICK' }],
}
const disk: DiskInfo = { ...toDiskInfo(drive), path: '/dev/rdisk2', mounts: ['/mnt'] }

test('drivelist can only add mount points, never take a reason away', () => {
  const more = addMounts(disk, [drive])
  assert.deepEqual(more.mounts, ['/mnt', '/Volumes/STICK'])
  assert.equal(addMounts(disk, [{ ...drive, mountpoints: [{ path: '/mnt' }] }]), disk)
  assert.equal(addMounts(disk, []), disk)
  assert.equal(addMounts({ ...disk, system: true }, [{ ...drive, isSystem: false }]).system, true)
})

test('the root directory and swap seen by drivelist make a system disk; its own word on Linux does not', () => {
  assert.equal(addMounts(disk, [{ ...drive, mountpoints: [{ path: '/' }] }]).system, true)
  const swap = addMounts(disk, [{ ...drive, mountpoints: [{ path: '[SWAP]' }] }])
  assert.deepEqual([swap.system, swap.holders], [true, ['swap']])
  assert.equal(addMounts(disk, [{ ...drive, isSystem: true }]).system, false)
})

test('on other systems its word is taken, and partitions are refused', () => {
  const found = fromDrivelist('/dev/RDISK2', [drive])
  assert.deepEqual(
    [found.path, found.bus, found.mounts, found.system],
    ['/dev/disk2', 'usb', ['/Volumes/STICK'], false],
  )
  assert.equal(fromDrivelist('/dev/disk2', [{ ...drive, isSystem: true }]).system, true)
  assert.throws(
    () => fromDrivelist('/dev/disk2s1', [drive]),
    (error) => isEngineError(error, 'disk.is-partition'),
  )
  assert.throws(
    () => fromDrivelist('/dev/disk9', [drive]),
    (error) => isEngineError(error, 'disk.not-found'),
  )
})

test('a missing library, a crash and an answer in another form are one code', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-drivelist-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const programs = {
    missing: "import 'no-such-library'",
    crash: 'process.exit(3)',
    garbage: "console.log('not json')",
    form: 'console.log(JSON.stringify([{ device: 7 }]))',
  }
  for (const [name, text] of Object.entries(programs)) {
    const program = join(folder, `${name}.mjs`)
    writeFileSync(program, text)
    await assert.rejects(askDrivelist(program), (error) => isEngineError(error, 'disk.no-inventory'), name)
  }
})
