// Jobs that are interrupted: Ctrl-C, kill -9, two commands on one disk. What is on the disk then is never taken for
// finished, and the same command again goes on: it checks what is there instead of believing it.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { after, before, test } from 'node:test'
import { applyPlan, planToEnd } from '#cli/job.ts'
import type { JobEvent } from '#engine/ports.ts'
import { inlineCodec } from '#node/codec/block-codec.ts'
import { NO_INPUTS } from '#node/config/filesystem-maker.ts'
import type { Job } from '#node/job/station.ts'
import { planSlot } from '#plan/select-slot.ts'
import { AT } from '#testing/builders.ts'
import { seededBytes } from '#testing/random.ts'
import { openRoom, type Room, SMALL_LAYOUT } from './bench-room.ts'
import { hashOf, refused } from './refusals.ts'
import { REPO, type Result, type Row, type Run, twinslot } from './twinslot.ts'

let room: Room
let disk: string
/** 64 MB that do not compress: long enough to be interrupted. */
let big: string

const MIB = 1 << 20
/** Of slot B: behind 1 MiB, the ESP and slot A. */
const SLOT_B = (1 + 64 + 80) * MIB

before(async () => {
  room = await openRoom()
  disk = room.path('disk.img')
  writeFileSync(room.path('big.yaml'), SMALL_LAYOUT.replaceAll('16 MiB', '80 MiB'))
  mkdirSync(room.path('root/boot'), { recursive: true })
  writeFileSync(room.path('root/boot/kernel'), seededBytes(32 * MIB, 1))
  writeFileSync(room.path('root/boot/initrd'), seededBytes(32 * MIB, 2))
  const flags = ['-comp', 'gzip', '-noD', '-noF', '-all-root', '-noappend', '-quiet', '-no-progress']
  execFileSync('mksquashfs', [room.path('root'), room.path('big.squashfs'), ...flags], {
    timeout: 60_000,
    stdio: 'ignore',
  })
  const options = ['--boot', room.path('boot'), '--compress', 'none', '--counter', '2', '--version', '2.0.0']
  big = await room.makeRelease('big', options, room.path('big.squashfs'))
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

const provision = () => [
  ...['provision', disk, '--create', '320MiB', '--layout', room.path('big.yaml'), '--release', big],
  ...['--trust', room.trust, '--yes'],
]
const flash = () => ['flash', disk, '--slot', 'B', '--release', big, '--trust', room.trust, '--yes']
const verifySlot = (slot: string) => room.run(['verify', disk, '--slot', slot, '--release', big, '--trust', room.trust])

/** Signals the command once, as soon as it writes the image. */
function whenWriting(act: (child: { kill(signal: NodeJS.Signals): boolean }) => void) {
  let done = false
  return (event: Row, child: { kill(signal: NodeJS.Signals): boolean }) => {
    if (done || event.type !== 'progress' || event.phase !== 'write' || Number(event.totalBytes) < 60e6) return
    done = true
    act(child)
  }
}

/** Ctrl-C in the middle of the image. A busy machine may deliver the signal too late: then once more, from the start. */
async function interrupted(args: string[]): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const run = await twinslot(args, { env: room.env, onEvent: whenWriting((child) => child.kill('SIGINT')) })
    if (attempt === 20 || String(run.result.stepUnderWay).startsWith('Write slot')) return run
    if (!run.result.ok) await room.run(args)
  }
}

/** kill -9 in the middle of the image; false when it ended before. */
function killed(args: string[]): Promise<boolean> {
  const child = spawn(`${REPO}/bin/twinslot`, [...args, '--json'], {
    env: { ...process.env, ...room.env },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 120_000,
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (/"phase":"write","doneBytes":[1-9]/.test(text)) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => resolve(signal === 'SIGKILL'))
  })
}

function checkCancelled({ exit, result }: Run, account: RegExp): void {
  assert.equal(result.code, 'job.cancelled', JSON.stringify(result))
  assert.equal(exit, 6)
  assert.equal(result.written, true)
  assert.match(String(result.account), account)
  assert.match(String(result.stepUnderWay), /^Write slot/)
  assert.ok(Number(result.bytesWritten) < 70e6, String(result.bytesWritten))
}

function peek(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const handle = openSync(disk, 'r')
  readSync(handle, bytes, 0, length, offset)
  closeSync(handle)
  return bytes
}

test('Ctrl-C while provisioning: exit 6, a true account, no partition table; the same command again ends well', async () => {
  checkCancelled(
    await interrupted(provision()),
    /2 of 7 steps were done; it stopped in "Write slot A.*no partition table/,
  )
  const seen = await room.run(['inspect', disk])
  assert.equal(seen.result.table, null)
  const again = await room.run(provision())
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  assert.equal(again.result.resumed, true)
  assert.match(execFileSync('sgdisk', ['-v', disk], { encoding: 'utf8', timeout: 60_000 }), /No problems found/)
  assert.equal((await verifySlot('A')).exit, 0)
})

test('Ctrl-C while flashing: the slot is Incomplete, holds no superblock, cannot be selected; again it ends well', async () => {
  checkCancelled(await interrupted(flash()), /Slot B is recorded as Incomplete and will not be booted; the other slot/)
  const { result } = await room.run(['slot', 'list', disk])
  const { slots, boot } = result as Result & {
    slots: Record<string, { verdict: string }>
    boot: { next: { slot: string } }
  }
  assert.deepEqual([slots.A.verdict, slots.B.verdict, boot.next.slot], ['Good', 'Incomplete', 'A'])
  assert.ok(
    peek(SLOT_B, 4096).every((byte) => byte === 0),
    'no superblock: no boot loader would mount it',
  )
  for (const action of ['default', 'once', 'good'])
    await refused(room, disk, ['slot', action, disk, 'B', '--yes'], 'slot.not-selectable', 3, action)
  assert.notEqual((await verifySlot('B')).exit, 0)
  const again = await room.run(flash())
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  assert.equal(again.result.resumed, true)
  assert.equal((await verifySlot('B')).exit, 0)
  assert.equal((await room.run(flash())).result.resumed, false, 'a finished job is not resumed')
})

test('kill -9 while flashing: the next run resumes, finds what was damaged meanwhile, and ends well', async () => {
  let stopped = false
  for (let attempt = 0; attempt < 20 && !stopped; attempt++) stopped = await killed(flash())
  assert.ok(stopped, 'it ended before it was killed, every time')
  const { result } = await room.run(['inspect', disk])
  assert.equal((result.slots as Record<string, { verdict: string }>).B.verdict, 'Incomplete')
  const handle = openSync(disk, 'r+')
  writeSync(handle, Buffer.alloc(4096, 0x5a), 0, 4096, SLOT_B + MIB)
  closeSync(handle)
  const again = await room.run(flash())
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  assert.equal(again.result.resumed, true)
  assert.equal((await verifySlot('B')).exit, 0)
})

test('a second twinslot on the same disk is refused in the plan, and the first one ends well', async () => {
  let second: Promise<Run[]> | undefined
  const first = await twinslot(flash(), {
    env: room.env,
    onEvent: whenWriting((child) => {
      child.kill('SIGSTOP')
      const others = ['--plan', '--yes'].map((how) => room.run(['slot', 'default', disk, 'A', how]))
      second = Promise.all(others).finally(() => child.kill('SIGCONT'))
    }),
  })
  assert.ok(second)
  for (const { exit, result, events } of await second) {
    assert.deepEqual([exit, result.code, result.written], [3, 'disk.busy', false], JSON.stringify(result))
    assert.ok(!events.some(({ type }) => type === 'plan'), 'refused in the plan')
  }
  assert.equal(first.exit, 0, JSON.stringify(first.result))
  assert.equal((await verifySlot('B')).exit, 0)
})

test('a journal that cannot be written stops the job before its first write', async () => {
  const before = await hashOf(disk)
  writeFileSync(room.path('no-folder'), '')
  for (const more of [[], ['--plan']]) {
    const { exit, result } = await twinslot([...flash(), ...more], { env: { TWINSLOT_STATE: room.path('no-folder') } })
    assert.equal(result.code, 'job.journal-unusable', JSON.stringify(result))
    assert.equal(exit, 3)
    assert.equal(result.written, false)
  }
  assert.equal(await hashOf(disk), before)
})

test('a folder in which no report can be kept is refused before the first write, with --plan as well, for one disk and for several', async () => {
  const before = await hashOf(disk)
  const state = room.path('other-state')
  mkdirSync(state)
  writeFileSync(`${state}/reports`, 'a file where the folder should be')
  const blanks = ['blank-1.img', 'blank-2.img'].map(room.path)
  for (const path of blanks) {
    writeFileSync(path, '')
    truncateSync(path, 300_000_000)
  }
  const several = ['provision', ...blanks, '--layout', room.path('small.yaml')]
  const wishes = [flash(), [...several, '--release', room.release, '--trust', room.trust, '--yes']]
  for (const wish of wishes)
    for (const more of [[], ['--plan']]) {
      const { exit, result } = await twinslot([...wish, ...more], { env: { TWINSLOT_STATE: state } })
      assert.deepEqual([exit, result.code, result.written], [3, 'job.reports-unusable', false], JSON.stringify(result))
    }
  assert.equal(await hashOf(disk), before)
  assert.equal(statSync(blanks[0]).blocks, 0)
  assert.deepEqual(readdirSync(state).sort(), ['reports'], 'the journal of a job that never began is not there')
})

test('a report that can be saved no more at the end is a warning: the job is done all the same', async () => {
  process.env.TWINSLOT_STATE = room.path('later-state')
  mkdirSync(room.path('later-state'))
  try {
    const job: Job = {
      path: disk,
      plan: (seen) => planSlot({ kind: 'slot', slot: 'B', action: 'bad', force: null, at: AT, by: 'Test' }, seen),
      ...{ release: null, boot: null, codec: inlineCodec, inputs: NO_INPUTS },
    }
    const planned = await planToEnd(job)
    assert.ok(planned.ok, JSON.stringify(planned))
    const events: JobEvent[] = []
    const ended = await applyPlan(job, planned.value, { signal: new AbortController().signal }, (event) => {
      // It began: from now on the folder is none.
      if (events.push(event) === 1) writeFileSync(room.path('later-state/reports'), 'a file in its place')
    })
    assert.ok(ended.ok, JSON.stringify(ended))
    assert.equal(ended.fields.report, null)
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
      ['cli.report-not-saved'],
    )
  } finally {
    delete process.env.TWINSLOT_STATE
  }
})
