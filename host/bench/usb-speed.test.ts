import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { slowUsb } from './look.ts'
import { usbSpeed } from './usb-speed.ts'

/** sysfs as it is for a disk below a USB device of that speed. */
function sysWith(speed: string | null): string {
  const sys = mkdtempSync(join(tmpdir(), 'twinslot-sys-'))
  const port = join(sys, 'devices/pci0000:00/0000:00:14.0/usb1/1-2')
  const disk = join(port, '1-2:1.0/host4/target4:0:0/4:0:0:0')
  mkdirSync(disk, { recursive: true })
  mkdirSync(join(sys, 'class/block/sdx'), { recursive: true })
  symlinkSync(disk, join(sys, 'class/block/sdx/device'))
  if (speed !== null) writeFileSync(join(port, 'speed'), `${speed}\n`)
  return sys
}

test('the speed of the USB device that a disk hangs on is found above it', async (t) => {
  const fast = sysWith('5000')
  const none = sysWith(null)
  t.after(() => {
    for (const sys of [fast, none]) rmSync(sys, { recursive: true })
  })
  assert.equal(await usbSpeed('/dev/sdx', fast), 5000)
  assert.equal(await usbSpeed('/dev/sdx', none), null)
  assert.equal(await usbSpeed('/dev/sdgone', fast), null)
})

test('a USB 2 port is a warning, host.usb-slow; a faster or unknown one is none', () => {
  assert.deepEqual(
    slowUsb('/dev/sdx', 480).map(({ code, details }) => [code, details.found]),
    [['host.usb-slow', 480]],
  )
  assert.deepEqual([...slowUsb('/dev/sdx', 5000), ...slowUsb('/dev/sdx', null)], [])
})
