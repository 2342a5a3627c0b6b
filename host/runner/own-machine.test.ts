import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { ownMachine } from './own-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-machine-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const SYSTEM = {
  'sys/class/dmi/id/product_name': 'HP t640 Thin Client\n',
  'sys/class/dmi/id/product_serial': 'To be filled by O.E.M.\n',
  'sys/class/dmi/id/chassis_serial': '8CN1234567\n',
  'sys/class/dmi/id/bios_vendor': 'HP\n',
  'sys/class/dmi/id/bios_version': 'Default string\n',
  'sys/class/net/enp1s0/address': 'AA:BB:CC:00:00:01\n',
  'sys/class/net/enp1s0/device/vendor': '0x10ec\n',
  'sys/class/net/br0/address': 'aa:bb:cc:00:00:09\n',
  'sys/class/net/lo/address': '00:00:00:00:00:00\n',
  'proc/cpuinfo': 'processor\t: 0\nmodel name\t: AMD Ryzen Embedded R1505G\n',
  'proc/meminfo': 'MemTotal:        7824321 kB\nMemFree: 1 kB\n',
} as const
const MARK = { 'etc/twinslot/device.yaml': 'product: hypernet\n' }
const STICK = { 'etc/systemd/system/twinslot-kiosk.service': '[Service]\n' }

function rootWith(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const BUILT_IN = { bus: 'nvme', removable: false } as const

test("on the appliance itself the unit is told, and a maker's fillers are not taken for a serial or a version", async () => {
  const stick = await ownMachine(BUILT_IN, rootWith('stick', { ...SYSTEM, ...STICK }))
  const machine = await ownMachine(BUILT_IN, rootWith('appliance', { ...SYSTEM, ...MARK }))
  assert.deepEqual(stick, machine, 'a recovery stick is started on it')
  assert.deepEqual(machine, {
    product: 'HP t640 Thin Client',
    serial: '8CN1234567',
    macAddresses: ['aa:bb:cc:00:00:01'],
    biosVendor: 'HP',
    biosVersion: null,
    cpuModel: 'AMD Ryzen Embedded R1505G',
    memoryGb: 8.01,
  })
})

test("a bench's own computer is never told as the unit's, nor is the appliance's for a drive that is plugged into it", async () => {
  assert.equal(await ownMachine(BUILT_IN, rootWith('bench', SYSTEM)), null)
  const root = rootWith('plugged', { ...SYSTEM, ...MARK })
  for (const disk of [
    { bus: 'usb', removable: false },
    { bus: 'file', removable: false },
    { bus: 'mmc', removable: true },
  ] as const)
    assert.equal(await ownMachine(disk, root), null, disk.bus)
})

test('what the firmware does not tell is not known', async () => {
  const nothing = await ownMachine(BUILT_IN, rootWith('silent', MARK))
  assert.deepEqual(Object.values(nothing ?? {}), [null, null, [], null, null, null, null])
})
