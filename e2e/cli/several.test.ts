// Several disks in one command, with real parts: loop devices and files on file systems that are full or frozen. Each disk ends
// for itself, a refused one keeps all of them unwritten, and the same command again finishes what is left.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { seededBytes } from '#testing/random.ts'
import { openRoom, type Room, SMALL_LAYOUT } from './bench-room.ts'
import { stateOf } from './refusals.ts'
import { type Row, type Run, twinslot } from './twinslot.ts'

const MIB = 1 << 20
const isRoot = process.getuid?.() === 0
const root = isRoot ? false : 'needs root for loop devices'

let room: Room
/** 24 MB that do not compress: some blocks. */
let release: string
const parts = new AsyncDisposableStack()

const tool = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim()

before(async () => {
  room = await openRoom()
  writeFileSync(room.path('several.yaml'), SMALL_LAYOUT.replaceAll('16 MiB', '32 MiB'))
  mkdirSync(room.path('root/boot'), { recursive: true })
  writeFileSync(room.path('root/boot/kernel'), seededBytes(12 * MIB, 1))
  writeFileSync(room.path('root/boot/initrd'), seededBytes(12 * MIB, 2))
  const flags = ['-comp', 'gzip', '-noD', '-noF', '-all-root', '-noappend', '-quiet', '-no-progress']
  tool('mksquashfs', room.path('root'), room.path('several.squashfs'), ...flags)
  const options = ['--boot', room.path('boot'), '--compress', 'none', '--counter', '2', '--version', '2.0.0']
  release = await room.makeRelease('several', options, room.path('several.squashfs'))
})
after(async () => {
  await parts.disposeAsync()
  await room[Symbol.asyncDispose]()
})

const provision = (disks: readonly string[], ...more: string[]) => [
  ...['provision', ...disks, '--layout', room.path('several.yaml'), '--release', release],
  ...['--trust', room.trust, '--yes', ...more],
]

function imageAt(path: string, size = 256 * MIB): string {
  writeFileSync(path, '')
  truncateSync(path, size)
  return path
}
const image = (name: string): string => imageAt(room.path(name))

function loopOver(file: string): string {
  const device = tool('losetup', '--find', '--show', file)
  parts.defer(() => void tool('losetup', '--detach', device))
  return device
}

/** A small ext4 file system of its own, mounted. */
function mounted(name: string, size: number): string {
  const folder = room.path(name)
  mkdirSync(folder)
  tool('mkfs.ext4', '-q', '-F', imageAt(room.path(`${name}.fs`), size))
  tool('mount', '-o', 'loop,noatime', room.path(`${name}.fs`), folder)
  parts.defer(() => void tool('umount', folder))
  return folder
}

/** What is told of a disk that was stopped before its partition table. */
const UNREADABLE_YET = /no partition table yet|old partition table|Nothing was written/

const unitsOf = ({ events }: Run): ReadonlyMap<string, Row> =>
  new Map(events.filter(({ type }) => type === 'disk').map((row) => [String(row.disk), row]))
const codesOf = (run: Run, disks: readonly string[]) => disks.map((disk) => unitsOf(run).get(disk)?.code ?? 'no end')

async function holds(disk: string): Promise<void> {
  const run = await room.run(['verify', disk, '--slot', 'A', '--release', release, '--trust', room.trust])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
}

test('several disks are provisioned by one command, each with its own plan, identifiers, steps and report', async () => {
  const disks = ['a.img', 'b.img', 'c.img'].map(image)
  const run = await room.run(provision(disks))
  assert.equal(run.exit, 0, JSON.stringify(run.result) + run.stderr)
  assert.deepEqual(codesOf(run, disks), ['done', 'done', 'done'])
  const plans = run.events.filter(({ type }) => type === 'plan')
  assert.deepEqual(
    plans.map(({ disk }) => disk),
    disks,
  )
  assert.equal(new Set(plans.map(({ plan }) => (plan as { id: string }).id)).size, 3)
  const reports = (run.result.disks as { report: string }[]).map(({ report }) => report)
  assert.equal(new Set(reports).size, 3)
  for (const report of reports) assert.ok(statSync(report).isFile())
  const authenticated = run.events.filter(({ type }) => type === 'authenticated')
  assert.equal(authenticated.length, 1, 'one opening of the release')
  for (const disk of disks) {
    await holds(disk)
    const steps = run.events.filter(({ type, disk: of }) => type === 'step-done' && of === disk)
    assert.equal(steps.length, (plans[0].plan as { steps: unknown[] }).steps.length)
  }
})

test('a plan that is refused for one disk is told with its name, and no disk is written', async () => {
  const [good, small] = [image('fits.img'), imageAt(room.path('small.img'), 64 * MIB)]
  const before = [good, small].map(stateOf)
  const run = await room.run(provision([good, small]))
  assert.equal(run.exit, 3, JSON.stringify(run.result))
  assert.equal(run.result.written, false)
  assert.deepEqual(
    (run.result.findings ?? []).map((each) => each.disk),
    [small],
  )
  assert.deepEqual([good, small].map(stateOf), before)
})

test('a disk that is named twice is refused, by whatever names', { skip: root }, async () => {
  const file = image('twice.img')
  symlinkSync(file, room.path('link.img'))
  linkSync(file, room.path('hard.img'))
  const loop = loopOver(file)
  const before = stateOf(file)
  for (const other of [file, `${room.path('.')}/./twice.img`, room.path('link.img'), room.path('hard.img'), loop]) {
    const run = await room.run(provision([file, other]))
    assert.equal(run.exit, 3, `${other}: ${JSON.stringify(run.result)}`)
    assert.equal(run.result.code, 'disk.named-twice')
  }
  const second = loopOver(file)
  assert.equal((await room.run(provision([loop, second]))).result.code, 'disk.named-twice')
  const fresh = room.path('fresh.img')
  const twice = await room.run(provision([fresh, `${room.path('.')}/./fresh.img`], '--create', '256MiB'))
  assert.equal(twice.result.code, 'disk.named-twice')
  assert.equal(stateOf(file), before)
})

test('new image files are made for every name, and planning alone makes none', async () => {
  const disks = ['new-a.img', 'new-b.img'].map((name) => room.path(name))
  const planned = await room.run(provision(disks, '--create', '256MiB', '--plan'))
  assert.equal(planned.exit, 0, JSON.stringify(planned.result))
  assert.throws(() => statSync(disks[0]))
  const run = await room.run(provision(disks, '--create', '256MiB'))
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  for (const disk of disks) await holds(disk)
})

/** The disk vanishes, as a stick does: its backing file ends, and the kernel hears of it. */
function pull(device: string, file: string): void {
  truncateSync(file, 0)
  tool('losetup', '--set-capacity', device)
}

test('eight disks, one of each fate: slow, full, pulled out, moved, killed, cancelled; the others are whole, and repeating finishes', {
  skip: root,
}, async () => {
  const frozen = mounted('frozen', 400 * MIB)
  const narrow = mounted('narrow', 24 * MIB)
  const pulledFile = image('pulled-backing.img')
  const pulled = loopOver(pulledFile)
  const good = [loopOver(image('good-backing.img')), image('good-b.img'), image('good-c.img'), image('good-d.img')]
  const [slow, full, moved] = [`${frozen}/slow.img`, `${narrow}/full.img`, room.path('moved.img')]
  for (const path of [slow, full, moved]) imageAt(path)
  const disks = [good[0], slow, full, pulled, moved, ...good.slice(1)]
  const run = (options: Parameters<typeof twinslot>[1]) =>
    twinslot(provision(disks), { env: room.env, timeoutMs: 300_000, ...options })

  // Killed: all of it, as soon as somebody writes the image; nobody is told of a finished disk.
  await assert.rejects(
    run({
      onEvent(event, child) {
        if (event.type === 'progress' && event.phase === 'write' && event.step === 2) child.kill('SIGKILL')
      },
    }),
    /no single result line/,
  )

  // Repeated: one hangs from the beginning, one is pulled out, one moved away; when the rest has ended, Ctrl-C.
  tool('fsfreeze', '--freeze', frozen)
  let [isPulled, isMoved, ended, isFrozen] = [false, false, 0, true]
  const thaw = () => {
    if (isFrozen) tool('fsfreeze', '--unfreeze', frozen)
    isFrozen = false
  }
  try {
    const second = await run({
      onEvent(event: Row, child) {
        const writes = event.type === 'step-started' && event.step === 2
        if (writes && event.disk === pulled && !isPulled) {
          isPulled = true
          pull(pulled, pulledFile)
        }
        if (writes && event.disk === moved && !isMoved) {
          isMoved = true
          renameSync(moved, `${moved}.away`)
        }
        if (event.type === 'disk') ended++
        if (ended === disks.length - 1 && isFrozen) {
          child.kill('SIGINT')
          thaw()
        }
      },
    })
    assert.deepEqual(codesOf(second, good), ['done', 'done', 'done', 'done'], JSON.stringify(second.result))
    assert.deepEqual(codesOf(second, [slow, full, pulled, moved]), [
      'job.cancelled',
      'disk.full',
      'disk.lost',
      'disk.moved',
    ])
    assert.equal(second.exit, 1, 'they are not done for different reasons')
    assert.equal(second.result.code, 'cli.not-all-done')
    for (const { ok, account } of unitsOf(second).values()) if (!ok) assert.match(String(account), UNREADABLE_YET)
    for (const disk of good) await holds(disk)
  } finally {
    thaw()
  }

  // The same command again, with what was wrong put right: each goes on by its own journal.
  renameSync(`${moved}.away`, moved)
  truncateSync(pulledFile, 256 * MIB)
  tool('losetup', '--set-capacity', pulled)
  rmSync(full)
  const wider = imageAt(room.path('wider.img'))
  const rest = [slow, pulled, moved, wider]
  const third = await twinslot(provision(rest), { env: room.env, timeoutMs: 300_000 })
  assert.equal(third.exit, 0, JSON.stringify(third.result))
  for (const disk of rest) await holds(disk)
})

test('Ctrl-C stops every disk, and each tells what was done to it', { skip: root }, async () => {
  // No write ends before the command has heard of it, however fast anybody is.
  const still = mounted('still', 400 * MIB)
  const disks = ['stop-a.img', 'stop-b.img', 'stop-c.img'].map((name) => imageAt(`${still}/${name}`))
  tool('fsfreeze', '--freeze', still)
  let [isSent, isFrozen] = [false, true]
  const thaw = () => {
    if (isFrozen) tool('fsfreeze', '--unfreeze', still)
    isFrozen = false
  }
  try {
    const run = await twinslot(provision(disks), {
      env: room.env,
      onEvent(event, child) {
        if (event.type === 'stopping') thaw()
        if (isSent || event.type !== 'step-started' || event.disk === undefined) return
        isSent = true
        child.kill('SIGINT')
        // The second one is answered: the first was heard.
        child.kill('SIGTERM')
      },
    })
    assert.equal(isFrozen, false, 'it said that it is stopping')
    assert.equal(run.exit, 6, JSON.stringify(run.result))
    assert.deepEqual(codesOf(run, disks), ['job.cancelled', 'job.cancelled', 'job.cancelled'])
    for (const { account } of unitsOf(run).values()) assert.match(String(account), UNREADABLE_YET)
  } finally {
    thaw()
  }
  const again = await room.run(provision(disks))
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  for (const disk of disks) await holds(disk)
})
