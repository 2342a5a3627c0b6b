// Whatever the packing, the plain image is what the program that packed it would give back, or it is refused with the reason.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { isEngineError } from '#base/errors.ts'
import { seededBytes } from '#testing/random.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { readImageInput } from './image-input.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-input-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const A = seededBytes(300_000, 1)
const B = Buffer.alloc(200_000, 'text that packs well ')
const C = seededBytes(70_000, 3)
const zstd = (bytes: Uint8Array, checksum = true) =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } })
const skippable = (length: number, kind = 0) => {
  const frame = Buffer.alloc(8 + length, 7)
  frame.writeUInt32LE(0x184d2a50 + kind)
  frame.writeUInt32LE(length, 4)
  return frame
}

async function decoded(bytes: Uint8Array): Promise<Buffer> {
  const path = join(folder, 'input')
  await writeFile(path, bytes)
  const parts: Uint8Array[] = []
  for await (const part of readImageInput(path)) parts.push(part.slice())
  return Buffer.concat(parts)
}

/** The reason that a packed image is refused with. */
async function refusal(bytes: Uint8Array, code: 'release.input-damaged' | 'release.input-unread'): Promise<string> {
  try {
    const found = await decoded(bytes)
    assert.fail(`${found.length} bytes came out`)
  } catch (error) {
    assert.ok(isEngineError(error, code), String(error))
    return String(error.details.reason)
  }
}

/** What zstd, xz or gzip themselves make of the file; null when they refuse it. */
async function asTheTool(t: TestContext, tool: string, bytes: Uint8Array): Promise<Buffer | null> {
  if (!(await findTool(tool))) {
    t.diagnostic(`${tool} is missing: it was not asked`)
    return null
  }
  const [input, output] = [join(folder, `asked.${tool}`), join(folder, 'answer')]
  await writeFile(input, bytes)
  await rm(output, { force: true })
  const script = 'exec "$0" -d -c <"$1" >"$2"'
  const { code } = await requireTool('sh', ['-c', `${script} || exit 0`, tool, input, output], {
    timeoutMs: 30_000,
  }).catch(() => ({ code: 1 }))
  return code === 0 ? await readFile(output) : null
}

test('all frames of a zstd file are decoded, skippable ones wherever they are, as zstd does it', async (t) => {
  const files = {
    'three frames': [Buffer.concat([zstd(A), zstd(B), zstd(C)]), Buffer.concat([A, B, C])],
    'without checksums': [Buffer.concat([zstd(A, false), zstd(B, false)]), Buffer.concat([A, B])],
    'a skippable frame first': [Buffer.concat([skippable(12), zstd(A)]), Buffer.from(A)],
    'skippable frames between and behind': [
      Buffer.concat([zstd(A), skippable(100_000, 5), skippable(0, 15), zstd(B), skippable(1)]),
      Buffer.concat([A, B]),
    ],
    'an empty frame between': [Buffer.concat([zstd(A), zstd(Buffer.alloc(0)), zstd(C)]), Buffer.concat([A, C])],
    'long runs': [Buffer.concat([zstd(Buffer.alloc(5_000_000)), zstd(C)]), Buffer.concat([Buffer.alloc(5_000_000), C])],
  } as const
  for (const [name, [packed, plain]] of Object.entries(files)) {
    assert.deepEqual(await decoded(packed), plain, name)
    const judge = await asTheTool(t, 'zstd', packed)
    if (judge) assert.deepEqual(judge, plain, `zstd: ${name}`)
  }
})

test('a zstd file that does not end with a whole frame is refused, wherever it is cut', async () => {
  const whole = Buffer.concat([zstd(A), zstd(C)])
  const first = zstd(A).length
  for (let length = 1; length < whole.length; length += length < 30 ? 1 : 9001) {
    if (length === first || length < 4) continue
    assert.notEqual(await refusal(whole.subarray(0, length), 'release.input-damaged'), '', String(length))
  }
  for (const cut of [1, 3, 4, 5, 9, 20])
    assert.notEqual(await refusal(whole.subarray(0, first + cut), 'release.input-damaged'), '', `second + ${cut}`)
  assert.notEqual(await refusal(Buffer.concat([zstd(A), skippable(50).subarray(0, 30)]), 'release.input-damaged'), '')
})

test('what follows the last frame, needs a dictionary or much memory, or is of an old format is refused by name', async () => {
  const behind = 'something else follows the last frame'
  for (const garbage of ['garbage', '\0\0\0\0\0\0\0\0', '\n'])
    assert.equal(await refusal(Buffer.concat([zstd(A), Buffer.from(garbage)]), 'release.input-damaged'), behind)
  const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0])
  assert.match(await refusal(window, 'release.input-damaged'), /^a frame demands \d{9,} bytes of memory/)
  const dictionary = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x00, 7, 1, 0, 0])
  assert.match(await refusal(dictionary, 'release.input-damaged'), /^a frame needs dictionary 7/)
  const old = Buffer.from([0x27, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0])
  assert.equal(await refusal(old, 'release.input-damaged'), 'it is in the format of zstd 0.7')
})

test('a changed bit of a zstd file is found by its checksum', async () => {
  const packed = Buffer.concat([zstd(A), zstd(C)])
  for (const at of [100_000, packed.length - 1000, packed.length - 1]) {
    const hurt = Buffer.from(packed)
    hurt[at] ^= 1
    assert.match(await refusal(hurt, 'release.input-damaged'), /checksum|corrupt/i)
  }
})

test('all members of a gzip file are decoded, and a cut or foreign rest is refused', async (t) => {
  const packed = Buffer.concat([gzipSync(A), gzipSync(B)])
  assert.deepEqual(await decoded(packed), Buffer.concat([A, B]))
  const judge = await asTheTool(t, 'gzip', packed)
  if (judge) assert.deepEqual(judge, Buffer.concat([A, B]))
  assert.notEqual(await refusal(packed.subarray(0, packed.length - 9), 'release.input-damaged'), '')
  assert.notEqual(await refusal(Buffer.concat([packed, Buffer.from('garbage')]), 'release.input-damaged'), '')
})

const xzOf = async (bytes: Uint8Array, ...args: string[]): Promise<Buffer> => {
  const path = join(folder, 'x')
  await writeFile(path, bytes)
  await requireTool('xz', ['-z', '-k', '-f', ...args, path], { timeoutMs: 60_000 })
  return await readFile(`${path}.xz`)
}

test('all streams of an xz file are decoded, and a cut or foreign rest is refused', async (t) => {
  if (!(await findTool('xz'))) return t.skip('needs xz')
  const [a, b] = [await xzOf(A), await xzOf(B)]
  const packed = Buffer.concat([a, Buffer.alloc(8), b])
  assert.deepEqual(await decoded(packed), Buffer.concat([A, B]))
  assert.deepEqual(await asTheTool(t, 'xz', packed), Buffer.concat([A, B]))
  assert.equal(await refusal(packed.subarray(0, packed.length - 9), 'release.input-damaged'), 'it ends too early')
  assert.notEqual(await refusal(Buffer.concat([a, Buffer.from('garbage!')]), 'release.input-damaged'), '')
})

test('a kind of xz that is not read is told by check, filter or dictionary, never as damage', async (t) => {
  if (!(await findTool('xz'))) return t.skip('needs xz')
  const kinds = [
    [['--check=sha256'], 'it uses the check SHA-256'],
    [['--delta=dist=4', '--lzma2'], 'it uses the filter delta'],
    [['--x86', '--lzma2'], 'it uses the filter x86'],
    [['--powerpc', '--lzma2'], 'it uses the filter PowerPC'],
    [['--lzma2=dict=256MiB'], 'its dictionary is 268 MB; up to 64 MiB are read'],
  ] as const
  for (const [args, expected] of kinds)
    assert.equal(await refusal(await xzOf(B, ...args), 'release.input-unread'), expected)
  for (const args of [['--check=crc32'], ['--check=none'], ['-9e'], ['--block-size=50000']])
    assert.deepEqual(await decoded(await xzOf(B, ...args)), B, args.join(' '))
})
