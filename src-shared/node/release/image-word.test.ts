// What an image says of itself counts wherever the image goes: when a release is made of it and checked, and when what a slot
// held is replaced. And what lies behind its file system is not passed over in silence.
import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { makeSystemImage } from '#e2e/cli/bench-room.ts'
import { encodeImageFacts } from '#format/image-facts.ts'
import { abDisk, buildContent, buildRecords } from '#testing/builders.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { openReleaseBench, type ReleaseBench } from '#testing/release-bench.ts'
import { inlineCodec } from '../codec/block-codec.ts'
import { requireTool } from '../os/run-tool.ts'
import { openRelease } from './open-release.ts'
import { inspectSystemImage } from './release-checks.ts'
import { signImage } from './sign-image.ts'
import { withSlotProducts } from './slot-products.ts'
import { showRelease, verifyRelease } from './verify-release.ts'

const SAID = { product: 'demo', version: '1.0.44', counter: 44, hardware: [], disk: null }
let bench: ReleaseBench
const images: Record<string, string> = {}

before(async () => {
  bench = await openReleaseBench()
  const root = bench.at('said.root')
  mkdirSync(`${root}/etc/twinslot`, { recursive: true })
  writeFileSync(`${root}/etc/twinslot/image.json`, encodeImageFacts(SAID))
  images.squashfs = makeSystemImage(bench.folder, 'said', 100_000)
  images.ext4 = bench.at('said.ext4')
  writeFileSync(images.ext4, new Uint8Array(4 << 20))
  await requireTool('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', root, images.ext4], { timeoutMs: 60_000 })
})
after(() => bench[Symbol.asyncDispose]())

/** A bundle as a maker without a look would sign it. */
const unlooked = async () => 'unchecked' as const

for (const kind of ['squashfs', 'ext4'])
  test(`a manifest that contradicts the ${kind} image is neither signed, nor checked, nor used; both values are named`, async () => {
    const wrong = [
      ['product', { product: 'kiosk' }, 'kiosk', 'demo'],
      ['version', { version: '1.0.45' }, '1.0.45', '1.0.44'],
      ['release counter', { counter: 45 }, 45, 44],
      ['release counter', { counter: 0 }, 0, 44],
      ['hardware', { hardware: ['HP t640'] }, 'HP t640', 'any'],
    ] as const
    const system = images[kind]
    for (const [index, [what, change, expected, found]] of wrong.entries()) {
      const error = { code: 'image.facts-differ', details: { what, expected, found } }
      const name = `wrong-${kind}-${index}.twinslot`
      await assert.rejects(bench.create(name, { system, ...change }), error)
      assert.ok(!existsSync(bench.at(name)))
      await bench.create(name, { system, ...change, look: unlooked })
      await assert.rejects(verifyRelease(bench.at(name), bench.trusted, { now: bench.now }), error)
      await using release = await openRelease(bench.at(name), bench.trusted, { now: bench.now })
      const { findings } = await inspectSystemImage(release, inlineCodec)
      assert.deepEqual(findings, [error])
    }
    const made = await bench.create(`right-${kind}.twinslot`, { system })
    assert.equal(made.behind, null)
    assert.equal((await verifyRelease(made.path, bench.trusted, { now: bench.now })).manifest?.counter, 44)
  })

test('a triple has its word from an ext4 image as from squashfs', async () => {
  for (const kind of ['squashfs', 'ext4']) {
    const path = bench.at(`triple-${kind}.img`)
    copyFileSync(images[kind], path)
    await signImage(path, bench.key, { now: bench.now })
    await using release = await openRelease(path, bench.trusted, { now: bench.now })
    const { product, version, counter } = release.facts
    assert.deepEqual({ product, version, counter }, { product: 'demo', version: '1.0.44', counter: 44 })
  }
})

test('bytes behind the end of the file system are told with their number, a tool’s padding is not', async () => {
  for (const kind of ['squashfs', 'ext4']) {
    const path = bench.at(`behind-${kind}.img`)
    const tail = (bytes: Uint8Array) => {
      copyFileSync(images[kind], path)
      appendFileSync(path, bytes)
    }
    tail(Buffer.from('a'))
    const few = await bench.create(`few-${kind}.twinslot`, { system: path })
    const end = readFileSync(path).length
    assert.equal((few.behind?.used ?? 0) + (few.behind?.bytes ?? 0), end)
    assert.ok(few.behind && few.behind.bytes >= 1 && few.behind.bytes <= 4096)
    tail(new Uint8Array(100_000))
    const many = (await bench.create(`many-${kind}.twinslot`, { system: path })).behind
    assert.ok(many && many.bytes >= 100_000 && many.bytes <= 104_095)
    const report = await verifyRelease(bench.at(`many-${kind}.twinslot`), bench.trusted, { now: bench.now })
    assert.deepEqual(report.behind, many)
    const claimed = await showRelease(bench.at(`many-${kind}.twinslot`))
    assert.deepEqual(claimed.kind === 'bundle' && [claimed.behind, claimed.unread], [many, null])
    assert.deepEqual((await signImage(path, bench.key, { now: bench.now })).behind, many)
    const shown = await showRelease(path)
    assert.deepEqual(shown.kind === 'triple' && shown.behind, many)
    assert.deepEqual((await verifyRelease(path, bench.trusted, { now: bench.now })).behind, many)
  }
})

test('a bundle whose blocks are damaged still shows what it claims, and says that nobody could look into its image', async () => {
  const path = bench.at('damaged-blocks.twinslot')
  await bench.create('damaged-blocks.twinslot', { system: images.squashfs, compression: 'none' })
  const bytes = readFileSync(path)
  bytes.fill(0xff, bytes.length - 4096)
  bytes.fill(0xff, bytes.length - readFileSync(images.squashfs).length, bytes.length - 4096)
  writeFileSync(path, bytes)
  const shown = await showRelease(path)
  assert.equal(shown.kind, 'bundle')
  assert.ok(shown.kind === 'bundle')
  assert.deepEqual([shown.manifest.version, shown.behind], ['1.0.44', null])
  assert.equal(shown.unread?.code, 'write.source-mismatch')
})

test('what a slot held is told by its image where no record tells; what cannot be read says nothing', async () => {
  const disk = memoryDisk({ size: 8 << 20 })
  await disk.write(1 << 20, readFileSync(images.ext4))
  const at = { A: { offset: 1 << 20, length: 4 << 20 }, B: { offset: 5 << 20, length: 2 << 20 } }
  const nameless = { state: 'written', content: buildContent({ product: null }) } as const
  for (const A of [nameless, { state: 'unknown' }, { state: 'empty' }] as const) {
    const seen = { ...abDisk({ records: buildRecords({ A, B: { state: 'empty' } }) }), slots: at }
    assert.deepEqual((await withSlotProducts(seen, disk)).slotProducts, { A: 'demo' })
    assert.deepEqual((await withSlotProducts({ ...seen, boot: null }, disk)).slotProducts, { A: 'demo' })
  }
  const recorded = { ...abDisk(), slots: { A: at.B, B: at.A } }
  assert.deepEqual((await withSlotProducts(recorded, disk)).slotProducts, { B: 'demo' })
  await disk.write(5 << 20, readFileSync(images.squashfs).subarray(0, 50_000))
  const cut = { ...abDisk(), boot: null, slots: { A: at.B, B: at.B } }
  assert.deepEqual((await withSlotProducts(cut, disk)).slotProducts, {})
})
