import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finding } from '#base/errors.ts'
import type { DiskObservation } from '#model/observation.ts'
import { AT, abDisk, BY, blankDisk } from '#testing/builders.ts'
import { planRepair } from './repair-table.ts'

const request = { kind: 'repair-table', at: AT, by: BY } as const
const outcome = (seen: DiskObservation) => {
  const result = planRepair(request, seen)
  return result.ok ? result.value.steps : result.refusals.map((each) => each.code)
}

test('the damaged side is rebuilt from the intact one, and nothing else is planned', () => {
  const damaged = finding('gpt.header-crc', { side: 'primary', expected: 'a', found: 'b' })
  const seen: DiskObservation = { ...abDisk(), tableFrom: 'backup', tableFindings: [damaged] }
  assert.deepEqual(outcome(seen), [{ type: 'repair-table', from: 'backup', table: seen.table }])
})

test('an intact table, a disk without one and a disk in use are refused', () => {
  assert.deepEqual(outcome(abDisk()), ['plan.nothing-to-repair'])
  assert.deepEqual(outcome(blankDisk()), ['gpt.no-table'])
  const seen: DiskObservation = { ...abDisk(), tableFindings: [finding('gpt.mbr-missing')] }
  assert.deepEqual(outcome({ ...seen, disk: { ...seen.disk, mounts: ['/mnt'] } }), ['disk.mounted'])
})
