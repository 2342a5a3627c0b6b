// Checksum files: what sha256sum writes is read, what we write sha256sum accepts, anything ambiguous is refused.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { EngineError, type ErrorCode, isEngineError } from '#base/errors.ts'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import fc from '#testing/property.ts'
import { formatSha256sum, parseSha256sum, sha256For } from './sha256sum.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

test('text and binary lines are read, folders and other files are passed over', () => {
  const file = utf8(`${A}  other.img\n${B} *build/out/x.img\r\n\n`)
  assert.equal(sha256For(file, 'x.img'), B)
  assert.equal(sha256For(file, 'other.img'), A)
  assert.equal(sha256For(utf8(`${A.toUpperCase()}  x.img`), 'x.img'), A)
})

const utf16 = (text: string, mark: readonly number[], order: 'le' | 'be') => {
  const bytes = Buffer.from(text, 'utf16le')
  return Uint8Array.from([...mark, ...(order === 'le' ? bytes : bytes.swap16())])
}
const CERTUTIL = `SHA256 hash of x.img:\r\n${A}\r\nCertUtil: -hashfile command completed successfully.\r\n`
const POWERSHELL = `\r\nAlgorithm       Hash                  Path\r\n---------       ----                  ----\r\nSHA256          ${A.toUpperCase()}       C:\\build out\\x.img\r\n\r\n`

const accepted: readonly (readonly [string, string | Uint8Array])[] = [
  ['a bare checksum', `${A}\n`],
  ['a bare checksum without line end', A.toUpperCase()],
  ['the name that sha256sum gives to standard input', `${A}  -\n`],
  ['one space', `${A} x.img\n`],
  ['BSD', `SHA256 (x.img) = ${A}\n`],
  ['BSD with a folder', `SHA256 (out/x.img) = ${A}\n`],
  ['OpenSSL 1', `SHA256(x.img)= ${A}\n`],
  ['OpenSSL 3', `SHA2-256(x.img)= ${A}\n`],
  ['a byte order mark', `\ufeff${A}  x.img\n`],
  ['UTF-16, little end first', utf16(`${A}  x.img\r\n`, [0xff, 0xfe], 'le')],
  ['UTF-16, big end first', utf16(`${A} *x.img\r\n`, [0xfe, 0xff], 'be')],
  ['certutil', CERTUTIL],
  ['certutil of Windows 7, with spaces', CERTUTIL.replace(A, A.replace(/(..)/g, '$1 ').trimEnd())],
  ['certutil in German', CERTUTIL.replace('hash of', '-Hash von').replace('SHA256 -', 'SHA256-')],
  ['certutil into a PowerShell file', utf16(CERTUTIL, [0xff, 0xfe], 'le')],
  ['Get-FileHash', utf16(POWERSHELL, [0xff, 0xfe], 'le')],
  ['a comment', `# made by hand\n${A}  x.img\n`],
  ['the same checksum twice', `${A}  x.img\n${A} *x.img\n`],
]
for (const [what, text] of accepted)
  test(`${what} is read as the checksum it is`, () => {
    assert.equal(sha256For(typeof text === 'string' ? utf8(text) : text, 'x.img'), A)
  })

const named: readonly (readonly [string, RegExp])[] = [
  ['d'.repeat(32), /32 digits \(MD5\)/],
  [`${'d'.repeat(40)}  x.img`, /40 digits \(SHA-1\)/],
  [`${'d'.repeat(128)}  x.img`, /128 digits \(SHA-512\)/],
  [`SHA512 (x.img) = ${'d'.repeat(128)}`, /checksum by SHA512/],
  [`MD5 (x.img) = ${'d'.repeat(32)}`, /checksum by MD5/],
  [`${A.slice(1)}  x.img`, /63 digits instead of 64/],
  ['-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n', /clear-signed/],
  ['-----BEGIN PGP SIGNATURE-----\n', /BEGIN PGP SIGNATURE/],
  ['<!DOCTYPE html><title>404</title>', /a web page/],
  [`${A}  x.img\0`, /UTF-16 without a byte order mark/],
]
for (const [text, found] of named)
  test(`what is no SHA-256 is named: ${found}`, () => {
    assert.throws(() => sha256For(utf8(text), 'x.img'), { code: 'format.sha256sum-line', message: found })
  })

const refused: readonly (readonly [string, string | Uint8Array, ErrorCode])[] = [
  ['an unknown escape', `\\${A}  x\\t.img\n`, 'format.sha256sum-line'],
  ['bytes that are no text', Uint8Array.of(0xc0, 0xc1), 'format.sha256sum-line'],
  ['half a character of UTF-16', Uint8Array.of(0xff, 0xfe, 0x41), 'format.sha256sum-line'],
  ['a file of a megabyte and more', 'x'.repeat((1 << 20) + 1), 'format.sha256sum-line'],
  ['an empty file', '', 'format.sha256sum-missing'],
  ['another name', `${A}  y.img\n`, 'format.sha256sum-missing'],
  ['another name in the way of BSD', `SHA256 (y.img) = ${A}\n`, 'format.sha256sum-missing'],
  ['another name by certutil', CERTUTIL.replace('x.img', 'y.img'), 'format.sha256sum-missing'],
  ['a name that only ends alike', `${A}  not-x.img\n`, 'format.sha256sum-missing'],
  ['two checksums for the image', `${A}  x.img\n${B}  x.img\n`, 'format.sha256sum-ambiguous'],
  ['two folders with the image', `${A}  old/x.img\n${B}  new/x.img\n`, 'format.sha256sum-ambiguous'],
  ['two bare checksums', `${A}\n${B}\n`, 'format.sha256sum-ambiguous'],
  ['a bare checksum beside another file', `${A}\n${B}  y.img\n`, 'format.sha256sum-ambiguous'],
]
for (const [what, text, code] of refused)
  test(`${what} is refused with ${code}`, () => {
    const bytes = typeof text === 'string' ? utf8(text) : text
    assert.throws(
      () => sha256For(bytes, 'x.img'),
      (error) => isEngineError(error, code),
    )
  })

test('any name survives writing and reading', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('/'))
  fc.assert(
    fc.property(name, (text) => {
      assert.deepEqual(parseSha256sum(formatSha256sum({ name: text, sha256: A })), [{ name: text, sha256: A }])
    }),
    { numRuns: 300 },
  )
})

test('arbitrary bytes give a digest or one of our errors', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        sha256For(bytes, 'x')
      } catch (error) {
        assert.ok(error instanceof EngineError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('sha256sum accepts our lines and we accept its lines, difficult names included', async (t) => {
  if (!(await findTool('sha256sum'))) return t.skip('needs sha256sum')
  const cwd = await mkdtemp(join(tmpdir(), 'twinslot-sum-'))
  t.after(() => rm(cwd, { recursive: true }))
  for (const name of ['x.img', 'with space.img', 'back\\slash.img', 'line\nend.img', 'ünïcode.img']) {
    await writeFile(join(cwd, name), name)
    for (const marker of ['--text', '--binary']) {
      const { stdout } = await requireTool('sha256sum', [marker, '--', name], { cwd, timeoutMs: 10_000 })
      const [line] = parseSha256sum(utf8(stdout))
      assert.equal(line.name, name)
      await writeFile(join(cwd, 'sum'), formatSha256sum({ name, sha256: line.sha256 }))
      await requireTool('sha256sum', ['--strict', '-c', 'sum'], { cwd, timeoutMs: 10_000 })
    }
  }
})

test('what certutil says in the code page of its system does not hide the checksum', () => {
  const hex = 'ab'.repeat(32)
  const told = `SHA256-Hash von m.img:\r\n${hex}\r\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgef`
  const bytes = Uint8Array.from([...Buffer.from(told), 0x81, ...Buffer.from('hrt.\r\n')])
  assert.equal(sha256For(bytes, 'm.img'), hex)
  assert.throws(() => sha256For(Uint8Array.from([...bytes, 0]), 'm.img'), /no text/)
})
