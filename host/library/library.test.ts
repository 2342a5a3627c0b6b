import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { signImage } from '#node/release/sign-image.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { fakeHost } from '#testing/fake-host.ts'

import { asSlotImage } from '#testing/release-bench.ts'

import { armorKeys, cutArmor, decodeArmor } from '#trust/armor.ts'
import { encodePackets } from '#trust/key-packets.ts'

import { readSigningKey } from '#trust/sign.ts'
import { openImageLibrary } from './image-library.ts'
import { openTrustList } from './trust-list.ts'

let room: Room
before(async () => {
  room = await openRoom()
})
after(() => room[Symbol.asyncDispose]())

const { signal } = new AbortController()
const files = { path: (token: string) => token }

async function openLibrary(name: string) {
  const data = room.path(name)
  mkdirSync(data)
  const host = fakeHost(data)
  const trust = openTrustList(host, () => {})
  return { host, trust, library: await openImageLibrary(host, { trust, files }) }
}

const trustText = () => readFileSync(room.trust, 'utf8')

test('an image of an unknown signer is bad; it is trusted once its key is, and verified after it was read', async () => {
  const { host, trust, library } = await openLibrary('one')
  using _host = host
  const image = await library.calls['image.import']({ file: room.release }, signal)
  assert.equal(image.state, 'bad')
  assert.equal(image.problem?.code, 'trust.unknown-key')
  assert.throws(() => library.image(image.token), { code: 'host.image-bad' })
  const [key] = await trust.calls['trust.import']({ armored: trustText() }, signal)
  assert.equal(key.state, 'usable')
  assert.equal(key.name, 'Test <test@example.org>')
  await library.recheck()
  assert.equal(library.view()[0].state, 'trusted')
  assert.equal(library.view()[0].version, '1.0.0')
  assert.equal(library.view()[0].signer?.fingerprint, key.fingerprint)
  assert.equal((await library.calls['image.verify']({ image: image.token }, signal)).state, 'verified')
  assert.equal(library.image(image.token).hasBootFiles, true)
  await trust.calls['trust.remove']({ fingerprint: key.fingerprint }, signal)
  assert.deepEqual(await trust.view(), [])
  await library.recheck()
  assert.equal(library.view()[0].state, 'bad')
})

test('an import reads every byte and says so; that counts over a restart, until the file changes', async () => {
  const { host, trust, library } = await openLibrary('eight')
  using _host = host
  await trust.calls['trust.import']({ armored: trustText() }, signal)
  const image = await library.calls['image.import']({ file: room.release }, signal)
  assert.equal(image.state, 'verified')
  assert.ok(image.readAt)
  const told = host.told.flatMap((news) => (news.type === 'checks' ? news.checks : []))
  assert.ok(told.some(({ about }) => about === image.token))
  await library.recheck()
  const again = await openImageLibrary(host, { trust, files })
  for (const [view] of [library.view(), again.view()])
    assert.deepEqual([view.state, view.readAt], ['verified', image.readAt])
  const [name] = readdirSync(host.paths.images).filter((file) => file.endsWith('.twinslot'))
  copyFileSync(room.release, `${host.paths.images}/${name}`)
  const [changed] = (await openImageLibrary(host, { trust, files })).view()
  assert.deepEqual(
    [changed.state, changed.readAt],
    ['trusted', null],
    'the signature is all that is known of that file',
  )
})

test('a system image that cannot boot is found by the import, and stays found', async () => {
  const { host, trust, library } = await openLibrary('nine')
  using _host = host
  await trust.calls['trust.import']({ armored: trustText() }, signal)
  const odd = room.path('odd.img')
  writeFileSync(odd, Buffer.alloc(1_000_000, 7))
  await signImage(odd, await readSigningKey(readFileSync(room.secret), null), {
    now: new Date(),
    look: async () => 'unchecked' as const,
  })
  const image = await library.calls['image.import']({ file: odd }, signal)
  assert.equal(image.state, 'bad')
  assert.ok(image.problem)
  assert.throws(() => library.image(image.token), { code: 'host.image-bad' })
  await library.recheck()
  assert.deepEqual(library.view()[0].problem, image.problem)
  assert.deepEqual((await openImageLibrary(host, { trust, files })).view()[0].problem, image.problem)
})

test('a verification tells how far it is; one that is stopped leaves the image as it was', async () => {
  const { host, trust, library } = await openLibrary('five')
  using _host = host
  await trust.calls['trust.import']({ armored: trustText() }, signal)
  const { token } = await library.calls['image.import']({ file: room.release }, signal)
  const running = library.calls['image.verify']({ image: token }, signal)
  assert.equal(library.view()[0].state, 'checking')
  host.checks.stop(token)
  await assert.rejects(running, { code: 'job.cancelled' })
  assert.deepEqual([library.view()[0].state, library.view()[0].problem], ['verified', null])

  assert.equal((await library.calls['image.verify']({ image: token }, signal)).state, 'verified')
  const told = host.told.flatMap((news) => (news.type === 'checks' ? news.checks : []))
  assert.ok(told.length > 0 && told.every(({ about, totalBytes }) => about === token && totalBytes > 0))
  const again = library.calls['image.verify']({ image: token }, signal)
  const pinned = library.calls['image.pin']({ image: token, pinned: true }, signal)
  host.checks.stop(token)
  await assert.rejects(again, { code: 'job.cancelled' })
  await pinned
  assert.deepEqual([library.view()[0].state, library.view()[0].pinned], ['verified', true])
})

test('a key that is removed while an image is being verified leaves no verified image', async () => {
  const { host, trust, library } = await openLibrary('six')
  using _host = host
  const [{ fingerprint }] = await trust.calls['trust.import']({ armored: trustText() }, signal)
  const { token } = await library.calls['image.import']({ file: room.release }, signal)
  const verified = library.calls['image.verify']({ image: token }, signal)
  await trust.calls['trust.remove']({ fingerprint }, signal)
  await Promise.all([library.recheck(), verified])
  assert.equal(library.view()[0].state, 'bad')
  assert.throws(() => library.image(token), { code: 'host.image-bad' })
})

test('an import whose window is gone leaves no file behind', async () => {
  const { host, trust, library } = await openLibrary('seven')
  using _host = host
  await trust.calls['trust.import']({ armored: trustText() }, signal)
  const triple = room.path('gone.img')
  writeFileSync(triple, asSlotImage(Buffer.alloc(1_000_000)))
  await signImage(triple, await readSigningKey(readFileSync(room.secret), null), { now: new Date() })
  const before = readdirSync(host.paths.images)
  const answer = library.calls['image.import']({ file: triple }, AbortSignal.abort())
  await assert.rejects(answer, { code: 'job.cancelled' })
  assert.deepEqual([library.view(), readdirSync(host.paths.images)], [[], before])
})

test('one changed byte of the payload is found by the import; the card keeps who signed it', async () => {
  const { host, trust, library } = await openLibrary('two')
  using _host = host
  const [key] = await trust.calls['trust.import']({ armored: trustText() }, signal)
  const bad = room.path('changed.twinslot')
  const bytes = readFileSync(room.release)
  bytes[bytes.length - 50] ^= 0x40
  writeFileSync(bad, bytes)
  const image = await library.calls['image.import']({ file: bad }, signal)
  assert.equal(image.state, 'bad')
  assert.match(image.problem?.code ?? '', /^write\.source-/)
  assert.equal(image.signer?.fingerprint, key.fingerprint)
})

test('a pinned image stays, an unpinned one goes; the library outlives the console', async () => {
  const { host, trust, library } = await openLibrary('three')
  using _host = host
  await trust.calls['trust.import']({ armored: trustText() }, signal)
  const { token } = await library.calls['image.import']({ file: room.release }, signal)
  await assert.rejects(library.calls['image.import']({ file: room.release }, signal), { code: 'host.image-exists' })
  await library.calls['image.pin']({ image: token, pinned: true }, signal)
  await assert.rejects(library.calls['image.remove']({ image: token }, signal), { code: 'host.image-pinned' })
  const again = await openImageLibrary(host, { trust, files })
  assert.deepEqual(
    again.view().map(({ pinned, version }) => [pinned, version]),
    [[true, '1.0.0']],
  )
  await library.calls['image.pin']({ image: token, pinned: false }, signal)
  await library.calls['image.remove']({ image: token }, signal)
  assert.deepEqual(library.view(), [])
})

test('a secret key is refused, and importing the same key twice leaves one', async () => {
  const { host, trust } = await openLibrary('four')
  using _host = host
  copyFileSync(room.trust, host.paths.trust)
  const secret = readFileSync(room.secret, 'utf8')
  await assert.rejects(trust.calls['trust.import']({ armored: secret }, signal), { code: 'trust.keyring-secret' })
  assert.equal((await trust.calls['trust.import']({ armored: trustText() }, signal)).length, 1)
  const unknown = { fingerprint: '0'.repeat(40) }
  await assert.rejects(trust.calls['trust.remove'](unknown, signal), { code: 'host.unknown-token' })
})

test('a revocation in the trust list is for ever; a bad block is named and the good keys are taken in', async () => {
  const { host, trust } = await openLibrary('revoked')
  using _host = host
  const whole = trustText()
  const bytes = decodeArmor((cutArmor(Buffer.from(whole)) ?? [])[0]).bytes
  const v3 = { tag: 2, body: Uint8Array.of(3, 5, 0x20, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 8) }
  const revoked = armorKeys(Buffer.concat([bytes, encodePackets([v3])]))
  const take = async (armored: string) => await trust.calls['trust.import']({ armored }, signal)
  const [{ fingerprint }] = await take(whole)
  assert.deepEqual(
    (await take(revoked)).map(({ state }) => state),
    ['revoked'],
  )
  assert.deepEqual(
    (await take(whole)).map(({ state }) => state),
    ['revoked'],
    'an older copy',
  )
  assert.deepEqual(await trust.calls['trust.remove']({ fingerprint }, signal), [])
  assert.deepEqual(
    (await take(whole)).map(({ state }) => state),
    ['revoked'],
    'taken away in between',
  )
  assert.ok((await trust.keys()).revoked.has(fingerprint))

  const other = (await createSigningKey({ name: 'Other', now: new Date('2026-01-01') })).public
  const broken = '-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n'
  await assert.rejects(take(broken + other), {
    code: 'trust.keyring-partly',
    message: /Of the given keys 1 .* block 1 \(PGP MESSAGE\)/,
  })
  assert.equal((await trust.view()).length, 2)
  await Promise.all([trust.calls['trust.remove']({ fingerprint }, signal), take(revoked), take(whole)])
  assert.ok((await trust.keys()).revoked.has(fingerprint), 'three changes at once lose no revocation')
  await assert.rejects(take(broken), { code: 'trust.keyring-malformed' })
  await assert.rejects(take(' '), { code: 'trust.keyring-empty' })
})
