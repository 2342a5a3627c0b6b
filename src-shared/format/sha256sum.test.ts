// Checksum files: what sha256sum writes is read, what we write sha256sum accepts, anything ambiguous is refused.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '../base/bytes.ts'
import { EngineError, type ErrorCode, isEngineError } from '../base/errors.ts'
import { findTool, requireTool } from '../node/run-tool.ts'
import fc from '../testing/property.ts'
import { formatSha256sum, parseSha256sum, sha256For } from './sha256sum.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

test('text and binary lines are read, folders and other files are passed over', () => {
  const file = utf8(`${A}  other.img\n${B} *build/out/x.img\r\n\n`)
  assert.equal(sha256For(file, 'x.img'), B)
  assert.equal(sha256For(file, 'other.img'), A)
  assert.equal(sha256For(utf8(`${A.toUpperCase()}  x.img`), 'x.img'), A)
})

const refused: readonly (readonly [string, string | Uint8Array, ErrorCode])[] = [
  ['a bare checksum', `${A}\n`, 'format.sha256sum-line'],
  ['one space', `${A} x.img\n`, 'format.sha256sum-line'],
  ['a short checksum', `${A.slice(1)}  x.img\n`, 'format.sha256sum-line'],
  ['a comment', `# made by hand\n${A}  x.img\n`, 'format.sha256sum-line'],
  ['an unknown escape', `\\${A}  x\\t.img\n`, 'format.sha256sum-line'],
  ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe), 'format.sha256sum-line'],
  ['a file of a megabyte and more', 'x'.repeat((1 << 20) + 1), 'format.sha256sum-line'],
  ['an empty file', '', 'format.sha256sum-missing'],
  ['another name', `${A}  y.img\n`, 'format.sha256sum-missing'],
  ['a name that only ends alike', `${A}  not-x.img\n`, 'format.sha256sum-missing'],
  ['two checksums for the image', `${A}  x.img\n${B}  x.img\n`, 'format.sha256sum-ambiguous'],
  ['two folders with the image', `${A}  old/x.img\n${B}  new/x.img\n`, 'format.sha256sum-ambiguous'],
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
      await writeFile(join(cwd, 'sum'), formatSha256sum(line))
      await requireTool('sha256sum', ['--strict', '-c', 'sum'], { cwd, timeoutMs: 10_000 })
    }
  }
})
