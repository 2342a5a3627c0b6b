// Releases that are cut, changed, too large, for something else, too old or too new: each is refused with its own code
// before a byte is written, by provision and by flash.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { toIsoTime } from '#model/iso-time.ts'
import { createRelease } from '#node/release/create-release.ts'
import { readSigningKey } from '#trust/sign.ts'
import { makeSystemImage, noise, openRoom, type Room } from './bench-room.ts'
import { craftRelease, makerOf } from './crafted.ts'
import { anatomy, file, flipBit, hashOf, refused, twoAtOnce } from './refusals.ts'

let room: Room
/** Provisioned with release 1.0.0, counter 5. */
let disk: string
/** 12 MB of noise in three blocks, counter 6. */
let good: string
/** A system image that is there already. */
let image: string
let parts: ReturnType<typeof anatomy>
let untouched: string

before(async () => {
  room = await openRoom()
  disk = room.path('small.img')
  image = room.path('one.squashfs')
  const large = makeSystemImage(room.path('.'), 'large', 10_000_000)
  good = await room.makeRelease('good', ['--boot', room.path('boot'), '--counter', '6'], large)
  parts = anatomy(good)
  assert.ok(parts.blocks.length >= 4, 'three blocks at least')
  const five = await room.makeRelease('five', ['--boot', room.path('boot'), '--counter', '5'], image)
  const args = ['provision', disk, '--create', '192MiB', '--layout', room.path('small.yaml'), '--yes']
  const made = await room.run([...args, '--release', five, '--trust', room.trust])
  assert.equal(made.exit, 0, JSON.stringify(made.result))
  untouched = await hashOf(disk)
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

const flash = (release: string, ...more: string[]) => [
  ...['flash', disk, '--slot', 'B', '--release', release, '--trust', room.trust, '--yes', ...more],
]
const provision = (release: string, ...more: string[]) => [
  ...['provision', disk, '--layout', room.path('small.yaml'), '--release', release, '--trust', room.trust, '--yes'],
  ...more,
]

test('a bundle that was cut anywhere is refused', async () => {
  const { bytes, frame, blocks } = parts
  const cuts: [number, string][] = [
    [0, 'release.empty'],
    [12, 'format.bundle-truncated'],
    [frame.signatureOffset + 20, 'format.bundle-truncated'],
    [frame.payloadOffset + 1000, 'format.bundle-truncated'],
    [blocks[1] + 1000, 'format.bundle-truncated'],
    [bytes.length - 1, 'format.bundle-truncated'],
  ]
  await twoAtOnce(cuts, async ([length, code]) => {
    const cut = file(room, `cut-${length}.twinslot`, bytes.subarray(0, length))
    await refused(room, disk, flash(cut), code, 4, `cut at ${length}`)
  })
  await refused(room, disk, provision(room.path('cut-12.twinslot')), 'format.bundle-truncated', 4)
})

/** A letter near the end of the signature's number that stays a base64 letter when its lowest bit flips. */
function signatureDigit(): number {
  const { bytes, frame } = parts
  const end = bytes.indexOf('-----END', frame.signatureOffset)
  for (let at = end - 20; ; at--) if (/[b-y]/.test(String.fromCharCode(bytes[at]))) return at
}

test('one flipped bit in manifest, block table, signature, or in the first, a middle or the last block is refused', async () => {
  const { bytes, frame, blocks, digestOffset, espOffset } = parts
  const last = (blocks.at(-1) ?? 0) - 1
  const places: [string, number, string][] = [
    ['the magic', 3, 'format.bundle-magic'],
    // More than a manifest may have: refused before anything of that length is read.
    ['the length of the manifest', 11, 'format.bundle-header'],
    ['the manifest', frame.manifestOffset + 30, 'trust.wrong-data'],
    ['the block table', digestOffset + 5, 'trust.wrong-data'],
    ['the armor of the signature', frame.signatureOffset + 12, 'trust.signature-malformed'],
    ['the signature', signatureDigit(), 'trust.wrong-data'],
    ['the padding', frame.payloadOffset - 1, 'format.bundle-padding'],
    ['the first block', blocks[0] + 5000, 'write.source-mismatch'],
    ['a middle block', blocks[1] + 5000, 'write.source-mismatch'],
    ['the last block', last - 5000, 'write.source-mismatch'],
  ]
  await twoAtOnce(places, async ([what, at, code]) => {
    const flipped = file(room, `flipped-${at}.twinslot`, flipBit(bytes, at))
    const because = `one bit in ${what}`
    await refused(room, disk, what === 'a middle block' ? provision(flipped) : flash(flipped), code, 4, because)
  })
  const bootFlipped = file(room, 'flipped.twinslot', flipBit(bytes, espOffset + 400))
  const { result } = await room.run(provision(bootFlipped, '--plan'))
  assert.match(result.code, /^write\.source-(mismatch|undecodable)$/, 'the boot files are authenticated as well')
  await refused(room, disk, provision(bootFlipped), result.code, 4)
})

test('an image larger than its slot is refused with both sizes', async () => {
  const large = makeSystemImage(room.path('.'), 'too-large', 17_000_000)
  const release = await room.makeRelease('too-large', ['--boot', room.path('boot'), '--counter', '7'], large)
  for (const args of [flash(release), provision(release)]) {
    const { result } = await refused(room, disk, args, 'plan.image-too-large', 3)
    assert.match(result.findings?.[0].message ?? '', /\(17\d{6} bytes\).*\(16777216 bytes\)/)
  }
})

test('a system image that is no file system is not signed, and refused when somebody else signed it', async () => {
  const odd = file(room, 'noise.img', noise('x', 2_000_000))
  const out = room.path('noise.twinslot')
  const words = ['--version', '1.0.0', '--product', 'demo', '--counter', '7', '--key', room.secret, '--out', out]
  const { result } = await room.run(['release', 'create', '--system', odd, ...words])
  assert.equal(result.code, 'image.not-squashfs')
  assert.ok(!existsSync(out))
  const key = await readSigningKey(readFileSync(room.secret), null)
  const facts = { version: '1.0.0', product: 'demo', counter: 7, created: new Date(), system: odd }
  await createRelease({ ...facts, key, out, look: async () => 'unchecked' })
  await refused(room, disk, flash(out), 'image.not-squashfs', 3)
})

test('a release for another product is refused', async () => {
  const other = await room.makeRelease('other', ['--product', 'elevator', '--counter', '9'], image)
  const { result } = await refused(room, disk, flash(other), 'release.wrong-product', 3)
  assert.match(result.findings?.[0].message ?? '', /elevator.*demo/)
})

test('a disk that held another product is made anew only with a reason; plan and refusal say found and wanted', async () => {
  const other = await room.makeRelease('lift', ['--product', 'elevator', '--boot', room.path('boot')], image)
  for (const more of [[], ['--plan']]) {
    const { result } = await refused(room, disk, provision(other, ...more), 'release.other-product', 3)
    assert.match(result.findings?.[0].message ?? '', /held product demo.*product elevator/)
  }
  const planned = await room.run(provision(other, '--allow-older', 'goes into a lift', '--plan'))
  assert.equal(planned.exit, 0, JSON.stringify(planned.result))
  const [{ plan, text }] = planned.events.filter(({ type }) => type === 'plan') as never as readonly [
    { plan: { steps: { override?: { action: string; reason: string } | null }[] }; text: { erased: string[] } },
  ]
  assert.match(text.erased[0], /found demo, wanted elevator/)
  assert.deepEqual(
    plan.steps.flatMap(({ override }) => (override ? [[override.action, override.reason]] : [])),
    [['product elevator where demo was', 'goes into a lift']],
  )
})

test('boot files of another product are refused', async () => {
  const other = await room.makeRelease('other-boot', ['--product', 'elevator', '--boot', room.path('boot')], image)
  const bare = await room.makeRelease('bare', ['--counter', '8'], image)
  await refused(room, disk, provision(bare, '--boot', other), 'plan.boot-product', 3)
  await refused(room, disk, provision(bare), 'plan.no-boot-files', 3)
})

test('boot files that firmware could not start, or that do not fit, are refused before the disk is erased', async () => {
  mkdirSync(room.path('no-loader/EFI'), { recursive: true })
  file(room, 'no-loader/EFI/readme.txt', 'no loader here')
  const noLoader = await room.makeRelease('no-loader', ['--boot', room.path('no-loader'), '--counter', '8'], image)
  await refused(room, disk, provision(noLoader), 'boot.no-loader', 3)
  mkdirSync(room.path('fat/EFI/BOOT'), { recursive: true })
  truncateSync(file(room, 'fat/EFI/BOOT/BOOTX64.EFI', 'MZ'), 66 << 20)
  const large = await room.makeRelease('fat', ['--boot', room.path('fat'), '--counter', '8'], image)
  const { result } = await refused(room, disk, provision(large), 'plan.boot-files-too-large', 3)
  assert.match(result.findings?.[0].message ?? '', /69\.2 MB.*67\.1 MB/)
})

test('a release that expired, or that comes from the future, is refused by every command that would use it', async () => {
  const day = 86_400_000
  const maker = await makerOf(room, 'old-maker', new Date(Date.now() - 400 * day))
  const ago = new Date(Date.now() - 300 * day)
  const times = { created: toIsoTime(ago), expires: toIsoTime(new Date(Date.now() - day)) }
  const expired = await craftRelease(room, 'expired', good, maker, ago, times)
  const with1 = (args: string[]) => args.map((word) => (word === room.trust ? maker.trust : word))
  await refused(room, disk, with1(flash(expired)), 'release.expired', 4)
  await refused(room, disk, with1(provision(expired)), 'release.expired', 4)
  await refused(room, disk, ['release', 'verify', expired, '--trust', maker.trust], 'release.expired', 4)
  const created = toIsoTime(new Date(Date.now() + 30 * day))
  const future = await craftRelease(room, 'future', good, maker, ago, { created })
  await refused(room, disk, with1(flash(future)), 'release.from-future', 4)
  const signedLater = await craftRelease(room, 'later-signed', good, maker, new Date(Date.now() + 30 * day), {})
  await refused(room, disk, with1(flash(signedLater)), 'trust.signature-future', 4)
})

test('a release that needs a newer installed version is refused', async () => {
  const later = await room.makeRelease('later', ['--version', '3.0.0', '--minimum', '2.0.0', '--counter', '9'], image)
  const { result } = await refused(room, disk, flash(later), 'release.minimum-version', 3)
  assert.match(result.findings?.[0].message ?? '', /1\.0\.0.*2\.0\.0/)
})

test('paths that are no release are told apart', async () => {
  mkdirSync(room.path('folder'), { recursive: true })
  await refused(room, disk, flash(room.path('folder')), 'release.not-a-file', 2)
  await refused(room, disk, flash('/dev/null'), 'release.not-a-file', 2)
  await refused(room, disk, flash(room.path('missing.twinslot')), 'release.not-found', 2)
  await refused(room, disk, flash(file(room, 'zero.img', '')), 'release.empty', 4)
  await refused(room, disk, flash(file(room, 'text.txt', 'hello world, this is text')), 'format.bundle-magic', 4)
})

test('an older counter is refused; with a reason it is written, and the override is recorded on the disk', async () => {
  assert.equal(await hashOf(disk), untouched, 'all refusals above left every byte as it was')
  const { result } = await refused(room, disk, flash(room.release), 'release.older-counter', 3)
  assert.match(result.findings?.[0].message ?? '', /counter 5.*has 1/)
  await refused(room, disk, flash(room.release, '--allow-older', ''), 'release.older-counter', 3)
  const done = await room.run(flash(room.release, '--allow-older', 'rollback after ticket 4711'))
  assert.equal(done.exit, 0, JSON.stringify(done.result))
  const { result: told } = await room.run(['inspect', disk])
  const { override } = told.boot as { override: { reason: string; action: string; slot: string } }
  assert.equal(override.reason, 'rollback after ticket 4711')
  assert.equal(override.slot, 'B')
  assert.match(override.action, /counter 1 below 5/)
})
