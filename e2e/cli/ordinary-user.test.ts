// A disk image needs no root, no mounting and no loop device: the whole job as an ordinary user.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { findTool } from '#node/os/run-tool.ts'
import { openRoom } from './bench-room.ts'
import { REPO } from './twinslot.ts'

const NOBODY = 65534

/** What this user may not read, an ordinary user cannot run. */
function canRun(): boolean {
  try {
    execFileSync('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', `${REPO}/bin/twinslot`, '--version'], {
      timeout: 30_000,
    })
    return true
  } catch {
    return false
  }
}

test('an ordinary user provisions a disk image, and sgdisk and e2fsck accept it', async (t) => {
  if (process.getuid?.() !== 0 || !(await findTool('setpriv'))) return t.skip('needs root, to become somebody else')
  if (!canRun()) return t.skip('another user cannot read this checkout')
  // The test runner's own temporary folder is closed to others.
  process.env.TMPDIR = '/var/tmp'
  await using room = await openRoom()
  chmodSync(room.path('.'), 0o755)
  mkdirSync(room.path('theirs'), { mode: 0o777 })
  chmodSync(room.path('theirs'), 0o777)
  const disk = room.path('theirs/t640.img')
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const args = ['provision', disk, '--create', '16GB', '--release', room.release, '--trust', room.trust, '--yes']
  execFileSync('setpriv', [...user, `${REPO}/bin/twinslot`, ...args], {
    env: {
      ...process.env,
      HOME: room.path('theirs'),
      TMPDIR: room.path('theirs'),
      TWINSLOT_STATE: room.path('theirs/state'),
    },
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const tool = (name: string, ...words: string[]) => execFileSync(name, words, { encoding: 'utf8', timeout: 120_000 })
  assert.match(tool('sgdisk', '-v', disk), /No problems found/)
  const { partitions } = JSON.parse(tool('sfdisk', '--json', disk)).partitiontable
  tool('e2fsck', '-fn', `${disk}?offset=${partitions[3].start * 512}`)
  const verdict = await room.run(['verify', disk, '--slot', 'A', '--release', room.release, '--trust', room.trust])
  assert.equal(verdict.exit, 0, JSON.stringify(verdict.result))
})
