// When a release is read whole before the first write: where a disk would lose something by a bad block that is found late, and
// nowhere else. Wherever it is found, no byte of it is written.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { MIB } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { makeSystemImage, openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { anatomy, flipBit } from '#e2e/cli/refusals.ts'
import { JobFailed } from '#engine/run-plan.ts'
import { readTrustFile } from '../os/word-file.ts'
import { journalFiles } from './journal-file.ts'
import { applyJob, lookAt, planJob, systemClock } from './station.ts'
import { openStationUnits, type SharedWish } from './station-job.ts'

const SIZE = 170 * MIB
let room: Room
let good: string
/** The same with a bit flipped in the midst of its system image, where nothing is looked at before. */
let damaged: string
before(async () => {
  room = await openRoom()
  const large = makeSystemImage(room.path('.'), 'large', 10_000_000)
  good = await room.makeRelease('good', ['--boot', room.path('boot')], large)
  damaged = room.path('damaged.twinslot')
  const { blocks } = anatomy(good)
  writeFileSync(damaged, flipBit(readFileSync(good), blocks[1] + 5000))
})
after(() => room[Symbol.asyncDispose]())

function imageFile(name: string, content: Uint8Array = new Uint8Array()): string {
  const path = room.path(name)
  writeFileSync(path, content)
  truncateSync(path, SIZE)
  return path
}
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const journal = () => journalFiles(room.path('journal'))
const signal = new AbortController().signal

const provision = (release: string): SharedWish => ({
  ...{ kind: 'provision', target: '', at: new Date().toISOString(), by: 'tester', slots: ['A'], release },
  ...{ trust: room.trust, journal: room.path('journal'), boot: null, layout: room.path('small.yaml') },
  ...{ config: null, luksKey: null, seed: null, allowOlder: null },
})

/** Opens a wish; `checked` counts how often every block was checked to the end. */
async function open(wish: SharedWish) {
  const seen = { checked: 0 }
  const units = await openStationUnits(wish, {
    ...{ signal, readTrust: readTrustFile, opened() {} },
    progress(title, done, total) {
      if (title.startsWith('Check every block') && done === total) seen.checked++
    },
  })
  const plan = (target: string) => planJob(units.jobFor({ ...wish, target }), journal())
  async function apply(target: string): Promise<unknown> {
    const job = units.jobFor({ ...wish, target })
    const planned = await planJob(job, journal())
    assert.ok(planned.ok, JSON.stringify(planned))
    const run = { confirmed: planned.value, journal: journal(), clock: systemClock, signal, emit() {} }
    return await applyJob(job, run).catch((error: unknown) => error)
  }
  return { seen, plan, apply, [Symbol.asyncDispose]: () => units[Symbol.asyncDispose]() }
}

test('a blank disk gets a good release without a reading of it beforehand', async () => {
  await using job = await open(provision(good))
  const ended = await job.apply(imageFile('blank.img'))
  assert.ok(!(ended instanceof Error), String(ended))
  assert.equal(job.seen.checked, 0)
})

test('on a blank disk a bad block is found before it is written; the disk has no table, and the account says so', async () => {
  await using job = await open(provision(damaged))
  const disk = imageFile('late.img')
  const failed = await job.apply(disk)
  assert.ok(failed instanceof JobFailed && isEngineError(failed.cause))
  assert.equal(failed.cause.code, 'write.source-mismatch')
  assert.equal(failed.report.account.touched, true)
  const { table, content } = await lookAt(disk)
  assert.deepEqual([table, content === 'gpt'], [null, false])
})

test('a used disk that would lose its content is not touched by a release with a bad block: there is no plan', async () => {
  const disk = imageFile('used.img', Buffer.alloc(MIB, 0x55))
  const held = digest(disk)
  await using job = await open(provision(damaged))
  await assert.rejects(job.plan(disk), { code: 'write.source-mismatch' })
  await assert.rejects(job.plan(disk), { code: 'write.source-mismatch' })
  assert.equal(digest(disk), held)
})

test('several used disks share one reading beforehand', async () => {
  await using job = await open(provision(good))
  const disks = ['one', 'two'].map((name) => imageFile(`${name}.img`, Buffer.alloc(MIB, 0x55)))
  const plans = await Promise.all(disks.map(job.plan))
  assert.deepEqual(
    plans.map(({ ok }) => ok),
    [true, true],
  )
  assert.equal(job.seen.checked, 1)
})

test('a slot that holds nothing is flashed without one, a slot that holds a system is not', async () => {
  const [full, half] = [imageFile('full.img'), imageFile('half.img')]
  for (const [disk, slots] of [
    [full, ['A', 'B']],
    [half, ['A']],
  ] as const) {
    await using job = await open({ ...provision(good), slots: [...slots] } as SharedWish)
    const ended = await job.apply(disk)
    assert.ok(!(ended instanceof Error), String(ended))
  }
  const flash = (release: string): SharedWish => ({
    ...{ kind: 'flash', target: '', at: new Date().toISOString(), by: 'tester', slot: 'B', release },
    ...{ trust: room.trust, journal: room.path('journal'), changedOnly: false, allowOlder: 'a test' },
  })
  await using bad = await open(flash(damaged))
  const held = digest(full)
  await assert.rejects(bad.plan(full), { code: 'write.source-mismatch' })
  assert.equal(digest(full), held)
  const failed = await bad.apply(half)
  assert.ok(failed instanceof JobFailed && isEngineError(failed.cause), String(failed))
  assert.equal(failed.cause.code, 'write.source-mismatch')
  const { boot } = await lookAt(half)
  assert.deepEqual([boot?.records.A.state, boot?.records.B.state], ['written', 'incomplete'])
  await using again = await open(flash(good))
  assert.ok(!((await again.apply(half)) instanceof Error))
  assert.equal(again.seen.checked, 0, 'an Incomplete slot loses nothing')
})
