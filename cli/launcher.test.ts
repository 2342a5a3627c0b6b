// bin/twinslot is what technicians call: it must find the repository through links and say plainly when it is not set up.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const LAUNCHER = resolve(import.meta.dirname, '..', 'bin', 'twinslot')

function inFolder(look: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'))
  try {
    look(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// PATH without Node: the launcher brings its own.
const call = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: 'utf8', timeout: 30_000, env: { PATH: '/usr/bin:/bin' } })

test('twinslot runs on its own Node 24, also through a chain of links, and keeps spaces in arguments', () => {
  inFolder((folder) => {
    symlinkSync(LAUNCHER, join(folder, 'first'))
    mkdirSync(join(folder, 'bin dir'))
    symlinkSync('../first', join(folder, 'bin dir', 'twinslot'))
    const { status, stdout, stderr } = call(join(folder, 'bin dir', 'twinslot'), 'help', 'slot list')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^twinslot slot list DISK/)
    assert.equal(stderr, '')
  })
})

test('it needs no program of PATH, and works from its own folder', () => {
  const options = { encoding: 'utf8', timeout: 30_000 } as const
  const bare = spawnSync(LAUNCHER, ['--version'], { ...options, env: { PATH: '' } })
  assert.deepEqual([bare.status, bare.stderr], [0, ''])
  const near = spawnSync('/bin/sh', ['twinslot', '--version'], { ...options, cwd: dirname(LAUNCHER) })
  assert.deepEqual([near.status, near.stderr], [0, ''])
})

test('without node_modules it says what to run, and ends as wrong use', () => {
  inFolder((folder) => {
    mkdirSync(join(folder, 'bin'))
    copyFileSync(LAUNCHER, join(folder, 'bin', 'twinslot'))
    const { status, stdout, stderr } = call(join(folder, 'bin', 'twinslot'), 'disks')
    assert.equal(status, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /^twinslot: not set up yet\. Run "npm ci" once in [^\n]+\n$/)
  })
})
