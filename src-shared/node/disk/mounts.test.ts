import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { mountOf, parseMountinfo, parseSwaps } from './mounts.ts'

test('a line of mountinfo is read with and without optional fields, escapes undone', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue',
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    'not a line of mountinfo',
    '',
  ].join('\n')
  assert.deepEqual(parseMountinfo(text), [
    {
      device: '98:0',
      mountPoint: '/mnt 2',
      flags: 'rw,noatime',
      type: 'ext3',
      source: '/dev/root',
      options: 'rw,errors=continue',
    },
    { device: '0:21', mountPoint: '/proc', flags: 'rw,relatime', type: 'proc', source: 'proc', options: 'rw' },
  ])
})

test('swaps are read below their heading', () => {
  const text = 'Filename\t\t\tType\tSize\tUsed\tPriority'
  assert.deepEqual(parseSwaps(`${text}\n/dev/sda3   partition\t1\t0\t-2\n/swap\\040file  file 1 0 -3\n`), [
    { path: '/dev/sda3', type: 'partition' },
    { path: '/swap file', type: 'file' },
  ])
  assert.deepEqual(parseSwaps(''), [])
})

test('a file belongs to the innermost and latest mount above it', () => {
  const mounts = ['/', '/mnt', '/mnt', '/mnt/a'].map((mountPoint, index) => ({
    device: `8:${index}`,
    mountPoint,
    flags: 'rw',
    type: 'ext4',
    source: 'x',
    options: '',
  }))
  assert.equal(mountOf(mounts, '/mnt/a/b')?.device, '8:3')
  assert.equal(mountOf(mounts, '/mnt/abc')?.device, '8:2')
  assert.equal(mountOf(mounts, '/mnt')?.device, '8:2')
  assert.equal(mountOf(mounts, '/mntx')?.device, '8:0')
  assert.equal(mountOf([], '/x'), null)
})

test('no text makes the parsers throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab/ -\\04\n\t:,') }), (text) => {
      parseMountinfo(text)
      parseSwaps(text)
    }),
    { numRuns: 300 },
  )
})
