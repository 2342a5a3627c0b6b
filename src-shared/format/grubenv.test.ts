import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import fc from '#testing/property.ts'
import { decodeGrubenv, encodeGrubenv, freeFrom, GRUBENV_SIZE, isPlainName } from './grubenv.ts'

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/)
const value = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
})

test('any variables survive, backslashes and newlines included, and the size never changes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { maxLength: 10, selector: ([key]) => key }), (rows) => {
      const block = encodeGrubenv(new Map(rows))
      assert.equal(block.length, GRUBENV_SIZE)
      const read = decodeGrubenv(block)
      assert.deepEqual([...(read?.variables ?? [])], rows)
      assert.equal(read?.damage, null)
    }),
    { numRuns: 300 },
  )
})

test('variables that do not fit are refused', () => {
  const full = (error: unknown) => error instanceof EngineError && error.code === 'boot.env-full'
  assert.throws(() => encodeGrubenv(new Map([['fill', 'x'.repeat(993)]])), full)
  assert.equal(encodeGrubenv(new Map([['fill', 'x'.repeat(992)]])).at(-1), 0x23)
})

test('a block without its header is none, as for GRUB', () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(1024), utf8('# GRUB Environment Block\n'), utf8('# GRUB Env')])
    assert.equal(decodeGrubenv(bytes), null)
})

test('a block that GRUB reads but cannot save into is read and reported', () => {
  const block = encodeGrubenv(new Map([['ab_good', 'A']]))
  const half = Uint8Array.from(block).fill(0, 512)
  assert.equal(decodeGrubenv(half)?.variables.get('ab_good'), 'A')
  assert.match(decodeGrubenv(half)?.damage ?? '', /not filled up/)
  assert.equal(freeFrom(half), null)
  assert.match(decodeGrubenv(block.subarray(0, 512))?.damage ?? '', /512 bytes/)
})

test('random and damaged blocks never make the reader throw', () => {
  const sample = encodeGrubenv(
    new Map([
      ['ab_good', 'A'],
      ['ab_try', 'B'],
      ['ab_left', '2'],
    ]),
  )
  const mutated = fc.array(fc.tuple(fc.nat(1023), fc.integer({ min: 0, max: 255 })), { maxLength: 20 }).map((edits) => {
    const block = Uint8Array.from(sample)
    for (const [at, byte] of edits) block[at] = byte
    return block
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 1500 }), mutated), (bytes) => {
      const read = decodeGrubenv(bytes)
      assert.ok(read === null || [...read.variables.keys()].every((key) => typeof key === 'string'))
    }),
    { numRuns: 3000 },
  )
})

test('names with other characters than letters, digits and _ are not kept', () => {
  assert.ok(isPlainName('next_entry'))
  for (const bad of ['', '1a', 'a b', 'a\nb', 'x'.repeat(65)]) assert.ok(!isPlainName(bad))
})

test('grub-editenv reads our block, and we read what it writes', async (t) => {
  if (!(await findTool('grub-editenv'))) return t.skip('needs grub-editenv')
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-env-'))
  try {
    const file = join(folder, 'grubenv')
    await writeFile(
      file,
      encodeGrubenv(
        new Map([
          ['ab_good', 'A'],
          ['ab_left', '3'],
          ['odd', 'a\\b'],
        ]),
      ),
    )
    const { stdout } = await requireTool('grub-editenv', [file, 'list'], { timeoutMs: 10_000 })
    assert.match(stdout, /^ab_good=A\nab_left=3\nodd=a\\\\?b\n$/)
    await requireTool('grub-editenv', [file, 'set', 'ab_left=2', 'new=x'], { timeoutMs: 10_000 })
    const read = decodeGrubenv(await readFile(file))
    assert.equal(read?.damage, null)
    assert.deepEqual(
      [...(read?.variables ?? [])],
      [
        ['ab_good', 'A'],
        ['ab_left', '2'],
        ['odd', 'a\\b'],
        ['new', 'x'],
      ],
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
