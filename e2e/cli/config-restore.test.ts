// Restoring /config on detached disk images, judged by e2fsck and debugfs: inside a data partition only those files change,
// a partition of its own is made anew with its identity, encrypted ones are refused, an interrupted one is finished.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noise, openRoom, type Room, SMALL_LAYOUT } from './bench-room.ts'

const MIB = 1024 * 1024
const INSIDE = 97 * MIB
const OWN = `name: own
description: a partition of its own for /config
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: 16 MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: 16 MiB, filesystem: none }
  - { role: config, name: CONFIG, size: 32 MiB, filesystem: ext4, label: CONFIG, mount: /config }
  - { role: data, name: DATA, size: rest, filesystem: ext4, label: DATA, mount: /data }
`
let room: Room

function folder(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, content] of Object.entries(files)) {
    const full = room.path(`${name}/${path}`)
    mkdirSync(join(full, '..'), { recursive: true })
    writeFileSync(full, content)
  }
  return room.path(name)
}

before(async () => {
  room = await openRoom()
  writeFileSync(room.path('own.yaml'), OWN)
  writeFileSync(room.path('luks.yaml'), SMALL_LAYOUT.replace('label: MSP-DATA', 'encryption: luks2, label: MSP-DATA'))
  folder('old', { 'hypernet/server.yaml': 'host: old\n', version: '1\n', 'gone/later.txt': 'x' })
  folder('new', {
    'hypernet/server.yaml': 'host: new\n',
    'hypernet/zero.bin': Buffer.alloc(20_000),
    'tls/x.pem': 'pem',
    version: '2\n',
  })
})
after(() => room[Symbol.asyncDispose]())

async function provisioned(name: string, layout: string, more: readonly string[] = [], size = 192): Promise<string> {
  const disk = room.path(name)
  const args = ['provision', disk, '--create', `${size}MiB`, '--layout', room.path(layout), '--release', room.release]
  const done = await room.run([...args, '--trust', room.trust, '--config', room.path('old'), '--yes', ...more])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  return disk
}

const restore = (disk: string, from = 'new') =>
  room.run(['config', 'restore', disk, '--from', room.path(from), '--yes'])

const debugfs = (disk: string, offset: number, command: string, write = false): string =>
  execFileSync('/usr/sbin/debugfs', [...(write ? ['-w'] : []), '-R', command, `${disk}?offset=${offset}`], {
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
const isSound = (disk: string, offset: number) =>
  execFileSync('/usr/sbin/e2fsck', ['-fn', `${disk}?offset=${offset}`], { timeout: 60_000, stdio: 'pipe' })

/** Files of a directory as debugfs lists them. */
function names(disk: string, offset: number, directory: string): string[] {
  const rows = debugfs(disk, offset, `ls -p ${directory}`).split('\n').filter(Boolean)
  return rows
    .map((row) => row.split('/')[5])
    .filter((name) => !['.', '..', 'lost+found'].includes(name))
    .sort()
}

function rangeDigest(disk: string, offset: number, length: number): string {
  const file = openSync(disk, 'r')
  const bytes = Buffer.alloc(length)
  readSync(file, bytes, 0, length, offset)
  closeSync(file)
  return createHash('sha256').update(bytes).digest('hex')
}
const wholeDigest = (disk: string) => createHash('sha256').update(readFileSync(disk)).digest('hex')

/** `s_state` of the superblock: 1 is clean. */
function stateOf(disk: string): number {
  const file = openSync(disk, 'r')
  const bytes = Buffer.alloc(2)
  readSync(file, bytes, 0, 2, INSIDE + 1024 + 58)
  closeSync(file)
  return bytes.readUInt16LE()
}

/** Garbage where nothing is in use, as on a disk that was used before. */
function soilFree(disk: string, offset: number, blocks: readonly number[]): void {
  const file = openSync(disk, 'r+')
  for (const block of blocks) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, offset + block * 4096)
  closeSync(file)
}

test('inside a data partition only /config changes; the old files are kept beside the journal', async () => {
  const disk = await provisioned('inside.img', 'small.yaml')
  const data = room.path('data.bin')
  writeFileSync(data, noise('data', 300_000))
  debugfs(disk, INSIDE, `write ${data} precious.bin`, true)
  debugfs(disk, INSIDE, 'sif /config mode 040750', true)
  debugfs(disk, INSIDE, 'sif /config gid 77', true)
  debugfs(disk, INSIDE, 'sif /config/version uid 55', true)
  const free = debugfs(disk, INSIDE, 'ffb 400').match(/\d+/g)?.map(Number) ?? []
  soilFree(
    disk,
    INSIDE,
    free.filter((block) => block > 100),
  )
  isSound(disk, INSIDE)
  const before = rangeDigest(disk, 0, INSIDE)
  const behind = rangeDigest(disk, 191 * MIB, MIB)
  const done = await restore(disk)
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  isSound(disk, INSIDE)
  assert.deepEqual(names(disk, INSIDE, '/config'), ['hypernet', 'tls', 'version'])
  assert.equal(debugfs(disk, INSIDE, 'cat /config/hypernet/server.yaml'), 'host: new\n')
  const zero = room.path('zero.out')
  debugfs(disk, INSIDE, `dump /config/hypernet/zero.bin ${zero}`)
  assert.deepEqual(readFileSync(zero), Buffer.alloc(20_000), 'zeroes are written over old garbage')
  debugfs(disk, INSIDE, `dump /precious.bin ${zero}`)
  assert.deepEqual(readFileSync(zero), noise('data', 300_000))
  assert.match(debugfs(disk, INSIDE, 'stat /config'), /Mode: {2}0750[\s\S]*Group: {4}77/)
  assert.match(debugfs(disk, INSIDE, 'stat /config/version'), /User: {4}55/)
  assert.equal(rangeDigest(disk, 0, INSIDE), before, 'table, ESP and slots')
  assert.equal(rangeDigest(disk, 191 * MIB, MIB), behind)
  const steps = done.result.steps as { evidence: { folder?: string; files?: number } }[]
  assert.equal(steps[0].evidence.files, 3)
  const kept = String(steps[0].evidence.folder)
  assert.ok(kept.startsWith(room.path('state/journal/config-')))
  assert.equal(readFileSync(join(kept, 'hypernet/server.yaml'), 'utf8'), 'host: old\n')
  // What was kept restores what was.
  const back = await room.run(['config', 'restore', disk, '--from', kept, '--yes'])
  assert.equal(back.exit, 0, JSON.stringify(back.result))
  isSound(disk, INSIDE)
  assert.deepEqual(names(disk, INSIDE, '/config'), ['gone', 'hypernet', 'version'])
})

test('a partition of its own is made anew, with the same UUID and label, and nothing beside it', async () => {
  const disk = await provisioned('own.img', 'own.yaml', [], 224)
  const [at, size] = [97 * MIB, 32 * MIB]
  const idOf = () => debugfs(disk, at, 'stats -h').match(/(volume name|UUID): +\S+/g)
  const id = idOf()
  const [before, behind] = [rangeDigest(disk, 0, at), rangeDigest(disk, at + size, 224 * MIB - at - size)]
  const done = await restore(disk)
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  isSound(disk, at)
  assert.deepEqual(idOf(), id)
  assert.equal(id?.length, 2)
  assert.deepEqual(names(disk, at, '/'), ['hypernet', 'tls', 'version'])
  assert.deepEqual([rangeDigest(disk, 0, at), rangeDigest(disk, at + size, 224 * MIB - at - size)], [before, behind])
  const slots = (await room.run(['inspect', disk])).result.slots as { A: { verdict: string } }
  assert.equal(slots.A.verdict, 'Good')
})

test('a disk that was switched off while it was mounted: its journal is replayed, then /config is replaced', async () => {
  const disk = await provisioned('journal.img', 'small.yaml')
  // A transaction in the journal that was never written to its place: the mode of the root directory becomes 0700.
  const block = room.path('inode-block')
  const where = Number(/located at block (\d+)/.exec(debugfs(disk, INSIDE, 'imap /'))?.[1])
  debugfs(disk, INSIDE, 'sif / mode 040700', true)
  const file = openSync(disk, 'r')
  const bytes = Buffer.alloc(4096)
  readSync(file, bytes, 0, 4096, INSIDE + where * 4096)
  closeSync(file)
  writeFileSync(block, bytes)
  debugfs(disk, INSIDE, 'sif / mode 040755', true)
  const script = room.path('journal-script')
  writeFileSync(script, `jo\njw -b ${where} ${block}\njc\n`)
  execFileSync('/usr/sbin/debugfs', ['-w', '-f', script, `${disk}?offset=${INSIDE}`], {
    timeout: 60_000,
    stdio: 'pipe',
  })
  assert.match(debugfs(disk, INSIDE, 'stats -h'), /needs_recovery/)
  const done = await restore(disk)
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  isSound(disk, INSIDE)
  assert.doesNotMatch(debugfs(disk, INSIDE, 'stats -h'), /needs_recovery/)
  assert.match(debugfs(disk, INSIDE, 'stat /'), /Mode: {2}0700/, 'the transaction counts')
  assert.deepEqual(names(disk, INSIDE, '/config'), ['hypernet', 'tls', 'version'])
})

test('a file system with errors that are not safe to repair is refused untouched: restore.unsound', async () => {
  const disk = await provisioned('unsound.img', 'small.yaml')
  debugfs(disk, INSIDE, 'clri /config/hypernet', true)
  const whole = wholeDigest(disk)
  const refused = await restore(disk)
  assert.equal(refused.result.code, 'restore.unsound', JSON.stringify(refused.result))
  assert.equal(refused.result.written, false)
  assert.equal(wholeDigest(disk), whole)
})

test('a restore that was cut says so on the disk, and the same command finishes it', async () => {
  const disk = await provisioned('cut.img', 'small.yaml')
  const sick = room.path('cut-copy.img')
  copyFileSync(disk, sick)
  const done = await restore(disk)
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  // The cut: of what the job wrote, only the first block and every other one of the rest are there.
  const { job } = JSON.parse(readFileSync(String(done.result.report), 'utf8'))
  const journal = room.path(`state/journal/${job}.jsonl`)
  const lines = readFileSync(journal, 'utf8').trim().split('\n')
  const writes = lines.flatMap((line) => {
    const row = JSON.parse(line)
    return row.event === 'old-bytes' ? [row as { offset: number; length: number; hex: string | null }] : []
  })
  const [from, to] = [openSync(disk, 'r'), openSync(sick, 'r+')]
  writes.slice(1, -1).forEach(({ offset, length }, index) => {
    if (index % 2 === 1) return
    const bytes = Buffer.alloc(length)
    readSync(from, bytes, 0, length, offset)
    writeSync(to, bytes, 0, length, offset)
  })
  // The last write but one of the first block is the one that says "not clean": the last one's old bytes.
  const last = writes[writes.length - 1]
  assert.equal(last.offset, INSIDE)
  writeSync(to, Buffer.from(last.hex ?? '', 'hex'), 0, last.length, last.offset)
  closeSync(from)
  closeSync(to)
  assert.equal(stateOf(sick), 0, 'not clean: whoever mounts it checks it first')
  // The same file again, so that it is the same disk to the journal, which lacks its last lines.
  copyFileSync(sick, disk)
  writeFileSync(journal, `${lines.filter((line) => !/"event":"(end|step-done)"/.test(line)).join('\n')}\n`)
  const again = await restore(disk)
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  assert.equal(again.result.resumed, true)
  isSound(disk, INSIDE)
  assert.deepEqual(names(disk, INSIDE, '/config'), ['hypernet', 'tls', 'version'])
  assert.equal(debugfs(disk, INSIDE, 'cat /config/version'), '2\n')
  assert.equal(stateOf(disk), 1)
})

test('an encrypted partition, a disk without a place, and an empty folder are refused', async () => {
  writeFileSync(room.path('key'), 'sixteen-letters!')
  const luks = await provisioned('luks.img', 'luks.yaml', ['--luks-key', room.path('key')])
  const whole = wholeDigest(luks)
  assert.equal((await restore(luks)).result.code, 'restore.encrypted')
  assert.equal(wholeDigest(luks), whole)
  const blank = room.path('blank.img')
  writeFileSync(blank, Buffer.alloc(8 * MIB))
  assert.equal((await restore(blank)).result.code, 'restore.no-place')
  mkdirSync(room.path('empty'))
  const disk = await provisioned('empty.img', 'small.yaml')
  assert.equal((await restore(disk, 'empty')).result.code, 'restore.nothing')
  assert.ok(readdirSync(room.path('empty')).length === 0)
})

test('what cannot be restored is refused in the plan: names on either side, depth, more than there is room for', async () => {
  const disk = await provisioned('planned.img', 'small.yaml')
  const whole = wholeDigest(disk)
  const plan = (from: string) => room.run(['config', 'restore', disk, '--from', from, '--plan'])
  const planned = async (from: string) => (await plan(from)).result.code
  const unusual = folder('unusual', { 'a\\x2db.mount': 'x', [`${'d/'.repeat(32)}deep`]: 'x' })
  assert.equal((await plan(unusual)).exit, 0)
  assert.equal(await planned(folder('quoted', { 'say "no"': 'x' })), 'config.bad-name')
  assert.equal(await planned(folder('deeper', { [`${'d/'.repeat(33)}deep`]: 'x' })), 'config.bad-name')
  assert.equal(await planned(folder('large', { a: Buffer.alloc(3_000_000) })), 'config.too-large')
  assert.equal(wholeDigest(disk), whole)
  // The data partition is filled up by the appliance.
  const filler = Number(/Free blocks: +(\d+)/.exec(debugfs(disk, INSIDE, 'stats -h'))?.[1]) - 100
  writeFileSync(room.path('filler'), noise('filler', filler * 4096))
  debugfs(disk, INSIDE, `write ${room.path('filler')} filler.bin`, true)
  assert.equal(await planned(folder('fits-not', { a: Buffer.alloc(1_000_000) })), 'config.no-room')
  debugfs(disk, INSIDE, 'rm filler.bin', true)
  // What was written by the rule is replaced by the rule, again and again.
  for (const from of ['unusual', 'new', 'unusual']) assert.equal((await restore(disk, from)).exit, 0)
  isSound(disk, INSIDE)
  assert.deepEqual(names(disk, INSIDE, '/config'), ['a\\x2db.mount', 'd'])
  // A name that the appliance made, and that no listing can tell.
  debugfs(disk, INSIDE, 'mkdir "/config/odd\rname"', true)
  assert.equal(await planned(room.path('new')), 'restore.odd-name')
})
