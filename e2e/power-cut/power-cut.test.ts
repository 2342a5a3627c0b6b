// Power cuts: for provision, flash and the slot commands, every prefix of what the real steps write, sampled subsets of
// what was not flushed, and torn writes. No state may start half-written bytes, and no job may fail to be continued.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { encodeAbState } from '#format/ab-state.ts'
import type { Plan } from '#model/plan.ts'
import { crashStates } from '#testing/power-cut.ts'
import type { RecordedOp } from '#testing/recording.ts'
import { type CutOptions, type Cuts, cutPower, opsOfStep, resumeFrom } from './enumerate.ts'
import { type Judge, makeJudge } from './judge.ts'
import { type Disk, type Recorded, record, type Work } from './record.ts'
import * as story from './stories.ts'
import { flash, provision, select } from './stories.ts'
import { makeWorld, smallLayout, type World } from './world.ts'

const MISSING = ['mksquashfs', 'mke2fs'].filter((tool) => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], {
      stdio: 'ignore',
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    return false
  } catch {
    return true
  }
})
const skip = MISSING.length > 0 && `needs ${MISSING.join(', ')}`

let world: World
let judge: Judge
const total = { states: 0, continued: 0, scenarios: 0, exceptions: 0 }

interface Scenario {
  /** Next starts that are right beside that of the disk before and that of the finished one. */
  readonly also?: readonly string[]
  readonly judge?: Judge
  readonly options?: CutOptions
  /** How many states to continue from; 0 where the finished disk refuses the same job. */
  readonly resume?: number
  readonly journal?: Recorded['journal']
}

/** Prints and counts a scenario, also one with exceptions. */
function report(name: string, { states, exceptions }: Pick<Cuts, 'states' | 'exceptions'>, again: Cuts | null): void {
  const found = exceptions.length + (again?.exceptions.length ?? 0)
  console.log(`figure: power-cut: ${name}: ${states} states, ${found} exceptions; continued from ${again?.states ?? 0}`)
  total.states += states
  total.continued += again?.states ?? 0
  total.exceptions += found
  total.scenarios++
}

async function allowedFor(by: Judge, recorded: Pick<Recorded, 'before' | 'after'>, also: readonly string[] = []) {
  const [first, last] = [await by.judge(recorded.before), await by.judge(recorded.after)]
  assert.deepEqual(last.problems, [], 'the finished disk')
  return new Set([first.boots, last.boots, ...also])
}

/** Cuts the power everywhere in one job; gives the finished disk. */
async function cutsOf(name: string, disk: Disk, work: Work, scenario: Scenario = {}): Promise<Recorded> {
  const by = scenario.judge ?? judge
  const recorded = await record(work, disk, scenario.journal)
  const allowed = await allowedFor(by, recorded, scenario.also)
  const damaged = work.request.kind !== 'provision'
  const options = { sectorSize: disk.sectorSize, damaged, ...scenario.options }
  const cuts = await cutPower(disk, recorded.ops, by, allowed, options)
  const again = await resumeFrom(work, recorded, scenario.resume ?? 5)
  report(name, cuts, again)
  assert.deepEqual(cuts.exceptions.slice(0, 5), [], `${name}: allowed is ${[...allowed].join('; ')}`)
  assert.deepEqual(again.exceptions.slice(0, 5), [], `${name}: continued`)
  return recorded
}

/** Disks that several tests start from; made once. */
let fresh: Disk
let two: Disk
let flashedB: Disk
let armedB: Disk
let goodB: Disk
let backA: Disk

before(async () => {
  if (skip) return
  world = makeWorld()
  judge = makeJudge(world, null)
  const done = async (work: Work, disk: Disk) => (await record(work, disk)).after
  fresh = await done(provision(world.release('one')), story.blankDisk())
  two = await done(provision(world.release('one'), ['A', 'B']), story.blankDisk())
  flashedB = await done(flash('B', world.release('two')), fresh)
  armedB = await done(select('default', 'B'), flashedB)
  goodB = await done(select('good', 'B'), armedB)
  backA = await done(select('default', 'A'), goodB)
})
after(() => {
  const { scenarios, states, continued, exceptions } = total
  const sums = `${states} states, continued from ${continued}, ${exceptions} exceptions`
  console.log(`figure: power-cut: total: ${scenarios} scenarios, ${sums}`)
})

test('the disks that the cuts start from boot what they should', { skip }, async () => {
  const boots = async (disk: Disk) => (await judge.judge(disk)).boots
  assert.equal(await boots(story.blankDisk()), 'none')
  assert.equal(await boots(fresh), 'A (one)')
  assert.equal(await boots(flashedB), 'A (one)')
  assert.equal(await boots(armedB), 'B (two), counted, 2 left')
  assert.equal(await boots(goodB), 'B (two)')
  assert.equal(await boots(backA), 'A (one)', 'confirmed before, and not marked bad since')
})

test('provision of a blank disk: nothing is claimed before everything is there', { skip }, async () => {
  await cutsOf('provision a blank disk', story.blankDisk(), provision(world.release('one')))
  await cutsOf('provision a blank disk, both slots', story.blankDisk(), provision(world.release('two'), ['B', 'A']))
})

test('provision of a disk with 4096 byte sectors', { skip }, async () => {
  const layout = smallLayout(260, 4)
  await cutsOf('provision, 4096 byte sectors', story.blankDisk4096(), provision(world.release('one'), ['A'], layout))
})

test('provision of a disk of another system: that one starts untouched, or nothing does', { skip }, async () => {
  const foreign = story.foreignGptDisk()
  const by = makeJudge(world, foreign)
  assert.equal((await by.judge(foreign.disk)).boots, 'the other system')
  await cutsOf('provision a GPT disk', foreign.disk, provision(world.release('one')), { judge: by, also: ['none'] })
  await cutsOf('provision an MBR disk', story.foreignMbrDisk(), provision(world.release('one')))
})

test('provision of a disk that was an appliance disk: old system, nothing, or new system', { skip }, async () => {
  const also = ['none']
  await cutsOf('provision an appliance disk', goodB, provision(world.release('six')), { also })
  const other = provision(world.release('six'), ['B', 'A'], smallLayout(37, 5))
  await cutsOf('provision an appliance disk, other layout', goodB, other, { also })
})

test('flash: a complete slot boots at every moment', { skip }, async () => {
  const [v2, v3] = [world.release('two'), world.release('six')]
  await cutsOf('flash B, empty before', fresh, flash('B', v2))
  await cutsOf('flash B over another version', two, flash('B', v3))
  await cutsOf('flash B --changed-only', two, flash('B', v3, true))
  await cutsOf('flash B with what it holds', two, flash('B', world.release('one'), true))
  await cutsOf('flash A while B is the default', goodB, flash('A', v3))
})

test('flash of a slot that is wanted makes the boot loader leave it first', { skip }, async () => {
  const [v3, exhausted] = [world.release('six'), await story.started(armedB, judge, 4)]
  await cutsOf('flash B, armed as a trial', armedB, flash('B', v3))
  await cutsOf('flash B, in its second try', await story.started(armedB, judge, 2), flash('B', v3))
  await cutsOf('flash B, its tries used up', exhausted, flash('B', v3))
  await cutsOf('flash A, wanted while B is good', backA, flash('A', v3))
  await cutsOf('flash B, default, A is good too', goodB, flash('B', v3))
})

test('flash goes on after an interruption, and may be interrupted again', { skip }, async () => {
  for (const [name, disk, work] of [
    ['flash B', two, flash('B', world.release('six'))],
    ['flash B, armed', armedB, flash('B', world.release('six'))],
  ] as const) {
    const recorded = await record(work, disk)
    const list = [...crashStates(disk.pages, recorded.ops, { subsets: 2, torn: 1 })]
    for (const part of [0.35, 0.9]) {
      const { pages, ops } = list[Math.floor(list.length * part)]
      const journal = recorded.journal.filter((line) => line.ops < ops)
      await cutsOf(`${name}, continued at ${part * 100} %`, { ...disk, pages }, work, { journal, resume: 3 })
    }
  }
})

test('slot commands: the start before or the start after, nothing else', { skip }, async () => {
  const exhausted = await story.started(armedB, judge, 4)
  await cutsOf('slot default B, untested', flashedB, select('default', 'B'))
  await cutsOf('slot default A, back to the old one', goodB, select('default', 'A'))
  await cutsOf('slot default B, the good one', backA, select('default', 'B'))
  await cutsOf('slot default B, tries used up', exhausted, select('default', 'B'))
  await cutsOf('slot once B', flashedB, select('once', 'B'))
  await cutsOf('slot good B', armedB, select('good', 'B'))
  await cutsOf('slot bad B', armedB, select('bad', 'B'))
  await cutsOf('slot bad A, the default', two, select('bad', 'A'))
  await cutsOf('slot bad B, the default, A is good', goodB, select('bad', 'B'))
  await cutsOf('slot once A, confirmed before', goodB, select('once', 'A'))
  const fourth = await story.started(goodB, judge, 4)
  await cutsOf('slot default A, B in its fifth start', fourth, select('default', 'A'))
  await cutsOf('slot default B, in its fifth start', fourth, select('default', 'B'))
  await cutsOf('slot reset B', exhausted, select('reset', 'B'))
})

test('boot files that are missing are created so that a cut leaves the old state or the new one', {
  skip,
}, async () => {
  const bare = await story.withoutBootFiles(flashedB)
  const options = { damaged: false }
  const flashed = await cutsOf('flash B without boot files', bare, flash('B', world.release('six')), { options })
  assert.equal((await judge.judge(flashed.after)).boots, 'A (one)', 'still uncounted')
  await cutsOf('slot good A without boot files', bare, select('good', 'A', 'the machine runs from it'), {
    options,
  })
  const put = await story.recordPut(goodB, 'ab_state', encodeAbState('A'))
  const cuts = await cutPower(goodB, put.ops, judge, await allowedFor(judge, { before: goodB, after: put.after }))
  report('esp put ab_state', cuts, null)
  assert.deepEqual(cuts.exceptions, [])
})

test('repair of a partition table: at least one side can be read at every moment', { skip }, async () => {
  await cutsOf('repair the primary table', story.withoutSector(goodB, 1), story.repair, { resume: 0 })
  await cutsOf('repair the backup table', story.withoutSector(goodB, -1), story.repair, { resume: 0 })
})

/** The same judgement over a job done in a wrong way must find something. */
async function wrong(name: string, disk: Disk, ops: readonly RecordedOp[], allowed: ReadonlySet<string>) {
  const cuts = await cutPower(disk, ops, judge, allowed)
  console.log(`figure: power-cut: done wrong: ${name}: ${cuts.exceptions.length} exceptions in ${cuts.states} states`)
  assert.ok(cuts.exceptions.length > 0, `${name} goes unnoticed`)
}

test('the judgement can fail: steps in a wrong order are noticed', { skip }, async () => {
  const steps = async (name: string, disk: Disk, work: Work, change: (steps: Plan['steps']) => Plan['steps']) => {
    const recorded = await record(work, disk, [], change)
    await wrong(name, disk, recorded.ops, await allowedFor(judge, recorded, ['none']))
  }
  const [v1, v3] = [world.release('one'), world.release('six')]
  // Marks, and their clearing, would go over the table and over what was not wiped.
  const unchecked = (all: Plan['steps']) => all.filter(({ type }) => type !== 'probe-disk' && type !== 'check-disk')
  const tableFirst = (all: Plan['steps']) => story.movedTo('write-table', 1)(unchecked(all))
  await steps('table before contents', story.blankDisk(), provision(v1), tableFirst)
  await steps('appliance disk, nothing wiped', goodB, provision(v3), (all) => unchecked(all).slice(1))
  await steps('slot recorded before it is written', two, flash('B', v3), (all) => [all[3], all[1], all[2]])
  await steps('slot not recorded as incomplete', two, flash('B', v3), (all) => all.slice(1))
})

test('the judgement can fail: writes in a wrong order are noticed', { skip }, async () => {
  const flashed = await record(flash('B', world.release('six')), two)
  const onlyA = new Set(['A (one)'])
  const noFlush = flashed.ops.filter((op) => op.kind !== 'flush')
  await wrong('nothing flushed', two, noFlush, onlyA)
  const head = opsOfStep(flashed, 1).findIndex((op) => op.kind === 'write')
  const kept = flashed.ops.filter((_, i) => i < flashed.starts[1] || i >= flashed.starts[1] + head)
  await wrong('head of the slot not taken away', two, kept, onlyA)
  const end = flashed.starts[2]
  const parts = flashed.ops.slice(end - 6, end).flatMap((op) => (op.kind === 'write' ? [op] : []))
  assert.deepEqual(
    parts.map(({ data }) => data.length),
    [61_440, 3584, 512],
    'the head comes in three parts',
  )
  const whole = { ...parts[2], data: Buffer.concat(parts.toReversed().map(({ data }) => data)) }
  const atOnce = [...flashed.ops.slice(0, end - 6), whole, ...flashed.ops.slice(end - 1)]
  await wrong('head of the slot written in one piece', two, atOnce, onlyA)
  const once = await record(select('once', 'B'), flashedB)
  const allowed = await allowedFor(judge, once)
  const ops = opsOfStep(once, 1)
  assert.equal(ops.length, 6, 'grubenv, its copy and ab_state, a flush after each')
  await wrong('ab_state before the counter', flashedB, [...ops.slice(4), ...ops.slice(0, 4)], allowed)
})
