// The doctor on disk images: each kind of damage is made on purpose with foreign tools, found, repaired, and gone; what the
// repair does not concern stays byte-identical, and its journal makes the disk what it was before.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { makeSystemImage, openRoom, type Room } from './bench-room.ts'
import type { Run } from './twinslot.ts'

const MIB = 1024 * 1024
const ESP = MIB
const SECTOR = 512
/** Partitions of the small layout: ESP 64 MiB, slots 16 MiB, data the rest. */
const PARTS = { esp: [1, 64], A: [65, 16], B: [81, 16], data: [97, 94] } as const

let room: Room
let fresh: string
let other: string
let count = 0

before(async () => {
  room = await openRoom()
  fresh = room.path('fresh.img')
  const make = [
    'provision',
    fresh,
    '--create',
    '192MiB',
    '--layout',
    room.path('small.yaml'),
    '--slots',
    'both',
    '--yes',
  ]
  const done = await room.run([...make, '--release', room.release, '--trust', room.trust])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  other = await room.makeRelease('two', ['--version', '2.0.0', '--counter', '2', '--boot', room.path('boot')])
})
after(() => room[Symbol.asyncDispose]())

const HEADER = '# GRUB Environment Block\n'

function patient(): string {
  count += 1
  const disk = room.path(`patient-${count}.img`)
  copyFileSync(fresh, disk)
  return disk
}

const mtools = (tool: string, disk: string, args: readonly string[]) =>
  execFileSync(tool, ['-i', `${disk}@@${ESP}`, ...args], {
    timeout: 30_000,
    env: { ...process.env, MTOOLS_SKIP_CHECK: '1' },
  })

/** Replaces a file of the ESP, or removes it. */
function putFile(disk: string, path: string, bytes: Uint8Array | null): void {
  if (bytes === null) {
    mtools('mdel', disk, [`::/${path}`])
    return
  }
  const from = room.path('put')
  writeFileSync(from, bytes)
  mtools('mcopy', disk, ['-o', from, `::/${path}`])
}
const getFile = (disk: string, path: string): Buffer => mtools('mtype', disk, [`::/${path}`])

function writeAt(disk: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(disk, 'r+')
  writeSync(file, bytes, 0, bytes.length, offset)
  closeSync(file)
}

function digestOf(disk: string, part: keyof typeof PARTS): string {
  const [start, length] = PARTS[part]
  const file = openSync(disk, 'r')
  const bytes = Buffer.alloc(length * MIB)
  readSync(file, bytes, 0, bytes.length, start * MIB)
  closeSync(file)
  return createHash('sha256').update(bytes).digest('hex')
}
const wholeDigest = (disk: string) => createHash('sha256').update(readFileSync(disk)).digest('hex')

type Row = { code: string; repair: string | null }
async function damageOf(disk: string): Promise<Row[]> {
  const run = await room.run(['doctor', disk])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  return (run.result.damage as Row[]).map(({ code, repair }) => ({ code, repair }))
}

const repair = (disk: string, kind: string, more: readonly string[] = []) =>
  room.run(['doctor', disk, '--repair', kind, '--yes', ...more])
const withRelease = (release: string) => ['--release', release, '--trust', room.trust]

/** `slots` and `boot` of inspect. */
async function inspected(disk: string) {
  const { result } = await room.run(['inspect', disk])
  return {
    findings: result.findings,
    slots: result.slots as Record<
      'A' | 'B',
      { verdict: string; record: { state: string; content?: { version: string } } }
    >,
    boot: result.boot as {
      wanted: string
      good: string | null
      trying: string | null
      left: number
      next: { slot: string; counted: boolean } | null
    },
  }
}

/** Damage -> found -> repaired -> clean; the rest untouched; undone by the journal. */
async function heals(disk: string, kind: string, codes: readonly string[], more: readonly string[] = []): Promise<Run> {
  const found = await damageOf(disk)
  assert.deepEqual([...new Set(found.map(({ code }) => code))].sort(), [...codes].sort())
  assert.ok(found.some((row) => row.repair === kind))
  const sick = wholeDigest(disk)
  const kept = (['A', 'B', 'data'] as const).map((part) => digestOf(disk, part))
  const done = await repair(disk, kind, more)
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  assert.deepEqual(await damageOf(disk), [])
  assert.deepEqual((await inspected(disk)).findings, [])
  assert.deepEqual(
    (['A', 'B', 'data'] as const).map((part) => digestOf(disk, part)),
    kept,
    'slots and data',
  )
  execFileSync('fsck.vfat', ['-n', espOf(disk)], { timeout: 30_000, stdio: 'pipe' })
  execFileSync('sgdisk', ['-v', disk], { timeout: 30_000, stdio: 'pipe' })
  const healed = room.path('undone.img')
  copyFileSync(disk, healed)
  undo(healed, done)
  assert.equal(wholeDigest(healed), sick, 'the journal makes it what it was')
  const again = await repair(disk, kind, more)
  assert.equal(again.result.code, 'plan.nothing-to-repair', JSON.stringify(again.result))
  assert.equal(again.exit, 3)
  return done
}

function espOf(disk: string): string {
  const out = room.path('esp.img')
  const file = openSync(disk, 'r')
  const bytes = Buffer.alloc(64 * MIB)
  readSync(file, bytes, 0, bytes.length, ESP)
  closeSync(file)
  writeFileSync(out, bytes)
  return out
}

/** Writes the old bytes of a job's journal back, the last first. */
function undo(disk: string, { result }: Run): void {
  const { job } = JSON.parse(readFileSync(String(result.report), 'utf8'))
  const lines = readFileSync(room.path(`state/journal/${job}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const begun = lines.findLastIndex((line) => line.includes('"event":"begin"'))
  const old = lines.slice(begun).flatMap((line) => {
    const row = JSON.parse(line)
    return row.event === 'old-bytes' ? [row as { offset: number; length: number; hex: string | null }] : []
  })
  assert.ok(old.length > 0)
  for (const { offset, length, hex } of old.reverse())
    writeAt(disk, offset, hex === null ? Buffer.alloc(length) : Buffer.from(hex, 'hex'))
}

test('a healthy disk has no damage, and every repair of it is refused', async () => {
  const disk = patient()
  assert.deepEqual(await damageOf(disk), [])
  const whole = wholeDigest(disk)
  for (const kind of ['environment', 'ab-state', 'slot-record', 'partition-table', 'both-bad'])
    assert.equal((await repair(disk, kind)).result.code, 'plan.nothing-to-repair', kind)
  assert.equal((await repair(disk, 'boot-loader', withRelease(room.release))).result.code, 'plan.nothing-to-repair')
  assert.equal((await repair(disk, 'boot-loader')).result.code, 'repair.no-release')
  assert.equal((await repair(disk, 'teeth')).result.code, 'cli.usage')
  assert.equal(wholeDigest(disk), whole)
})

for (const [what, path, content] of [
  ['a missing environment', 'grubenv', null],
  ['a short environment', 'grubenv', 'short'],
  ['a random environment', 'grubenv', Buffer.alloc(1024, 0x5a)],
  ['an environment of a header only', 'grubenv', Buffer.from(HEADER.padEnd(1024, '#'))],
  ['an environment of a header and NULs', 'grubenv', Buffer.from(HEADER.padEnd(1024, '\0'))],
  ['a missing spare environment', 'twinslot/grubenv', null],
  ['an unfilled spare environment', 'twinslot/grubenv', Buffer.alloc(1024)],
] as const)
  test(`${what} is written anew from its intact copy`, async () => {
    const disk = patient()
    const good = getFile(disk, 'grubenv')
    putFile(disk, path, content === 'short' ? good.subarray(0, 512) : content)
    await heals(disk, 'environment', ['boot.env-damaged'])
    assert.deepEqual(getFile(disk, 'grubenv'), good)
    assert.deepEqual(getFile(disk, 'twinslot/grubenv'), good)
  })

test('copies of the environment that disagree: what the boot loader believes stays (repair.env-copies-differ)', async () => {
  const disk = patient()
  const good = getFile(disk, 'grubenv')
  putFile(disk, 'twinslot/grubenv', Buffer.from(good.toString().replace('ab_good=A', 'ab_good=B')))
  await heals(disk, 'environment', ['repair.env-copies-differ'])
  assert.deepEqual(getFile(disk, 'twinslot/grubenv'), good)
})

test('with both environments lost, the slot that boots is called good only after it was read', async () => {
  const disk = patient()
  putFile(disk, 'grubenv', null)
  putFile(disk, 'twinslot/grubenv', Buffer.alloc(1024))
  const done = await heals(disk, 'environment', ['boot.env-damaged', 'boot.env-lost'])
  const [checked] = done.result.steps as { title: string; evidence: { sha256: string } }[]
  assert.match(checked.title, /^Check slot A/)
  assert.deepEqual([(await inspected(disk)).boot.good, (await inspected(disk)).boot.wanted], ['A', 'A'])

  const broken = patient()
  putFile(broken, 'grubenv', null)
  putFile(broken, 'twinslot/grubenv', null)
  writeAt(broken, PARTS.A[0] * MIB + 100_000, Buffer.alloc(64, 1))
  const whole = wholeDigest(broken)
  const refused = await repair(broken, 'environment')
  assert.equal(refused.result.code, 'slot.content-differs')
  assert.equal(refused.result.written, false)
  assert.equal(wholeDigest(broken), whole)
})

test('with both environments lost in a trial, the noted slot boots and stays good, and the trial is never called good', async () => {
  const disk = patient()
  assert.equal((await room.run(['slot', 'default', disk, 'B', '--yes'])).exit, 0)
  putFile(disk, 'grubenv', null)
  putFile(disk, 'twinslot/grubenv', null)
  const { next } = (await inspected(disk)).boot
  assert.deepEqual([next?.slot, next?.counted], ['A', false], 'told as the boot loader does it')
  await heals(disk, 'environment', ['boot.env-damaged', 'boot.env-lost'])
  const { slots, boot } = await inspected(disk)
  assert.deepEqual([boot.good, boot.wanted, slots.B.verdict, boot.next?.counted], ['A', 'B', 'Trying', true])
})

test('with both environments and the note lost nothing is called good: a counted trial of the slot that boots', async () => {
  const disk = patient()
  for (const path of ['grubenv', 'twinslot/grubenv', 'twinslot/good']) putFile(disk, path, null)
  assert.deepEqual((await inspected(disk)).boot.next?.counted, false)
  await heals(disk, 'environment', ['boot.env-damaged', 'boot.env-lost'])
  const { slots, boot } = await inspected(disk)
  assert.deepEqual([boot.good, boot.trying, boot.left, slots.A.verdict], [null, 'A', 3, 'Trying'])
})

test('without a slot that is recorded as written there is none to call good: repair.no-candidate', async () => {
  const disk = patient()
  for (const path of ['grubenv', 'twinslot/grubenv', 'twinslot/slots']) putFile(disk, path, null)
  assert.equal((await repair(disk, 'environment')).result.code, 'repair.no-candidate')
})

for (const [what, content, code] of [
  ['missing', null, 'boot.ab-state-missing'],
  ['damaged', Buffer.alloc(25, 0x41), 'boot.ab-state-damaged'],
] as const)
  test(`ab_state that is ${what} is written to say what boots anyway`, async () => {
    const disk = patient()
    await room.run(['slot', 'good', disk, 'B', '--yes'])
    const env = getFile(disk, 'grubenv')
    putFile(disk, 'ab_state', content)
    const next = (await inspected(disk)).boot.next
    await heals(disk, 'ab-state', [code])
    assert.equal(getFile(disk, 'ab_state').toString(), 'set active_partition="B"\n')
    assert.deepEqual((await inspected(disk)).boot.next, next)
    assert.deepEqual(getFile(disk, 'grubenv'), env)
  })

test('a missing boot loader comes back from an authenticated release; which slot boots stays (repair.no-loader)', async () => {
  const disk = patient()
  await room.run(['slot', 'good', disk, 'B', '--yes'])
  const loader = getFile(disk, 'EFI/BOOT/BOOTX64.EFI')
  const state = ['ab_state', 'grubenv', 'twinslot/grubenv', 'twinslot/slots'].map((path) => getFile(disk, path))
  putFile(disk, 'EFI/BOOT/BOOTX64.EFI', null)
  await heals(disk, 'boot-loader', ['repair.no-loader'], withRelease(room.release))
  assert.deepEqual(getFile(disk, 'EFI/BOOT/BOOTX64.EFI'), loader)
  assert.deepEqual(
    ['ab_state', 'grubenv', 'twinslot/grubenv', 'twinslot/slots'].map((path) => getFile(disk, path)),
    state,
  )
  // Bytes that changed are no longer those of the release, which a look without one cannot tell.
  putFile(disk, 'EFI/BOOT/BOOTX64.EFI', Buffer.concat([loader.subarray(0, 5000), Buffer.alloc(loader.length - 5000)]))
  const done = await repair(disk, 'boot-loader', withRelease(room.release))
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  assert.deepEqual(getFile(disk, 'EFI/BOOT/BOOTX64.EFI'), loader)
  const system = makeSystemImage(room.path('.'), 'bare')
  const bare = await room.makeRelease('bare', ['--version', '3.0.0', '--counter', '3'], system)
  assert.equal((await repair(disk, 'boot-loader', withRelease(bare))).result.code, 'plan.no-boot-files')
})

test('a lost slot record is written anew: what equals the release is recorded as it, the rest as unknown', async () => {
  const disk = patient()
  putFile(disk, 'twinslot/slots', Buffer.alloc(8192, 0x20))
  const [start] = PARTS.B
  writeAt(disk, start * MIB + 200_000, Buffer.alloc(64, 7))
  const found = await damageOf(disk)
  assert.deepEqual(found, [{ code: 'slot.record-lost', repair: 'slot-record' }])
  const done = await repair(disk, 'slot-record', withRelease(room.release))
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  const { slots, boot } = await inspected(disk)
  assert.equal(slots.A.verdict, 'Good')
  assert.equal(slots.A.record.content?.version, '1.0.0')
  assert.deepEqual([slots.B.record.state, slots.B.verdict], ['unknown', 'Bad'])
  assert.equal(boot.next?.slot, 'A')
  assert.deepEqual(await damageOf(disk), [])
})

test('a slot that was changed behind the record is found by a glance; the release that it really holds is recorded', async () => {
  const disk = patient()
  const flashed = await room.run(['flash', disk, '--slot', 'B', '--yes', ...withRelease(other)])
  assert.equal(flashed.exit, 0, JSON.stringify(flashed.result))
  // The record of before: B is recorded as 1.0.0 but holds 2.0.0. The glance needs a larger image to notice.
  const big = await room.makeRelease(
    'big',
    ['--version', '4.0.0', '--counter', '4'],
    makeSystemImage(room.path('.'), 'big', 6_000_000),
  )
  const record = getFile(disk, 'twinslot/slots')
  assert.equal((await room.run(['flash', disk, '--slot', 'B', '--yes', ...withRelease(big)])).exit, 0)
  const env = getFile(disk, 'grubenv')
  putFile(disk, 'twinslot/slots', record)
  putFile(disk, 'grubenv', env)
  await heals(disk, 'slot-record', ['repair.slot-content'], withRelease(big))
  assert.equal((await inspected(disk)).slots.B.record.content?.version, '4.0.0')
})

test('a damaged copy of the slot record is written anew from the other', async () => {
  const disk = patient()
  const record = getFile(disk, 'twinslot/slots')
  putFile(disk, 'twinslot/slots', Buffer.concat([Buffer.alloc(4096, 0x2e), record.subarray(4096)]))
  await heals(disk, 'slot-record', ['slot.record-copy-damaged'])
})

test('a damaged side of the partition table is rebuilt, and that can be undone, too', async () => {
  const disk = patient()
  writeAt(disk, SECTOR, Buffer.alloc(SECTOR))
  const found = await damageOf(disk)
  assert.ok(found.length > 0 && found.every((row) => row.repair === 'partition-table'), JSON.stringify(found))
  const sick = wholeDigest(disk)
  const done = await repair(disk, 'partition-table')
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  assert.equal(wholeDigest(disk), wholeDigest(fresh))
  undo(disk, done)
  assert.equal(wholeDigest(disk), sick)
})

test('with both slots bad, the one that still is what was written boots as a trial (repair.both-bad)', async () => {
  const disk = patient()
  for (const slot of ['A', 'B'])
    assert.equal((await room.run(['slot', 'bad', disk, slot, '--force', 'test', '--yes'])).exit, 0)
  // A is what boots anyway, but it was damaged: B it is.
  writeAt(disk, PARTS.A[0] * MIB + 100_000, Buffer.alloc(64, 1))
  assert.equal((await inspected(disk)).boot.next, null, 'a bad slot never boots by itself')
  await heals(disk, 'both-bad', ['repair.both-bad'])
  const { slots, boot } = await inspected(disk)
  assert.deepEqual([boot.wanted, boot.trying, boot.left, slots.B.verdict], ['B', 'B', 3, 'Trying'])
})

test('with both slots damaged nothing is armed and nothing is written: repair.no-intact-slot', async () => {
  const disk = patient()
  for (const slot of ['A', 'B'] as const) {
    await room.run(['slot', 'bad', disk, slot, '--force', 'test', '--yes'])
    writeAt(disk, PARTS[slot][0] * MIB + 100_000, Buffer.alloc(64, 1))
  }
  const whole = wholeDigest(disk)
  const refused = await repair(disk, 'both-bad')
  assert.equal(refused.result.code, 'repair.no-intact-slot')
  assert.equal(refused.result.written, false)
  assert.equal(wholeDigest(disk), whole)
})

test('a release that is not trusted repairs nothing', async () => {
  const disk = patient()
  putFile(disk, 'EFI/BOOT/BOOTX64.EFI', null)
  const whole = wholeDigest(disk)
  const made = [
    'key',
    'create',
    '--name',
    'Other <o@example.org>',
    '--secret',
    room.path('o.asc'),
    '--public',
    room.path('o.pub'),
  ]
  assert.equal((await room.run(made)).exit, 0)
  const refused = await repair(disk, 'boot-loader', ['--release', room.release, '--trust', room.path('o.pub')])
  assert.equal(refused.exit, 4, JSON.stringify(refused.result))
  assert.equal(wholeDigest(disk), whole)
})
