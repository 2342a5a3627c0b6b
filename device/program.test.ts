// What all programs share: common words, one line of JSON, errors in the house style, exit codes; and the entry that picks
// the program, run as a process.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EngineError, finding } from '#base/errors.ts'
import { terminalText } from '#base/foreign-text.ts'
import { oneLine } from '#node/terminal/terminal-writer.ts'
import { composeAppliance } from './compose.ts'
import type { Appliance, Program } from './ports.ts'
import { ProgramFailed, runProgram } from './program.ts'
import { systemReboot } from './reboot.ts'

async function rootFolder(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'twinslot-root-'))
  t.after(() => rm(root, { recursive: true }))
  await mkdir(join(root, 'etc/twinslot'), { recursive: true })
  await writeFile(join(root, 'etc/twinslot/device.yaml'), 'product: demo\n')
  await mkdir(join(root, 'var/lib/msp'), { recursive: true })
  return root
}

async function run(argv: readonly string[], work: Program['run']) {
  const said = { out: '', err: '', root: '' }
  const program: Program = { name: 'osiris-update', usage: 'how to use it', run: work }
  const exit = await runProgram({
    name: program.name,
    argv,
    streams: {
      stdout: { write: (text) => (said.out += text) },
      stderr: { write: (text) => (said.err += text) },
      env: {},
    },
    signal: new AbortController().signal,
    load: async () => program,
    async compose(root) {
      said.root = root
      return NOBODY
    },
  })
  return { exit, ...said }
}

/** No program in here looks at the appliance. */
const NOBODY: Appliance = await composeAppliance('/nowhere', () => {})

test('what others wrote reaches the journal and the terminal in one line, without anything that steers it', () => {
  for (const hostile of [
    'a\nb',
    'a\r\u001b[2Jb',
    'a\u202Eb',
    'a\u2028b',
    'a\u0000b',
    'a\u009bb',
    'a\u200fb',
    'a\ud800b',
  ])
    assert.match(terminalText(oneLine(hostile), true), /^a(?:\\u\{[0-9a-f]+\})+(?:\[2J)?b$/)
  assert.equal(terminalText(oneLine('東京 — “ok” é'), true), '東京 — “ok” é')
})

test('--json, --root, --help and --version are taken out for every program; the rest is its own', async () => {
  const argvs: (readonly string[])[] = []
  const told = await run(['--check', '--json', '--root', '/tree'], async ({ argv, result }) => {
    argvs.push(argv)
    result({ a: 1 }, ['for people'])
    return 8
  })
  assert.deepEqual([told.exit, told.out, told.root], [8, '{"type":"result","ok":true,"a":1}\n', '/tree'])
  assert.deepEqual(argvs, [['--check']])
  const never = () => Promise.reject(new Error('it ran'))
  assert.equal((await run(['--help'], never)).out, 'how to use it\n')
  assert.match((await run(['--version'], never)).out, /^osiris-update source\n$/)
  assert.equal((await run(['--root', 'relative'], never)).exit, 2)
})

test('an error is told as account, sentence, remedy and code; a bug with its stack, and neither as success', async () => {
  const account = { written: true, sentence: 'Slot B is Incomplete.' }
  const failed = await run([], () => Promise.reject(new ProgramFailed(account, finding('job.cancelled'))))
  assert.equal(failed.exit, 6)
  assert.match(failed.err, /^Slot B is Incomplete\.\n✗ The job was cancelled\.\n {2}Run .*\n {2}code job\.cancelled\n$/)
  const json = await run(['--json'], () => Promise.reject(new ProgramFailed(account, finding('job.cancelled'))))
  const { ok, code, exit, written } = JSON.parse(json.out)
  assert.deepEqual([ok, code, exit, written, json.err], [false, 'job.cancelled', 6, true, ''])
  const plain = await run([], () => Promise.reject(new EngineError('update.busy')))
  assert.equal(plain.exit, 3)
  const bug = await run([], () => Promise.reject(new TypeError('oops')))
  assert.equal(bug.exit, 1)
  assert.match(bug.err, /TypeError: oops\n {4}at [\s\S]+code cli\.bug/)
})

test('the restart is asked from the first init that takes it', async () => {
  const asked: string[] = []
  const outcome = (code: number) => ({ code, stdout: '', stderr: 'System has not been booted with systemd' })
  const run = async (path: string) => {
    asked.push(path)
    return outcome(path === '/bin/busybox' ? 0 : 1)
  }
  await systemReboot(async (tool) => (tool === 'reboot' ? null : `/bin/${tool}`), run)('a reason')
  assert.deepEqual(asked, ['/bin/systemctl', '/bin/busybox'])
  await assert.rejects(systemReboot(async () => null, run)('a reason'), { code: 'tool.missing' })
  const failing = systemReboot(async (tool) => (tool === 'systemctl' ? '/bin/systemctl' : null), run)
  await assert.rejects(failing('a reason'), { code: 'tool.failed' })
})

test('an appliance below a folder reads its files there and never restarts this machine', async (t) => {
  const root = await rootFolder(t)
  const appliance = await composeAppliance(root, () => {})
  assert.equal(appliance.paths.state, join(root, 'var/lib/msp'))
  await assert.rejects(appliance.reboot('x'), { code: 'tool.missing' })
  await mkdir(join(root, 'sbin'))
  await writeFile(join(root, 'sbin/reboot'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  await appliance.reboot('x')
  await assert.rejects(appliance.bootId(), { code: 'settings.file-unreadable' })
  await mkdir(join(root, 'proc/sys/kernel/random'), { recursive: true })
  await writeFile(join(root, 'proc/sys/kernel/random/boot_id'), 'abc\n')
  assert.equal(await appliance.bootId(), 'abc')
  await assert.rejects(appliance.settings(), { code: 'settings.file-missing' })
  const stop = AbortSignal.abort()
  await appliance.sleep(1e6, stop)
  assert.equal(await appliance.store.load(), null)
  assert.deepEqual(await appliance.outbox.list(), [])
})

test('a damaged state file is told and does not stop a program', async (t) => {
  const root = await rootFolder(t)
  await mkdir(join(root, 'var/lib/msp/update'))
  await writeFile(join(root, 'var/lib/msp/update/update_state.json'), '{')
  const notes: string[] = []
  const appliance = await composeAppliance(root, (line) => notes.push(line))
  assert.equal(await appliance.store.load(), null)
  assert.match(notes.join('\n'), /update_state\.json is damaged/)
})

/** The entry as a process. */
async function start(argv: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const main = join(import.meta.dirname, 'main.ts')
  const { promise, resolve } = Promise.withResolvers<{ exit: number; out: string; err: string }>()
  execFile(process.execPath, [main, ...argv], { timeout: 60_000 }, (error, out, err) => {
    const code = error && 'code' in error ? error.code : 0
    resolve({ exit: typeof code === 'number' ? code : -1, out, err })
  })
  return await promise
}

test('the first word picks the program; another one is exit 2 with their names', async (t) => {
  const root = await rootFolder(t)
  const nothing = await start(['what'])
  assert.equal(nothing.exit, 2)
  assert.match(nothing.err, /health-gate, osiris-update, hypernet-admin, twinslot-agent/)
  const checked = await start(['hypernet-admin', 'validate-config', '--root', root, '--json'])
  assert.equal(checked.exit, 1)
  assert.equal(JSON.parse(checked.out).valid, false)
  for (const name of ['health-gate', 'osiris-update', 'twinslot-agent']) {
    const { exit, out } = await start([name, '--help'])
    assert.equal(exit, 0)
    assert.match(out, new RegExp(name))
  }
})
