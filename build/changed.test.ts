// What `npm test -- --changed` runs: everything that a change can touch, and everything where that is unclear.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { changedFiles, sourcesOf, touchedTests } from './changed.ts'

const SOURCES = new Map([
  ['src-shared/model/size.ts', 'export const size = 1'],
  ['src-shared/model/size.test.ts', "import { size } from './size.ts'"],
  ['src-shared/model/name.ts', 'export const name = 1'],
  ['src-shared/model/name.test.ts', "import { name } from './name.ts'"],
  ['src-shared/model/texts.test.ts', "readFileSync(join(tree, 'x'))"],
  ['src-shared/plan/plan.ts', "export { size } from '#model/size.ts'"],
  ['src-shared/plan/plan.test.ts', "import { size } from '#plan/plan.ts'"],
  ['renderer/page.tsx', "import { size } from '#model/size.ts'"],
  ['renderer/page.test.ts', "const page = await import('./page.tsx')"],
  ['device/agent.ts', 'export const agent = 1'],
  ['device/agent.test.ts', 'spawn(program)'],
  ['e2e/helper.ts', 'export const helper = 1'],
  ['e2e/second.ts', '// helper.ts is not needed here'],
  ['e2e/vm/boot.test.ts', "spawn(join(folder, '..', 'helper.ts'))"],
  ['e2e/console/click.test.ts', "import { second } from '../second.ts'"],
  ['build/docs.test.ts', 'read(docs)'],
])
const TESTS = [...SOURCES.keys()].filter((file) => file.includes('.test.'))
const touched = (...changed: string[]) => touchedTests(TESTS, changed, SOURCES)
const STARTERS = [
  'src-shared/model/texts.test.ts',
  'device/agent.test.ts',
  'e2e/vm/boot.test.ts',
  'e2e/console/click.test.ts',
  'build/docs.test.ts',
]

test('a test of the core runs when something that it imports was changed, over any way, and not otherwise', () => {
  const size = touched('src-shared/model/size.ts')
  assert.deepEqual(
    TESTS.filter((each) => !size.includes(each)),
    ['src-shared/model/name.test.ts'],
  )
  assert.deepEqual(touched('src-shared/model/name.ts'), ['src-shared/model/name.test.ts', ...STARTERS])
})

test('a test that starts programs or reads files runs when anything of the product was changed that can be in them', () => {
  assert.deepEqual(touched('device/agent.ts'), STARTERS)
  const windows = [
    'src-shared/model/texts.test.ts',
    'renderer/page.test.ts',
    'e2e/console/click.test.ts',
    'build/docs.test.ts',
  ]
  assert.deepEqual(touched('renderer/page.tsx'), windows)
})

test('a helper of tests is followed by import and by its name in a string, not by a comment', () => {
  assert.deepEqual(touched('e2e/helper.ts'), ['e2e/vm/boot.test.ts'])
  assert.deepEqual(touched('e2e/second.ts'), ['e2e/console/click.test.ts'])
})

test('a test that was changed runs, alone', () => {
  assert.deepEqual(touched('device/agent.test.ts'), ['device/agent.test.ts'])
})

test('decisions and news are read by tests of the documents only', () => {
  assert.deepEqual(touched('docs/adr/0001-x.md', 'docs/changelog/unreleased/x.md'), ['build/docs.test.ts'])
})

test('whatever is unclear runs everything: no source, gone, or what decides how tests run', () => {
  for (const file of [
    'renderer/page.css',
    'device/gone.ts',
    'build/test.ts',
    'package-lock.json',
    'docs/format/esp.md',
  ])
    assert.deepEqual(touched(file, 'device/agent.test.ts'), TESTS, file)
  assert.deepEqual(touched(), [])
})

test('in this tree a core test depends on a small part, and a program test on any of it', () => {
  const sources = sourcesOf(resolve(import.meta.dirname, '..'))
  const tests = [...sources.keys()].filter((file) => file.endsWith('.test.ts'))
  const found = touchedTests(tests, ['src-shared/format/gpt.ts'], sources)
  assert.ok(found.includes('src-shared/format/gpt.test.ts'))
  assert.ok(found.includes('e2e/cli/provision.test.ts'))
  assert.ok(!found.includes('src-shared/base/fingerprint-words.test.ts') && found.length < tests.length)
})

test('changed is what differs from main, committed, not committed, and new', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'twinslot-changed-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: root, timeout: 60_000 })
  git('init', '-q', '-b', 'main')
  for (const name of ['same', 'committed', 'open']) writeFileSync(join(root, name), '1')
  git('add', '.')
  git('commit', '-qm', 'one')
  git('checkout', '-qb', 'work')
  writeFileSync(join(root, 'committed'), '2')
  git('commit', '-qam', 'two')
  writeFileSync(join(root, 'open'), '2')
  writeFileSync(join(root, 'new'), '2')
  assert.deepEqual([...changedFiles(root)].sort(), ['committed', 'new', 'open'])
})
