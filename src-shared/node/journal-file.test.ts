import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isEngineError } from '../base/errors.ts'
import { journalFiles, stateDirectory } from './journal-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-journal-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const fileOf = (key: string) => join(folder, 'journal', `${key}.jsonl`)
const journal = journalFiles(join(folder, 'journal'))

test('what was appended is read back in order; a job without journal has no lines', async () => {
  await journal.append('one', { event: 'begin', seed: 's' })
  await journal.append('one', { event: 'step-started', step: 0 })
  assert.deepEqual(await journal.read('one'), [
    { event: 'begin', seed: 's' },
    { event: 'step-started', step: 0 },
  ])
  assert.deepEqual(await journal.read('none'), [])
})

test('a last line cut short by a crash is dropped, and the next line does not continue it', async () => {
  await journal.append('cut', { event: 'begin' })
  appendFileSync(fileOf('cut'), '{"event":"step-st')
  assert.deepEqual(await journal.read('cut'), [{ event: 'begin' }])
  await journal.append('cut', { event: 'again' })
  assert.deepEqual(await journal.read('cut'), [{ event: 'begin' }, { event: 'again' }])
  assert.equal(readFileSync(fileOf('cut'), 'utf8'), '{"event":"begin"}\n{"event":"again"}\n')
})

test('a cut first line leaves an empty journal', async () => {
  writeFileSync(fileOf('first'), '{"ev')
  assert.deepEqual(await journal.read('first'), [])
  await journal.append('first', { event: 'begin' })
  assert.deepEqual(await journal.read('first'), [{ event: 'begin' }])
})

test('damage anywhere else is told with file and line, and nothing is guessed', async () => {
  for (const [text, line] of [
    ['{"event":"begin"}\nrubbish\n{"event":"end"}\n', 2],
    ['null\n', 1],
    ['"text"\n', 1],
  ] as const) {
    writeFileSync(fileOf('bad'), text)
    await assert.rejects(journal.read('bad'), { code: 'job.journal-damaged', details: { file: fileOf('bad'), line } })
  }
  await assert.rejects(journalFiles(folder).read('journal/bad.jsonl/x'), { code: 'job.journal-unusable' })
})

test('a journal that cannot be kept stops the job before its first write', async () => {
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(journalFiles(join(folder, 'file')).append('one', { event: 'begin' }), {
    code: 'job.journal-unusable',
  })
})

test('the state directory follows TWINSLOT_STATE, then XDG_STATE_HOME', () => {
  assert.equal(stateDirectory({ TWINSLOT_STATE: '/a', XDG_STATE_HOME: '/b' }), '/a')
  assert.equal(stateDirectory({ XDG_STATE_HOME: '/b' }), '/b/twinslot')
})

test('a link where the journal would be is not followed: nothing is made or read at its end (job.journal-unusable)', async () => {
  await journal.append('before', { event: 'begin' })
  const victim = join(folder, 'victim')
  symlinkSync(victim, fileOf('planted'))
  const unusable = (error: unknown) => isEngineError(error, 'job.journal-unusable')
  await assert.rejects(journal.append('planted', { event: 'begin' }), unusable)
  assert.equal(existsSync(victim), false)
  writeFileSync(victim, '{"secret":1}\n')
  await assert.rejects(journal.read('planted'), unusable)
})
