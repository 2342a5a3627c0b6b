// Power cuts on the appliance: its whole update (write, arm, start, confirm), going back, settling a fall-back, staying where
// nothing else can run, and clearing the count of starts, every write of the product's own code cut in every way. A good slot
// starts at every moment, a new one never uncounted before it was confirmed, and an appliance that goes on from where it was
// cut ends where it should.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { encodeBootEnv } from '#format/boot-state.ts'
import { ESP_PATH, NO_BOOT_STATE, STARTS } from '#model/boot-state.ts'
import type { Fallback } from '#model/health.ts'
import type { Slot } from '#model/slot.ts'
import { findTool } from '#node/os/run-tool.ts'
import { crashStates } from '#testing/power-cut.ts'
import type { RecordedOp } from '#testing/recording.ts'
import { type Change, type DeviceBench, deviceBench, type RecordedChange } from './device.ts'
import { cutPower } from './enumerate.ts'
import { type Judge, makeJudge } from './judge.ts'
import { type Disk, look, openDisk, record } from './record.ts'
import * as story from './stories.ts'
import { makeWorld, type World } from './world.ts'

const missing = (
  await Promise.all(['mksquashfs', 'mke2fs'].map(async (tool) => ((await findTool(tool)) ? [] : [tool])))
).flat()
const skip = missing.length > 0 && `needs ${missing.join(', ')}`

let world: World
let judge: Judge
/** Also tells the starts that a confirmed slot has left. */
let patient: Judge
let bench: DeviceBench
/** Slot A holds and runs release one, slot B is empty. */
let fresh: Disk
/** Release two is in slot B, never started. */
let written: Disk
let armed: Disk
let startedB: Disk
let good: Disk
/** Release two is in slot B, A is marked bad: nothing else could run. */
let alone: Disk

const FALLBACK: Fallback = {
  slot: 'B',
  version: '2.0.0',
  at: '2026-01-02T03:04:05Z',
  boots: 3,
  gated: 1,
  reason: 'unhealthy',
  bootId: 'boot-3',
  probes: [{ name: 'api', error: 'status 500' }],
}
const write: Change = {
  running: 'A',
  perform: (own, release) => own.writeStandby(release(world.release('two'))),
}
const arm: Change = { running: 'A', perform: (own) => own.armTrial('B') }
const confirm: Change = { running: 'B', perform: (own) => own.confirm('B') }
const goBack: Change = { running: 'B', perform: (own) => own.goBack(FALLBACK) }
const settle: Change = { running: 'A', perform: (own) => own.settleFallback({ ...FALLBACK, reason: 'boot-failed' }) }

const stay: Change = { running: 'B', perform: (own) => own.stay() }
const clearStarts: Change = { running: 'B', perform: (own) => own.clearStarts() }

const ONE = 'A (one)'
const TWO = 'B (two)'
const trial = (left: number) => `${TWO}, counted, ${left} left`
const patience = (slot: string, starts: number) => `${slot}, ${starts} more starts`

before(async () => {
  if (skip) return
  world = makeWorld()
  judge = makeJudge(world, null)
  patient = makeJudge(world, null, { patience: true })
  bench = await deviceBench()
  fresh = (await record(story.provision(world.release('one')), story.blankDisk())).after
  written = (await bench.change(write, fresh)).after
  armed = (await bench.change(arm, written)).after
  startedB = await story.started(armed, judge, 1)
  good = (await bench.change(confirm, startedB)).after
  alone = (await record(story.select('bad', 'A', 'test'), written)).after
})
after(async () => {
  await bench?.[Symbol.asyncDispose]()
})

const bootsOf = async (disk: Disk) => (await judge.judge(disk)).boots

/** What starts in any state of a change, and what comes of those that are continued by `goOn`. */
async function cutsOf(
  name: string,
  disk: Disk,
  change: Change,
  allowed: readonly string[],
  goOn: (disk: Disk) => Promise<Disk>,
  ends: string,
  by = judge,
): Promise<RecordedChange> {
  const recorded = await bench.change(change, disk)
  const cuts = await cutPower(disk, recorded.ops, by, new Set(allowed), { damaged: true })
  const list = [...crashStates(disk.pages, recorded.ops, { seed: 7, subsets: 1, torn: 1 })]
  const wrong: string[] = []
  const step = Math.max(1, Math.floor(list.length / 12))
  let continued = 0
  for (let index = list.length - 1; index >= 0; index -= step) {
    const { pages, name: state } = list[index]
    const end = await by.judge(await goOn({ ...disk, pages }))
    continued++
    if (end.boots !== ends || end.problems.length > 0) wrong.push(`${state}: ends with ${JSON.stringify(end)}`)
  }
  const found = cuts.exceptions.length + wrong.length
  console.log(
    `figure: power-cut: device: ${name}: ${cuts.states} states, ${found} exceptions; went on from ${continued}`,
  )
  assert.deepEqual(cuts.exceptions.slice(0, 5), [], `${name}: allowed is ${allowed.join('; ')}`)
  assert.deepEqual(wrong, [], `${name}: continued`)
  return recorded
}

/** An appliance that wants release two: starts, and does the next thing, until the gate has confirmed it. */
async function live(disk: Disk): Promise<Disk> {
  let now = disk
  for (let start = 0; start < 3; start++) {
    const boots = await bootsOf(now)
    now = await story.started(now, judge, 1)
    if (boots.startsWith('B')) return (await bench.change(confirm, now)).after
    now = (await bench.change(write, now)).after
    now = (await bench.change(arm, now)).after
  }
  throw new Error('the update never ends')
}

/** An appliance whose release two is unhealthy: goes back where B starts, settles where A does. */
async function retreat(disk: Disk): Promise<Disk> {
  const boots = await bootsOf(disk)
  const now = await story.started(disk, judge, 1)
  return (await bench.change(boots.startsWith('B') ? goBack : settle, now)).after
}

test('the stages of an update start what they should', { skip }, async () => {
  assert.deepEqual(await Promise.all([fresh, written, armed, startedB, good].map(bootsOf)), [
    ONE,
    ONE,
    trial(2),
    trial(1),
    TWO,
  ])
})

test('writing: the running system starts at every moment, whatever slot B held before', { skip }, async () => {
  await cutsOf('write into an empty slot', fresh, write, [ONE], live, TWO)
  const six: Change = { running: 'A', perform: (own, release) => own.writeStandby(release(world.release('six'))) }
  const older = (await bench.change(six, fresh)).after
  await cutsOf('write over another version', older, write, [ONE], live, TWO)
  const forgotten = (await bench.change(arm, older)).after
  const also = 'B (six), counted, 2 left'
  await cutsOf('write over a version that was armed', forgotten, write, [ONE, also], liveFromSix, TWO)
})

/** Where the cut came before the older trial was called off, that trial starts, fails, and A goes on. */
async function liveFromSix(disk: Disk): Promise<Disk> {
  if (!(await bootsOf(disk)).startsWith('B (six)')) return await live(disk)
  const now = await story.started(disk, judge, 1)
  return await live((await bench.change(goBack, now)).after)
}

test('arming and confirming: the old system or a counted trial, then the trial or the confirmed system', {
  skip,
}, async () => {
  await cutsOf('arm the trial', written, arm, [ONE, trial(2)], live, TWO)
  await cutsOf('confirm in the first start', startedB, confirm, [trial(1), TWO], live, TWO)
  const third = await story.started(armed, judge, 3)
  await cutsOf('confirm in the third start', third, confirm, [ONE, TWO], live, TWO)
})

test('going back and settling: the good system, or once more the trial that it was', { skip }, async () => {
  await cutsOf('the gate goes back', startedB, goBack, [ONE, trial(1)], retreat, ONE)
  const third = await story.started(armed, judge, 3)
  await cutsOf('the gate goes back in the third start', third, goBack, [ONE], retreat, ONE)
  const fallen = await story.started(armed, judge, 4)
  assert.equal(await bootsOf(fallen), ONE)
  const settled = await cutsOf('settle a fall-back', fallen, settle, [ONE], retreat, ONE)
  assert.equal(await bootsOf(settled.after), ONE)
  const operator: Change = { running: 'B', perform: (own) => own.goBack({ ...FALLBACK, reason: 'operator' }) }
  // In between A is the good slot and B still wanted: a trial of the complete slot that runs now.
  await cutsOf('a person goes back', good, operator, [TWO, ONE, trial(2)], retreat, ONE)
})

/** The machine starts once more, whatever starts, and the gate of slot B does its last write again. */
const again = (change: Change, loads?: Readonly<Record<Slot, boolean>>) => async (disk: Disk) =>
  (await bench.change(change, await story.started(disk, judge, 1, loads))).after
/** The gate ends anew without a start: it was cut off, and the rescue menu or the other slot would be next. */
const atOnce = (change: Change) => async (disk: Disk) => (await bench.change(change, disk)).after

test('staying: an unhealthy slot beside which nothing can run has its old tries or all of them, and is never confirmed', {
  skip,
}, async () => {
  assert.equal(await bootsOf(alone), trial(2))
  const second = await story.started(alone, judge, 1)
  await cutsOf('stay in the first start', second, stay, [trial(1), trial(2)], again(stay), trial(2))
  // The last try is used: without a verdict the rescue menu is next, with it all three are there again.
  const last = await story.started(alone, judge, 3)
  await cutsOf('stay in the last start', last, stay, ['rescue menu', trial(2)], atOnce(stay), trial(2))
})

test('staying: a slot that stands in for one that does not load keeps its tries', { skip }, async () => {
  const { slots } = await look(openDisk(written))
  const pages = written.pages.fork()
  pages.zero(slots?.A.offset ?? 0, 4096)
  const damaged = { ...written, pages }
  const known = [...new Set((await judge.judge(damaged)).problems)]
  assert.deepEqual(known, ['slot A is recorded as 1.0.0, but holds something else'])
  const despite: Judge = {
    ...judge,
    async judge(disk) {
      const { boots, problems } = await judge.judge(disk)
      return { boots, problems: problems.filter((problem) => !known.includes(problem)) }
    },
  }
  const loads = { A: false, B: true }
  const first = await story.started(damaged, judge, 1, loads)
  const allowed = [trial(1), trial(2)]
  await cutsOf('stay as a stand-in', first, stay, allowed, again(stay, loads), trial(2), despite)
  const last = await story.started(damaged, judge, 3, loads)
  const end = ['rescue menu', trial(2)]
  await cutsOf('stay as a stand-in in the last start', last, stay, end, atOnce(stay), trial(2), despite)
})

test('clearing the count of starts: the confirmed slot has its old patience or all of it, both slots stay good', {
  skip,
}, async () => {
  const writes = (await bench.change(clearStarts, good)).ops.filter(({ kind }) => kind !== 'flush')
  assert.deepEqual(writes, [], 'nothing was counted, nothing is written')
  const cleared = patience(TWO, 5)
  const third = await story.started(good, judge, 3)
  const some = [patience(TWO, 2), cleared]
  await cutsOf('clear the starts in the third start', third, clearStarts, some, again(clearStarts), cleared, patient)
  // It used all its starts: the other good slot would have its turn.
  const sixth = await story.started(good, judge, 6)
  const turn = [patience(ONE, 5), cleared]
  await cutsOf('clear the starts in the last start', sixth, clearStarts, turn, atOnce(clearStarts), cleared, patient)
})

test('the order of the product is enforced: nothing is armed before it is written, nothing confirmed that does not run', {
  skip,
}, async () => {
  await assert.rejects(bench.change(arm, fresh), { code: 'slot.not-selectable' })
  await assert.rejects(bench.change({ running: 'A', perform: (own) => own.confirm('B') }, written), {
    code: 'own.not-running',
  })
  await assert.rejects(bench.change({ running: 'B', perform: write.perform }, startedB), {
    code: 'plan.slot-unproven',
  })
})

/** The same judgement over the story done in a wrong order must find something. */
async function wrong(name: string, disk: Disk, ops: readonly RecordedOp[], allowed: readonly string[], by = judge) {
  const { exceptions, states } = await cutPower(disk, ops, by, new Set(allowed))
  console.log(`figure: power-cut: device, done wrong: ${name}: ${exceptions.length} exceptions in ${states} states`)
  assert.ok(exceptions.length > 0, `${name} goes unnoticed`)
}

test('the judgement can fail: armed before it was read back, confirmed before the gate', {
  skip,
}, async () => {
  const { ops } = await bench.change(write, fresh)
  const { ops: arming } = await bench.change(arm, written)
  // The disk loses a piece without an error. Reading back finds that; whoever arms before it does not.
  const body = ops.findIndex((op) => op.kind === 'write' && op.data.length >= 65536)
  const lossy = ops.filter((_, index) => index !== body)
  assert.ok(body > 0)
  await wrong('armed before it is read back', fresh, [...lossy, ...arming], [ONE, trial(2)])
  const unflushedSlot = [...ops.filter((op) => op.kind !== 'flush'), ...arming]
  await wrong('armed before it is flushed', fresh, unflushedSlot, [ONE, trial(2)])
  const confirming = await bench.change(confirm, written)
  await wrong('confirmed before it ever started', written, confirming.ops, [ONE, trial(2)])
})

test('the judgement can fail: confirmed so that it stays, a count cleared by blocks that say nothing else', {
  skip,
}, async () => {
  const unhealthy = await story.started(alone, judge, 1)
  const confirmed = await bench.change(confirm, unhealthy)
  await wrong('confirmed so that it stays', unhealthy, confirmed.ops, [trial(1), trial(2)])
  const third = await story.started(good, judge, 3)
  const block = encodeBootEnv({ ...NO_BOOT_STATE, starts: STARTS }, null)
  const { ops } = await story.recordOverwrite(third, ESP_PATH.grubenv, block)
  await wrong('a count cleared by a new block', third, ops, [patience(TWO, 2), patience(TWO, 5)], patient)
})
