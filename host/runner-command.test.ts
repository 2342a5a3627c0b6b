import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { test } from 'node:test'
import { developmentRunner, runnerCommand, runnerFor } from './runner-command.ts'

const program = { command: '/opt/node', args: ['/opt/runner.js'] }
const ordinary = { platform: 'linux', uid: 1000, mayWrite: false } as const

test('root, and whoever may write the target, need nobody: the runner starts as it is', () => {
  for (const choice of [
    { ...ordinary, uid: 0 },
    { ...ordinary, mayWrite: true },
  ]) {
    const { env, ...rest } = runnerCommand(program, choice, { LANG: 'C', NODE_OPTIONS: '--require x' })
    assert.deepEqual([rest, env.LANG, env.NODE_OPTIONS], [program, 'C', undefined])
  }
})

test('an ordinary user and a disk of somebody else: pkexec, with absolute paths', () => {
  const { command, args, asks, env } = runnerCommand(program, ordinary, { NODE_OPTIONS: '--require x', LANG: 'C' })
  assert.deepEqual([command, ...args], ['pkexec', '/opt/node', '/opt/runner.js'])
  assert.deepEqual([asks, env], [true, { LANG: 'C' }])
  const real = developmentRunner()
  assert.ok([real.command, ...real.args.filter((part) => !part.startsWith('--'))].every((part) => isAbsolute(part)))
})

test('the browser host elevates on Linux only; elsewhere the desktop app does', () => {
  assert.equal(runnerCommand(program, { ...ordinary, platform: 'darwin', uid: 501 }, {}).command, '/opt/node')
  assert.equal(runnerCommand(program, { ...ordinary, platform: 'win32', uid: null }, {}).command, '/opt/node')
})

test('a file of its own is written without elevation, one that is read-only is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-runner-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'disk.img')
  writeFileSync(file, '')
  const choose = runnerFor(program, {})
  assert.equal((await choose(file)).command, '/opt/node')
  chmodSync(file, 0o400)
  const expected = process.platform === 'linux' && process.geteuid?.() !== 0 ? 'pkexec' : '/opt/node'
  assert.equal((await choose(file)).command, expected)
})
