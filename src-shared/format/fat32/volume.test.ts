import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { AT, fatDisk, MIB } from '#testing/fat.ts'
import fc from '#testing/property.ts'
import { type SparseBytes, sparseBytes } from '#testing/sparse-bytes.ts'
import { openFat } from './fat32.ts'
import { clusterOffset, fatOffset } from './geometry.ts'

const SIZE = 34 * MIB
const files = [
  { path: 'EFI/BOOT/BOOTX64.EFI', bytes: new Uint8Array(5000).fill(1) },
  { path: 'a long name for a change', bytes: new Uint8Array(700).fill(2) },
  { path: 'grubenv', bytes: new Uint8Array(1024).fill(3) },
]
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer)
const damaged = (error: unknown) => error instanceof EngineError && error.code === 'fat.damaged'

/** Uses everything that a reader offers; any failure must be one of our codes. */
async function exercise(disk: SparseBytes, size: number): Promise<boolean> {
  try {
    const volume = await openFat(disk, AT, size)
    await volume.label()
    for (const { path, kind } of await volume.list('', { recursive: true }))
      if (kind === 'file') await volume.read(path, { maxBytes: MIB })
    await volume.put('fresh/file with a long name', new Uint8Array(600))
    await volume.remove('grubenv')
    return true
  } catch (error) {
    assert.ok(error instanceof EngineError && error.code.startsWith('fat.'), String(error))
    return false
  }
}

test('loops, wild clusters and short chains are found damaged instead of followed', async () => {
  const { disk, volume } = await fatDisk({ files })
  const g = volume.geometry
  const [range] = await volume.extentsOf('EFI/BOOT/BOOTX64.EFI')
  const first = (range.offset - AT - clusterOffset(g, 2)) / g.clusterSize + 2
  for (const next of [first, 0, 1, g.clusters + 2, 0x0ffffff0, 0x0fffffff]) {
    const hurt = disk.clone()
    hurt.fill(AT + fatOffset(g, 0) + first * 4, u32(next))
    await assert.rejects((await openFat(hurt, AT, SIZE)).read('EFI/BOOT/BOOTX64.EFI'), damaged)
  }
})

test('a directory that contains itself, the root or a stray cluster ends the listing', async () => {
  const { disk, volume } = await fatDisk({ files })
  const root = AT + clusterOffset(volume.geometry, 2)
  const bytes = new Uint8Array(512)
  await disk.read(root, bytes)
  const efi = 32
  assert.equal(String.fromCharCode(...bytes.subarray(efi, efi + 3)), 'EFI')
  for (const cluster of [0, 1, 2, 70_000]) {
    const hurt = disk.clone()
    hurt.fill(root + efi + 26, u32(cluster).subarray(0, 2))
    hurt.fill(root + efi + 20, u32(cluster >> 16).subarray(0, 2))
    await assert.rejects((await openFat(hurt, AT, SIZE)).list('', { recursive: true }), damaged)
  }
  // EFI/BOOT made to point at EFI: two names, one directory.
  const hurt = disk.clone()
  const efiAt = AT + clusterOffset(volume.geometry, bytes[efi + 26])
  hurt.fill(efiAt + 64 + 26, bytes.subarray(efi + 26, efi + 28))
  await assert.rejects((await openFat(hurt, AT, SIZE)).list('', { recursive: true }), damaged)
})

test('an endless directory chain is cut off at the size that FAT allows', async () => {
  const { disk, volume } = await fatDisk()
  const g = volume.geometry
  for (let cluster = 2; cluster < 6000; cluster++) disk.fill(AT + fatOffset(g, 0) + cluster * 4, u32(cluster + 1))
  await assert.rejects(
    volume.list().then(() => openFat(disk, AT, SIZE).then((again) => again.list())),
    damaged,
  )
})

test('mutated volumes never hang the reader nor make it fail without a code', async () => {
  const { disk, volume } = await fatDisk({ files })
  const g = volume.geometry
  const interesting = [
    { from: AT, length: 96 },
    { from: AT + fatOffset(g, 0), length: 80 },
    { from: AT + clusterOffset(g, 2), length: 512 },
    { from: AT + clusterOffset(g, 3), length: 512 * 4 },
  ]
  const mutation = fc.record({ area: fc.nat(interesting.length - 1), at: fc.nat(4095), byte: fc.nat(255) })
  let survived = 0
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 8 }), async (mutations) => {
      const hurt = disk.clone()
      for (const { area, at, byte } of mutations) {
        const { from, length } = interesting[area]
        hurt.fill(from + (at % length), Uint8Array.of(byte))
      }
      if (await exercise(hurt, SIZE)) survived++
    }),
    { numRuns: 700 },
  )
  assert.ok(survived > 0)
})

test('random bytes are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 512, maxLength: 2048 }), fc.boolean(), async (bytes, signed) => {
      const disk = sparseBytes(AT + 2 * MIB)
      if (signed) bytes.set([0x55, 0xaa], 510)
      disk.fill(AT, bytes)
      await exercise(disk, MIB)
    }),
    { numRuns: 1500 },
  )
})
