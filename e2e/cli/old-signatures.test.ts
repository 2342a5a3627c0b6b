// What a disk held before is gone for every tool: signatures of many formats are planted where a disk and each of the coming
// partitions have them, and after provisioning wipefs and blkid (util-linux) find exactly what they find on a disk that
// was blank.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, openSync, readSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from './bench-room.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SIZE = 192 * MIB

interface Area {
  readonly offset: number
  readonly length: number
}
interface Planted {
  readonly name: string
  /** From the start of an area, or from its end when negative. */
  readonly at: number
  readonly bytes: Buffer
}

const magic = (name: string, at: number, bytes: Buffer | string): Planted => ({
  name,
  at,
  bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
})

/** The second header of LUKS2 says itself where it is (offset 256, big-endian). */
function luksCopy(at: number): Planted {
  const header = Buffer.alloc(4096)
  header.write('SKUL\xba\xbe\x00\x02', 'latin1')
  header.writeBigUInt64BE(BigInt(at), 8)
  header.write('b1a1d2c4-7f2e-4f44-9a5e-3e7d1f6c8a11', 168, 'latin1')
  header.writeBigUInt64BE(BigInt(at), 256)
  return magic('crypto_LUKS', at, header)
}

/** Version 1.0: 8 KiB before the end, on a 4 KiB boundary; the super block says where it is in sectors. */
function raidMember(length: number): Planted {
  const at = Math.floor((length - 8 * KIB) / (4 * KIB)) * 4 * KIB
  const block = Buffer.alloc(256)
  block.writeUInt32LE(0xa92b4efc, 0)
  block.writeUInt32LE(1, 4)
  block.fill(7, 16, 32)
  block.writeBigUInt64LE(BigInt(at / 512), 144)
  return magic('linux_raid_member', at - length, block)
}

/** Version 0.90: the last whole 64 KiB but one. */
function oldRaidMember(length: number): Planted {
  const at = Math.floor(length / (64 * KIB)) * 64 * KIB - 64 * KIB
  const block = Buffer.alloc(4096)
  block.writeUInt32LE(0xa92b4efc, 0)
  block.writeUInt32LE(0, 4)
  block.writeUInt32LE(90, 8)
  return magic('linux_raid_member', at - length, block)
}

function zfsLabels(length: number): Planted[] {
  const uberblock = Buffer.alloc(1024)
  uberblock.writeBigUInt64LE(0x00bab10cn, 0)
  const end = Math.floor(length / (256 * KIB)) * 256 * KIB - length
  return [0, 256 * KIB, end - 512 * KIB, end - 256 * KIB].flatMap((label) =>
    Array.from({ length: 8 }, (_, index) => magic('zfs_member', label + (128 + index) * KIB, uberblock)),
  )
}

function swapArea(): Planted {
  const page = Buffer.alloc(4096)
  page.writeUInt32LE(1, 1024)
  page.writeUInt32LE(1000, 1028)
  page.write('SWAPSPACE2', 4086, 'latin1')
  return magic('swap', 0, page)
}

/** Sets that do not cover each other; the judge sees each of them on an area of its own first. */
const setsFor = (length: number): readonly (readonly Planted[])[] => [
  [
    magic('VMFS_volume_member', MIB, Buffer.from([0x0d, 0xd0, 0x01, 0xc0])),
    magic('VMFS', 2 * MIB, Buffer.from([0x5e, 0xf1, 0xab, 0x2f])),
  ],
  [luksCopy(16 * KIB)],
  [luksCopy(MIB)],
  [luksCopy(4 * MIB)],
  zfsLabels(length),
  [raidMember(length)],
  [oldRaidMember(length)],
  [swapArea()],
  [magic('isw_raid_member', -1024, 'Intel Raid ISM Cfg Sig. 1.3.00')],
  [magic('promise_fasttrack_raid_member', -3087 * 512, 'Promise Technology, Inc.')],
]

let room: Room
before(async () => {
  room = await openRoom()
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

/** The planted ones whose bytes are still where they were put. */
function left(file: string, { offset, length }: Area, set: readonly Planted[]): string[] {
  const handle = openSync(file, 'r')
  const found = set.filter(({ at, bytes }) => {
    const there = Buffer.alloc(bytes.length)
    readSync(handle, there, 0, bytes.length, offset + (at < 0 ? length + at : at))
    return Math.abs(at) + bytes.length <= length && there.equals(bytes)
  })
  closeSync(handle)
  return found.map(({ name, at }) => `${name} at ${at}`)
}

function plant(file: string, { offset, length }: Area, set: readonly Planted[]): void {
  const handle = openSync(file, 'r+')
  for (const { at, bytes } of set)
    if (Math.abs(at) + bytes.length <= length)
      writeSync(handle, bytes, 0, bytes.length, offset + (at < 0 ? length + at : at))
  closeSync(handle)
}

/** What util-linux finds in an area: every signature with its place, and what a low-level probe makes of it. */
function judge(file: string, { offset, length }: Area): string[] {
  const options = { encoding: 'utf8', timeout: 60_000 } as const
  const copy = room.path('area.img')
  execFileSync('dd', [`if=${file}`, `of=${copy}`, 'bs=512', `skip=${offset / 512}`, `count=${length / 512}`], {
    timeout: 60_000,
    stdio: 'ignore',
  })
  const wipefs = execFileSync('wipefs', ['--no-act', '--parsable', copy], options)
  const probe = spawnSync('blkid', ['-p', '-O', String(offset), '-S', String(length), file], options)
  const rows = wipefs.split('\n').filter((row) => row !== '' && !row.startsWith('#'))
  return [
    // Identifiers differ from run to run.
    ...rows.map((row) =>
      row
        .split(',')
        .filter((_, index) => index !== 1)
        .join(','),
    ),
    `blkid ${probe.status} ${/ TYPE="([^"]*)"/.exec(probe.stdout)?.[1] ?? ''}${/ambivalent/.test(probe.stderr) ? ' ambivalent' : ''}`,
  ]
}

const provision = async (disk: string) => {
  const words = ['--layout', room.path('small.yaml'), '--release', room.release, '--trust', room.trust, '--yes']
  const done = await room.run(['provision', disk, '--seed', 'signatures', ...words])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
}

async function areasOf(disk: string): Promise<Area[]> {
  const { result } = await room.run(['inspect', disk])
  const { entries } = result.table as { entries: { firstLba: number; lastLba: number }[] }
  const parts = entries.map(({ firstLba, lastLba }) => ({
    offset: firstLba * 512,
    length: (lastLba - firstLba + 1) * 512,
  }))
  return [{ offset: 0, length: SIZE }, ...parts]
}

function blankFile(name: string, size = SIZE): string {
  writeFileSync(room.path(name), '')
  truncateSync(room.path(name), size)
  return room.path(name)
}

test('the judges know what is planted', () => {
  const length = 16 * MIB
  // A label of ZFS alone is not enough for the judges; its bytes are looked for one by one below.
  for (const set of setsFor(length).filter(([first]) => first.name !== 'zfs_member')) {
    const file = blankFile('one.img', length)
    plant(file, { offset: 0, length }, set)
    const found = judge(file, { offset: 0, length }).join('\n')
    for (const { name } of set) assert.ok(found.includes(name), `${name}: ${found}`)
  }
})

test('a disk that holds any of them is not called blank', async () => {
  for (const set of setsFor(SIZE)) {
    const file = blankFile('held.img')
    plant(file, { offset: 0, length: SIZE }, set)
    const { result } = await room.run(['inspect', file])
    assert.notEqual(result.content, 'blank', set[0].name)
  }
  assert.equal((await room.run(['inspect', blankFile('blank.img')])).result.content, 'blank')
})

test('a disk whose table is gone but whose content is there is not called blank', async () => {
  const file = blankFile('lost-table.img')
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(100 * MIB, 0x42), 0, 100 * MIB, 20 * MIB)
  closeSync(handle)
  assert.equal((await room.run(['inspect', file])).result.content, 'unknown')
})

test('after provisioning nothing of it is found, on the disk and in each partition', async () => {
  const clean = blankFile('clean.img')
  await provision(clean)
  const areas = await areasOf(clean)
  const expected = areas.map((area) => judge(clean, area))
  const dirty = blankFile('dirty.img')
  for (const area of areas) for (const set of setsFor(area.length)) plant(dirty, area, set)
  assert.ok(areas.every((area) => judge(dirty, area).length > 1))
  await provision(dirty)
  for (const [index, area] of areas.entries())
    assert.deepEqual(judge(dirty, area), expected[index], `area ${index} at ${area.offset}`)
  for (const area of areas) for (const set of setsFor(area.length)) assert.deepEqual(left(dirty, area, set), [])
})
