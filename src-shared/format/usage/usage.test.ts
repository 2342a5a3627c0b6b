import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EngineError } from '../../base/errors.ts'
import { makeFilesystem } from '../../node/filesystems.ts'
import { missingOf } from '../../node/run-tool.ts'
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
