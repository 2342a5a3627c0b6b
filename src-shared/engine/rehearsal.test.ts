import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../base/bytes.ts'
import { buildFat32, openFat } from '../format/fat32/fat32.ts'
import { memoryDisk } from '../testing/memory-disk.ts'
import fc from '../testing/property.ts'
import { heldBack, rehearseEspFiles } from './rehearsal.ts'

const ESP = { offset: MIB, length: 38 * MIB }

function diskWithEsp() {
  const disk = memoryDisk({ size: 40 * MIB })
  const image = buildFat32({
    size: ESP.length,
    sectorSize: 512,
    volumeId: 1,
    time: new Date(0),
    partitionOffset: ESP.offset,
    files: [{ path: 'EFI/BOOT/BOOTX64.EFI', bytes: new Uint8Array(MIB) }],
  })
  for (const { offset, bytes } of image.extents) disk.pages.write(ESP.offset + offset, bytes)
  return disk
}

const contentOf = async (disk: ReturnType<typeof diskWithEsp>) => {
  const bytes = new Uint8Array(disk.size)
  await disk.read(0, bytes)
  return bytes
}

test('what the files of a repair have no room for is found before the job, and nothing is written', async () => {
  const disk = diskWithEsp()
  const before = await contentOf(disk)
  const asked = (size: number) => [{ path: 'EFI/BOOT/BOOTX64.EFI', size, sha256: '' }]
  const codes = async (size: number) => (await rehearseEspFiles(disk, ESP, asked(size))).map(({ code }) => code)
  const free = await (await openFat(disk, ESP.offset, ESP.length)).freeBytes()
  assert.deepEqual(await codes(free), [])
  assert.deepEqual(await codes(free + 1), ['fat.full'])
  assert.ok(Buffer.from(await contentOf(disk)).equals(before))
})

test('files that fit one by one, but not together, are refused', async () => {
  const disk = diskWithEsp()
  const free = await (await openFat(disk, ESP.offset, ESP.length)).freeBytes()
  const half = Math.ceil(free / 2) + 512
  const files = ['a', 'b'].map((path) => ({ path, size: half, sha256: '' }))
  assert.deepEqual(await rehearseEspFiles(disk, ESP, files.slice(1)), [])
  assert.deepEqual(
    (await rehearseEspFiles(disk, ESP, files)).map(({ code }) => code),
    ['fat.full'],
  )
})

test('a view that holds writes back reads like a disk that took them, and the disk stays', async () => {
  const size = 64 * 1024
  const range = fc.tuple(fc.nat(size - 1), fc.nat(9000), fc.nat(255), fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.array(range, { maxLength: 12 }), async (writes) => {
      const [disk, model] = [memoryDisk({ size }), new Uint8Array(size)]
      const view = heldBack(disk)
      for (const [offset, wanted, value, zero] of writes) {
        const length = Math.min(wanted, size - offset)
        if (zero) await view.zero(offset, length)
        else await view.write(offset, new Uint8Array(length).fill(value))
        model.fill(zero ? 0 : value, offset, offset + length)
      }
      const [seen, real] = [new Uint8Array(size), new Uint8Array(size)]
      await view.read(0, seen)
      await disk.read(0, real)
      assert.ok(Buffer.from(seen).equals(model))
      assert.ok(real.every((byte) => byte === 0))
    }),
    { numRuns: 60 },
  )
})
