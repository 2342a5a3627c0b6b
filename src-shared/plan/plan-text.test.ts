import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_BOOT_STATE } from '#model/boot-state.ts'
import type { BootChange, Step } from '#model/plan.ts'
import type { StepText } from '#model/plan-text.ts'
import type { Slot } from '#model/slot.ts'
import { CATALOGUES, type Language } from '#renderer/text/index.ts'
import { stepLine } from '#renderer/text/sentences.ts'
import { speechOf } from '#renderer/text/translate.ts'
import fc from '#testing/property.ts'
import { LONG_TEXT, printable } from './common.ts'
import { describeStep } from './describe.ts'
import { stepText } from './plan-text.ts'

const at = { offset: 0, length: 1e9 }
const sha256 = '5f'.repeat(32)
const slot = fc.constantFrom<Slot>('A', 'B')
const change: fc.Arbitrary<BootChange> = fc.oneof(
  fc.record({ kind: fc.constant('arm' as const), slot, tries: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constantFrom('select' as const, 'confirm' as const, 'bad' as const, 'reset' as const), slot }),
)
const word = fc.stringMatching(/^[\w.-]{1,12}$/)
const size = fc.integer({ min: 1, max: 2e12 })
const files = fc.array(fc.record({ path: word, size, sha256: fc.constant(sha256), mode: fc.constant(420) }), {
  minLength: 1,
  maxLength: 3,
})
const slots = fc.subarray<Slot>(['A', 'B'], { minLength: 1 })
const table = fc.integer({ min: 1, max: 12 }).map((count) => ({
  sectorSize: 512,
  diskGuid: 'G',

  sectors: 1e6,
  entries: Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    name: 'P',
    typeGuid: 'T',
    uniqueGuid: 'U',
    firstLba: 2048,
    lastLba: 4095,
    attributes: '0',
  })),
}))
const partition = fc.record({
  number: fc.integer({ min: 1, max: 12 }),
  name: word,
  size,
  role: fc.constant('config' as const),
  offset: fc.constant(0),
  typeGuid: fc.constant('T'),
  uniqueGuid: fc.constant('U'),
  filesystem: fc.constant('ext4' as const),
})

/** Each type of step; a new one does not compile without its generator. */
const STEPS: { readonly [T in Step['type']]: fc.Arbitrary<Extract<Step, { type: T }>> } = {
  wipe: fc.constant({ type: 'wipe', tables: [], signatures: [] }),
  'write-image': fc.record({
    type: fc.constant('write-image'),
    slot,
    size,
    changedOnly: fc.boolean(),
    at: fc.constant(at),
    sha256: fc.constant(sha256),
  }),
  'make-filesystem': fc.record({
    type: fc.constant('make-filesystem'),
    partition,
    files,
    uuid: fc.constant('U'),
    into: fc.constant(''),
    directories: fc.constant([]),
  }),
  'write-esp': fc.record({
    type: fc.constant('write-esp'),
    partition,
    volumeId: fc.constant(1),
    slots,
    defaultSlot: slot,
    espSha256: fc.constant(sha256),
    override: fc.constant(null),
  }),
  'probe-disk': fc.constant({ type: 'probe-disk' }),
  'check-disk': fc.record({ type: fc.constant('check-disk'), blank: fc.constant([at]), marksStay: fc.boolean() }),
  'write-table': fc.record({ type: fc.constant('write-table'), table }),
  'repair-table': fc.record({ type: fc.constant('repair-table'), table, from: fc.constantFrom('primary', 'backup') }),
  'record-slot': fc.record({
    type: fc.constant('record-slot'),
    slot,
    state: fc.constantFrom('incomplete', 'written'),
    esp: fc.constant(at),
    override: fc.constant(null),
  }),
  'check-slot': fc.record({
    type: fc.constant('check-slot'),
    slot,
    size,
    at: fc.constant(at),
    sha256: fc.constant(sha256),
  }),
  'boot-state': fc.record({
    type: fc.constant('boot-state'),
    esp: fc.constant(at),
    change,
    override: fc.constant(null),
  }),
  'rewrite-boot-state': fc.record({
    type: fc.constant('rewrite-boot-state'),
    esp: fc.constant(at),
    files: fc.constantFrom(['ab_state' as const], ['grubenv' as const], ['grubenv' as const, 'grubenv2' as const]),
    state: fc.record({ good: fc.option(slot), wanted: fc.option(slot) }).map((part) => ({ ...NO_BOOT_STATE, ...part })),
  }),
  'put-boot-files': fc.record({ type: fc.constant('put-boot-files'), esp: fc.constant(at), files }),
  'identify-slots': fc.record({
    type: fc.constant('identify-slots'),
    esp: fc.constant(at),
    slots: fc.subarray<Slot>(['A', 'B']).map((names) => names.map((name) => ({ slot: name, at }))),
  }),
  'revive-slot': fc.record({
    type: fc.constant('revive-slot'),
    esp: fc.constant(at),
    slots: slots.map((names) => names.map((name) => ({ slot: name, at, size: 1, sha256 }))),
  }),
  'keep-config': fc.constant({ type: 'keep-config', at, directory: 'config' }),
  'replace-files': fc.record({ type: fc.constant('replace-files'), at: fc.constant(at), directory: word, files }),
}

test('every step that a plan can have is said in English and in every language of the console', () => {
  const seen = new Set<StepText['kind']>()
  const steps: fc.Arbitrary<Step> = fc.oneof(...Object.values(STEPS))
  fc.assert(
    fc.property(steps, (step) => {
      const text = stepText(step)
      seen.add(text.kind)
      assert.ok(describeStep(step).length > 5)
      for (const language of Object.keys(CATALOGUES) as Language[])
        assert.ok(stepLine(text, speechOf(language)).length > 5, `${language} ${text.kind}`)
    }),
    { numRuns: 800 },
  )
  const known = Object.keys(CATALOGUES.en).filter((key) => key.startsWith('plan.step.'))
  assert.deepEqual(
    known.filter((key) => !seen.has(key.slice('plan.step.'.length) as StepText['kind'])),
    [],
  )
})

test('a name that is cut says so, and never in the middle of a letter; a path and what people wrote are shown whole', () => {
  assert.equal(printable('a'.repeat(64)), 'a'.repeat(64))
  assert.equal(printable('a'.repeat(65)), `${'a'.repeat(63)}…`)
  assert.equal(printable('𝔸'.repeat(65)), `${'𝔸'.repeat(63)}…`)
  assert.equal(printable('a\u001b[31mb\u202e'), 'a?[31mb?')
  const path = `/var/lib/${'folder/'.repeat(20)}disk.img`
  assert.equal(printable(path, LONG_TEXT), path)
})
