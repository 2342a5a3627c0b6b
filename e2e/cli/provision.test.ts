// The main job on a disk image, by the real command, judged by foreign tools.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { makeSystemImage, openRoom, type Room } from './bench-room.ts'
import { twinslotText } from './twinslot.ts'

let room: Room
let disk: string
let small: string

const tool = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'] })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Table {
  readonly partitiontable: {
    readonly label: string
    readonly partitions: readonly {
      readonly start: number
      readonly size: number
      readonly name: string
      readonly type: string
    }[]
  }
}

const partitions = (path: string) => (JSON.parse(tool('sfdisk', '--json', path)) as Table).partitiontable.partitions
const extract = (path: string, index: number, to: string): string => {
  const { start, size } = partitions(path)[index]
  tool(
    'dd',
    `if=${path}`,
    `of=${to}`,
    'bs=1M',
    'iflag=skip_bytes,count_bytes',
    `skip=${start * 512}`,
    `count=${size * 512}`,
    'conv=sparse',
  )
  return to
}

before(async () => {
  room = await openRoom()
  disk = room.path('t640.img')
  small = room.path('small.img')
  mkdirSync(room.path('config/hypernet'), { recursive: true })
  writeFileSync(room.path('config/hypernet/server.yaml'), 'host: 0.0.0.0\n')
  writeFileSync(room.path('config/version'), '1\n', { mode: 0o600 })
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

const provision = (...more: string[]) =>
  room.run(['provision', disk, '--release', room.release, '--trust', room.trust, '--yes', ...more])

test('--plan shows every step and touches nothing', async () => {
  const { exit, result, events } = await provision('--create', '16GB', '--plan')
  assert.equal(exit, 0, JSON.stringify(result))
  assert.equal(result.applied, false)
  const plan = events.find((event) => event.type === 'plan')
  assert.ok(plan)
  assert.equal(existsSync(disk), false, 'not even the file was made')
})

test('a 16 GB disk image is provisioned: partitions, slot A, data with /config, boot files', async () => {
  const { exit, result, events } = await provision(
    '--create',
    '16GB',
    '--config',
    room.path('config'),
    '--seed',
    'bench',
  )
  assert.equal(exit, 0, JSON.stringify(result))
  assert.equal(statSync(disk).size, 16_000_000_000)
  const done = events.filter((event) => event.type === 'step-done')
  const started = events.filter((event) => event.type === 'step-started')
  assert.equal(done.length, started.length)
  assert.match(String(started.at(-1)?.title), /partition table/)
  assert.ok(existsSync(String(result.report)))
})

test('sgdisk and sfdisk find a perfect GPT with the layout of the specification', () => {
  assert.match(tool('sgdisk', '-v', disk), /No problems found/)
  const rows = partitions(disk)
  assert.deepEqual(
    rows.map((row) => row.name),
    ['ESP', 'SLOT-A', 'SLOT-B', 'MSP-DATA'],
  )
  assert.equal(rows[0].type, 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B')
  for (const row of rows) assert.equal((row.start * 512) % 1_048_576, 0)
  assert.ok(rows[1].size * 512 >= 2_000_000_000)
})

test('fsck.vfat and mtools accept the ESP; ab_state is exactly the 25 bytes of the protocol', () => {
  const esp = extract(disk, 0, room.path('esp.img'))
  tool('fsck.vfat', '-n', esp)
  assert.equal(tool('mtype', '-i', esp, '::/ab_state'), 'set active_partition="A"\n')
  assert.equal(tool('mtype', '-i', esp, '::/grubenv').length, 1024)
  const loader = execFileSync('mtype', ['-i', esp, '::/EFI/BOOT/BOOTX64.EFI'], { maxBuffer: 1 << 24 })
  assert.equal(sha256(loader), sha256(readFileSync(room.path('boot/EFI/BOOT/BOOTX64.EFI'))))
})

test('e2fsck accepts the data partition; /config holds the given files, owned by root', () => {
  const data = `${disk}?offset=${partitions(disk)[3].start * 512}`
  tool('e2fsck', '-fn', data)
  assert.equal(tool('debugfs', '-R', 'cat /config/hypernet/server.yaml', data), 'host: 0.0.0.0\n')
  const stat = tool('debugfs', '-R', 'stat /config/version', data)
  assert.match(stat, /Mode:\s+0600/)
  assert.match(stat, /User:\s+0\s+Group:\s+0/)
  assert.match(tool('dumpe2fs', '-h', data), /volume name:\s+MSP-DATA/)
})

test('slot A holds exactly the image; slot B is empty and reads as zero at its start', () => {
  const image = readFileSync(room.path('one.squashfs'))
  const rows = partitions(disk)
  const read = (start: number, length: number) =>
    execFileSync(
      'dd',
      [`if=${disk}`, 'bs=1M', 'iflag=skip_bytes,count_bytes', `skip=${start * 512}`, `count=${length}`],
      {
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
  assert.equal(sha256(read(rows[1].start, image.length)), sha256(image))
  assert.ok(read(rows[2].start, 1 << 20).every((byte) => byte === 0))
})

test('the detached disk tells its own story', async () => {
  const { exit, result } = await room.run(['inspect', disk])
  assert.equal(exit, 0)
  assert.deepEqual(result.findings, [])
  const slots = result.slots as Record<string, { verdict: string; record: { content?: Record<string, unknown> } }>
  assert.equal(slots.A.verdict, 'Good')
  assert.equal(slots.B.verdict, 'Empty')
  assert.equal(slots.A.record.content?.version, '1.0.0')
  assert.match(String(slots.A.record.content?.signer), /^[0-9A-F]{40,64}$/)
  const { out } = await twinslotText(['slot', 'list', disk])
  assert.match(out, /slot A {2}Good {2}<- boots next/)
})

test('the same seed plans the same partition GUIDs for the same unit, and none that another unit has', async () => {
  const guids = async (file: string): Promise<string[]> => {
    writeFileSync(room.path(file), '', { flag: 'a' })
    truncateSync(room.path(file), 16_000_000_000)
    const args = ['provision', room.path(file), '--release', room.release, '--trust', room.trust]
    const { events, result } = await room.run([...args, '--seed', 'bench', '--plan'])
    assert.equal(result.ok, true)
    type Table = { diskGuid: string; entries: { uniqueGuid: string }[] }
    const plan = events.find((event) => event.type === 'plan')?.plan as { steps: { type: string; table?: Table }[] }
    const table = plan.steps.find((step) => step.type === 'write-table')?.table
    return [table?.diskGuid ?? '', ...(table?.entries.map(({ uniqueGuid }) => uniqueGuid) ?? [])]
  }
  const [one, other, again] = [await guids('a.img'), await guids('b.img'), await guids('a.img')]
  assert.equal(one.length, 5)
  assert.deepEqual(one, again)
  assert.equal(new Set([...one, ...other]).size, 10)
})

test('a disk image with a layout of its own, from YAML, is provisioned', async () => {
  const args = ['provision', small, '--create', '512MiB', '--layout', room.path('small.yaml')]
  const { exit, result } = await room.run([...args, '--release', room.release, '--trust', room.trust, '--yes'])
  assert.equal(exit, 0, JSON.stringify(result))
  assert.match(tool('sgdisk', '-v', small), /No problems found/)
})

test('verify reads the slot against the signed digests, and one changed byte on the disk is found', async () => {
  const verify = () => room.run(['verify', small, '--slot', 'A', '--release', room.release, '--trust', room.trust])
  assert.equal((await verify()).exit, 0)
  const copy = room.path('damaged.img')
  copyFileSync(small, copy)
  const { start } = partitions(small)[1]
  tool('dd', `if=/dev/zero`, `of=${copy}`, 'bs=1', `seek=${start * 512 + 2_000_000}`, 'count=1', 'conv=notrunc')
  const bad = await room.run(['verify', copy, '--slot', 'A', '--release', room.release, '--trust', room.trust])
  assert.equal(bad.result.code, 'slot.not-this-release')
  assert.match(JSON.stringify(bad.result), /As recorded, the slot is 1\.0\.0, Good\./)
  assert.equal(bad.exit, 1)
  assert.equal(bad.result.written, false)
})

test('flash writes slot B and keeps everything else; slot default arms it as a counted trial', async () => {
  const two = await room.makeRelease('two', ['--version', '2.0.0', '--counter', '2'])
  const before = sha256(readFileSync(extract(small, 3, room.path('data-before.img'))))
  const flash = await room.run(['flash', small, '--slot', 'B', '--release', two, '--trust', room.trust, '--yes'])
  assert.equal(flash.exit, 0, JSON.stringify(flash.result))
  assert.equal(sha256(readFileSync(extract(small, 3, room.path('data-after.img')))), before)
  const listed = async () => {
    const { slots, boot } = (await room.run(['slot', 'list', small])).result
    return {
      slots: slots as Record<string, { verdict: string; triesUsed?: number }>,
      boot: boot as { next: { slot: string; counted: boolean } },
    }
  }
  assert.equal((await listed()).boot.next.slot, 'A')
  const chosen = await room.run(['slot', 'default', small, 'B', '--yes'])
  assert.equal(chosen.exit, 0, JSON.stringify(chosen.result))
  const now = await listed()
  assert.deepEqual(now.boot.next, { ...now.boot.next, slot: 'B', counted: true })
  assert.deepEqual([now.slots.B.verdict, now.slots.B.triesUsed], ['Trying', 0])
  const esp = extract(small, 0, room.path('esp.img'))
  assert.equal(tool('mtype', '-i', esp, '::/ab_state'), 'set active_partition="B"\n')
  tool('fsck.vfat', '-n', esp)
})

test('grub-editenv reads the environment block as it was written', () => {
  const esp = extract(small, 0, room.path('esp.img'))
  tool('mcopy', '-n', '-o', '-i', esp, '::/grubenv', room.path('grubenv'))
  const lines = tool('grub-editenv', room.path('grubenv'), 'list').split('\n')
  assert.ok(lines.includes('ab_good=A') && lines.includes('ab_try=B') && lines.includes('ab_left=3'), lines.join(' '))
})

test('--changed-only writes only the blocks that differ', async () => {
  const flash = (...more: string[]) =>
    room.run([
      'flash',
      small,
      '--slot',
      'B',
      '--release',
      room.path('two.twinslot'),
      '--trust',
      room.trust,
      '--yes',
      ...more,
    ])
  assert.equal((await room.run(['slot', 'default', small, 'A', '--yes'])).exit, 0)
  const again = await flash('--changed-only')
  assert.equal(again.exit, 0, JSON.stringify(again.result))
  const { bytesWritten } = again.result.counters as { bytesWritten: number }
  assert.ok(bytesWritten < 1_200_000, `${bytesWritten} bytes were written although nothing differs`)
})

test('esp list, get and put work without mounting, and put never needs more than the ESP', async () => {
  writeFileSync(room.path('note.txt'), 'hello\n')
  // Nobody is asked about what would be refused: without a terminal that would be the answer.
  const early = await room.run(['esp', 'put', small, '/no:tes.txt', room.path('note.txt')])
  assert.deepEqual([early.exit, early.result.code, early.result.written], [2, 'fat.bad-name', false])
  const put = await room.run(['esp', 'put', small, '/notes/A long name.txt', room.path('note.txt'), '--yes'])
  assert.equal(put.exit, 0, JSON.stringify(put.result))
  const list = await room.run(['esp', 'list', small])
  const paths = (list.result.files as { path: string }[]).map((file) => file.path)
  assert.ok(paths.includes('notes/A long name.txt'))
  const get = await room.run(['esp', 'get', small, '/notes/A long name.txt', room.path('back.txt')])
  assert.equal(get.exit, 0)
  assert.equal(readFileSync(room.path('back.txt'), 'utf8'), 'hello\n')
  const again = await room.run(['esp', 'get', small, '/notes/A long name.txt', room.path('back.txt')])
  assert.equal(again.result.code, 'cli.file-exists')
  tool('fsck.vfat', '-n', extract(small, 0, room.path('esp.img')))
})

test("the spec's triple, signed by gpg, is flashed and provisioned with boot files of a bundle", async () => {
  const home = room.path('gnupg')
  mkdirSync(home, { mode: 0o700 })
  const gpg = (...args: string[]) =>
    tool('gpg', '--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args)
  gpg('--quick-gen-key', 'Image <image@example.org>', 'ed25519', 'sign', 'never')
  writeFileSync(room.path('gpg-trust.asc'), gpg('--armor', '--export'))
  const image = makeSystemImage(room.path('.'), 'hypernet-0.1.0')
  const triple = room.path('hypernet-0.1.0.img')
  copyFileSync(image, triple)
  writeFileSync(`${triple}.sha256`, execFileSync('sha256sum', ['hypernet-0.1.0.img'], { cwd: room.path('.') }))
  gpg('--detach-sign', '--armor', '--digest-algo', 'SHA256', triple)
  const keys = room.path('both.asc')
  writeFileSync(keys, `${readFileSync(room.trust, 'utf8')}\n${readFileSync(room.path('gpg-trust.asc'), 'utf8')}`)
  const target = room.path('triple.img')
  const base = ['provision', target, '--create', '16GB', '--release', triple, '--trust', keys, '--yes']
  assert.equal((await room.run(base)).result.code, 'plan.no-boot-files')
  const { exit, result } = await room.run([...base, '--boot', room.release])
  assert.equal(exit, 0, JSON.stringify(result))
  const flash = await room.run(['flash', target, '--slot', 'B', '--release', triple, '--trust', keys, '--yes'])
  assert.equal(flash.exit, 0, JSON.stringify(flash.result))
})

test('a run for people shows each step, the outcome and where the report is, without colours when piped', async () => {
  const target = room.path('people.img')
  const { exit, out, err } = await twinslotText([
    'provision',
    target,
    '--create',
    '16GB',
    '--release',
    room.release,
    '--trust',
    room.trust,
    '--yes',
  ])
  assert.equal(exit, 0, err)
  assert.match(out, /will be erased and provisioned with 1\.0\.0/)
  assert.match(out, /Report: /)
  assert.match(err, /✓ 3\/7 Write slot A/)
  assert.match(err, /✓ 6\/7 Read the marks once more/)
  assert.ok(!`${out}${err}`.includes('\u001b['))
})

test('without --yes and without a terminal nothing is written', async () => {
  const target = room.path('nobody.img')
  const { exit, err } = await twinslotText(
    ['provision', target, '--create', '16GB', '--release', room.release, '--trust', room.trust],
    'nobody.img\n',
  )
  assert.equal(exit, 2)
  assert.match(err, /Nothing was written/)
  assert.match(err, /cli\.no-terminal/)
})

test('a damaged primary table is rebuilt from the backup, a damaged backup from the primary', async () => {
  const { size } = statSync(small)
  for (const [at, code] of [
    [512, 'gpt.no-signature'],
    [size - 512, 'gpt.no-signature'],
  ] as const) {
    tool('dd', 'if=/dev/zero', `of=${small}`, 'bs=1', `seek=${at}`, 'count=512', 'conv=notrunc')
    const seen = await room.run(['inspect', small])
    assert.ok(
      seen.result.findings?.some((each) => each.code === code),
      JSON.stringify(seen.result.findings),
    )
    const done = await room.run(['table', 'repair', small, '--yes'])
    assert.equal(done.exit, 0, JSON.stringify(done.result))
    assert.match(tool('sgdisk', '-v', small), /No problems found/)
  }
  assert.equal((await room.run(['table', 'repair', small, '--yes'])).result.code, 'plan.nothing-to-repair')
})
