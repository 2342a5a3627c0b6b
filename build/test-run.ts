// Runs one program or one test file as a child with a hard limit and tells what came of it (used by build/test.ts).
// Promises: a child that ends badly, hangs, or runs no test at all is a failure, whatever it printed.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestLine } from './test-reporter.ts'

/** What came of one file (or one check, which counts as one test). */
export interface FileResult {
  readonly file: string
  readonly tests: readonly TestLine[]
  /** What the child printed, the last 64 KiB. */
  readonly output: string
  readonly seconds: number
}

interface Ended {
  readonly output: string
  readonly seconds: number
  /** Empty when the child ended with exit code 0. */
  readonly reason: string
}

const KEPT_OUTPUT = 65536
const REPORTER = join(import.meta.dirname, 'test-reporter.ts')
const RECORDER = join(import.meta.dirname, 'record-codes.ts')

const running = new Set<number>()

/** Ends every child that is still running, with the programs it started (QEMU, for one). */
export function stopAll(signal: NodeJS.Signals): void {
  for (const pid of running) signalGroup(pid, signal)
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function runChild(args: readonly string[], limitMs: number, cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const started = performance.now()
  const [command, ...rest] = args
  const child = spawn(command!, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const { pid } = child
  if (pid !== undefined) running.add(pid)
  let output = ''
  let timedOut = false
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let hardStop: NodeJS.Timeout | undefined
  const limit = setTimeout(() => {
    timedOut = true
    if (pid === undefined) return
    signalGroup(pid, 'SIGTERM')
    hardStop = setTimeout(() => signalGroup(pid, 'SIGKILL'), 5000)
  }, limitMs)
  return new Promise((done) => {
    const end = (reason: string): void => {
      clearTimeout(limit)
      clearTimeout(hardStop)
      if (pid !== undefined) {
        running.delete(pid)
        signalGroup(pid, 'SIGKILL')
      }
      done({ output, reason, seconds: (performance.now() - started) / 1000 })
    }
    child.on('error', (error) => end(`could not be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      // A grandchild that was left behind holds the pipes open: give the last output a moment, then end it.
      const finish = (): void => {
        if (timedOut) end(`stopped after the limit of ${limitMs / 1000} s`)
        else end(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`)
      }
      const patience = setTimeout(finish, 1000)
      child.on('close', () => {
        clearTimeout(patience)
        finish()
      })
    })
  })
}

/** Runs a check (lint, type check, ...) that counts as one test. */
export async function runCheck(
  name: string,
  args: readonly string[],
  limitMs: number,
  cwd: string,
): Promise<FileResult> {
  const ended = await runChild(args, limitMs, cwd, process.env)
  const outcome = ended.reason === '' ? 'passed' : 'failed'
  return { file: name, tests: [{ name, outcome, reason: ended.reason, at: '' }], ...ended }
}

/** Several files in one process, or with another environment, under a name of their own. */
export interface TestRun {
  readonly file: string
  readonly files: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs one test file; adds a failed test of its own when the child ended badly or ran nothing. */
export const runTestFile = (file: string, limitMs: number, cwd: string): Promise<FileResult> =>
  runTests({ file, files: [file] }, limitMs, cwd)

/** The same for a run of several files. */
export async function runTests({ file, files, env: more }: TestRun, limitMs: number, cwd: string): Promise<FileResult> {
  const folder = await mkdtemp(join(tmpdir(), 'run-'))
  try {
    const report = join(folder, 'report.jsonl')
    const { FORCE_COLOR: _force, NO_COLOR: _no, NODE_TEST_CONTEXT: _context, ...env } = process.env
    const reporter = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`]
    const together = files.length > 1 ? ['--test', '--test-isolation=none'] : []
    const recorder = process.env.TWINSLOT_CODES === undefined ? [] : ['--import', RECORDER]
    const args = ['--enable-source-maps', ...recorder, ...reporter, ...together, ...files]
    const ended = await runChild([process.execPath, ...args], limitMs, cwd, { ...env, ...more, TMPDIR: folder })
    const tests = await readReport(report)
    const badEnd = endOfFile(ended.reason, tests)
    const all = badEnd === undefined ? tests : [...tests, { name: 'the file itself', at: file, ...badEnd }]
    return { file, tests: all, output: ended.output, seconds: ended.seconds }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function endOfFile(reason: string, tests: readonly TestLine[]): Pick<TestLine, 'outcome' | 'reason'> | undefined {
  if (reason !== '' && !(reason === 'ended with exit code 1' && tests.some((test) => test.outcome === 'failed'))) {
    return { outcome: 'failed', reason }
  }
  return tests.length === 0 ? { outcome: 'failed', reason: 'ran no test' } : undefined
}

async function readReport(path: string): Promise<TestLine[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  // A child that was killed may leave half a line; it is reported as a bad end anyway.
  const complete = text.slice(0, text.lastIndexOf('\n') + 1)
  return complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line): TestLine => JSON.parse(line))
}
