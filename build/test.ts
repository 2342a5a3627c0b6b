// `npm test`: checks, unit tests, then tests with virtual machines; the last line is `N passed, N failed, N skipped`.
// Options: --checks, --unit, --e2e (only that part; may be combined), --changed (what the change can touch: changed.ts), and
// words that a test file's path must contain.
// Promises: exit code 1 on any failure, also when nothing ran, and on Debian as root for a skip that allowed-skips.ts does not
// name; a hard limit per file; every skipped test named.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { mustRunAll, osRelease, unlistedSkips } from './allowed-skips.ts'
import { changedFiles, sourcesOf, touchedTests } from './changed.ts'
import { desktopRuntime } from './electron-runtime.ts'
import { keptSeeds } from './kept-seeds.ts'
import { SLOWEST_FIRST } from './slowest-first.ts'
import type { TestLine } from './test-reporter.ts'
import { type FileResult, runCheck, runTestFile, runTests, stopAll, type TestRun } from './test-run.ts'

const ROOT = resolve(import.meta.dirname, '..')
const CHECK_LIMIT_MS = 180_000
const UNIT_LIMIT_MS = 300_000
const E2E_LIMIT_MS = 1_200_000
/** Machines, pages and programs wait a part of their time: it takes three files to keep two cores busy. */
const AT_ONCE = 3

const UNIT_FOLDERS = ['src-shared', 'cli', 'device', 'server', 'host', 'electron', 'renderer', 'build', 'bench']
const local = (name: string): string => join(ROOT, 'node_modules', '.bin', name)

/** Static checks; each counts as one test. */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['lint and format (Biome)', [local('biome'), 'check', '--error-on-warnings', '.']],
  ['type check', [local('tsc'), '-p', 'tsconfig.json']],
  ['type check of the core', [local('tsc'), '-p', 'tsconfig.core.json']],
  ['type check of the renderer', [local('tsc'), '-p', 'tsconfig.renderer.json']],
  ['layers', [process.execPath, 'build/check-layers.ts']],
  [
    'nothing unused (knip)',
    [process.execPath, local('knip'), ...'--production --no-progress --treat-config-hints-as-errors'.split(' ')],
  ],
]

/** The long ones first, so that short ones fill all lanes at the end. */
const rank = (file: string): number => {
  const found = SLOWEST_FIRST.indexOf(file)
  return found < 0 ? SLOWEST_FIRST.length : found
}
const byRank = (a: string, b: string): number => rank(a) - rank(b) || (a < b ? -1 : 1)

async function testFiles(folders: readonly string[], words: readonly string[]): Promise<string[]> {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`)
  const files: string[] = []
  for await (const file of glob(patterns, { cwd: ROOT })) files.push(file)
  const chosen = files.filter((file) => words.length === 0 || words.some((word) => file.includes(word))).sort(byRank)
  return onlyChanged ? [...touchedTests(chosen, onlyChanged, sourcesOf(ROOT))] : chosen
}

/** With --changed: the files that were. */
let onlyChanged: readonly string[] | null = null

/** The console's specs once more, through the desktop app: file by file where it can run, else one process skips them all. */
function desktopPass(files: readonly string[]): readonly TestRun[] {
  const specs = files.filter((file) => file.startsWith('e2e/console/'))
  const env = { TWINSLOT_WINDOW: 'desktop' }
  if (specs.length === 0) return []
  if (!desktopRuntime().present) return [{ file: 'e2e/console (desktop app)', files: specs, env }]
  return specs.map((file) => ({ file: `${file} (desktop app)`, files: [file], env }))
}

/** Seeds that found something once, for those of `files` that are run. */
const keptRuns = (files: readonly string[]) =>
  keptSeeds(ROOT)
    .filter(({ file }) => files.includes(file))
    .map(({ file, seed }) => {
      const run = { file: `${file} (seed ${seed})`, files: [file], env: { TWINSLOT_SEED: String(seed) } }
      return () => runTests(run, UNIT_LIMIT_MS, ROOT)
    })

const count = (tests: readonly TestLine[], outcome: TestLine['outcome']): number =>
  tests.filter((test) => test.outcome === outcome).length

function fileLine({ file, tests, seconds }: FileResult): string {
  const [failed, skipped] = [count(tests, 'failed'), count(tests, 'skipped')]
  const parts = [`${count(tests, 'passed')} passed`]
  if (failed > 0) parts.push(`${failed} FAILED`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  return `${failed > 0 ? 'FAIL' : 'ok  '} ${file.padEnd(52)} ${parts.join(', ')} (${seconds.toFixed(1)} s)`
}

/** What a test measured or counted, for people: lines that begin with `figure: `. */
const figures = ({ output }: FileResult): string[] =>
  [...output.matchAll(/^figure: (.+)$/gm)].map((match) => `       ${match[1]}`)

/** Runs the jobs, at most `atOnce` at a time, and prints a line for each as it ends. */
async function runAll(jobs: readonly (() => Promise<FileResult>)[], atOnce: number): Promise<FileResult[]> {
  const results: FileResult[] = []
  const queue = [...jobs]
  const worker = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const result = await job()
      results.push(result)
      console.log([fileLine(result), ...figures(result)].join('\n'))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

/** After a whole run: every code of the catalogue was made by the product (build/record-codes.ts), not only named by a test. */
async function codesProduced(file: string): Promise<FileResult> {
  const { CATALOGUE } = await import('#base/errors.ts')
  const made = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [])
  const missing = Object.keys(CATALOGUE).filter((code) => !made.has(code))
  const name = 'every error code of the catalogue was produced by the product in some test'
  const outcome = missing.length === 0 ? ('passed' as const) : ('failed' as const)
  const reason = missing.length === 0 ? '' : `${missing.length} were not: ${missing.join(', ')}`
  return {
    file: 'error codes',
    tests: [{ name, outcome, reason, at: 'src-shared/base/errors.ts' }],
    output: '',
    seconds: 0,
  }
}

function printSkipped(results: readonly FileResult[]): void {
  const skipped = results.flatMap(({ file, tests }) =>
    tests.filter((test) => test.outcome === 'skipped').map((test) => `  ${file}: ${test.name}: ${test.reason}`),
  )
  if (skipped.length > 0) console.log(['', 'Skipped:', ...skipped].join('\n'))
}

/** Where the set-up can install everything, a skip that the list does not name is a failure of its own. */
function judgeSkips(results: readonly FileResult[]): number {
  if (!mustRunAll(process.geteuid?.() ?? null, osRelease())) return 0
  const skipped = results.flatMap(({ file, tests }) =>
    tests.filter(({ outcome }) => outcome === 'skipped').map(({ name, reason }) => ({ file, name, reason })),
  )
  const unlisted = unlistedSkips(skipped)
  for (const { file, name, reason } of unlisted)
    console.log(`\nFAILED ${file}: ${name}\nskipped for a reason that build/allowed-skips.ts does not name: ${reason}`)
  return unlisted.length
}

function printFailures(results: readonly FileResult[]): void {
  for (const { file, tests, output } of results) {
    const failed = tests.filter((test) => test.outcome === 'failed')
    for (const test of failed) console.log(`\nFAILED ${file}: ${test.name}\n${test.at}\n${test.reason}`)
    if (failed.length > 0 && output.trim() !== '') console.log(`--- output of ${file} ---\n${output.trim()}\n---`)
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      checks: { type: 'boolean' },
      unit: { type: 'boolean' },
      e2e: { type: 'boolean' },
      changed: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const words = positionals.map((word) => relative(ROOT, resolve(word)).replace(/^\.\.\/.*/, word))
  const everything = !values.checks && !values.unit && !values.e2e
  if (values.changed) onlyChanged = changedFiles(ROOT)
  const whole = everything && words.length === 0 && !values.changed
  const codes = join(scratch, 'codes')
  if (whole) process.env.TWINSLOT_CODES = codes
  const started = performance.now()
  const results: FileResult[] = []
  const phase = async (title: string, jobs: readonly (() => Promise<FileResult>)[], atOnce: number): Promise<void> => {
    if (jobs.length === 0) return
    console.log(`\n${title}`)
    results.push(...(await runAll(jobs, atOnce)))
  }
  if (values.checks || whole || (everything && values.changed)) {
    const jobs = CHECKS.map(
      ([name, args]) =>
        () =>
          runCheck(name, args, CHECK_LIMIT_MS, ROOT),
    )
    await phase('Checks', jobs, 1)
  }
  if (values.unit || everything) {
    const files = await testFiles(UNIT_FOLDERS, words)
    await phase(
      'Unit, property and contract tests',
      [...files.map((f) => () => runTestFile(f, UNIT_LIMIT_MS, ROOT)), ...keptRuns(files)],
      AT_ONCE,
    )
  }
  if (values.e2e || everything) {
    const files = await testFiles(['e2e'], words)
    await phase(
      'Tests with virtual machines',
      files.map(
        (f) => () => runTests({ file: f, files: [f], env: { TWINSLOT_WINDOW: 'browser' } }, E2E_LIMIT_MS, ROOT),
      ),
      AT_ONCE,
    )
    const again = desktopPass(files)
    await phase(
      'The console through the desktop app',
      again.map((run) => () => runTests(run, E2E_LIMIT_MS, ROOT)),
      AT_ONCE,
    )
  }
  if (whole) results.push(await codesProduced(codes))
  printSkipped(results)
  const unlisted = judgeSkips(results)
  printFailures(results)
  const tests = results.flatMap((result) => result.tests)
  const [passed, skipped] = [count(tests, 'passed'), count(tests, 'skipped') - unlisted]
  let failed = count(tests, 'failed') + unlisted
  if (tests.length === skipped) {
    console.log('\nFAILED: no test was run')
    failed += 1
  }
  if (failed > 0) process.exitCode = 1
  const total = Math.round((performance.now() - started) / 1000)
  console.log(`\n${Math.floor(total / 60)} min ${total % 60} s`)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
}

const scratch = mkdtempSync(join(tmpdir(), 'twinslot-'))
process.env.TMPDIR = scratch
process.env.NODE_COMPILE_CACHE ??= join(ROOT, '.cache', 'compile')
const cleanUp = (): void => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopAll('SIGKILL')
    cleanUp()
    console.log(`\nStopped by ${signal}.`)
    process.exit(1)
  })
}
await main()
cleanUp()
