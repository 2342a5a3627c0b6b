// Other layouts than the T640's, on sparse disk images: the eight partitions of a Hypernet server, and encryption.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room, SMALL_LAYOUT } from './bench-room.ts'

let room: Room

const tool = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'] })

interface Partition {
  readonly start: number
  readonly size: number
  readonly name: string
}
const partitions = (path: string): readonly Partition[] =>
  JSON.parse(tool('sfdisk', '--json', path)).partitiontable.partitions

before(async () => {
  room = await openRoom()
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

test('hypernet-server: eight partitions on a 1 TB disk, each as its own tool wants it, /config in its own', async (t) => {
  const disk = room.path('server.img')
  mkdirSync(room.path('config'))
  writeFileSync(room.path('config/version'), '2\n')
  const args = ['provision', disk, '--create', '1TB', '--layout', 'hypernet-server', '--slots', 'both']
  const release = ['--release', room.release, '--trust', room.trust]
  const { exit, result } = await room.run([...args, '--config', room.path('config'), ...release, '--yes'])
  assert.equal(exit, 0, JSON.stringify(result))
  assert.match(tool('sgdisk', '-v', disk), /No problems found/)
  const rows = partitions(disk)
  const names = ['ESP', 'SLOT-A', 'SLOT-B', 'CONFIG', 'DATA', 'MEDIA', 'LOGS', 'CACHE']
  assert.deepEqual(
    rows.map((row) => row.name),
    names,
  )
  const gigabytes = rows.map((row) => Math.floor((row.size * 512) / 1e9))
  assert.deepEqual(gigabytes, [0, 25, 25, 2, 200, 500, 100, 50])
  for (const row of rows.filter(({ name }) => ['CONFIG', 'DATA', 'LOGS', 'CACHE'].includes(name)))
    tool('e2fsck', '-fn', `${disk}?offset=${row.start * 512}`)
  assert.equal(tool('debugfs', '-R', 'cat /version', `${disk}?offset=${rows[3].start * 512}`), '2\n')
  const { start, size } = rows[5]
  let loop: string
  try {
    const range = ['--offset', String(start * 512), '--sizelimit', String(size * 512)]
    loop = tool('losetup', '--find', '--show', '--read-only', ...range, disk).trim()
  } catch {
    return t.skip('xfs_repair needs a loop device here')
  }
  try {
    tool('xfs_repair', '-n', loop)
  } finally {
    tool('losetup', '--detach', loop)
  }
})

test('an encrypted data partition needs a key, and cryptsetup opens it with that key', async () => {
  writeFileSync(
    room.path('luks.yaml'),
    SMALL_LAYOUT.replace('name: small', 'name: locked').replace(
      ', label: MSP-DATA,',
      ', label: MSP-DATA, encryption: luks2,',
    ),
  )
  writeFileSync(room.path('key.bin'), 'correct horse battery staple')
  const target = room.path('locked.img')
  const args = ['provision', target, '--create', '512MiB', '--layout', room.path('luks.yaml'), '--yes']
  const base = [...args, '--release', room.release, '--trust', room.trust]
  const without = await room.run(base)
  assert.equal(without.result.code, 'plan.no-luks-key')
  assert.equal(existsSync(target), false)
  const done = await room.run([...base, '--luks-key', room.path('key.bin')])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  const { start, size } = partitions(target)[3]
  const data = room.path('locked-data.img')
  const range = ['iflag=skip_bytes,count_bytes', `skip=${start * 512}`, `count=${size * 512}`]
  tool('dd', `if=${target}`, `of=${data}`, 'bs=1M', ...range, 'conv=sparse')
  tool('cryptsetup', 'luksOpen', '--test-passphrase', '--key-file', room.path('key.bin'), data)
})
