// Wrong words on the command line and wrong small files named there (layouts, key rings, keys): every command refuses
// them by itself, with exit code 2 or the file's own code, before it opens a disk.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room, SMALL_LAYOUT } from './bench-room.ts'
import { file, refused, twoAtOnce } from './refusals.ts'
import { twinslotText } from './twinslot.ts'

let room: Room
let disk: string

before(async () => {
  room = await openRoom()
  disk = file(room, 'disk.img', Buffer.alloc(1 << 20))
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

test('a command that does not exist is cli.unknown-command, and help is named', async () => {
  for (const args of [['no-such-command'], ['release', 'explode']]) {
    const { exit, result } = await room.run(args)
    assert.deepEqual([exit, result.code, result.written], [2, 'cli.unknown-command', false])
    assert.ok(result.findings?.[0].message.includes(`"${args.join(' ')}"`), JSON.stringify(result.findings))
    assert.match(String(result.findings?.[0].remedy), /twinslot help/)
  }
})

test('wrong usage of every command ends with exit code 2, a sentence about the mistake, and where to read more', async () => {
  const release = ['--release', room.release, '--trust', room.trust]
  const wrong: [string[], RegExp][] = [
    [['disks', 'all'], /Unexpected "all"/],
    [['inspect'], /Missing DISK/],
    [['inspect', disk, disk], /Unexpected/],
    [['release', 'create', '--version', '1'], /Missing --product/],
    [['release', 'sign', 'x.img'], /Missing --key/],
    [['release', 'verify', room.release], /Missing --trust/],
    [['release', 'show'], /Missing R/],
    [['release', 'boot-files'], /Missing --out/],
    [['key', 'create', '--name', 'x'], /Missing --secret/],
    [['provision', disk], /Missing --release/],
    [['provision', disk, '--release', room.release], /Missing --trust/],
    [['provision', disk, ...release, '--slots', 'C'], /A or B, not "C"/],
    [['provision', disk, ...release, '--create', 'huge'], /16GB.*not "huge"/],
    [['provision', disk, ...release, '--wipe-everything'], /--wipe-everything/],
    [['flash', disk, ...release], /Missing --slot/],
    [['flash', disk, '--slot', 'AB', ...release], /A or B, not "AB"/],
    [['verify', disk, '--slot', 'A', '--release', room.release], /Missing --trust/],
    [['slot', 'list'], /Missing DISK/],
    [['slot', 'default', disk], /Missing A\|B/],
    [['slot', 'once', disk, '1'], /A or B, not "1"/],
    [['slot', 'good', disk, 'A', 'B'], /Unexpected "B"/],
    [['slot', 'bad'], /Missing DISK and A\|B/],
    [['slot', 'reset', disk, 'A', '--force'], /force/],
    [['table', 'repair'], /Missing DISK/],
    [['doctor'], /Missing DISK/],
    [['doctor', 'x', '--repair', 'all'], /--repair is one of/],
    [['doctor', 'x', '--repair', 'boot-loader', '--release', 'y'], /belong together/],
    [['config', 'restore', 'x'], /Missing --from/],
    [['esp', 'list'], /Missing DISK/],
    [['esp', 'get', disk, '/x'], /Missing FILE/],
    [['esp', 'put', disk], /Missing PATH and FILE/],
  ]
  await twoAtOnce(wrong, async ([words, sentence]) => {
    const { result } = await refused(room, disk, words, 'cli.usage', 2, words.join(' '))
    const [{ message, remedy }] = result.findings ?? []
    assert.match(message, sentence)
    assert.match(remedy, /twinslot help/)
  })
})

test('a usage mistake for people starts with "Nothing was written." and has no colours in a pipe', async () => {
  const { exit, err, out } = await twinslotText(['flash', disk])
  assert.equal(exit, 2)
  assert.equal(out, '')
  assert.match(
    err,
    /^Nothing was written\.\n✗ Missing --slot\.\n {2}See "twinslot help flash"\.\n {2}code cli\.usage\n$/,
  )
})

test('layout files that are wrong, or bombs, are refused quickly with line and key', async () => {
  const lines = ['a: &a ["x","x","x","x","x","x","x","x","x"]']
  for (let i = 1; i < 9; i++)
    lines.push(`${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${Array(9).fill(`*${'abcdefghi'[i - 1]}`)}]`)
  const cases: [string, string | Uint8Array][] = [
    ['laughs', lines.join('\n')],
    ['deep', '['.repeat(50_000)],
    ['large', `#${' x'.repeat(2_000_000)}`],
    ['binary', new Uint8Array([0xff, 0xfe, 0, 1, 2, 3])],
    ['syntax', 'name: "small\npartitions: ['],
    ['twice', `${SMALL_LAYOUT}name: again\n`],
    ['unknown-key', `${SMALL_LAYOUT}colour: red\n`],
    ['bad-size', SMALL_LAYOUT.replace('16 MiB', '16 parsecs')],
    ['no-slots', SMALL_LAYOUT.replaceAll(/.*slot-.*\n/g, '')],
    ['empty', ''],
  ]
  const release = ['--release', room.release, '--trust', room.trust, '--yes']
  await twoAtOnce(cases, async ([name, text]) => {
    const layout = file(room, `${name}.yaml`, text)
    const { result, exit } = await room.run(['provision', disk, '--layout', layout, ...release])
    assert.match(result.code, /^layout\./, `${name}: ${JSON.stringify(result)}`)
    assert.ok(exit === 2 || exit === 3, `${name}: exit ${exit}`)
    assert.equal(result.written, false)
    if (name === 'bad-size') assert.match(result.findings?.[0].message ?? '', /line 5.*size|size.*line 5/i)
  })
  await refused(room, disk, ['provision', disk, '--layout', 'no-such-layout', ...release], 'layout.unknown', 2)
  await refused(room, disk, ['provision', disk, '--layout', room.path('boot'), ...release], 'cli.file-unreadable', 2)
})

test('a key file that is no list of public keys is refused', async () => {
  const flash = (trust: string) => ['flash', disk, '--slot', 'A', '--release', room.release, '--trust', trust, '--yes']
  await refused(room, disk, flash(room.secret), 'trust.keyring-secret', 4)
  await refused(room, disk, flash(file(room, 'garbage', 'these are no keys')), 'trust.keyring-malformed', 4)
  await refused(room, disk, flash(file(room, 'empty', '')), 'trust.keyring-empty', 4)
  await refused(room, disk, flash(room.path('no-such-file')), 'cli.file-unreadable', 2)
  await refused(room, disk, flash(room.path('boot')), 'cli.file-unreadable', 2)
})

test('key create overwrites nothing and leaves no half of a key behind', async () => {
  const words = (secret: string, key: string) => ['key', 'create', '--name', 'x', '--secret', secret, '--public', key]
  const secret = room.path('new-secret.asc')
  await refused(room, secret, words(secret, room.trust), 'cli.file-exists', 2)
  await refused(room, room.secret, words(room.secret, room.path('new.asc')), 'cli.file-exists', 2)
  await refused(room, secret, words(room.path('none/secret.asc'), room.path('new.asc')), 'cli.file-unwritable', 2)
})

test('what a command makes replaces nothing without --replace, and follows no link', async () => {
  const system = room.path('one.squashfs')
  const create = (out: string, ...more: string[]) => {
    const words = ['--version', '1.0.0', '--product', 'demo', '--system', system, '--key', room.secret, '--out', out]
    return ['release', 'create', ...words, ...more]
  }
  await refused(room, room.release, create(room.release), 'cli.file-exists', 2)
  const out = file(room, 'old.twinslot', 'an older one')
  symlinkSync(room.secret, `${out}.part`)
  await refused(room, room.secret, create(out, '--replace'), 'cli.file-exists', 2)
  rmSync(`${out}.part`)
  symlinkSync(room.secret, `${out}.payload.part`)
  await refused(room, room.secret, create(out, '--replace'), 'cli.file-exists', 2)
  rmSync(`${out}.payload.part`)
  assert.equal((await room.run(create(out, '--replace'))).exit, 0)
  assert.equal((await room.run(['release', 'verify', out, '--trust', room.trust])).exit, 0)

  const image = room.path('signed.img')
  copyFileSync(system, image)
  const signature = file(room, 'signed.img.asc', 'of somebody else')
  const sign = ['release', 'sign', image, '--key', room.secret]
  await refused(room, signature, sign, 'cli.file-exists', 2)
  assert.ok(!existsSync(`${image}.sha256`), 'the first of two is not made when the second is in the way')
  assert.equal((await room.run([...sign, '--replace'])).exit, 0)
  assert.equal((await room.run(['release', 'verify', image, '--trust', room.trust])).exit, 0)
})

test('release create and sign refuse what they cannot use, and leave no file behind', async () => {
  const out = room.path('never.twinslot')
  const create = (change: Record<string, string>) => {
    const words = {
      version: '1.0.0',
      product: 'demo',
      system: room.path('one.squashfs'),
      key: room.secret,
      out,
      ...change,
    }
    return ['release', 'create', ...Object.entries(words).flatMap(([name, value]) => [`--${name}`, value])]
  }
  await refused(room, out, create({ version: 'one two' }), 'release.bad-option', 2)
  await refused(room, out, create({ expires: '2020-01-01' }), 'release.bad-option', 2)
  await refused(room, out, create({ compress: 'rar' }), 'cli.usage', 2)
  await refused(room, out, create({ counter: '-1' }), 'cli.usage', 2)
  await refused(room, out, create({ system: room.path('nothing') }), 'release.not-found', 2)
  await refused(room, out, create({ key: room.trust }), 'release.signing-key', 2)
  await refused(room, out, create({ boot: room.path('nothing') }), 'release.not-found', 2)
  await refused(room, out, ['release', 'sign', room.path('nothing'), '--key', room.secret], 'release.not-found', 2)
})
