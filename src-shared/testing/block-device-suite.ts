// The BlockDevice contract as tests. Every adapter runs it: same rules for memory, image files and kernel devices.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import { seededBytes, seededRandom } from './random.ts'

export interface SuiteSubject {
  readonly name: string
  /** A device of at least 8 MiB, writable, with any content; null with a reason when this machine cannot make one. */
  open(): Promise<BlockDevice | { readonly skip: string }>
}

async function readBack(device: BlockDevice, offset: number, length: number): Promise<Uint8Array> {
  const target = device.allocate(length)
  await device.read(offset, target)
  return target
}

/** Registers the contract's tests for one adapter. */
export function blockDeviceSuite(subject: SuiteSubject): void {
  const rule = (name: string, body: (device: BlockDevice) => Promise<void>) =>
    test(`${subject.name}: ${name}`, async (t) => {
      const device = await subject.open()
      if ('skip' in device) return t.skip(device.skip)
      await using held = device
      await body(held)
    })

  rule('what was written is read, at any offset, length and buffer', async (device) => {
    const size = 4 * 1024 * 1024
    const model = new Uint8Array(size)
    const base = 1024 * 1024
    await device.zero(base, size)
    const random = seededRandom(7)
    for (let i = 0; i < 60; i++) {
      const aligned = random() < 0.4
      const unit = aligned ? 4096 : 1
      const length = Math.floor((random() * (i % 10 === 0 ? 1_500_000 : 9000)) / unit + 1) * unit
      const offset = Math.floor((random() * (size - length)) / unit) * unit
      const data = aligned ? device.allocate(length) : new Uint8Array(length)
      data.set(seededBytes(length, i))
      if (random() < 0.2) {
        await device.zero(base + offset, length)
        model.fill(0, offset, offset + length)
      } else {
        await device.write(base + offset, data)
        model.set(data, offset)
      }
    }
    const plain = new Uint8Array(size)
    await device.read(base, plain)
    assert.equal(Buffer.compare(plain, model), 0)
    const from = 12345
    const part = new Uint8Array(300_001)
    await device.read(base + from, part)
    assert.equal(Buffer.compare(part, model.subarray(from, from + part.length)), 0)
  })

  rule('neighbouring small writes that are under way together do not lose each other', async (device) => {
    const size = 64 * 1024
    const model = seededBytes(size, 3)
    const pieces: Promise<void>[] = []
    for (let offset = 0; offset < size; offset += 100) {
      pieces.push(device.write(4096 * 3 + offset, model.subarray(offset, Math.min(size, offset + 100))))
    }
    await Promise.all(pieces)
    assert.equal(Buffer.compare(await readBack(device, 4096 * 3, size), model), 0)
  })

  rule('the very last sector can be written and read', async (device) => {
    const sector = seededBytes(device.sectorSize, 11)
    await device.write(device.size - device.sectorSize, sector)
    await device.flush()
    assert.deepEqual(
      Buffer.from(await readBack(device, device.size - device.sectorSize, device.sectorSize)),
      Buffer.from(sector),
    )
    const last = new Uint8Array(1)
    await device.read(device.size - 1, last)
    assert.equal(last[0], sector[device.sectorSize - 1])
  })

  rule('nothing outside the device is read, written or zeroed (disk.out-of-range)', async (device) => {
    const one = new Uint8Array(1)
    const outside = (error: unknown) => isEngineError(error, 'disk.out-of-range')
    await assert.rejects(device.read(device.size, one), outside)
    await assert.rejects(device.read(-1, one), outside)
    await assert.rejects(device.write(device.size - 1, new Uint8Array(2)), outside)
    await assert.rejects(device.zero(device.size - 1, 2), outside)
  })

  rule('zeroed ranges read as zero to the byte, and the bytes beside them stay', async (device) => {
    const size = 3 * 1024 * 1024
    const content = device.allocate(size)
    content.set(seededBytes(size, 5))
    await device.write(0, content)
    await device.zero(1000, size - 3000)
    const found = await readBack(device, 0, size)
    assert.equal(Buffer.compare(found.subarray(0, 1000), content.subarray(0, 1000)), 0)
    assert.ok(found.subarray(1000, size - 2000).every((byte) => byte === 0))
    assert.equal(Buffer.compare(found.subarray(size - 2000), content.subarray(size - 2000)), 0)
  })

  rule('a range is never called known-zero while it holds something', async (device) => {
    await device.zero(1024 * 1024, 1024 * 1024)
    await device.write(1024 * 1024 + 500_000, new Uint8Array([1]))
    assert.equal(await device.knownZero(1024 * 1024, 1024 * 1024), false)
    assert.equal(await device.knownZero(1024 * 1024 + 500_000, 1), false)
  })

  rule('many aligned writes and reads may be under way at once', async (device) => {
    const piece = 256 * 1024
    const content = seededBytes(piece * 16, 9)
    await Promise.all(
      Array.from({ length: 16 }, (_, i) => {
        const data = device.allocate(piece)
        data.set(content.subarray(i * piece, (i + 1) * piece))
        return device.write(i * piece, data)
      }),
    )
    await device.flush()
    const found = await Promise.all(Array.from({ length: 16 }, (_, i) => readBack(device, i * piece, piece)))
    assert.equal(Buffer.compare(Buffer.concat(found), content), 0)
  })

  rule('size is whole sectors, and the identity says the same size', async (device) => {
    assert.equal(device.size % device.sectorSize, 0)
    const identity = await device.identity()
    assert.equal(identity.size, device.size)
    assert.ok(identity.busPath.length > 0)
  })
}
