// Power cuts on the appliance: its whole update (write, arm, start, confirm), going back, and settling a fall-back, every
// write of the product's own code cut in every way. A good slot starts at every moment, a new one never uncounted before
// it was confirmed, and an appliance that goes on from where it was cut ends where it should.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Fallback } from '../../src-shared/model/health.ts'
import { findTool } from '../../src-shared/node/run-tool.ts'
import { crashStates } from '../../src-shared/testing/power-cut.ts'
import type { RecordedOp } from '../../src-shared/testing/recording.ts'
import { type Change, type DeviceBench, deviceBench, type RecordedChange } from './device.ts'
import { cutPower } from './enumerate.ts'
import { type Judge, makeJudge } from './judge.ts'
import { type Disk, record } from './record.ts'
import * as story from './stories.ts'
import { makeWorld, type World } from './world.ts'

const missing = (
  await Promise.all(['mksquashfs', 'mke2fs'].map(async (tool) => ((await findTool(tool)) ? [] : [tool])))
).flat()
const skip = missing.length > 0 && `needs ${missing.join(', ')}`

let world: World
let judge: Judge
let bench: DeviceBench
/** Slot A holds and runs release one, slot B is empty. */
let fresh: Disk
/** Release two is in slot B, never started. */
let written: Disk
let armed: Disk
let startedB: Disk
let good: Disk

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

const ONE = 'A (one)'
const TWO = 'B (two)'
const trial = (left: number) => `${TWO}, counted, ${left} left`

before(async () => {
  if (skip) return
  world = makeWorld()
  judge = makeJudge(world, null)
  bench = await deviceBench()
  fresh = (await record(story.provision(world.release('one')), story.blankDisk())).after
  written = (await bench.change(write, fresh)).after
  armed = (await bench.change(arm, written)).after
  startedB = await story.started(armed, judge, 1)
  good = (await bench.change(confirm, startedB)).after
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
): Promise<RecordedChange> {
  const recorded = await bench.change(change, disk)
  const cuts = await cutPower(disk, recorded.ops, judge, new Set(allowed), { damaged: true })
  const list = [...crashStates(disk.pages, recorded.ops, { seed: 7, subsets: 1, torn: 1 })]
  const wrong: string[] = []
  const step = Math.max(1, Math.floor(list.length / 12))
  let continued = 0
  for (let index = list.length - 1; index >= 0; index -= step) {
    const { pages, name: state } = list[index]
    const end = await judge.judge(await goOn({ ...disk, pages }))
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
async function wrong(name: string, disk: Disk, ops: readonly RecordedOp[], allowed: readonly string[]) {
  const { exceptions, states } = await cutPower(disk, ops, judge, new Set(allowed))
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
