import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { makeFilesystem } from '#node/filesystem/filesystems.ts'
import { missingOf } from '#node/os/run-tool.ts'
import fc from '#testing/property.ts'
import { ext4UsedRanges } from './ext4.ts'
import { xfsUsedRanges } from './xfs.ts'

const SIZE = 320 * 1024 * 1024
const readers = { ext4: ext4UsedRanges, xfs: xfsUsedRanges }

for (const kind of ['ext4', 'xfs'] as const)
  test(`the block map of a damaged ${kind} is refused with filesystem.unreadable or stays within its size`, async (t) => {
    const missing = await missingOf(kind === 'ext4' ? ['mke2fs'] : ['mkfs.xfs'])
    if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
    const uuid = '11111111-2222-8333-8444-555555555555'
    await using made = await makeFilesystem({ kind, size: SIZE, sectorSize: 512, uuid, label: '', time: new Date(0) })
    const head = new Uint8Array(16384)
    await made.read(0, head)
    const used = await readers[kind](made.read, SIZE)
    assert.ok(used.length > 0)
    const mutation = fc.record({ at: fc.nat(4096 + 255), byte: fc.nat(255) })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), async (mutations) => {
        const hurt = head.slice()
        for (const { at, byte } of mutations) hurt[at] = byte
        const read = async (offset: number, target: Uint8Array) => {
          await made.read(offset, target)
          if (offset < hurt.length) target.set(hurt.subarray(offset, offset + target.length))
        }
        try {
          const spans = await readers[kind](read, SIZE)
          for (const { start, end } of spans) assert.ok(start >= 0 && start < end && end <= SIZE)
        } catch (error) {
          assert.ok(error instanceof EngineError && error.code === 'filesystem.unreadable', String(error))
          refused++
        }
      }),
      { numRuns: 1000 },
    )
    assert.ok(refused > 0)
  })

test('an ext4 whose groups or reserved descriptors reach beyond what mke2fs makes is refused before its groups are read', async (t) => {
  const missing = await missingOf(['mke2fs'])
  if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
  const uuid = '11111111-2222-8333-8444-555555555555'
  await using made = await makeFilesystem({
    kind: 'ext4',
    size: SIZE,
    sectorSize: 512,
    uuid,
    label: '',
    time: new Date(0),
  })
  const superblock = new Uint8Array(1024)
  await made.read(1024, superblock)
  const hurt = async (at: number, bytes: readonly number[]) => {
    let reads = 0
    const read = async (offset: number, target: Uint8Array) => {
      reads++
      await made.read(offset, target)
      if (offset === 1024) target.set(bytes, at)
    }
    await assert.rejects(ext4UsedRanges(read, SIZE), { code: 'filesystem.unreadable' })
    return reads
  }
  assert.ok((await hurt(207, [192])) < 10, 'reserved descriptor blocks beyond the end')
  assert.equal(await hurt(32, [1, 0, 0, 0]), 1, 'one block a group')
  assert.equal(await hurt(32, [0, 1, 0, 0]), 1, 'groups of 256 blocks')
  assert.equal(await hurt(20, [1, 0, 0, 0]), 1, 'another first block')
})
