import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { isEngineError } from '#base/errors.ts'
import { copyImage } from '#engine/copy/copy-image.ts'
import { packedSource, tableOf } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { isAligned } from '../os/aligned-memory.ts'
import { findTool, runTool } from '../os/run-tool.ts'
import { inlineCodec, openBlockCodec } from './block-codec.ts'

const MIB = 1024 * 1024
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('digests of the workers are those of node:crypto, for data and for zeroes of any length', async () => {
  await using codec = openBlockCodec({ workers: 2 })
  for (const length of [1, 4096, 65536, 100_001]) {
    const data = codec.allocate(length)
    assert.ok(isAligned(data), 'direct I/O accepts it')
    for (let round = 0; round < 2; round++) assert.equal(await codec.digest(data), sha256(new Uint8Array(length)))
    data.set(seededBytes(length, length))
    assert.equal(await codec.digest(data), sha256(seededBytes(length, length)))
    data.fill(0)
    data[length - 1] = 1
    assert.equal(await codec.digest(data), sha256(data.slice()), 'zeroes but for the last byte')
  }
  assert.equal(await codec.digest(new Uint8Array([1])), sha256(new Uint8Array([1])), 'private memory works too')
})

for (const compression of ['none', 'zstd', 'gzip', 'xz'] as const) {
  test(`an image of ${compression} blocks goes through worker threads`, async (t) => {
    if (compression === 'xz' && !(await findTool('xz'))) return t.skip('needs xz')
    const image = seededBytes(2 * MIB + 99, 6)
    image.fill(0, 100_000, 300_000)
    image.fill(7, 1_000_000, 1_500_000)
    const compress = compression === 'xz' ? (input: Uint8Array) => execFileSync('xz', ['-c'], { input }) : undefined
    const source = packedSource(image, compression, { table: tableOf(image, 256 * 1024), compress })
    await using codec = openBlockCodec({ workers: 2 })
    const disk = memoryDisk({ size: 4 * MIB })
    const targets = [{ device: disk, offset: 0, length: 4 * MIB }]
    const [outcome] = await copyImage({ source, targets, mode: 'full', codec })
    assert.ok(outcome.ok)
    assert.equal(Buffer.compare(disk.peek(0, image.length), image), 0)
    source.bytes.bytes.fill(3, source.stored(4).offset, source.stored(4).offset + source.stored(4).length)
    const [broken] = await copyImage({ source, targets, mode: 'full', codec })
    assert.ok(!broken.ok)
    assert.equal(broken.error.code, compression === 'none' ? 'write.source-mismatch' : 'write.source-undecodable')
  })
}

test('random bytes never make the decoders throw anything but write.source-undecodable', async () => {
  const target = inlineCodec.allocate(4096)
  for (const compression of ['zstd', 'gzip', 'xz'] as const) {
    for (let seed = 0; seed < 60; seed++) {
      const stored = seededBytes(1 + (seed % 200), seed)
      // The magic numbers, so that the decoders get past the first check.
      if (seed % 2)
        stored.set(
          { zstd: [0x28, 0xb5, 0x2f, 0xfd], gzip: [0x1f, 0x8b, 8, 0], xz: [0xfd, 0x37, 0x7a, 0x58] }[compression].slice(
            0,
            stored.length,
          ),
        )
      await assert.rejects(inlineCodec.unpack({ stored, compression, zeroes: [] }, target), (error) =>
        isEngineError(error, 'write.source-undecodable'),
      )
    }
  }
})

test('blocks with holes that are unpacked side by side do not mix', async () => {
  const images = Array.from({ length: 8 }, (_, i) => seededBytes(64 * 1024, i))
  await Promise.all(
    images.map(async (image, i) => {
      image.fill(0, 4096, 8192)
      const source = packedSource(image, i % 2 ? 'zstd' : 'gzip')
      const { offset, length } = source.stored(0)
      const block = { stored: source.bytes.bytes.subarray(offset, offset + length), zeroes: [[4096, 4096]] as const }
      const compression = source.compression
      assert.equal(
        await inlineCodec.unpack({ ...block, compression }, inlineCodec.allocate(image.length)),
        sha256(image),
      )
    }),
  )
})

test('a closed codec refuses work instead of hanging', async () => {
  const codec = openBlockCodec({ workers: 1 })
  const data = codec.allocate(4096)
  await codec.digest(data)
  await codec[Symbol.asyncDispose]()
  await assert.rejects(codec.digest(data), (error) => isEngineError(error, 'job.cancelled'))
})

test('closing while the threads decode lets them end by themselves: no crash, and what waited is refused', async () => {
  const plain = seededBytes(1 * MIB, 9)
  const stored = gzipSync(plain)
  for (let round = 0; round < 12; round++) {
    const codec = openBlockCodec({ workers: 2 })
    const block = { stored, compression: 'gzip', zeroes: [] } as const
    const jobs = Array.from({ length: 6 }, () => codec.unpack(block, codec.allocate(plain.length)))
    const all = Promise.allSettled(jobs)
    if (round % 3 > 0) await Promise.race(jobs)
    await codec[Symbol.asyncDispose]()
    for (const outcome of await all) {
      if (outcome.status === 'fulfilled') assert.equal(outcome.value, sha256(plain))
      else assert.ok(isEngineError(outcome.reason, 'job.cancelled'), String(outcome.reason))
    }
  }
})

test('closing while answers are under way keeps the process alive until the threads have ended', async () => {
  // Large, so that the only answer comes while the codec waits for its thread: that is when nothing else is alive.
  const script = `import { openBlockCodec } from ${JSON.stringify(new URL('./block-codec.ts', import.meta.url).href)}
    for (let round = 0; round < 5; round++) {
      const codec = openBlockCodec({ workers: 1 })
      const data = codec.allocate(268435456).fill(round + 1)
      const jobs = Promise.allSettled([codec.digest(data)])
      await codec[Symbol.asyncDispose]()
      await jobs
    }
    console.log('ended')`
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-codec-'))
  try {
    const file = join(folder, 'close.mjs')
    await writeFile(file, script)
    // Exit code 13 is Node's for a program that waits for something that cannot happen any more.
    // On one processor the thread ends late enough for the difference to show in nearly every run.
    const [program, ...args] = [...((await findTool('taskset')) ? ['taskset', '-c', '0'] : []), process.execPath, file]
    const { code, stdout, stderr } = await runTool(program, args, { timeoutMs: 60_000 })
    assert.deepEqual([code, stdout], [0, 'ended\n'], stderr)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('where the working directory was removed, blocks are decoded all the same', async () => {
  const gone = await mkdtemp(join(tmpdir(), 'twinslot-gone-'))
  const module = join(import.meta.dirname, 'block-codec.ts')
  const code = `const { rmdirSync } = await import('node:fs')
    const { openBlockCodec } = await import(${JSON.stringify(module)})
    rmdirSync(process.cwd())
    await using codec = openBlockCodec({ workers: 2 })
    console.log(await codec.digest(codec.allocate(4096)))`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code]
  const told = execFileSync(process.execPath, args, { cwd: gone, encoding: 'utf8', timeout: 60_000 })
  assert.equal(told.trim(), sha256(new Uint8Array(4096)))
})
