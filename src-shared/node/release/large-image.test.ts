// A signature covers the last byte of an image above 2 GiB and above 4 GiB, not only as much as fits a 31 or 32 bit
// counter. The images are sparse files; the zeroes are hashed once for both signatures.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import { GIB, MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { formatSha256sum } from '#format/sha256sum.ts'
import { openReleaseBench, type ReleaseBench } from '#testing/release-bench.ts'
import { signDetached } from '#trust/sign.ts'
import { openRelease } from './open-release.ts'

const TAIL = Buffer.from('the last bytes of a large image!')
const SIZES = [
  ['2gib.img', 2 * GIB + 12345],
  ['4gib.img', 4 * GIB + 54321],
] as const

let bench: ReleaseBench
before(async () => {
  // Holes of files in memory are read without filling the page cache.
  bench = await openReleaseBench(undefined, existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  const zeroes = Buffer.alloc(4 * MIB)
  const state = createHash('sha256')
  let hashed = 0
  for (const [name, size] of SIZES) {
    const file = await open(bench.at(name), 'w')
    await file.truncate(size)
    await file.write(TAIL, 0, TAIL.length, size - TAIL.length)
    await file.close()
    while (hashed < size - TAIL.length) {
      const part = zeroes.subarray(0, size - TAIL.length - hashed)
      state.update(part)
      hashed += part.length
    }
    const sha256 = state.copy().update(TAIL).digest('hex')
    const signature = await signDetached(bench.key, bench.now, async ([{ suffix }]) => [
      state.copy().update(TAIL).update(suffix).digest(),
    ])
    await writeFile(bench.at(`${name}.sha256`), formatSha256sum({ name, sha256 }))
    await writeFile(bench.at(`${name}.asc`), signature)
  }
})
after(async () => {
  await bench[Symbol.asyncDispose]()
})

async function changeLastByte(name: string, size: number): Promise<void> {
  const file = await open(bench.at(name), 'r+')
  await file.write(Buffer.from('?'), 0, 1, size - 1)
  await file.close()
}

const openImage = (name: string) => openRelease(bench.at(name), bench.trusted, { now: bench.now })

test('an image above 4 GiB is believed with the signature over all of it, and its table covers every byte', async () => {
  const [name, size] = SIZES[1]
  await using release = await openImage(name)
  const { table } = release.image('system')
  assert.equal(table.size, size)
  assert.equal(table.blocks.length, Math.ceil(size / table.blockSize))
  const lastZero = Math.floor((size - TAIL.length) / 4096) * 4096
  assert.deepEqual(table.zeroRuns, [[0, lastZero]])
})

for (const [name, size] of SIZES)
  test(`${name}: a change of the last byte alone is wrong data`, async () => {
    await changeLastByte(name, size)
    await assert.rejects(openImage(name), (error) => isEngineError(error, 'trust.wrong-data'))
  })
