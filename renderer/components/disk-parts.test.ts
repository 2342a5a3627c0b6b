import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildPartitions } from '../testing/fixtures.ts'
import { partsOfDisk } from './disk-parts.ts'

const GB = 1e9

test('parts come in their order on the disk, with the free space between and after them', () => {
  const [esp, a] = buildPartitions(500 * GB)
  const far = { ...a, offset: 100 * GB, size: 100 * GB }
  const parts = partsOfDisk([far, esp], 500 * GB)
  assert.deepEqual(
    parts.map(({ role }) => role),
    ['esp', 'free', 'slot-a', 'free'],
  )
  assert.equal(parts[3].size, 300 * GB)
})

test('alignment gaps are no free space, and a blank disk is free altogether', () => {
  assert.deepEqual(
    partsOfDisk(buildPartitions(500 * GB), 500 * GB).map(({ role }) => role),
    ['esp', 'slot-a', 'slot-b', 'config', 'data'],
  )
  assert.deepEqual(
    partsOfDisk([], 16 * GB).map(({ role, size }) => [role, size]),
    [['free', 16 * GB]],
  )
})
