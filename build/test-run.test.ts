// The test runner must not be fooled: every way in which a test file can end badly has to count as a failure.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SLOWEST_FIRST } from './slowest-first.ts'
import { runCheck, runTestFile, runTests } from './test-run.ts'

async function outcomes(source: string, limitMs = 30_000): Promise<{ lines: string[]; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'planted-'))
  try {
    const file = join(folder, 'planted.test.mjs')
    await writeFile(file, `import { test, describe } from 'node:test'\nimport assert from 'node:assert'\n${source}`)
    const { tests, output } = await runTestFile(file, limitMs, folder)
    return { lines: tests.map(({ name, outcome, reason }) => `${outcome} ${name}: ${reason.split('\n')[0]}`), output }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('passed, failed and skipped tests are counted one by one, with reasons', async () => {
  const { lines } = await outcomes(`
    test('good', () => {})
    test('bad', () => { throw new Error('boom') })
    test('later', (t) => t.skip('needs sgdisk'))
    describe('group', () => { test('inner', () => {}) })`)
  assert.deepEqual(lines, [
    'passed good: ',
    'failed bad: Error: boom',
    'skipped later: needs sgdisk',
    'passed group > inner: ',
  ])
})

test('a parent that failed only because of its subtest is not counted twice', async () => {
  const { lines } = await outcomes(`
    test('parent', async (t) => { await t.test('child', () => assert.equal(1, 2)) })`)
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /^failed parent > child: AssertionError/)
})

test('a file without any test is a failure', async () => {
  assert.deepEqual((await outcomes('')).lines, ['failed the file itself: ran no test'])
})

test('a file that dies after a passed test is a failure, and its output is kept', async () => {
  const { lines, output } = await outcomes(`
    test('good', () => {})
    process.on('exit', () => { console.error('last words'); process.exitCode = 7 })`)
  assert.deepEqual(lines, ['passed good: ', 'failed the file itself: ended with exit code 7'])
  assert.match(output, /last words/)
})

test('a file that cannot be loaded is a failure', async () => {
  const { lines } = await outcomes(`import './missing.mjs'`)
  assert.ok(lines.some((line) => line.startsWith('failed')))
})

test('a file that hangs is stopped at its limit and fails, together with the program that it started', async () => {
  const { lines, output } = await outcomes(
    `import { spawn } from 'node:child_process'
     const pid = spawn('sleep', ['600'], { stdio: 'inherit' }).pid
     console.log('pid', pid)
     setInterval(() => {}, 1000)
     test('good', () => {})`,
    2000,
  )
  assert.equal(lines.at(-1), 'failed the file itself: stopped after the limit of 2 s')
  const pid = Number(/pid (\d+)/.exec(output)?.[1])
  assert.ok(pid > 0)
  // Ended, though perhaps not collected yet by the process that inherited it ("Z").
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8', timeout: 10_000 })
  assert.match(stdout.trim(), /^(Z.*)?$/)
})

test('several files in one process are counted one by one, under one name, with their environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'planted-'))
  try {
    const files = ['a', 'b'].map((name) => join(folder, `${name}.test.mjs`))
    for (const file of files)
      await writeFile(
        file,
        `import { before, test } from 'node:test'
         const skip = process.env.WORD
         before(() => { if (!skip) throw new Error('not here') })
         test('needs it', { skip }, () => {})`,
      )
    const run = (env: Record<string, string>) => runTests({ file: 'both', files, env }, 30_000, folder)
    const { file, tests } = await run({ WORD: 'no window' })
    assert.equal(file, 'both')
    assert.deepEqual(
      tests.map(({ name, outcome, reason }) => `${outcome} ${name}: ${reason}`),
      ['skipped needs it: no window', 'skipped needs it: no window'],
    )
    const without = await run({})
    assert.ok(without.tests.length >= 2 && without.tests.every(({ outcome }) => outcome === 'failed'))
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a check fails with the program and passes with it', async () => {
  const good = await runCheck('true', [process.execPath, '-e', ''], 30_000, tmpdir())
  const bad = await runCheck('false', [process.execPath, '-e', 'process.exit(3)'], 30_000, tmpdir())
  assert.deepEqual(
    [...good.tests, ...bad.tests].map(({ outcome, reason }) => [outcome, reason]),
    [
      ['passed', ''],
      ['failed', 'ended with exit code 3'],
    ],
  )
})

test('the files that are started first are there', () => {
  assert.deepEqual(
    SLOWEST_FIRST.filter((file) => !existsSync(join(import.meta.dirname, '..', file))),
    [],
  )
  assert.equal(new Set(SLOWEST_FIRST).size, SLOWEST_FIRST.length)
})
