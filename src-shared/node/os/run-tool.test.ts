import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, type ErrorCode } from '#base/errors.ts'
import { findTool, missingOf, requireTool, runTool } from './run-tool.ts'

const withCode = (code: ErrorCode) => (error: unknown) => error instanceof EngineError && error.code === code
const node = process.execPath

test('a program gets its input on standard input and answers output and exit code', async () => {
  const script = 'process.stdin.pipe(process.stdout); console.error("said"); process.exitCode = 7'
  const outcome = await runTool(node, ['-e', script], { timeoutMs: 20_000, input: 'secret' })
  assert.deepEqual(outcome, { stdout: 'secret', stderr: 'said\n', code: 7 })
})

test('a program that is not installed is named together with its Debian package', async () => {
  await assert.rejects(runTool('no-such-program-here', [], { timeoutMs: 1000 }), withCode('tool.missing'))
  assert.deepEqual(await missingOf(['no-such-program-here']), [
    { tool: 'no-such-program-here', package: 'no-such-program-here', remedy: 'apt install no-such-program-here' },
  ])
  assert.equal(await findTool('../../bin/sh-missing'), null)
})

test('an exit code other than 0 carries the last lines of the message', async () => {
  const failing = requireTool(node, ['-e', 'console.error("first"); console.error("no space left"); process.exit(3)'], {
    timeoutMs: 20_000,
  })
  await assert.rejects(failing, (error) => {
    assert.ok(withCode('tool.failed')(error))
    assert.match((error as EngineError).message, /ended with 3: first \| no space left/)
    return true
  })
})

test('when the time is up the program and its children are ended', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc')
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-tool-'))
  t.after(() => rm(folder, { recursive: true }))
  const grandchild = join(folder, 'grandchild.mjs')
  await writeFile(grandchild, 'console.log(process.pid); setInterval(() => {}, 1000)')
  const script = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(grandchild)}],
    { stdio: ['ignore', require('node:fs').openSync(${JSON.stringify(join(folder, 'pid'))}, 'w'), 'ignore'] });
    setInterval(() => {}, 1000)`
  let pid = 0
  // On a busy machine two starts of Node take their time.
  for (let timeoutMs = 1500; pid === 0 && timeoutMs < 60_000; timeoutMs *= 3) {
    await assert.rejects(runTool(node, ['-e', script], { timeoutMs }), withCode('tool.timeout'))
    pid = existsSync(join(folder, 'pid')) ? Number(readFileSync(join(folder, 'pid'), 'utf8')) : 0
  }
  assert.ok(pid > 0, 'the grandchild had started')
  for (let i = 0; i < 500 && alive(pid); i++) await delay(20)
  assert.equal(alive(pid), false)
})

test('a cancelled job ends its program', async () => {
  const control = new AbortController()
  const running = runTool(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 20_000, signal: control.signal })
  setTimeout(() => control.abort(), 50)
  await assert.rejects(running, withCode('job.cancelled'))
})

test('output beyond the bound ends the program instead of filling memory', async () => {
  const flood = 'setInterval(() => process.stdout.write("x".repeat(65536)), 0)'
  const running = runTool(node, ['-e', flood], { timeoutMs: 20_000, maxOutput: 100_000 })
  await assert.rejects(running, withCode('tool.failed'))
})

/** A zombie (ended, not yet collected by init) counts as ended. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
