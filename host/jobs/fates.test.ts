// Eight units of one batch through the real runner, on loop devices and on files of file systems that are full or frozen: each
// meets a fate of its own, is told it truly, and leaves the others alone; what was cut off is finished by the same job again.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { MOST_UNITS } from '#contract/runner.ts'
import type { BatchView, UnitJobView, UnitView } from '#contract/views.ts'
import { openRoom, type Room, SMALL_LAYOUT } from '#e2e/cli/bench-room.ts'
import type { Report } from '#engine/run-plan.ts'
import { describeDiskPath } from '#node/disk/inventory.ts'
import { eventually, type FakeHost, fakeHost } from '#testing/fake-host.ts'
import { seededBytes } from '#testing/random.ts'
import { openBench } from '../bench/bench.ts'
import { openJobs } from './jobs.ts'

const MIB = 1 << 20
const PROGRAM = new URL('../runner/main.ts', import.meta.url).pathname
const root = process.getuid?.() === 0 ? false : 'needs root for loop devices'
const { signal } = new AbortController()
const LIMIT_MS = 120_000

let room: Room
/** 24 MB that do not compress: some blocks. */
let release: string
const parts = new AsyncDisposableStack()
const tool = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim()

before(async () => {
  room = await openRoom()
  writeFileSync(room.path('fates.yaml'), SMALL_LAYOUT.replaceAll('16 MiB', '32 MiB'))
  mkdirSync(room.path('root/boot'), { recursive: true })
  writeFileSync(room.path('root/boot/kernel'), seededBytes(12 * MIB, 1))
  writeFileSync(room.path('root/boot/initrd'), seededBytes(12 * MIB, 2))
  const flags = ['-comp', 'gzip', '-noD', '-noF', '-all-root', '-noappend', '-quiet', '-no-progress']
  tool('mksquashfs', room.path('root'), room.path('fates.squashfs'), ...flags)
  const options = ['--boot', room.path('boot'), '--compress', 'none', '--counter', '2', '--version', '2.0.0']
  release = await room.makeRelease('fates', options, room.path('fates.squashfs'))
})
after(async () => {
  await parts.disposeAsync()
  await room[Symbol.asyncDispose]()
})

function imageAt(path: string, size = 256 * MIB): string {
  writeFileSync(path, '')
  truncateSync(path, size)
  return path
}
function loopOver(file: string): string {
  const device = tool('losetup', '--find', '--show', file)
  parts.defer(() => void tool('losetup', '--detach', device))
  return device
}
function mounted(name: string, size: number): string {
  const folder = room.path(name)
  mkdirSync(folder)
  tool('mkfs.ext4', '-q', '-F', imageAt(room.path(`${name}.fs`), size))
  tool('mount', '-o', 'loop,noatime', room.path(`${name}.fs`), folder)
  parts.defer(() => void tool('umount', folder))
  return folder
}

/** A console's bench and jobs over these disks; `runners` are the process ids of all runners that were ever started. */
async function station(name: string, paths: readonly string[]) {
  const data = room.path(name)
  mkdirSync(data)
  const pids = `${data}/pids`
  writeFileSync(pids, '')
  const host: FakeHost = {
    ...fakeHost(data),
    runnerFor: async () => ({
      command: '/bin/sh',
      args: ['-c', `echo $$ >> ${pids}; exec ${process.execPath} ${PROGRAM}`],
      env: { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: `${data}/state` },
    }),
  }
  host.change({ assistive: true })
  copyFileSync(room.trust, host.paths.trust)
  const saved: Report[] = []
  const reports = {
    save: async (_unit: unknown, report: Report) => `report-${saved.push(report)}`,
    rehearse: async () => {},
    history: () => [],
  }
  /** What a round of the bench waits for. */
  let held: Promise<void> | null = null
  const listDisks = async () => {
    await held
    return disksNow()
  }
  const disksNow = async () => ({
    disks: await Promise.all(paths.filter((path) => path.startsWith('/dev/')).map(describeDiskPath)),
    notes: [],
  })
  const files = { path: (token: string) => token }
  const bench = await openBench(host, { signerNames: async () => new Map(), history: () => [], files, listDisks })
  const image = { path: release, name: 'two', hasBootFiles: true, product: 'demo', version: '2.0.0', hardware: [] }
  const images = { image: () => image, at: () => image }
  const drafts = {
    folder: async (token: string) => token,
    modes: () => [],
    at: () => ({ from: null, unit: null, files: null }),
  }
  const { calls, batches } = openJobs(host, { bench, images, reports, drafts })
  for (const path of paths) if (!path.startsWith('/dev/')) await bench.calls['bench.add-file']({ file: path }, signal)
  const holdRounds = (until: Promise<void>) => {
    held = until
  }
  const unitOf = (path: string): UnitView => {
    const found = bench.units().find(({ disk }) => disk.path === path)
    assert.ok(found, path)
    return found.view
  }
  const wish = { image: 'i'.repeat(16), boot: null, layout: room.path('fates.yaml'), config: null, allowOlder: null }
  const plan = (units: string[]) => calls['plan.provision']({ units, ...wish, slots: 'A' }, signal)
  /** Plans, confirms and starts. */
  const start = async (disks: readonly string[]): Promise<string> => {
    const units = disks.map((path) => unitOf(path).token)
    const { plans, refused } = await plan(units)
    assert.deepEqual(refused, [])
    const { challenge, expected } = await calls['confirm.begin']({ plans: plans.map(({ plan }) => plan) }, signal)
    return (await calls['confirm.start']({ challenge, typed: expected }, signal)).batch
  }
  const viewOf = (token: string): BatchView => {
    const found = batches.views().find(({ batch }) => batch === token)
    assert.ok(found)
    return found
  }
  const jobOf = (batch: string, path: string): UnitJobView => {
    const found = viewOf(batch).jobs.find(({ unitKey }) => unitKey === unitOf(path).key)
    assert.ok(found, path)
    return found
  }
  const ended = (batch: string, path: string) =>
    eventually(() => (jobOf(batch, path).endedAt === null ? null : jobOf(batch, path)), LIMIT_MS)
  const writing = (batch: string, path: string) =>
    eventually(() => jobOf(batch, path).steps.some(({ state }, index) => index > 0 && state === 'running'), LIMIT_MS)
  const runners = () => readFileSync(pids, 'utf8').trim().split('\n').filter(Boolean).map(Number)
  return { host, bench, calls, batches, saved, plan, start, holdRounds, viewOf, jobOf, ended, writing, runners, unitOf }
}

async function holds(disk: string): Promise<void> {
  const run = await room.run(['verify', disk, '--slot', 'A', '--release', release, '--trust', room.trust])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
}
const fateOf = ({ state, diagnosis }: UnitJobView) => [
  state,
  diagnosis?.problem.code ?? null,
  diagnosis?.written ?? null,
]

test('eight units, one of each fate: slow, full, pulled out, cancelled, killed; the others are whole, and repeating finishes', {
  skip: root,
}, async () => {
  const frozen = mounted('frozen', 400 * MIB)
  const narrow = mounted('narrow', 24 * MIB)
  const pulledFile = imageAt(room.path('pulled-backing.img'))
  const pulled = loopOver(pulledFile)
  // Loop devices have no serial: of two the bench could not say which is which.
  const good = ['a', 'b', 'c'].map((name) => imageAt(room.path(`good-${name}.img`)))
  const [slow, full, stopped, first] = [
    imageAt(`${frozen}/slow.img`),
    imageAt(`${narrow}/full.img`),
    imageAt(room.path('stopped.img')),
    imageAt(room.path('first.img')),
  ]
  const rest = [...good, slow, full, pulled, stopped]
  const it = await station('fates', [first, ...rest])
  using _host = it.host

  // Killed, when the first has ended and the others are written: all of those are told so, and what to do is offered.
  const batch = await it.start([first, ...rest])
  assert.equal(it.runners().length, 1, 'one process for all of them')
  await it.ended(batch, first)
  await Promise.all(rest.map((path) => it.writing(batch, path)))
  process.kill(it.runners()[0], 'SIGKILL')
  const killed = await Promise.all(rest.map((path) => it.ended(batch, path)))
  for (const job of killed) {
    assert.deepEqual(fateOf(job), ['failed', 'runner.died', true])
    assert.deepEqual([job.diagnosis?.cause, job.diagnosis?.safe], ['runner-died', 'does-not-boot'])
  }
  assert.equal(it.jobOf(batch, first).state, 'verified')
  for (const path of rest) assert.equal(it.unitOf(path).known.unfinished?.kind, 'provision')

  // Again, through one new runner: one disk hangs, one is full, one is pulled out, one is stopped.
  tool('fsfreeze', '--freeze', frozen)
  let isFrozen = true
  const thaw = () => {
    if (isFrozen) tool('fsfreeze', '--unfreeze', frozen)
    isFrozen = false
  }
  parts.defer(thaw)
  // The one that tries it for the others is a good one.
  const again = await it.start(rest)
  await it.ended(again, good[0])
  await it.writing(again, pulled)
  truncateSync(pulledFile, 0)
  tool('losetup', '--set-capacity', pulled)
  await it.calls['job.stop']({ job: it.jobOf(again, stopped).job }, signal)
  const ends = await Promise.all([...good, full, pulled, stopped].map((path) => it.ended(again, path)))
  assert.deepEqual(ends.map(fateOf), [
    ['verified', null, null],
    ['verified', null, null],
    ['verified', null, null],
    ['failed', 'disk.full', true],
    ['failed', 'disk.lost', true],
    ['stopped', 'job.cancelled', true],
  ])
  assert.equal(it.jobOf(again, slow).endedAt, null, 'it hangs, and held up nobody')
  assert.equal(it.runners().length, 2)

  // While that one still hangs: a stopped one again, in the same batch and by the same runner.
  assert.equal(await it.start([stopped]), again)
  assert.deepEqual(fateOf(await it.ended(again, stopped)), ['verified', null, null])
  assert.equal(it.viewOf(again).jobs.length, rest.length)
  assert.equal(it.runners().length, 2)
  thaw()
  assert.deepEqual(fateOf(await it.ended(again, slow)), ['verified', null, null])
  assert.equal(it.viewOf(again).state, 'done')

  // Put right and repeated: by a new runner, since that one had nothing more to do.
  truncateSync(pulledFile, 256 * MIB)
  tool('losetup', '--set-capacity', pulled)
  await it.bench.refresh()
  const last = await it.start([pulled])
  assert.deepEqual(fateOf(await it.ended(last, pulled)), ['verified', null, null])
  assert.equal(it.runners().length, 3)
  for (const path of [first, ...good, slow, stopped, pulled]) await holds(path)
})

test('a unit that waits for its turn when its runner is killed was not written, and is told so at once', async () => {
  const disks = ['w-0.img', 'w-1.img', 'w-2.img'].map((name) => imageAt(room.path(name)))
  const it = await station('waiting', disks)
  using _host = it.host
  const batch = await it.start(disks)
  await it.writing(batch, disks[0])
  process.kill(it.runners()[0], 'SIGKILL')
  const ends = await Promise.all(disks.map((path) => it.ended(batch, path)))
  assert.deepEqual(ends.map(fateOf), [
    ['failed', 'runner.died', true],
    ['failed', 'runner.closed', false],
    ['failed', 'runner.closed', false],
  ])
  assert.equal(it.viewOf(batch).state, 'done')
  const again = await it.start(disks)
  for (const path of disks) assert.equal((await it.ended(again, path)).state, 'verified')
  for (const path of disks) await holds(path)
})

test('a unit joins the batch that runs; the others of it are neither asked nor opened anew', async () => {
  const disks = ['j-0.img', 'j-1.img', 'j-2.img'].map((name) => imageAt(room.path(name)))
  const it = await station('joining', disks)
  using _host = it.host
  const batch = await it.start(disks.slice(0, 1))
  assert.equal(await it.start(disks.slice(1)), batch)
  for (const path of disks) assert.equal((await it.ended(batch, path)).state, 'verified')
  assert.equal(it.runners().length, 1)
  assert.deepEqual([it.batches.views().length, it.viewOf(batch).jobs.length], [1, 3])
  for (const path of disks) await holds(path)
})

test('more units than one runner takes are planned by a second one', async () => {
  const disks = Array.from({ length: MOST_UNITS + 1 }, (_, index) => imageAt(room.path(`m-${index}.img`)))
  const it = await station('many', disks)
  using _host = it.host
  const units = disks.map((path) => it.unitOf(path).token)
  const { plans, refused } = await it.plan(units)
  assert.deepEqual([plans.length, refused], [disks.length, []])
  assert.equal(it.runners().length, 2)
})

test('the next unit begins when the first has ended: it waits for no round of the bench', async () => {
  const disks = ['n-0.img', 'n-1.img', 'n-2.img'].map((name) => imageAt(room.path(name)))
  const it = await station('rounds', disks)
  using _host = it.host
  const never = Promise.withResolvers<void>()
  it.holdRounds(never.promise)
  const batch = await it.start(disks)
  for (const path of disks) assert.equal((await it.ended(batch, path)).state, 'verified')
  never.resolve()
})
