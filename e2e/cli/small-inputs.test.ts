// Small inputs, clear answers: what people really hand to a command is taken where it is unambiguous, else named as what it
// is; a file that could not be written whole is not there; and exit codes stay true when something goes wrong half-way.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { makeSystemImage, openRoom, type Room } from './bench-room.ts'
import { refused } from './refusals.ts'
import { type Run, twinslot } from './twinslot.ts'

let room: Room
let disk: string
let image: string

before(async () => {
  room = await openRoom()
  disk = room.path('disk.img')
  image = makeSystemImage(room.path('.'), 'small')
  const done = await room.run([
    ...['provision', disk, '--create', '192MiB', '--layout', room.path('small.yaml')],
    ...['--release', room.release, '--trust', room.trust, '--yes'],
  ])
  assert.equal(done.exit, 0, JSON.stringify(done.result))
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

let made = 0
function keyWords(name: string, ...more: string[]): string[] {
  made++
  const files = ['--secret', room.path(`${made}.sec`), '--public', room.path(`${made}.pub`)]
  return ['key', 'create', '--name', name, ...files, ...more]
}
const files = () => readdirSync(room.path('.')).sort()

test('a key is never made to end in the past: days beyond 2106 and none at all are refused', async () => {
  const before = files()
  for (const days of ['99999', '49711', '0', '999999999999999']) {
    const { result } = await refused(room, disk, keyWords('Far', '--days', days), 'cli.usage', 2)
    assert.match(result.findings?.[0].message ?? '', /2106/)
  }
  assert.deepEqual(files(), before)
})

test('any mail address is a name for a key; what nobody can see is none', async () => {
  for (const name of ['Bench <m@x>', '<root@localhost>', 'Büro 東京 <büro@x>', 'no mail', '"<>"']) {
    const run = await room.run(keyWords(name))
    assert.equal(run.exit, 0, `${name}: ${JSON.stringify(run.result)}`)
  }
  for (const name of ['a\nb <m@x>', 'a\u202eb', 'x'.repeat(300)])
    await refused(room, disk, keyWords(name, '--days', '9'), 'cli.usage', 2)
})

test('a full file system leaves no half file: not of a key, not of a file from the ESP', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to mount a small tmpfs')
  const place = room.path('full')
  mkdirSync(place)
  const options = { encoding: 'utf8', timeout: 10_000 } as const
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', place], options)
  if (mounted.status !== 0) return t.skip(`tmpfs cannot be mounted here: ${mounted.stderr.trim()}`)
  try {
    writeFileSync(`${place}/filler`, Buffer.alloc(8192, 1))
    const key = ['key', 'create', '--name', 'N', '--secret', `${place}/s.asc`, '--public', `${place}/p.asc`]
    await refused(room, disk, key, 'cli.file-unwritable', 2)
    await refused(room, disk, ['esp', 'get', disk, 'EFI/BOOT/BOOTX64.EFI', `${place}/x`], 'cli.file-unwritable', 2)
    assert.deepEqual(readdirSync(place), ['filler'])
  } finally {
    execFileSync('umount', [place], options)
  }
})

test('what is there already is never replaced, and nothing is left beside it', async () => {
  writeFileSync(room.path('kept'), 'mine')
  await refused(room, disk, ['esp', 'get', disk, 'ab_state', room.path('kept')], 'cli.file-exists', 2)
  assert.equal(readFileSync(room.path('kept'), 'utf8'), 'mine')
  symlinkSync('nowhere', room.path('dangling'))
  await refused(room, disk, ['esp', 'get', disk, 'ab_state', room.path('dangling')], 'cli.file-exists', 2)
  assert.ok(!files().some((name) => name.endsWith('.part')))
})

test('a compressed image is told to be compressed, whatever lies beside it', async () => {
  for (const [tool, ending] of [
    ['gzip', 'gz'],
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const) {
    if (spawnSync(tool, ['--version'], { timeout: 10_000 }).status !== 0) continue
    for (const name of [`bare.img.${ending}`, `${ending}.img`]) {
      const path = room.path(name)
      writeFileSync(path, execFileSync(tool, ['-c', image], { maxBuffer: 64 << 20, timeout: 60_000 }))
      const flash = ['flash', disk, '--slot', 'B', '--release', path, '--trust', room.trust, '--yes']
      const { result } = await refused(room, disk, flash, 'release.compressed', 3)
      assert.ok(result.findings?.[0].message.includes(tool))
      await refused(room, disk, ['release', 'sign', path, '--key', room.secret], 'release.compressed', 3)
    }
  }
})

test('a path that only the system can refuse is told as that, and no disk is called worn', async () => {
  symlinkSync(room.path('loop-b'), room.path('loop-a'))
  symlinkSync(room.path('loop-a'), room.path('loop-b'))
  for (const path of [room.path('loop-a'), room.path('x'.repeat(300))]) {
    const { result } = await refused(room, disk, ['inspect', path], 'disk.system-refused', 3)
    assert.doesNotMatch(JSON.stringify(result), /worn|cable/)
  }
})

test('a command that is suggested can be pasted: its words are quoted', async () => {
  const odd = room.path("it's a disk.img")
  copyFileSync(disk, odd)
  const bytes = readFileSync(odd)
  bytes[512 + 60] ^= 1
  writeFileSync(odd, bytes)
  const { result } = await room.run(['doctor', odd])
  const [{ command }] = result.damage as { command: string }[]
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8', timeout: 10_000 })
  assert.deepEqual(words.trimEnd().split('\n'), ['twinslot', 'doctor', odd, '--repair', 'partition-table'])
})

/** Cuts the release as soon as the disk is written to; a busy machine may be too late with it. */
async function cutWhileWriting(path: string, release: string): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    copyFileSync(room.release, release)
    const run = await twinslot(
      [
        ...['provision', path, '--create', '192MiB', '--layout', room.path('small.yaml')],
        ...['--release', release, '--trust', room.trust, '--yes'],
      ],
      {
        env: room.env,
        onEvent(event, child) {
          if (event.type !== 'step-started' || event.step !== 1 || event.total === 1) return
          child.kill('SIGSTOP')
          truncateSync(release, 5000)
          child.kill('SIGCONT')
        },
      },
    )
    if (!run.result.ok || attempt === 3) return run
  }
}

test('a release that is cut while it is written: exit 1, since the disk is not what it was', async () => {
  const { exit, result } = await cutWhileWriting(room.path('cut.img'), room.path('cut.twinslot'))
  assert.equal(result.written, true, JSON.stringify(result))
  assert.equal(exit, 1)
  assert.equal(result.exit, 1)
  assert.match(String(result.code), /^(release|write)\./)
})
