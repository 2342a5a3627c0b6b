import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { actFor, asCaller, callerOf, openNamed, readdirNamed, readNamed } from './caller.ts'

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
const folder = mkdtempSync('/var/tmp/twinslot-caller-')
after(() => rmSync(folder, { recursive: true, force: true }))
const code = (expected: string) => (error: unknown) => (error as NodeJS.ErrnoException).code === expected

test('who the caller is says the system, to root only; nonsense is nobody (runner.caller)', () => {
  assert.equal(callerOf({}, 0), null)
  assert.equal(callerOf({ PKEXEC_UID: '1000' }, 0), 1000)
  assert.equal(callerOf({ SUDO_UID: '1000' }, 0), 1000)
  assert.equal(callerOf({ PKEXEC_UID: '1001', SUDO_UID: '0' }, 0), 1001)
  assert.equal(callerOf({ PKEXEC_UID: '0' }, 0), null)
  for (const own of [1000, null]) assert.equal(callerOf({ PKEXEC_UID: '1000' }, own), null)
  for (const odd of ['', 'root', '-1', '0x0', '1e3', ' 0', '0\n', '99999999999', '4294967295'])
    assert.throws(
      () => callerOf({ PKEXEC_UID: odd }, 0),
      (error) => isEngineError(error, 'runner.caller'),
      JSON.stringify(odd),
    )
})

/** As `uid`; afterwards with the rights of this process again. */
async function acting<T>(uid: number, work: () => T): Promise<Awaited<T>> {
  actFor(uid)
  try {
    return await work()
  } finally {
    actFor(null)
  }
}

test('for the moment of the call user, group and groups are the caller’s, and root’s again whatever happens', async (t) => {
  if (!isRoot) return t.skip('needs root, to become somebody else')
  const ids = () => [process.geteuid?.(), process.getegid?.(), process.getgroups?.()]
  const before = ids()
  await acting(65_534, () => {
    const inside = asCaller(() => [ids(), process.getuid?.()])
    assert.deepEqual(inside, [[65_534, 65_534, [65_534]], 0])
    assert.throws(() => asCaller(() => assert.fail('thrown inside')), /thrown inside/)
    assert.deepEqual(ids(), before)
  })
  // Not in the user database: nobody's group, and none of root's.
  await acting(123_456, () => assert.deepEqual(asCaller(ids), [123_456, 65_534, [65_534]]))
})

test('a file is opened when the caller could open it, groups included; a link, and what is no file, is not read', async (t) => {
  if (!isRoot) return t.skip('needs root, to become somebody else')
  chmodSync(folder, 0o755)
  const closed = join(folder, 'closed')
  const open = join(folder, 'open')
  for (const [path, mode] of [
    [closed, 0o600],
    [open, 0o644],
  ] as const)
    writeFileSync(path, 'words', { mode })
  symlinkSync(open, join(folder, 'link'))
  execFileSync('mkfifo', ['-m', '666', join(folder, 'pipe')], { timeout: 10_000 })
  await acting(65_534, async () => {
    await assert.rejects(readNamed(closed, 10), code('EACCES'))
    await assert.rejects(readNamed(join(folder, 'link'), 10), code('ELOOP'))
    await assert.rejects(readNamed('/dev/stdin', 10), code('ELOOP'))
    await assert.rejects(readdirNamed('/root'), code('EACCES'))
    assert.equal(Buffer.from((await readNamed(open, 10)) ?? '').toString(), 'words')
    assert.equal((await readNamed(open, 2))?.length, 3, 'one byte more than the limit tells that it is too long')
    for (const none of [folder, join(folder, 'pipe'), '/dev/null']) assert.equal(await readNamed(none, 10), null, none)
    assert.equal((await readNamed('/proc/self/status', 100))?.length, 0)
    await using file = await openNamed(open)
    chmodSync(open, 0o600)
    rmSync(open)
    const bytes = new Uint8Array(5)
    assert.equal((await file.read(bytes, 0, 5, 0)).bytesRead, 5, 'once open, only the descriptor counts')
  })
})

test('a program that acts for itself follows its own links', async () => {
  const file = join(folder, 'mine')
  writeFileSync(file, 'mine')
  symlinkSync(file, join(folder, 'to-mine'))
  assert.equal((await readNamed(join(folder, 'to-mine'), 10))?.length, 4)
})
