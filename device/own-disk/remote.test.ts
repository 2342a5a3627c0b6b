// A release that stays on its server: written straight into the standby slot, no second copy, and after an interruption
// only what is missing is fetched.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFileDevice } from '#node/disk/file-device.ts'
import { httpFetcher } from '#node/http/download-fetcher.ts'
import { hostileServer } from '#testing/hostile-server.ts'
import { fakeSystemImage, ownAppliance } from '#testing/own-appliance.ts'
import type { WriteStandby } from '../ports.ts'

const request = (from: string): WriteStandby => ({
  from,
  version: '2.0.0',
  sha256: null,
  allowOlder: null,
  signal: new AbortController().signal,
  emit: () => {},
})
const fetcher = async () => httpFetcher({ allow: () => true, ca: null })

test('a bundle is fetched block by block into the slot; an interrupted one continues with what is missing', async () => {
  await using appliance = await ownAppliance()
  const bundle = readFileSync(await appliance.release('2.0.0', 2, { compression: 'none' }))
  await using server = await hostileServer({ '/2.twinslot': bundle })
  const url = `${server.url}/2.twinslot`
  const image = Buffer.from(fakeSystemImage(2))

  let bytes = 0
  const cut = appliance.disk({
    fetcher,
    open: async (path, readOnly) => {
      const device = await openFileDevice(path, { readOnly })
      return {
        ...device,
        async write(offset, data) {
          if (data.length >= 4096) bytes += data.length
          if (bytes > 330_000) throw new Error('power cut')
          await device.write(offset, data)
        },
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      }
    },
  })
  await assert.rejects(cut.writeStandby(request(url)), /power cut/)
  const before = server.asked.length
  const written = await appliance.disk({ fetcher }).writeStandby(request(url))
  assert.deepEqual([written.slot, written.version], ['B', '2.0.0'])
  // The slot's head is written last, so the first block is fetched again, in whatever order; the others are on the disk.
  const from = server.asked.slice(before).map(({ range }) => range?.from ?? 0)
  assert.ok(Math.max(...from) > 300_000, `went on from bytes ${from}`)
  const again = from.filter((at) => at > 100_000 && at < 300_000)
  assert.deepEqual(again, [], 'what was written already is not fetched again')
  const { slots } = await appliance.look()
  const at = slots?.B.offset ?? 0
  assert.ok(
    readFileSync(appliance.image)
      .subarray(at, at + image.length)
      .equals(image),
  )
  const kept = readdirSync(appliance.paths.state, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(appliance.paths.state, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0)
  assert.ok(kept < 20_000, `${kept} bytes lie in the state folder: no copy of the release`)
})

test('a server that lies about a block, and one that is gone: the slot stays out of choice, A starts', async () => {
  await using appliance = await ownAppliance()
  const bundle = readFileSync(await appliance.release('2.0.0', 2, { compression: 'none' }))
  const broken = Buffer.from(bundle)
  broken[broken.length - 100] ^= 1
  await using server = await hostileServer({ '/2.twinslot': bundle }, (asked) =>
    (asked.range?.to ?? 0) > bundle.length - 200 ? { file: broken } : {},
  )
  const own = appliance.disk({ fetcher })
  await assert.rejects(own.writeStandby(request(`${server.url}/2.twinslot`)), { code: 'write.source-mismatch' })
  const { records, state } = await own.look()
  assert.deepEqual([records.B.state, state.marks.B, state.wanted], ['incomplete', 'bad', 'A'])
  await assert.rejects(own.armTrial('B'), { code: 'slot.not-selectable' })
  await server[Symbol.asyncDispose]()
  await assert.rejects(
    own.writeStandby({ ...request(`${server.url}/2.twinslot`), signal: AbortSignal.timeout(300) }),
    (error: Error & { code?: string }) => /^(download|job)\./.test(error.code ?? ''),
  )
  assert.equal((await appliance.start()).booted, 'A')
})
