import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { JobFailed, runPlan } from '#engine/run-plan.ts'
import { planFlash } from '#plan/flash.ts'
import { flashRequest, provisionRequest } from '#testing/builders.ts'
import { type HostileServer, hostileServer } from '#testing/hostile-server.ts'
import { type MemoryDisk, memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import { asSlotImage, openReleaseBench, type ReleaseBench } from '#testing/release-bench.ts'
import {
  jobOn,
  memoryJournal,
  planOn,
  SMALL_LAYOUT,
  SMALL_SIZE,
  sightOf,
  smallDisk,
  smallRelease,
} from '#testing/small-job.ts'
import { httpFetcher } from '../http/download-fetcher.ts'
import { type AuthenticatedRelease, openRelease } from './open-release.ts'
import { openRemoteRelease } from './remote-release.ts'

const IMAGE = asSlotImage(seededBytes(1_900_000, 21))
const SLOT_B = 39 * 1024 * 1024
const fetcher = httpFetcher({ allow: (url) => url.hostname === '127.0.0.1', limits: { idleMs: 30_000 } })
const impatient = httpFetcher({ allow: (url) => url.hostname === '127.0.0.1', limits: { idleMs: 500 } })
const retry = { attempts: 5, pauseMs: 1, longestMs: 4 }
let bench: ReleaseBench
let bundle: Buffer
let appliance: MemoryDisk

before(async () => {
  bench = await openReleaseBench()
  await writeFile(bench.at('big.img'), IMAGE)
  await bench.create('r.twinslot', { system: bench.at('big.img'), counter: 50, version: '1.0.50' })
  bundle = await readFile(bench.at('r.twinslot'))
  const one = smallRelease(1)
  appliance = smallDisk()
  await runPlan(await planOn(appliance, provisionRequest({ layout: SMALL_LAYOUT }), one), jobOn(appliance, one))
})
after(() => bench[Symbol.asyncDispose]())

const copy = () => memoryDisk({ size: SMALL_SIZE, path: '/dev/sdb', serial: 'SMALL01', pages: appliance.pages })
const serve = (script?: HostileServer['script'], file: Uint8Array = bundle) => hostileServer({ '/r': file }, script)
const open = (server: HostileServer) =>
  openRemoteRelease(`${server.url}/r`, bench.trusted, { now: bench.now, fetcher, retry })

/** Writes slot B of a disk from a release, as a job of the engine. */
async function flash(
  release: AuthenticatedRelease,
  device: MemoryDisk | ReturnType<typeof withRecording>['device'],
  journal = memoryJournal(),
) {
  const made = planFlash(
    flashRequest({ slot: 'B', at: bench.now.toISOString() }),
    await sightOf(device),
    release.facts,
    release.manifest,
  )
  assert.ok(made.ok, JSON.stringify(made))
  return await runPlan(made.value, jobOn(device, null, { release, boot: null, journal }))
}

const slotB = (disk: MemoryDisk) => Buffer.from(disk.peek(SLOT_B, IMAGE.length))

test('a bundle on a server is the same release as the file, and nothing but its head is fetched to open it', async () => {
  await using server = await serve()
  await using remote = await open(server)
  await using local = await openRelease(bench.at('r.twinslot'), bench.trusted, { now: bench.now })
  assert.deepEqual(remote.facts, local.facts)
  assert.deepEqual(remote.manifest, local.manifest)
  assert.equal(remote.kind, 'bundle')
  assert.deepEqual(
    server.asked.map(({ range }) => range?.from),
    [0],
  )
})

test('a slot is written from a server that cuts, stalls, is busy and redirects, and reads back as signed', async () => {
  await using server = await serve(({ path }, index) => {
    if (path === '/start') return { status: 302, headers: { location: '/r' } }
    return [{}, { cutAfter: 100_000 }, { status: 503 }, { stallAfter: 200_000 }][index % 7] ?? { cutAfter: 300_000 }
  })
  const url = `${server.url}/start`
  await using release = await openRemoteRelease(url, bench.trusted, { now: bench.now, fetcher: impatient, retry })
  const disk = copy()
  const report = await flash(release, disk)
  assert.equal(report.outcome, 'done')
  assert.equal(Buffer.compare(slotB(disk), Buffer.from(IMAGE)), 0)
  const { evidence } = report.steps[1]
  assert.equal(evidence.sha256, release.facts.system?.sha256)
  assert.equal(evidence.bytesReadBack, IMAGE.length)
  assert.equal((await sightOf(disk)).boot?.records.B.state, 'written')
})

test('whatever a server changes in the blocks, no byte of it is written and the slot stays Incomplete', async () => {
  const payload = bundle.length - 1_000_000
  for (const place of [payload, bundle.length - 5]) {
    await using server = await serve(() => ({
      tamper: (bytes, offset) => {
        if (place >= offset && place < offset + bytes.length) bytes[place - offset] ^= 1
      },
    }))
    await using release = await open(server)
    const disk = copy()
    const recording = withRecording(disk)
    await assert.rejects(flash(release, recording.device), (error) => {
      assert.ok(error instanceof JobFailed && error.cause instanceof EngineError)
      assert.match(error.cause.code, /^write\.source-(mismatch|undecodable)$/)
      return true
    })
    let checked = 0
    for (const op of recording.ops) {
      if (op.kind !== 'write' || op.offset < SLOT_B || op.offset >= SLOT_B + IMAGE.length) continue
      const at = op.offset - SLOT_B
      assert.equal(Buffer.compare(op.data, IMAGE.subarray(at, at + op.data.length)), 0, `write at ${at}`)
      checked += op.data.length
    }
    assert.ok(checked > 0, 'blocks before the bad one were written')
    assert.equal((await sightOf(disk)).boot?.records.B.state, 'incomplete')
  }
})

test('a changed manifest, signature, size or key is refused before any block is fetched', async () => {
  const flip = (at: number): Uint8Array => {
    const bytes = Buffer.from(bundle)
    bytes[at] ^= 1
    return bytes
  }
  for (const file of [
    flip(40),
    flip(16 + 2000),
    bundle.subarray(0, bundle.length - 4096),
    Buffer.concat([bundle, bundle]),
  ]) {
    await using server = await serve(undefined, file)
    await assert.rejects(open(server), (error) => error instanceof EngineError && /^(trust|format)\./.test(error.code))
    assert.ok(server.asked.length <= 2)
  }
  await using plain = await serve(undefined, IMAGE)
  await assert.rejects(open(plain), { code: 'download.not-a-bundle' })
})

test('mirrors that name the same bytes differently at every answer are one server: each block is authenticated', async () => {
  await using server = await serve((_, index) => ({ etag: `"mirror-${index}"`, cutAfter: 700_000 }))
  await using release = await open(server)
  const disk = copy()
  await flash(release, disk)
  assert.equal((await sightOf(disk)).boot?.records.B.state, 'written')
  assert.ok(server.asked.length > 2)
})

test('another bundle behind the same address in the middle of writing is told by its blocks, never mixed', async () => {
  const other = bundle.map((byte, index) => (index > 600_000 ? byte ^ 1 : byte))
  await using server = await serve((_, index) => (index < 2 ? { cutAfter: 500_000 } : { file: other }))
  await using release = await open(server)
  const disk = copy()
  await assert.rejects(flash(release, disk), (error) => {
    assert.ok(error instanceof JobFailed && error.cause instanceof EngineError)
    assert.equal(error.cause.code, 'write.source-mismatch')
    return true
  })
  assert.equal((await sightOf(disk)).boot?.records.B.state, 'incomplete')
})

test('a run that was cut goes on: only blocks that are not on the disk yet are fetched', async () => {
  const disk = copy()
  const journal = memoryJournal()
  const reach = Math.floor(bundle.length * 0.7)
  // Everything up to 70 % of the file is served, and then nothing any more.
  await using dying = await serve(({ range }) => {
    const from = range?.from ?? 0
    return from >= reach ? { status: 503 } : { cutAfter: reach - from }
  })
  {
    await using release = await open(dying)
    await assert.rejects(flash(release, disk, journal), (error) => {
      assert.ok(error instanceof JobFailed && error.cause instanceof EngineError)
      assert.equal(error.cause.code, 'download.no-progress')
      return true
    })
  }
  const before = slotB(disk)
  let missing = 0
  for (let at = 0; at < IMAGE.length; at += 65536)
    if (Buffer.compare(before.subarray(at, at + 65536), IMAGE.subarray(at, at + 65536)) !== 0) missing += 65536
  assert.ok(missing < IMAGE.length * 0.7, `${missing} bytes are missing`)
  await using server = await serve()
  await using release = await open(server)
  const report = await flash(release, disk, journal)
  assert.equal(report.resumed, true)
  assert.equal(report.steps[1].evidence.mode, 'changed')
  assert.equal(Buffer.compare(slotB(disk), Buffer.from(IMAGE)), 0)
  // What is missing, and one small range each for the head of the bundle and for the first block, which is read twice.
  assert.ok(server.sent < missing + 3 * 256 * 1024, `${server.sent} bytes for ${missing} that were missing`)
  assert.ok(server.sent < bundle.length)
})
