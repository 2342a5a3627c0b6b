// The memory of a runner grows by little with each unit: one and eight disk images are planned and provisioned through the real
// program, as the console does it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { RunnerJob } from '#contract/runner.ts'
import { openRoom, type Room, SMALL_LAYOUT } from '#e2e/cli/bench-room.ts'
import type { Plan } from '#model/plan.ts'
import { runTool } from '#node/os/run-tool.ts'
import { seededBytes } from '#testing/random.ts'
import { type RunnerUnit, startRunner } from '../runner-client.ts'
import { developmentRunner } from '../runner-command.ts'

const MIB = 1 << 20
/** Promised for each unit more. */
const EACH = 16

let room: Room
let release: string
before(async () => {
  room = await openRoom()
  writeFileSync(room.path('large.yaml'), SMALL_LAYOUT.replaceAll('16 MiB', '128 MiB'))
  mkdirSync(room.path('root/boot'), { recursive: true })
  writeFileSync(room.path('root/boot/kernel'), seededBytes(48 * MIB, 1))
  writeFileSync(room.path('root/boot/initrd'), seededBytes(48 * MIB, 2))
  const flags = ['-comp', 'gzip', '-noD', '-noF', '-all-root', '-noappend', '-quiet', '-no-progress']
  await runTool('mksquashfs', [room.path('root'), room.path('large.squashfs'), ...flags], { timeoutMs: 60_000 })
  const options = ['--boot', room.path('boot'), '--compress', 'none', '--counter', '2', '--version', '2.0.0']
  release = await room.makeRelease('large', options, room.path('large.squashfs'))
})
after(() => room[Symbol.asyncDispose]())

const provision = (target: string): RunnerJob => ({
  ...{ kind: 'provision', target, trust: room.trust, journal: room.path('journal'), at: 'now', by: 'test', release },
  ...{ boot: null, layout: room.path('large.yaml'), slots: ['A'], config: null, luksKey: null, seed: null },
  allowOlder: null,
})

async function plan(unit: RunnerUnit, target: string): Promise<Plan> {
  unit.send({ verb: 'plan', job: provision(target), neverTouch: [] })
  const answer = await unit.answer(() => {})
  assert.equal(answer.say, 'planned', JSON.stringify(answer))
  return (answer as { plan: unknown }).plan as Plan
}

let count = 0
/** MiB that the runner had resident at most. */
async function peak(disks: number): Promise<number> {
  count += 1
  const { command, args } = developmentRunner()
  const pid = room.path(`pid-${count}`)
  const script = `echo $$ > ${pid}; exec ${[command, ...args].join(' ')}`
  const env = { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: room.path('state') }
  await using runner = await startRunner({ command: '/bin/sh', args: ['-c', script], env })
  const units = Array.from({ length: disks }, (_, index) => {
    const path = room.path(`disk-${count}-${index}.img`)
    writeFileSync(path, '')
    truncateSync(path, 512 * MIB)
    return { path, unit: runner.unit() }
  })
  const plans = await Promise.all(units.map(({ unit, path }) => plan(unit, path)))
  const ends = units.map(({ unit }, index) => {
    unit.send({ verb: 'apply', plan: plans[index].id })
    return unit.answer(() => {})
  })
  for (const end of await Promise.all(ends)) assert.equal(end.say, 'done', JSON.stringify(end))
  const status = readFileSync(`/proc/${readFileSync(pid, 'utf8').trim()}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

test(`each further unit of a runner takes at most ${EACH} MiB of memory`, {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const one = await peak(1)
  // When the collector runs is chance: the smaller of two.
  const eight = Math.min(await peak(8), await peak(8))
  const each = (eight - one) / 7
  t.diagnostic(`1 unit: ${one.toFixed(0)} MiB, 8 units: ${eight.toFixed(0)} MiB, ${each.toFixed(1)} MiB each`)
  assert.ok(each <= EACH, `${each} MiB`)
})
