import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { busOf, busPathOf } from './bus-path.ts'

// The first seven were read in a QEMU guest with Linux 6.1, the others on computers.
const LINKS: [string, string, string][] = [
  ['pci0000:00/0000:00:04.0/mmc_host/mmc0/mmc0:4567/block/mmcblk0', 'mmc', 'pci-0000:00:04.0-mmc-4567'],
  ['pci0000:00/0000:00:03.0/nvme/nvme0/nvme0n1', 'nvme', 'pci-0000:00:03.0-nvme-1'],
  ['pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/block/sda', 'ata', 'pci-0000:00:1f.2-ata-2'],
  ['pci0000:00/0000:00:05.0/virtio0/host6/target6:0:0/6:0:0:0/block/sdb', 'scsi', 'pci-0000:00:05.0-scsi-0:0:0:0'],
  [
    'pci0000:00/0000:00:02.0/usb2/2-2/2-2:1.0/host8/target8:0:0/8:0:0:0/block/sdc',
    'usb',
    'pci-0000:00:02.0-usb-0:2:1.0-scsi-0:0:0:0',
  ],
  [
    'pci0000:00/0000:00:02.0/usb2/2-1/2-1:1.0/host7/target7:0:0/7:0:0:0/block/sdd',
    'usb',
    'pci-0000:00:02.0-usb-0:1:1.0-scsi-0:0:0:0',
  ],
  ['pci0000:00/0000:00:06.0/virtio1/block/vda', 'virtio', 'pci-0000:00:06.0'],
  [
    'pci0000:00/0000:00:08.1/0000:06:00.3/usb1/1-1/1-1.4/1-1.4.2/1-1.4.2:1.0/host9/target9:0:0/9:0:0:2/block/sde',
    'usb',
    'pci-0000:06:00.3-usb-0:1.4.2:1.0-scsi-0:0:0:2',
  ],
  ['pci0000:00/0000:00:1f.1/ata1/host0/target0:0:1/0:0:1:0/block/sdb', 'ata', 'pci-0000:00:1f.1-ata-1-scsi-0:0:1:0'],
  ['platform/80860F14:00/mmc_host/mmc0/mmc0:0001/block/mmcblk0', 'mmc', 'platform-80860F14:00-mmc-0001'],
  ['virtual/nvme-subsystem/nvme-subsys0/nvme0n2', 'nvme', 'virtual-nvme-subsys0-nvme-2'],
  ['virtual/block/loop4', 'loop', 'virtual-loop4'],
]

test('bus and place are read off the path, without the numbers that depend on the order of probing', () => {
  for (const [link, bus, path] of LINKS) {
    assert.equal(busOf(`/sys/devices/${link}`), bus, link)
    assert.equal(busPathOf(`/sys/devices/${link}`), path, link)
    const renumbered = link.replace(
      /host\d+\/target\d+:(.*)\/\d+:(.*)\/block\/sd./,
      'host42/target42:$1/42:$2/block/sdz',
    )
    assert.equal(busPathOf(`/sys/devices/${renumbered}`), path, renumbered)
  }
})

test('two ports never have the same path', () => {
  const paths = LINKS.map(([link]) => busPathOf(`/sys/devices/${link}`))
  assert.equal(new Set(paths).size, paths.length)
})

test('any path gives some answer', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 10 }), (segments) => {
      assert.ok(busPathOf(`/${segments.join('/')}`).length > 0)
      busOf(`/${segments.join('/')}`)
    }),
    { numRuns: 200 },
  )
})
