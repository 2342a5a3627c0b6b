import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyImage } from '#engine/copy/copy-image.ts'
import { inlineCodec as codec } from '#node/codec/block-codec.ts'
import { plainSource, tableOf } from './image-fixture.ts'
import { memoryDisk } from './memory-disk.ts'
import { Pages } from './pages.ts'
import { crashStates } from './power-cut.ts'
import { seededBytes } from './random.ts'
import { type RecordedOp, withRecording } from './recording.ts'

const sector = (value: number, count = 1) => new Uint8Array(512 * count).fill(value)
const write = (offset: number, data: Uint8Array): RecordedOp => ({ kind: 'write', offset, data })
const first = (pages: Pages, offset: number) => {
  const byte = new Uint8Array(1)
  pages.read(offset, byte)
  return byte[0]
}

test('every prefix is a state, and what was flushed is in every state after it', () => {
  const ops: RecordedOp[] = [write(0, sector(1)), { kind: 'flush' }, write(512, sector(2)), write(1024, sector(3))]
  const states = [...crashStates(new Pages(), ops, { subsets: 40 })]
  const prefixes = states.filter((state) => state.name.startsWith('prefix')).map((state) => state.name)
  assert.deepEqual(prefixes, ['prefix 0', 'prefix 1', 'prefix 3', 'prefix 4'])
  const late = states.filter((state) => state.ops > 2)
  assert.ok(late.every((state) => first(state.pages, 0) === 1))
  assert.ok(
    late.some((state) => first(state.pages, 512) === 0 && first(state.pages, 1024) === 3),
    'reordering',
  )
})

test('without a flush a later write may arrive and an earlier one not', () => {
  const states = [...crashStates(new Pages(), [write(0, sector(1)), write(4096, sector(2))], { subsets: 40 })]
  assert.ok(states.some((state) => first(state.pages, 0) === 0 && first(state.pages, 4096) === 2))
})

test('a write of several sectors may arrive in part, but never a part of a sector', () => {
  const states = [...crashStates(new Pages(), [write(0, sector(1, 8))], { torn: 30 })]
  const counts = new Set<number>()
  for (const { pages } of states) {
    const found = new Uint8Array(4096)
    pages.read(0, found)
    const values = Array.from({ length: 8 }, (_, i) => new Set(found.subarray(512 * i, 512 * i + 512)))
    assert.ok(
      values.every((set) => set.size === 1),
      'sectors are whole',
    )
    counts.add(values.filter((set) => set.has(1)).length)
  }
  assert.ok(counts.size > 3)
})

test('states do not see each other, and the recording replays to the final disk', async () => {
  const disk = memoryDisk({ size: 64 * 1024 })
  disk.pages.write(0, seededBytes(65536, 1))
  const before = disk.pages.fork()
  const { device, ops } = withRecording(disk)
  await device.write(100, sector(5))
  await device.zero(2000, 3000)
  await device.flush()
  await device.write(8192, sector(6, 3))
  for (const state of crashStates(before, ops)) state.pages.zero(0, 65536)
  const last = [...crashStates(before, ops)].filter((state) => state.name.startsWith('prefix')).at(-1)
  assert.ok(last)
  const found = new Uint8Array(65536)
  last.pages.read(0, found)
  assert.equal(Buffer.compare(found, disk.peek(0, 65536)), 0)
})

test('a power cut while an image is written never leaves a head over an incomplete image', async (t) => {
  const old = seededBytes(600 * 1024, 1)
  const image = seededBytes(600 * 1024 + 300, 2)
  image.fill(0, 200 * 1024, 400 * 1024)
  for (const mode of ['full', 'changed'] as const) {
    const disk = memoryDisk({ size: 1024 * 1024 })
    disk.pages.write(0, old)
    const before = disk.pages.fork()
    const { device, ops } = withRecording(disk)
    const source = plainSource(image, tableOf(image, 64 * 1024))
    const targets = [{ device, offset: 0, length: disk.size }]
    const [outcome] = await copyImage({ source, targets, mode, codec })
    assert.ok(outcome.ok)
    let states = 0
    for (const { name, pages } of crashStates(before, ops, { subsets: 20 })) {
      states++
      const found = new Uint8Array(image.length)
      pages.read(0, found)
      const head = Buffer.compare(found.subarray(0, 4096), image.subarray(0, 4096)) === 0
      if (head) assert.equal(Buffer.compare(found.subarray(65536), image.subarray(65536)), 0, name)
    }
    t.diagnostic(`${mode}: ${states} states`)
    assert.ok(states > 40)
  }
})
