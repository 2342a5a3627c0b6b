import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsPatch } from '#contract/console.ts'
import { buildUnit } from '#renderer/testing/fixtures.ts'
import { addSerial, isListed, unitsToProtect } from './settings-rules.ts'

test('a serial number is added without the blanks that pasting brings', () => {
  assert.deepEqual(addSerial(['A1'], '  B2\n'), { ok: true, list: ['A1', 'B2'], serial: 'B2' })
})

test('empty, too long, known in another case, or one too many: refused with the reason', () => {
  const full = Array.from({ length: 200 }, (_, index) => `S${index}`)
  assert.deepEqual(addSerial([], '  '), { ok: false, why: 'empty' })
  assert.deepEqual(addSerial([], 'x'.repeat(65)), { ok: false, why: 'long' })
  assert.deepEqual(addSerial(['abC1'], 'ABc1'), { ok: false, why: 'known' })
  assert.deepEqual(addSerial(full, 'one more'), { ok: false, why: 'full' })
})

test('what is added here is what the host accepts, up to its limits', () => {
  const almost = Array.from({ length: 199 }, (_, index) => `S${index}`)
  const added = addSerial(almost, 'x'.repeat(64))
  assert.ok(added.ok && settingsPatch.safeParse({ neverTouch: added.list }).success)
})

test('from the bench only units with a serial number that is not listed are offered, twins once', () => {
  const units = [
    buildUnit({ serial: null }),
    buildUnit({ serial: 'A1' }),
    buildUnit({ serial: 'a1', port: '9' }),
    buildUnit({ serial: 'B2' }),
  ]
  assert.deepEqual(
    unitsToProtect(units, ['b2']).map(({ serial }) => serial),
    ['A1'],
  )
  assert.ok(isListed(['b2'], 'B2'))
})
