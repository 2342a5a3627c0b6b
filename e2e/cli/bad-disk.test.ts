// Targets that are no disk, are damaged, full, read-only, locked or forbidden: exact codes, and nothing written where
// nothing may be; where writing had begun, a true account.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { openRoom, type Room } from './bench-room.ts'
import { file, refused, stateOf, twoAtOnce } from './refusals.ts'
import { REPO, type Run } from './twinslot.ts'

let room: Room
/** Provisioned: small layout, release 1.0.0 in slot A. */
let disk: string
const isRoot = process.getuid?.() === 0

const tool = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const has = (command: string) => spawnSync('which', [command], { timeout: 10_000 }).status === 0

const provision = (path: string, ...more: string[]) => [
  ...['provision', path, '--layout', room.path('small.yaml'), '--release', room.release, '--trust', room.trust],
  ...['--yes', ...more],
]
const flash = (path: string) => [
  ...['flash', path, '--slot', 'B', '--release', room.release, '--trust', room.trust, '--yes'],
]

/** A copy of the good disk with other bytes at some places. */
function damaged(
  name: string,
  change: (write: (offset: number, bytes: Uint8Array) => void, path: string) => void,
): string {
  const path = room.path(name)
  copyFileSync(disk, path)
  const handle = openSync(path, 'r+')
  change((offset, bytes) => writeSync(handle, bytes, 0, bytes.length, offset), path)
  closeSync(handle)
  return path
}

function read(path: string, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const handle = openSync(path, 'r')
  readSync(handle, bytes, 0, length, offset)
  closeSync(handle)
  return bytes
}

/** With neither side intact there is one finding, which tells of both. */
function bothSides(run: Run): string {
  assert.deepEqual(findingsOf(run), ['gpt.unrepairable'])
  return run.result.findings?.[0].message ?? ''
}

const findingsOf = (run: Run) => (run.result.findings ?? []).map((each) => each.code)

before(async () => {
  room = await openRoom()
  disk = room.path('good.img')
  const made = await room.run(provision(disk, '--create', '192MiB'))
  assert.equal(made.exit, 0, JSON.stringify(made.result))
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

test('what is no disk is refused with what it is', async () => {
  mkdirSync(room.path('folder'))
  const cases: [string, string][] = [
    [room.path('folder'), 'disk.is-directory'],
    [room.path('missing.img'), 'disk.not-found'],
    [room.path('missing/deeper.img'), 'disk.not-found'],
    ['/dev/zero', 'disk.not-a-disk'],
    [file(room, 'empty.img', ''), 'disk.no-size'],
  ]
  await twoAtOnce(cases, async ([path, code]) => {
    await refused(room, path, provision(path), code, 3, path)
    await refused(room, path, ['inspect', path], code, 3, path)
  })
  await refused(
    room,
    room.path('tiny.img'),
    provision(file(room, 'tiny.img', 'x'.repeat(600))),
    'layout.disk-too-small',
    3,
  )
  await refused(room, room.path('folder'), provision(room.path('folder'), '--create', '1GB'), 'disk.file-exists', 3)
})

test('a disk that is too small is refused with both numbers, and a file made for it does not stay', async () => {
  const path = room.path('too-small.img')
  const { result } = await refused(room, path, provision(path, '--create', '100MiB'), 'layout.disk-too-small', 3)
  assert.match(result.findings?.[0].message ?? '', /\d.*\d/)
  await refused(room, path, provision(path, '--create', '900PB'), 'cli.usage', 2)
})

test('flash and slot commands refuse a disk that is no A/B disk, and inspect tells what it is', async () => {
  const blank = file(room, 'blank.img', Buffer.alloc(4 << 20))
  await refused(room, blank, flash(blank), 'plan.not-ab-disk', 3)
  await twoAtOnce(['default', 'once', 'good', 'bad', 'reset'], async (action) => {
    await refused(room, blank, ['slot', action, blank, 'A', '--yes'], 'plan.not-ab-disk', 3, action)
  })
  await refused(room, blank, ['slot', 'list', blank], 'plan.not-ab-disk', 3)
  await refused(room, blank, ['esp', 'list', blank], 'plan.not-ab-disk', 3)
  assert.equal((await room.run(['inspect', blank])).result.content, 'blank')
  const noise = file(room, 'noise.img', Buffer.alloc(4 << 20, 'no table here '))
  assert.equal((await room.run(['inspect', noise])).result.content, 'unknown')
})

test('a GPT whose primary side is damaged is read from the backup, and inspect says so', async () => {
  const wrongCrc = damaged('wrong-crc.img', (write) => write(512 + 60, Buffer.from([1])))
  const run = await room.run(['inspect', wrongCrc])
  assert.equal(run.exit, 0)
  assert.deepEqual(findingsOf(run), ['gpt.header-crc'], JSON.stringify(run.result.findings))
  assert.ok(run.result.table)
})

test('a GPT that is damaged on both sides is no A/B disk; nothing crashes, and nothing is written', async () => {
  const last = statSync(disk).size - 512
  const wrong = damaged('no-crc.img', (write) => {
    write(512 + 60, Buffer.from([1]))
    write(last + 60, Buffer.from([1]))
  })
  const run = await room.run(['inspect', wrong])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  assert.match(bothSides(run), /primary GPT header is damaged.*backup GPT header is damaged/)
  assert.equal(run.result.table, null)
  await refused(room, wrong, flash(wrong), 'plan.not-ab-disk', 3)
})

/** A header (both sides) with `change` applied and its checksum right again. */
function forged(name: string, change: (header: Buffer, entries: Buffer) => void): string {
  const size = statSync(disk).size
  return damaged(name, (write) => {
    for (const [at, entriesAt] of [
      [512, 1024],
      [size - 512, size - 512 - 16384],
    ]) {
      const header = read(disk, at, 512)
      const entries = read(disk, entriesAt, 16384)
      change(header, entries)
      header.writeUInt32LE(crc32(entries), 88)
      header.writeUInt32LE(0, 16)
      header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
      write(at, header)
      write(entriesAt, entries)
    }
  })
}

test('a GPT with 10^9 entries is refused by its number, without reading or allocating them', async () => {
  const huge = forged('huge.img', (header) => header.writeUInt32LE(1_000_000_000, 80))
  const run = await room.run(['inspect', huge])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  assert.match(bothSides(run), /primary GPT header claims 1000000000 entries/)
  await refused(room, huge, flash(huge), 'plan.not-ab-disk', 3)
})

test('a GPT with overlapping entries is refused', async () => {
  const overlap = forged('overlap.img', (_header, entries) => {
    entries.writeBigUInt64LE(entries.readBigUInt64LE(128 + 32) + 8n, 256 + 32)
  })
  const run = await room.run(['inspect', overlap])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  assert.match(bothSides(run), /of the primary GPT overlap/)
  await refused(room, overlap, flash(overlap), 'plan.not-ab-disk', 3)
})

test('a disk whose ESP is rubbish is no A/B disk any more, and inspect names the reason', async () => {
  const noEsp = damaged('no-esp.img', (write) => write(1 << 20, Buffer.alloc(4096, 0xaa)))
  const run = await room.run(['inspect', noEsp])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  assert.match(String(findingsOf(run)), /fat\./)
  await refused(room, noEsp, flash(noEsp), 'plan.not-ab-disk', 3)
  await refused(room, noEsp, ['esp', 'get', noEsp, '/ab_state', room.path('x')], 'fat.not-fat32', 3)
})

test('a disk image cut behind the table: the backup is missing, the rest still tells its story', async () => {
  const cut = damaged('cut.img', (_write, path) => truncateSync(path, 180 << 20))
  const run = await room.run(['inspect', cut])
  assert.equal(run.exit, 0, JSON.stringify(run.result))
  assert.ok(findingsOf(run).length > 0)
})

test('a read-only disk is refused before the first write', async (t) => {
  if (!isRoot || !has('losetup')) return t.skip('needs root and losetup')
  const loop = spawnSync('losetup', ['--find', '--show', '--read-only', disk], { encoding: 'utf8', timeout: 10_000 })
  if (loop.status !== 0) return t.skip(`losetup does not work here: ${loop.stderr.trim()}`)
  const path = loop.stdout.trim()
  try {
    await refused(room, disk, flash(path), 'disk.read-only', 3)
    await refused(room, disk, provision(path), 'disk.read-only', 3)
    assert.equal((await room.run(['inspect', path])).exit, 0)
  } finally {
    tool('losetup', '--detach', path)
  }
})

test('a partition instead of its disk is refused, with the name of the disk', async (t) => {
  if (!isRoot || !has('losetup')) return t.skip('needs root and losetup')
  const args = ['--find', '--show', '--partscan', disk]
  const loop = spawnSync('losetup', args, { encoding: 'utf8', timeout: 10_000 })
  if (loop.status !== 0) return t.skip(`losetup does not work here: ${loop.stderr.trim()}`)
  const path = loop.stdout.trim()
  try {
    if (!existsSync(`${path}p1`)) return t.skip('this kernel shows no partitions of loop devices')
    const { result } = await refused(room, disk, provision(`${path}p1`), 'disk.is-partition', 3)
    assert.ok(result.findings?.[0].message.includes(path))
  } finally {
    tool('losetup', '--detach', path)
  }
})

test('a full file system ends the job with disk.full, a true account, and a disk that nobody takes for finished', async (t) => {
  if (!isRoot) return t.skip('needs root to mount a small tmpfs')
  const place = room.path('small-place')
  mkdirSync(place)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', place], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  if (mounted.status !== 0) return t.skip(`tmpfs cannot be mounted here: ${mounted.stderr.trim()}`)
  try {
    const path = `${place}/full.img`
    const { exit, result } = await room.run(provision(path, '--create', '192MiB'))
    assert.equal(result.code, 'disk.full', JSON.stringify(result))
    assert.equal(exit, 1)
    assert.equal(result.written, true)
    assert.ok(Number(result.bytesWritten) < 4 << 20)
    assert.match(String(result.account), /were written.*no partition table yet/)
    const head = read(path, 0, 1024)
    const signatures = [head.readUInt16BE(510) === 0x55aa, head.toString('latin1', 512, 520) === 'EFI PART']
    assert.deepEqual(signatures, [false, false], 'no partition table')
  } finally {
    tool('umount', place)
  }
})

test('without permission nothing is opened, and the exit code is 5', async (t) => {
  if (!isRoot || !has('setpriv')) return t.skip('needs root and setpriv')
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const readable = spawnSync('setpriv', [
    ...asNobody,
    'cat',
    `${REPO}/cli/main.ts`,
    `${REPO}/node_modules/node/package.json`,
  ])
  if (readable.status !== 0) return t.skip('another user cannot read this checkout')
  chmodSync(room.path('.'), 0o755)
  const own = file(room, 'root-only.img', Buffer.alloc(1 << 20))
  chmodSync(own, 0o600)
  const before = stateOf(own)
  const run = spawnSync('setpriv', [...asNobody, `${REPO}/bin/twinslot`, 'inspect', own, '--json'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, HOME: '/nonexistent', NODE_COMPILE_CACHE: room.path('cache-of-nobody') },
  })
  const result = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}')
  assert.equal(result.code, 'disk.no-permission', run.stdout + run.stderr)
  assert.equal(run.status, 5)
  assert.equal(stateOf(own), before)
})

test('configuration folders that are not plain are refused before the disk is touched', async () => {
  const folder = room.path('links')
  mkdirSync(folder)
  tool('ln', '-s', '/etc/passwd', `${folder}/stolen`)
  await refused(room, disk, provision(disk, '--config', folder), 'config.not-plain', 2)
  await refused(room, disk, provision(disk, '--config', room.path('no-such-folder')), 'config.unreadable', 2)
  mkdirSync(room.path('big'))
  truncateSync(file(room, 'big/data', ''), 300_000_000)
  await refused(room, disk, provision(disk, '--config', room.path('big')), 'config.too-large', 2)
  const deep = [...Array<string>(33).fill('d'), 'file'].join('/')
  for (const [index, name] of ['Icon\r', 'say "no"', 'lost+found', deep].entries()) {
    const odd = room.path(`odd-${index}`)
    mkdirSync(dirname(`${odd}/${name}`), { recursive: true })
    writeFileSync(`${odd}/${name}`, 'x')
    await refused(room, disk, provision(disk, '--config', odd), 'config.bad-name', 2)
  }
})
