// The set-up must notice what is missing, and must not find work where there is none (a second start takes no time).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { GROUPS, lockDifferences, missingDebianPackages, unobtainable } from './setup.mjs'

const ROOT = resolve(import.meta.dirname, '..')

test('a package with another version, other bytes or absent is a difference; an absent optional one is not', () => {
  const wanted = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/same': { version: '1.0.0', integrity: 'a' },
      'node_modules/older': { version: '2.0.0', integrity: 'b' },
      'node_modules/tampered': { version: '3.0.0', integrity: 'c' },
      'node_modules/absent': { version: '4.0.0', integrity: 'd' },
      'node_modules/other-system': { version: '5.0.0', integrity: 'e', optional: true },
    },
  }
  const installed = {
    packages: {
      'node_modules/same': { version: '1.0.0', integrity: 'a' },
      'node_modules/older': { version: '1.9.0', integrity: 'x' },
      'node_modules/tampered': { version: '3.0.0', integrity: 'x' },
    },
  }
  assert.deepEqual(lockDifferences(wanted, installed), [
    'older 2.0.0 (installed: 1.9.0)',
    'tampered 3.0.0 (installed: 3.0.0)',
    'absent 4.0.0 (installed: none)',
  ])
  assert.deepEqual(lockDifferences(wanted, wanted), [])
})

test('a Debian package counts as installed only in the state "ii", whatever its architecture', () => {
  const output = 'ii  gdisk\nrc  mtools\nun  ovmf\nii  zstd:amd64\n'
  assert.deepEqual(missingDebianPackages(['gdisk', 'mtools', 'ovmf', 'zstd', 'cpio'], output), [
    'mtools',
    'ovmf',
    'cpio',
  ])
})

test('packages that apt cannot obtain are told apart from other failures', () => {
  const output = `E: Unable to locate package rauc\nE: Package 'chromium' has no installation candidate\nE: Could not connect`
  assert.deepEqual(unobtainable(output), ['rauc', 'chromium'])
})

test('every group names for every package what it is needed for', () => {
  for (const packages of Object.values(GROUPS)) {
    for (const [name, probe] of Object.entries(packages)) {
      assert.match(name, /^[a-z0-9][a-z0-9+.-]+$/)
      assert.match(probe, /^(\/[\w/.-]+|[\w.-]+)$/)
    }
  }
})

test('an unknown group is refused', () => {
  const setup = join(ROOT, 'build', 'setup.mjs')
  const { status, stderr } = spawnSync(process.execPath, [setup, 'everything'], { encoding: 'utf8', timeout: 30_000 })
  assert.equal(status, 1)
  assert.match(stderr, /unknown group everything; use default, test, bench/)
})

test('the lock file names no address of a registry, so that it serves behind any mirror', () => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  assert.doesNotMatch(lock, /"resolved":/)
})
