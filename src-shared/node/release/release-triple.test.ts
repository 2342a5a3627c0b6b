// The triple X.img, X.img.sha256, X.img.asc: as gpg and sha256sum make it, and as we make it for them.
import assert from 'node:assert/strict'
import { copyFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { type ErrorCode, exitAfter, explain, isEngineError } from '#base/errors.ts'
import { openGpg } from '#testing/gpg.ts'
import { openReleaseBench, type ReleaseBench, sampleImageBytes } from '#testing/release-bench.ts'
import { parseTrust } from '#trust/keyring.ts'
import { isFolder } from '../boot/boot-image.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { openFileSource } from '../os/file-source.ts'
import { requireTool } from '../os/run-tool.ts'
import { readWordFile } from '../os/word-file.ts'
import { openRelease } from './open-release.ts'
import { signImage } from './sign-image.ts'
import { showRelease, verifyRelease } from './verify-release.ts'

let bench: ReleaseBench
before(async () => {
  bench = await openReleaseBench()
})
after(async () => {
  await bench[Symbol.asyncDispose]()
})

const open = (name: string) => openRelease(bench.at(name), bench.trusted, { now: bench.now })
async function refuses(code: ErrorCode, name: string): Promise<void> {
  await assert.rejects(open(name), (error) => {
    assert.ok(isEngineError(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.doesNotMatch(Object.values(explain(error)).join(), /[{}]/)
    return true
  })
}

/** A fresh signed triple under a name of its own. */
async function triple(name: string): Promise<string> {
  await copyFile(bench.at('x.img'), bench.at(name))
  await signImage(bench.at(name), bench.key, { now: bench.now })
  return name
}

test('what gpg and sha256sum make is believed', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  const name = 'release 1.img'
  await writeFile(bench.at(name), sampleImageBytes())
  const key = await gpg.makeKey('maker', 'rsa3072', 'sign,cert', '2026-01-01T00:00:00Z')
  await writeFile(bench.at(`${name}.asc`), await gpg.sign(sampleImageBytes(), [key], '2026-01-02T00:00:00Z'))
  const { stdout } = await requireTool('sha256sum', [name], { cwd: bench.folder, timeoutMs: 10_000 })
  await writeFile(bench.at(`${name}.sha256`), stdout)
  const trusted = await parseTrust(await gpg.export(key))
  await using release = await openRelease(bench.at(name), trusted, { now: bench.now })
  assert.equal(release.signer.fingerprint, key)
  assert.equal(release.kind, 'triple')
  assert.equal(release.manifest, null)
  assert.deepEqual(release.facts, {
    kind: 'triple',
    digest: sha256Hex(sampleImageBytes()),
    product: null,
    version: null,
    counter: null,
    signer: key,
    system: { size: sampleImageBytes().length, sha256: sha256Hex(sampleImageBytes()) },
    esp: null,
    signature: release.facts.signature,
  })
  const { fingerprint: _key, signingKey: _part, ...said } = release.signer
  assert.deepEqual(release.facts.signature, said)
  const { table } = release.image('system')
  assert.deepEqual(table.zeroRuns, [
    [131072, 65536 + 8192],
    [3 * 65536 + 12288, 65536 - 12288],
  ])
  assert.throws(
    () => release.image('esp'),
    (error) => isEngineError(error, 'release.no-image'),
  )
})

test('what we make gpg --verify and sha256sum -c accept', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  const name = await triple('ours.img')
  await gpg.run(['--import'], undefined, bench.publicKey)
  const args = ['--status-fd', '1', '--verify', bench.at(`${name}.asc`), bench.at(name)]
  assert.match((await gpg.run(args)).stdout, new RegExp(`VALIDSIG ${bench.key.fingerprint}`))
  await requireTool('sha256sum', ['--strict', '-c', `${name}.sha256`], { cwd: bench.folder, timeoutMs: 10_000 })
})

test('a triple is verified and shown with everything that lies beside it', async () => {
  const name = await triple('shown.img')
  const report = await verifyRelease(bench.at(name), bench.trusted, { now: bench.now })
  assert.equal(report.images[0].sha256, sha256Hex(sampleImageBytes()))
  const claims = await showRelease(bench.at(name))
  assert.equal(claims.kind, 'triple')
  if (claims.kind !== 'triple') return
  assert.equal(claims.hasSignature, true)
  assert.deepEqual(claims.checksums, [{ name, sha256: report.images[0].sha256 }])
})

test('without checksum or signature nothing is believed', async () => {
  const name = await triple('alone.img')
  await rename(bench.at(`${name}.sha256`), bench.at('kept'))
  await refuses('release.checksum-missing', name)
  await rename(bench.at('kept'), bench.at(`${name}.sha256`))
  await rm(bench.at(`${name}.asc`))
  await refuses('trust.signature-missing', name)
  await writeFile(bench.at(`${name}.asc`), '')
  await refuses('trust.signature-missing', name)
  await rm(bench.at(`${name}.asc`))
  await rm(bench.at(`${name}.sha256`))
  await refuses('release.checksum-missing', name)
})

test('a file that is neither bundle nor image with company is said to be no bundle', async () => {
  await writeFile(bench.at('readme.txt'), 'hello, I am a text')
  await refuses('format.bundle-magic', 'readme.txt')
  await writeFile(bench.at('zero.img'), '')
  await refuses('release.empty', 'zero.img')
})

test('one flipped bit in the image, first, middle or last, is wrong data', async () => {
  const name = await triple('flipped.img')
  const plain = sampleImageBytes()
  for (const at of [0, plain.length >> 1, plain.length - 1]) {
    const bytes = Buffer.from(plain)
    bytes[at] ^= 1
    await writeFile(bench.at(name), bytes)
    await refuses('trust.wrong-data', name)
  }
  await writeFile(bench.at(name), plain.subarray(0, -1))
  await refuses('trust.wrong-data', name)
})

test('a good signature with a wrong checksum file is refused as well: both must pass', async () => {
  const name = await triple('both.img')
  await writeFile(bench.at(`${name}.sha256`), `${'0'.repeat(64)}  ${name}\n`)
  await refuses('release.checksum-mismatch', name)
  await writeFile(bench.at(`${name}.sha256`), `${'0'.repeat(64)}  other.img\n`)
  await refuses('format.sha256sum-missing', name)
  await writeFile(bench.at(`${name}.sha256`), 'nonsense')
  await refuses('format.sha256sum-line', name)
  await writeFile(bench.at(`${name}.sha256`), `${'0'.repeat(64)}  ${name}\n${'1'.repeat(64)}  ${name}\n`)
  await refuses('format.sha256sum-ambiguous', name)
})

test('a huge file beside the image is not read into memory', async () => {
  const name = await triple('huge.img')
  await truncate(bench.at(`${name}.asc`), 1 << 30)
  await refuses('trust.signature-malformed', name)
  await truncate(bench.at(`${name}.sha256`), 1 << 30)
  await refuses('format.sha256sum-line', name)
})

test('a cancelled pass over the image ends with job.cancelled', async () => {
  const name = await triple('cancelled.img')
  const signal = AbortSignal.abort()
  const opened = openRelease(bench.at(name), bench.trusted, { now: bench.now, signal })
  await assert.rejects(opened, (error) => isEngineError(error, 'job.cancelled'))
})

test('signing a checksum file by mistake is refused', async () => {
  const name = await triple('again.img')
  const signing = signImage(bench.at(`${name}.sha256`), bench.key, { now: bench.now })
  await assert.rejects(signing, (error) => isEngineError(error, 'release.bad-option'))
})

test('a source that got shorter, or cannot be read, says so', async () => {
  await writeFile(bench.at('short'), 'abcdef')
  const source = await openFileSource(bench.at('short'))
  await assert.rejects(source.read(4, new Uint8Array(3)), (error) => isEngineError(error, 'release.truncated'))
  await source[Symbol.asyncDispose]()
  await assert.rejects(source.read(0, new Uint8Array(3)), (error) => isEngineError(error, 'release.source-failed'))
})

test('a name that leads to no file is a wrong word, whatever the system says of it; the reason is told', async () => {
  await symlink('loop.img', bench.at('loop.img'))
  await writeFile(bench.at('plain'), 'x')
  const wrong = [
    ['loop.img', 'release.bad-path', /circle/],
    ['loop.img/x', 'release.bad-path', /circle/],
    ['x'.repeat(300), 'release.bad-path', /too long/],
    ['nothing', 'release.not-found', /nothing/],
    ['plain/x', 'release.not-found', /plain/],
  ] as const
  for (const [name, code, words] of wrong)
    for (const open of [openFileSource, isFolder])
      await assert.rejects(open(bench.at(name)), (error: unknown) => {
        assert.ok(isEngineError(error, code), `${name}: ${error}`)
        assert.match(error.message, words)
        assert.equal(exitAfter(error.code, false), 2)
        return true
      })
  await assert.rejects(readWordFile(bench.at('loop.img'), 10), { code: 'cli.file-unreadable' })
})
