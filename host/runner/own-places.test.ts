// The lists and records that an elevated runner believes, and the guard that changes them: only root's count.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { converse, NOBODY, noElevation } from '#testing/elevated-runner.ts'
import {
  closeHostileRoom,
  codesOf,
  flash,
  loop,
  openHostileRoom,
  places,
  plan,
  room,
  theirs,
} from '#testing/hostile-room.ts'
import { noteCodes } from '#testing/noted-codes.ts'

const skip = await noElevation()
before(async () => {
  if (skip === null) await openHostileRoom()
})
after(async () => {
  if (skip === null) await closeHostileRoom()
})
const withDisk = { skip: skip ?? false }

test("whose releases are written is this computer's list, not the caller's", withDisk, async (t) => {
  if (loop === null) return t.skip('losetup gives no loop device here')
  const list = join(places.lists, 'trust.asc')
  copyFileSync(room.trust, theirs('trust.asc'))
  const other = [
    '--name',
    'Other <o@example.org>',
    '--secret',
    room.path('other-key.asc'),
    '--public',
    room.path('other.asc'),
  ]
  assert.equal((await room.run(['key', 'create', ...other])).exit, 0)
  try {
    copyFileSync(room.path('other.asc'), list)
    const [code] = codesOf(await plan(flash()))
    assert.match(code, /^trust\./)
    rmSync(list)
    assert.deepEqual(codesOf(await plan(flash())), ['runner.no-trust'])
    symlinkSync(theirs('trust.asc'), list)
    assert.deepEqual(codesOf(await plan(flash())), ['runner.place-unsafe'])
    rmSync(list)
    copyFileSync(room.trust, list)
    chownSync(list, NOBODY, NOBODY)
    assert.deepEqual(codesOf(await plan(flash())), ['runner.place-unsafe'])
  } finally {
    rmSync(list, { force: true })
    copyFileSync(room.trust, list)
  }
  // The disk is blank; the keys were the right ones.
  const [accepted] = codesOf(await plan(flash()))
  assert.doesNotMatch(accepted, /^(trust|runner)\./)
})

test(
  'a state folder that somebody else can write, or a link, is not used (runner.place-unsafe)',
  withDisk,
  async (t) => {
    if (loop === null) return t.skip('losetup gives no loop device here')
    const state = join(places.state, 'twinslot-runner')
    rmSync(state, { recursive: true, force: true })
    mkdirSync(state)
    chmodSync(state, 0o777)
    assert.deepEqual(codesOf(await plan(flash())), ['runner.place-unsafe'])
    rmSync(state, { recursive: true })
    symlinkSync(theirs('.'), state)
    assert.deepEqual(codesOf(await plan(flash())), ['runner.place-unsafe'])
    rmSync(state)
  },
)

/** The guard's program, with `list` as its input. */
const guard = (word: string, list: string) =>
  converse({ ...places, program: ['host/runner/guard.ts', word] }, list === '' ? '\n' : list)

test(
  'the guard replaces the lists, for root only, and what it wrote counts for the next runner',
  withDisk,
  async () => {
    const list = join(places.lists, 'trust.asc')
    const keys = readFileSync(room.trust, 'utf8')
    try {
      rmSync(list)
      const { exit, text } = await guard('trust', keys)
      assert.equal(exit, 0, text)
      const { uid, mode } = lstatSync(list)
      assert.deepEqual([uid, mode & 0o777], [0, 0o644])
      assert.deepEqual(readdirSync(places.lists).sort(), ['trust.asc'])
      assert.equal((await guard('never-touch', '# the bench itself\nS4F2A91 \n\n')).exit, 0)
      assert.equal(readFileSync(join(places.lists, 'never-touch'), 'utf8'), 'S4F2A91\n')
      for (const [word, given] of [
        ['trust', 'no keys'],
        ['other', keys],
      ])
        assert.notEqual((await guard(word, given)).exit, 0)
      const { text: told } = await guard('other', '')
      noteCodes(told)
      assert.ok(told.includes('"other" is not what it takes') && told.includes('runner.guard'), told)
      const program = [join(import.meta.dirname, 'guard.ts'), 'trust']
      const stranger = spawnSync(process.execPath, program, { uid: NOBODY, gid: NOBODY, input: keys, timeout: 60_000 })
      assert.notEqual(stranger.status, 0)
    } finally {
      rmSync(join(places.lists, 'never-touch'), { force: true })
      copyFileSync(room.trust, list)
    }
  },
)

test(
  'a key that was revoked stays revoked: neither an older copy nor leaving it out brings it back',
  withDisk,
  async () => {
    const { generateKey, revokeKey } = await import('openpgp')
    const made = await generateKey({ userIDs: [{ name: 'A', email: 'a@example.org' }], format: 'object' })
    const older = made.publicKey.armor()
    const { publicKey: revoked } = await revokeKey({ key: made.privateKey, format: 'object' })
    const list = join(places.lists, 'trust.asc')
    const fingerprint = made.publicKey.getFingerprint().toUpperCase()
    const { readKeyRing, trustOf } = await import('#trust/keyring.ts')
    const kept = async () => (await trustOf(readKeyRing(readFileSync(list)))).revoked.has(fingerprint)
    try {
      assert.equal((await guard('trust', revoked.armor())).exit, 0)
      assert.equal((await guard('trust', older)).exit, 0)
      assert.equal(await kept(), true)
      assert.equal((await guard('trust', readFileSync(room.trust, 'utf8'))).exit, 0)
      assert.equal(await kept(), true)
      assert.equal((await guard('trust', older)).exit, 0)
      assert.equal(await kept(), true)
    } finally {
      copyFileSync(room.trust, list)
    }
  },
)
