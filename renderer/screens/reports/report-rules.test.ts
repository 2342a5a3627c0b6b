import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildStation } from '#renderer/testing/fixtures.ts'
import { asWritten, CSV_MOST, kindOfFile, matchesReport, rowsToSave } from './report-rules.ts'

const [report] = buildStation().reports
const failed = { ...report, token: 'report-token-2', outcome: 'failed' as const, unit: 'KX-0031-77C2D8' }

test('every word of the filter must be found, in any field and any case', () => {
  assert.ok(matchesReport(report, 'Provision', '', 'all'))
  assert.ok(matchesReport(report, 'Provision', 's3z8 2.4.1', 'all'))
  assert.ok(matchesReport(report, 'Bereitgestellt mit 2.4.1', 'bereitgestellt', 'all'))
  assert.ok(!matchesReport(report, 'Provision', 's3z8 9.9.9', 'all'))
})

test('the outcome filter hides the other outcome', () => {
  assert.ok(matchesReport(failed, 'Provision', '', 'failed'))
  assert.ok(!matchesReport(failed, 'Provision', '', 'done'))
  assert.ok(!matchesReport(report, 'Provision', '', 'failed'))
})

test('the selected rows are saved, and all that are shown when none is selected', () => {
  assert.deepEqual(rowsToSave([report, failed], new Set([failed.token])), { rows: [failed], selected: true })
  assert.deepEqual(rowsToSave([report, failed], new Set()), { rows: [report, failed], selected: false })
})

test('a selected row that the filter hides is not saved', () => {
  assert.deepEqual(rowsToSave([report], new Set([failed.token])), { rows: [report], selected: false })
})

test('never more rows than the host takes', () => {
  const many = Array.from({ length: CSV_MOST + 5 }, (_, index) => ({ ...report, token: `report-${index}` }))
  assert.equal(rowsToSave(many, new Set()).rows.length, CSV_MOST)
})

test('a signature is known by its content, whatever the file is called', () => {
  assert.equal(kindOfFile('-----BEGIN PGP SIGNATURE-----\n'), 'signature')
  assert.equal(kindOfFile('{"schema": 1}\n'), 'report')
})

test('only the last line break is put back; a text that has it stays as it is', () => {
  assert.equal(asWritten('{}'), '{}\n')
  assert.equal(asWritten('{}\n'), '{}\n')
  assert.equal(asWritten('{} '), '{} \n')
})
