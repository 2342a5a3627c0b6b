import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { GB } from '#base/bytes.ts'
import { type ErrorCode, isEngineError } from '#base/errors.ts'
import { seededGuid } from '#base/guid.ts'
import { encodeGpt } from '#format/gpt.ts'
import { offerDisk } from '#plan/offer.ts'
import { writesInOrder } from '#testing/gpt.ts'
import { type FakeSystem, fakeSystem, vpdPage } from '#testing/sysfs-tree.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import {
  describeBlockDevice,
  describeDiskPath,
  deviceNumber,
  identifyDisk,
  listDisks,
  listSysfsDisks,
} from './inventory.ts'

const SATA = 'pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda'
const USB = 'pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb'

function addSata(system: FakeSystem): void {
  system.addDisk({
    link: SATA,
    dev: '8:0',
    size: 256 * GB,
    attributes: {
      'device/vendor': 'ATA     ',
      'device/model': 'Samsung SSD 860 ',
      'device/wwid': 'naa.5002538e40a1b2c3',
      'device/vpd_pg80': vpdPage('  S3Z9NB0K123456X '),
    },
    partitions: { sda1: '8:1', sda2: '8:2', sda3: '8:3' },
  })
}

function addUsb(system: FakeSystem): void {
  system.addDisk({
    link: USB,
    dev: '8:16',
    size: 16 * GB,
    attributes: {
      removable: '1',
      'device/vendor': 'SanDisk',
      'device/model': 'Ultra',
      // Folders of the USB interface and the USB device, above the SCSI host.
      '../../../../../idVendor': '',
      '../../../../../../idVendor': '0781',
      '../../../../../../serial': '4C530001234F2A91',
      'device/vpd_pg80': vpdPage('00000000'),
    },
    partitions: { sdb1: '8:17' },
  })
}

const only = (system: FakeSystem, name: string) => {
  const disk = listSysfsDisks(system.roots).find(({ path }) => path === `/dev/${name}`)
  assert.ok(disk, `${name} is listed`)
  return disk
}
const reasons = (system: FakeSystem, name: string) =>
  offerDisk(only(system, name), null).reasons.map(({ code }) => code)

const throwsCode = (run: () => unknown, code: ErrorCode) => assert.throws(run, (error) => isEngineError(error, code))
const rejectsCode = (run: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(run, (error) => isEngineError(error, code))

describe('identity from sysfs', () => {
  test('a SATA disk has the serial number of the drive, its WWN, size and port', () => {
    using system = fakeSystem()
    addSata(system)
    assert.deepEqual(only(system, 'sda'), {
      path: '/dev/sda',
      identity: {
        serial: 'S3Z9NB0K123456X',
        wwn: 'naa.5002538e40a1b2c3',
        size: 256 * GB,
        busPath: 'pci-0000:00:1f.2-ata-1',
      },
      bus: 'ata',
      vendor: 'ATA',
      model: 'Samsung SSD 860',
      sectorSize: 512,
      removable: false,
      readOnly: false,
      system: false,
      mounts: [],
      holders: [],
    })
  })

  test('a USB disk has the serial number of the USB device and its port', () => {
    using system = fakeSystem()
    addUsb(system)
    const { identity, bus, removable } = only(system, 'sdb')
    assert.deepEqual([bus, removable], ['usb', true])
    assert.deepEqual(identity, {
      serial: '4C530001234F2A91',
      wwn: null,
      size: 16 * GB,
      busPath: 'pci-0000:00:14.0-usb-0:2:1.0-scsi-0:0:0:0',
    })
  })

  test('an NVMe disk with sectors of 4096 bytes', () => {
    using system = fakeSystem()
    system.addDisk({
      link: 'pci0000:00/0000:00:01.1/0000:01:00.0/nvme/nvme0/nvme0n1',
      dev: '259:0',
      size: 512 * GB,
      device: '..',
      attributes: {
        'device/model': 'WDC PC SN520  ',
        'device/serial': ' 20123A456789 ',
        wwid: 'eui.e8238fa6bf530001',
        'queue/logical_block_size': '4096',
      },
      partitions: { nvme0n1p1: '259:1' },
    })
    system.addDisk({
      link: 'pci0000:00/0000:00:01.1/0000:01:00.0/nvme/nvme0/nvme0c0n1',
      dev: '259:9',
      size: 512 * GB,
      device: '..',
      attributes: { hidden: '1' },
    })
    const [disk, ...others] = listSysfsDisks(system.roots)
    assert.equal(others.length, 0)
    assert.deepEqual(
      [disk.bus, disk.sectorSize, disk.model, disk.identity.serial, disk.identity.wwn, disk.identity.busPath],
      ['nvme', 4096, 'WDC PC SN520', '20123A456789', 'eui.e8238fa6bf530001', 'pci-0000:01:00.0-nvme-1'],
    )
  })

  test('eMMC and SD: the CID is the world-wide name; boot areas are no disks; an SD card is removable', () => {
    using system = fakeSystem()
    const host = 'platform/80860F14:00/mmc_host/mmc0/mmc0:0001/block'
    const card = { 'device/name': 'DF4016', 'device/serial': '0x1a2b3c4d', 'device/cid': '45010044463430313601' }
    system.addDisk({
      link: `${host}/mmcblk0`,
      dev: '179:0',
      size: 16 * GB,
      attributes: { ...card, 'device/type': 'MMC' },
    })
    system.addDisk({ link: `${host}/mmcblk0/mmcblk0boot0`, dev: '179:8', size: 4_194_304, device: '../../..' })
    system.addDisk({
      link: 'pci0000:00/0000:00:05.0/mmc_host/mmc1/mmc1:aaaa/block/mmcblk1',
      dev: '179:16',
      size: 32 * GB,
      attributes: { 'device/name': 'SC32G', 'device/type': 'SD', 'device/serial': '0x00000000', ro: '1' },
    })
    assert.deepEqual(
      listSysfsDisks(system.roots).map(({ path, bus, removable, readOnly, model, identity }) => ({
        path,
        bus,
        removable,
        readOnly,
        model,
        ...identity,
      })),
      [
        {
          path: '/dev/mmcblk0',
          bus: 'mmc',
          removable: false,
          readOnly: false,
          model: 'DF4016',
          serial: '0x1a2b3c4d',
          wwn: '45010044463430313601',
          size: 16 * GB,
          busPath: 'platform-80860F14:00-mmc-0001',
        },
        {
          path: '/dev/mmcblk1',
          bus: 'mmc',
          removable: true,
          readOnly: true,
          model: 'SC32G',
          serial: null,
          wwn: null,
          size: 32 * GB,
          busPath: 'pci-0000:00:05.0-mmc-aaaa',
        },
      ],
    )
    throwsCode(() => describeBlockDevice('179:8', '/dev/mmcblk0boot0', system.roots), 'disk.is-partition')
  })

  test('a virtio disk names no vendor number as vendor', () => {
    using system = fakeSystem()
    system.addDisk({
      link: 'pci0000:00/0000:00:02.0/virtio1/block/vda',
      dev: '254:0',
      size: 8 * GB,
      attributes: { serial: 'disk-1', 'device/vendor': '0x1af4' },
    })
    const { bus, vendor, identity } = only(system, 'vda')
    assert.deepEqual([bus, vendor, identity.serial, identity.busPath], ['virtio', null, 'disk-1', 'pci-0000:00:02.0'])
  })

  test('memory, optical drives, readers without medium and empty loop devices are not listed', () => {
    using system = fakeSystem()
    for (const [name, size] of [
      ['ram0', GB],
      ['zram0', GB],
      ['sr0', GB],
      ['fd0', GB],
      ['loop0', 0],
      ['dm-0', GB],
      ['md0', GB],
    ] as const)
      system.addDisk({ link: `virtual/block/${name}`, dev: '1:0', size })
    system.addDisk({ link: USB, dev: '8:16', size: 0 })
    assert.deepEqual(listSysfsDisks(system.roots), [])
  })
})

describe('who uses a disk', () => {
  test('a free disk beside the system disk is offered, the system disk is not', () => {
    using system = fakeSystem()
    addSata(system)
    addUsb(system)
    system.setMounts('8:2 / ext4 /dev/sda2', '8:1 /boot/efi vfat /dev/sda1', '0:5 /proc proc proc')
    assert.deepEqual(reasons(system, 'sda'), ['disk.system'])
    assert.deepEqual(only(system, 'sda').mounts, ['/', '/boot/efi'])
    assert.deepEqual(reasons(system, 'sdb'), [])
  })

  test('a mounted partition is named with its mount point, spaces and all', () => {
    using system = fakeSystem()
    addUsb(system)
    system.setMounts('8:17 /media/USB\\040STICK vfat /dev/sdb1')
    assert.deepEqual(reasons(system, 'sdb'), ['disk.mounted'])
    assert.deepEqual(only(system, 'sdb').mounts, ['/media/USB STICK'])
  })

  test('a system on LVM in LUKS is found through both layers', () => {
    using system = fakeSystem()
    addSata(system)
    system.addDisk({
      link: 'virtual/block/dm-0',
      dev: '253:0',
      size: GB,
      slaves: ['sda3'],
      attributes: { 'dm/name': 'crypt' },
    })
    system.addDisk({
      link: 'virtual/block/dm-1',
      dev: '253:1',
      size: GB,
      slaves: ['dm-0'],
      attributes: { 'dm/name': 'vg-root' },
    })
    system.addDisk({
      link: 'virtual/block/dm-2',
      dev: '253:2',
      size: GB,
      slaves: ['dm-0'],
      attributes: { 'dm/name': 'vg-swap' },
    })
    system.setMounts('253:1 / ext4 /dev/mapper/vg-root')
    system.setSwaps('/dev/dm-2                               partition\t999420\t0\t-2')
    const disk = only(system, 'sda')
    assert.deepEqual([disk.system, disk.mounts], [true, ['/']])
    assert.deepEqual(disk.holders, ['dm-0 (crypt)', 'dm-1 (vg-root)', 'dm-2 (vg-swap)', 'swap'])
  })

  test('an opened LUKS volume that nobody mounted is in use', () => {
    using system = fakeSystem()
    addUsb(system)
    system.addDisk({
      link: 'virtual/block/dm-0',
      dev: '253:0',
      size: GB,
      slaves: ['sdb1'],
      attributes: { 'dm/name': 'luks-1' },
    })
    assert.deepEqual(reasons(system, 'sdb'), ['disk.in-use'])
  })

  test('a RAID member is in use', () => {
    using system = fakeSystem()
    addSata(system)
    addUsb(system)
    system.addDisk({ link: 'virtual/block/md127', dev: '9:127', size: GB, slaves: ['sda1', 'sdb1'] })
    system.setMounts('9:127 /srv xfs /dev/md127')
    assert.deepEqual(reasons(system, 'sda'), ['disk.mounted', 'disk.in-use'])
    assert.deepEqual(reasons(system, 'sdb'), ['disk.mounted', 'disk.in-use'])
  })

  test('swap on a partition and swap in a file make a system disk', () => {
    using system = fakeSystem()
    addSata(system)
    addUsb(system)
    system.setMounts('8:17 /mnt ext4 /dev/sdb1')
    system.setSwaps('/dev/sda3 partition 1 0 -2', '/mnt/swap\\040file file 1 0 -3')
    assert.deepEqual(reasons(system, 'sda'), ['disk.system'])
    assert.deepEqual(reasons(system, 'sdb'), ['disk.system'])
  })

  test('btrfs names one device and no number: all members count', () => {
    using system = fakeSystem()
    addSata(system)
    addUsb(system)
    system.addBtrfs('6d1e6f0a', 'sda2', 'sdb1')
    system.setMounts('0:31 /home btrfs /dev/sda2')
    assert.deepEqual(only(system, 'sda').mounts, ['/home'])
    assert.deepEqual(only(system, 'sdb').mounts, ['/home'])
  })

  test('a live system (overlay over a loop device over a stick) protects its stick', () => {
    using system = fakeSystem()
    addUsb(system)
    system.addDisk({
      link: 'virtual/block/loop0',
      dev: '7:0',
      size: GB,
      attributes: { 'loop/backing_file': '/run/live/medium/live/filesystem.squashfs' },
    })
    system.setMounts(
      '0:25 / overlay overlay rw,lowerdir=/run/live/rootfs:/x,upperdir=/run/overlay/rw',
      '8:17 /run/live/medium iso9660 /dev/sdb1',
      '7:0 /run/live/rootfs squashfs /dev/loop0',
    )
    assert.equal(only(system, 'sdb').system, true)
    assert.deepEqual(only(system, 'sdb').holders, ['loop0'])
  })

  test('a loop device is listed with its file as its place, and its file system as mounted', () => {
    using system = fakeSystem()
    addSata(system)
    system.addDisk({
      link: 'virtual/block/loop3',
      dev: '7:3',
      size: 2 * GB,
      attributes: { 'loop/backing_file': '/images/disk.img' },
      partitions: { loop3p1: '259:7' },
    })
    system.setMounts('8:2 / ext4 /dev/sda2', '259:7 /mnt vfat /dev/loop3p1')
    const loop = only(system, 'loop3')
    assert.deepEqual(
      [loop.bus, loop.identity.busPath, loop.mounts, loop.system],
      ['loop', 'loop:/images/disk.img', ['/mnt'], false],
    )
    assert.ok(only(system, 'sda').holders.includes('loop3'))
  })

  test('without a list of mounts nothing is called free', () => {
    using system = fakeSystem()
    addSata(system)
    rmSync(join(system.roots.proc, 'self/mountinfo'))
    assert.throws(() => listSysfsDisks(system.roots))
  })
})

describe('one disk by its path', () => {
  test('a whole disk is described by its number, a partition is refused with its parent', () => {
    using system = fakeSystem()
    addSata(system)
    assert.deepEqual(describeBlockDevice('8:0', '/dev/disk/by-id/x', system.roots), only(system, 'sda'))
    assert.throws(
      () => describeBlockDevice('8:2', '/dev/sda2', system.roots),
      (error) => isEngineError(error, 'disk.is-partition') && error.details.parent === '/dev/sda',
    )
    throwsCode(() => describeBlockDevice('8:99', '/dev/sdz', system.roots), 'disk.not-found')
    system.addDisk({ link: USB, dev: '8:16', size: 0 })
    throwsCode(() => describeBlockDevice('8:16', '/dev/sdb', system.roots), 'disk.no-size')
  })

  test('device numbers are split as the kernel does', () => {
    assert.equal(deviceNumber(0x0801n), '8:1')
    assert.equal(deviceNumber(0x10301n), '259:1')
    assert.equal(deviceNumber((1n << 20n) | (259n << 8n) | 3n), '259:259')
  })

  test('an image file is a disk whose place is its inode', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'twinslot-inventory-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const image = join(folder, 'disk.img')
    writeFileSync(image, '')
    await rejectsCode(describeDiskPath(image), 'disk.no-size')
    truncateSync(image, 8_000_100)
    symlinkSync(image, join(folder, 'link'))
    const disk = await describeDiskPath(join(folder, 'link'))
    assert.deepEqual([disk.path, disk.bus, disk.sectorSize, disk.identity.size], [image, 'file', 512, 8_000_000])
    assert.match(disk.identity.busPath, /^file:\d+:\d+$/)
    assert.deepEqual(await identifyDisk(image), disk.identity)
    rmSync(image)
    await rejectsCode(identifyDisk(image), 'disk.lost')
  })

  test('an image with a table for 4096-byte sectors is seen as such', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'twinslot-inventory-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const bytes = new Uint8Array(64 * 4096)
    const table = { diskGuid: seededGuid('s', 'disk'), sectorSize: 4096, sectors: 64, entries: [] }
    for (const write of writesInOrder(encodeGpt(table))) bytes.set(write.bytes, write.offset)
    writeFileSync(join(folder, 'disk.img'), bytes)
    assert.equal((await describeDiskPath(join(folder, 'disk.img'))).sectorSize, 4096)
  })

  test('what is no disk is refused by its kind', async (t) => {
    await rejectsCode(describeDiskPath('/no/such/disk'), 'disk.not-found')
    await rejectsCode(describeDiskPath(tmpdir()), 'disk.is-directory')
    if (!existsSync('/dev/null')) return t.skip('needs /dev/null')
    await rejectsCode(describeDiskPath('/dev/null'), 'disk.not-a-disk')
  })
})

test('on this computer the list agrees with lsblk, and the disk under / is a system disk', async (t) => {
  if (process.platform !== 'linux' || !(await findTool('lsblk'))) return t.skip('needs Linux with lsblk')
  const { disks } = await listDisks()
  const { stdout } = await requireTool(
    'lsblk',
    ['--json', '--bytes', '--nodeps', '--output', 'PATH,SIZE,LOG-SEC,RO,TYPE'],
    { timeoutMs: 20_000 },
  )
  const parsed: { blockdevices: { path: string; size: number; 'log-sec': number; ro: boolean; type: string }[] } =
    JSON.parse(stdout)
  const known = new Map(parsed.blockdevices.map((device) => [device.path, device]))
  for (const disk of disks.filter(({ bus }) => bus !== 'loop')) {
    const other = known.get(disk.path)
    assert.ok(other, disk.path)
    assert.deepEqual([disk.identity.size, disk.sectorSize, disk.readOnly], [other.size, other['log-sec'], other.ro])
    assert.deepEqual((await describeDiskPath(disk.path)).identity, disk.identity)
  }
  const rootDisks = disks.filter(({ mounts }) => mounts.includes('/'))
  for (const disk of rootDisks) assert.equal(offerDisk(disk, null).offered, false)
})
