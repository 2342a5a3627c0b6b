import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecoveryView } from '#contract/views.ts'
import type { Plan, ReleaseFacts, Step } from '#model/plan.ts'
import { buildAppliance, buildSlot } from '#renderer/testing/fixtures.ts'
import { bytesOf } from './plan-bytes.ts'

const at = { offset: 0, length: 5000 }
const release = (sha256: string, size = 900): ReleaseFacts => ({
  kind: 'bundle',
  digest: 'd',
  product: 'p',
  version: '1',
  counter: 1,
  signer: 's',
  system: { size, sha256 },
  esp: null,
})
const planOf = (steps: Step[], facts: ReleaseFacts | null = null): Plan => ({
  id: 'id',
  request: { kind: 'repair', repair: 'slot-record', at: '', by: '' },
  disk: { path: '', model: null, sectorSize: 512, serial: null, wwn: null, size: 1, busPath: '' },
  release: facts,
  boot: null,
  erased: [],
  kept: [],
  steps,
})
const { recovery } = buildAppliance()
const recorded = (a: string, sizeA: number | null): RecoveryView | null =>
  recovery && { ...recovery, slots: { ...recovery.slots, A: buildSlot({ sha256: a, size: sizeA }) } }
const identifyA: Step = { type: 'identify-slots', esp: at, slots: [{ slot: 'A', at }] }

test('an image is written and read back, a check reads once, small files do not count', () => {
  const step = { slot: 'A', at, size: 100, sha256: 'x' } as const
  assert.equal(bytesOf(planOf([{ type: 'write-image', ...step, changedOnly: false }]), null), 200)
  assert.equal(bytesOf(planOf([{ type: 'check-slot', ...step }]), null), 100)
  assert.equal(
    bytesOf(planOf([{ type: 'boot-state', esp: at, change: { kind: 'reset', slot: 'A' }, override: null }]), null),
    0,
  )
})

test('both bad: every slot that may be read is counted', () => {
  const slots = (['A', 'B'] as const).map((slot, i) => ({ slot, at, size: [300, 40][i], sha256: 'x' }))
  assert.equal(bytesOf(planOf([{ type: 'revive-slot', esp: at, slots }]), null), 340)
})

test('a slot of unknown content is read for its record and once more for the release, but not twice for the same', () => {
  assert.equal(bytesOf(planOf([identifyA], release('new')), recorded('old', 700)), 1600)
  assert.equal(bytesOf(planOf([identifyA], release('same')), recorded('same', 900)), 900)
  assert.equal(bytesOf(planOf([identifyA], release('new')), null), 900)
  assert.equal(bytesOf(planOf([identifyA]), recorded('old', null)), 0)
  assert.equal(bytesOf(planOf([identifyA], release('new', 6000)), null), 0, 'what cannot be in the slot is not read')
})
