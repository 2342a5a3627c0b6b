import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
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

test('a rehearsal finds in the plan what the first line would be refused for, and leaves nothing behind', async () => {
  const unusable = { code: 'job.journal-unusable' }
  const room = join(folder, 'rehearsals')
  mkdirSync(room)
  const before = () => readdirSync(room, { recursive: true })
  await journalFiles(join(room, 'state', 'journal')).rehearse('one')
  assert.deepEqual(before(), [], 'folders that it made are gone again')
  writeFileSync(join(room, 'file'), '')
  const places = [join(room, 'file'), join(room, 'file/journal'), '/proc/twinslot/journal']
  if (existsSync('/dev/full')) places.push('/dev/full', '/proc/self/journal')
  for (const place of places) {
    await assert.rejects(journalFiles(place).rehearse('one'), unusable, place)
    await assert.rejects(journalFiles(place).append('one', { event: 'begin' }), unusable, place)
  }
  assert.deepEqual(before(), ['file'])
  mkdirSync(join(room, 'journal'))
  const kept = journalFiles(join(room, 'journal'))
  await kept.rehearse('one')
  assert.deepEqual(before().sort(), ['file', 'journal'], 'a folder of somebody else stays')
  await kept.append('one', { event: 'begin' })
  const file = join(room, 'journal/one.jsonl')
  const text = readFileSync(file, 'utf8')
  await kept.rehearse('one')
  assert.equal(readFileSync(file, 'utf8'), text)
  assert.deepEqual(before().sort(), ['file', 'journal', 'journal/one.jsonl'])
  writeFileSync(file, 'rubbish\n')
  await assert.rejects(kept.rehearse('one'), { code: 'job.journal-damaged' })
  rmSync(file)
  mkdirSync(file)
  await assert.rejects(kept.rehearse('one'), unusable)
})

test('rehearsals and jobs side by side do not take each other’s new folder away', async () => {
  const place = join(folder, 'many', 'journal')
  for (let round = 0; round < 20; round++) {
    const store = journalFiles(place)
    const keys = Array.from({ length: 8 }, (_, at) => `job-${at}`)
    await Promise.all(keys.flatMap((key) => [store.rehearse(key), store.append(key, { event: 'begin' })]))
    assert.deepEqual(
      readdirSync(place).sort(),
      keys.map((key) => `${key}.jsonl`),
    )
    rmSync(join(folder, 'many'), { recursive: true })
  }
})

test('a full file system, and one that can only be read, refuse in the rehearsal', async (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return t.skip('needs root, to mount a file system')
  const place = join(folder, 'mounted')
  mkdirSync(place)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', place], { timeout: 10_000 })
  try {
    writeFileSync(join(place, 'filler'), new Uint8Array(16 * 1024).subarray(0, statfsSync(place).bavail * 4096))
    await assert.rejects(journalFiles(join(place, 'journal')).rehearse('one'), {
      code: 'job.journal-unusable',
      details: { file: join(place, 'journal/one.jsonl'), reason: 'no space left (ENOSPC)' },
    })
    assert.deepEqual(readdirSync(place), ['filler'])
    execFileSync('mount', ['-o', 'remount,ro', place], { timeout: 10_000 })
    await assert.rejects(journalFiles(place).rehearse('one'), { code: 'job.journal-unusable' })
  } finally {
    execFileSync('umount', [place], { timeout: 10_000 })
  }
})
