import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromHex, toHex } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { missingOf, requireTool, runTool } from '../os/run-tool.ts'
import { encryptSectors, LUKS_HEADER, makeEncryptedFilesystem } from './luks.ts'

const MIB = 1024 * 1024
const UUID = '5DEECE66-0000-8000-8000-00000000000B'
const QUICK = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000']
const limits = { timeoutMs: 120_000 }

test('sector encryption agrees with the XTS-AES-256 vector of IEEE 1619 (vector 10, data unit 0xff)', () => {
  const key = fromHex(
    '27182818284590452353602874713526624977572470936999595749669676273141592653589793238462643383279502884197169399375105820974944592',
  )
  assert.ok(key)
  const data = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff)
  encryptSectors(data, 0xff * 512, key, 512)
  assert.equal(toHex(data.subarray(0, 32)), '1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b')
})

for (const [kind, size, sectorSize] of [
  ['ext4', 80 * MIB, 4096],
  ['ext4', 80 * MIB + 512, 512],
  ['xfs', 340 * MIB, 4096],
] as const)
  test(`${kind} inside LUKS2 with ${sectorSize}-byte sectors is opened and decrypted by cryptsetup, over old bytes`, async (t) => {
    const missing = await missingOf(['cryptsetup', 'mke2fs', 'debugfs', 'e2fsck', 'mkfs.xfs', 'xfs_repair'])
    if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
    const folder = await mkdtemp(join(tmpdir(), 'twinslot-lukstest-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const keyFile = join(folder, 'passphrase')
    const key = Buffer.from('correct horse\nbattery staple')
    await writeFile(keyFile, key, { mode: 0o600 })
    const files = kind === 'ext4' ? [{ path: 'config/a', bytes: Buffer.from('secret text') }] : []
    const request = {
      kind,
      size,
      sectorSize: 512,
      uuid: UUID,
      label: 'DATA',
      time: new Date('2026-11-22T00:00:00Z'),
      files,
    }
    const disk = join(folder, 'disk')
    {
      await using made = await makeEncryptedFilesystem(request, { key, derivation: QUICK })
      await using file = await open(disk, 'wx+')
      const old = Buffer.alloc(size, 0xa5)
      await file.write(old, 0, size, 0)
      for (const { offset, length } of made.zeroes) await file.write(Buffer.alloc(length), 0, length, offset)
      for (const { offset, length } of made.extents) {
        const bytes = Buffer.alloc(length)
        await made.read(offset, bytes)
        assert.equal(bytes.indexOf('secret text'), -1)
        await file.write(bytes, 0, length, offset)
      }
    }
    const { stdout } = await requireTool('cryptsetup', ['luksDump', disk], limits)
    assert.match(stdout, new RegExp(`UUID:\\s+${UUID.toLowerCase()}`))
    assert.match(stdout, new RegExp(`sector: ${sectorSize} `))
    assert.match(stdout, new RegExp(`offset: ${LUKS_HEADER} `))
    await requireTool('cryptsetup', ['luksOpen', '--test-passphrase', '--key-file', keyFile, disk], limits)
    const wrong = join(folder, 'wrong')
    await writeFile(wrong, 'wrong')
    const refused = await runTool('cryptsetup', ['luksOpen', '--test-passphrase', '--key-file', wrong, disk], limits)
    assert.notEqual(refused.code, 0)

    // cryptsetup takes the encryption away in user space: what remains must be the file system.
    const decrypt = ['reencrypt', '--decrypt', '--force-offline-reencrypt', '--batch-mode', '--key-file', keyFile]
    const outcome = await runTool('cryptsetup', [...decrypt, '--header', join(folder, 'header'), disk], limits)
    if (/unknown option/i.test(outcome.stderr)) return t.skip('needs cryptsetup 2.6')
    assert.equal(outcome.code, 0, outcome.stderr)
    // The file keeps its length: behind the file system lie 16 MiB of leftovers.
    await truncate(disk, size - LUKS_HEADER)
    const [tool, flag] = kind === 'ext4' ? ['e2fsck', '-fn'] : ['xfs_repair', '-n']
    const check = await runTool(tool, [flag, disk], limits)
    assert.equal(check.code, 0, check.stdout + check.stderr)
    if (kind === 'ext4')
      assert.equal((await requireTool('debugfs', ['-R', 'cat /config/a', disk], limits)).stdout, 'secret text')
  })

test('with an empty key nothing is made and nothing is left behind', async (t) => {
  const missing = await missingOf(['cryptsetup', 'mke2fs'])
  if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'twinslot-lukstest-'))
  t.after(() => rm(temporaryFolder, { recursive: true, force: true }))
  const request = { kind: 'ext4' as const, size: 80 * MIB, sectorSize: 512, uuid: UUID, label: '', time: new Date(0) }
  await assert.rejects(
    makeEncryptedFilesystem(
      { ...request, temporaryFolder },
      { key: new Uint8Array(), derivation: ['--no-such-option'] },
    ),
    (error) => error instanceof EngineError && error.code === 'tool.failed',
  )
  assert.deepEqual(await readdir(temporaryFolder), [])
})
