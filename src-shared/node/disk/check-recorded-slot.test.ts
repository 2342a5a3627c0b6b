import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { checkRecordedSlot } from './check-recorded-slot.ts'

const CHUNK = 4 * 1024 * 1024
const SIZE = 3 * CHUNK + 1000
const at = { offset: 512, length: SIZE + 5000 }

async function slot() {
  const device = memoryDisk({ size: at.offset + at.length + 24 })
  const bytes = seededBytes(SIZE, 3)
  await device.write(at.offset, bytes)
  return { device, sha256: createHash('sha256').update(bytes).digest('hex') }
}

test('the digest is that of the recorded bytes and of no other; progress ends with all of them', async () => {
  const { device, sha256 } = await slot()
  const seen: number[] = []
  const found = await checkRecordedSlot(device, { at, size: SIZE }, new AbortController().signal, (done, total) => {
    assert.equal(total, SIZE)
    seen.push(done)
  })
  assert.equal(found, sha256)
  assert.deepEqual(seen, [CHUNK, 2 * CHUNK, 3 * CHUNK, SIZE])
})

test('stopped in the middle it reads nothing more', async () => {
  const { device } = await slot()
  const stop = new AbortController()
  let reads = 0
  const counted = {
    ...device,
    read: async (offset: number, target: Uint8Array) => {
      reads += 1
      await device.read(offset, target)
    },
  }
  const answer = checkRecordedSlot(counted, { at, size: SIZE }, stop.signal, (done) => {
    if (done === 2 * CHUNK) stop.abort()
  })
  await assert.rejects(answer, { code: 'job.cancelled' })
  assert.equal(reads, 2)
})
