import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildDisk } from '#testing/builders.ts'
import { openTwins } from './twins.ts'

const disk = (busPath: string, serial: string | null = 'SAME') =>
  buildDisk({ path: `/dev/${busPath}`, identity: { serial, wwn: null, size: 16e9, busPath } })

test('two units with one serial are twins, units with different serials are not', () => {
  const twins = openTwins()
  assert.deepEqual([...twins.update([disk('usb1'), disk('usb2'), disk('usb3', 'OTHER')])], ['usb1', 'usb2'])
  assert.deepEqual([...openTwins().update([disk('usb1', 'A'), disk('usb2', 'B')])], [])
})

test('two units without a serial and of one size are twins', () => {
  assert.equal(openTwins().update([disk('usb1', null), disk('usb2', null)]).size, 2)
})

test('the unit that was unplugged and plugged in again is known; its twin is not', () => {
  const twins = openTwins()
  twins.update([disk('usb1'), disk('usb2')])
  assert.deepEqual([...twins.update([disk('usb2')])], [])
  assert.deepEqual([...twins.update([disk('usb1'), disk('usb2')])], ['usb2'])
})

test('a replugged unit may come back at another port', () => {
  const twins = openTwins()
  twins.update([disk('usb1'), disk('usb2')])
  twins.update([disk('usb2')])
  assert.deepEqual([...twins.update([disk('usb2'), disk('usb9')])], ['usb2'])
})

test('when both were unplugged, nobody knows which is which', () => {
  const twins = openTwins()
  twins.update([disk('usb1'), disk('usb2')])
  twins.update([])
  assert.equal(twins.update([disk('usb1'), disk('usb2')]).size, 2)
})
