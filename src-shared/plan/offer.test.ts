import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GB } from '#base/bytes.ts'
import { explain } from '#base/errors.ts'
import type { DiskInfo } from '#model/disk.ts'
import { offerDisk } from './offer.ts'

const usb: DiskInfo = {
  path: '/dev/sdb',
  identity: { serial: 'S1', wwn: null, size: 16 * GB, busPath: 'pci-0000:00:14.0-usb-0:1:1.0' },
  bus: 'usb',
  vendor: null,
  model: null,
  sectorSize: 512,
  removable: false,
  readOnly: false,
  system: false,
  mounts: [],
  holders: [],
}
const codes = (change: Partial<DiskInfo>, needed: number | null = null) =>
  offerDisk({ ...usb, ...change }, needed).reasons.map(({ code }) => code)

test('a free disk is offered', () =>
  assert.deepEqual(offerDisk(usb, 16 * GB), { offered: true, reasons: [], notes: [] }))

test('a removable disk is offered with a note', () => {
  const offer = offerDisk({ ...usb, removable: true }, null)
  assert.equal(offer.offered, true)
  assert.deepEqual(
    offer.notes.map(({ code }) => code),
    ['disk.removable'],
  )
})

test('each reason has its code, and all of them are told at once', () => {
  assert.deepEqual(codes({ system: true, mounts: ['/'], holders: ['dm-0'] }), ['disk.system'])
  assert.deepEqual(codes({ mounts: ['/mnt'] }), ['disk.mounted'])
  assert.deepEqual(codes({ holders: ['md0'] }), ['disk.in-use'])
  assert.deepEqual(codes({ readOnly: true }), ['disk.read-only'])
  assert.deepEqual(codes({ sectorSize: 520 }), ['disk.sector-size'])
  assert.deepEqual(codes({}, 16 * GB + 1), ['disk.too-small'])
  assert.deepEqual(codes({ mounts: ['/mnt'], holders: ['loop0'], readOnly: true }, 17 * GB), [
    'disk.mounted',
    'disk.in-use',
    'disk.read-only',
    'disk.too-small',
  ])
})

test('the sentences name the mount points and both sizes', () => {
  const sentences = offerDisk({ ...usb, mounts: ['/mnt/a', '/mnt/b'] }, 20 * GB).reasons.map((r) => explain(r).message)
  assert.match(sentences[0], /mounted at \/mnt\/a, \/mnt\/b/)
  assert.match(sentences[1], /16000000000 bytes.*20000000000 bytes/)
})
