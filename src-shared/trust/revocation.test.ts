// What revokes: everything that looks like a revocation, in whichever copy of the key, file or order; and what cannot be read
// is never taken for harmless. Real GnuPG makes what it can make; the rest is put together from packets.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { concatBytes, fromHex, utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { type Gpg, openGpg } from '#testing/gpg.ts'
import { armorKeys, cutArmor, decodeArmor } from './armor.ts'
import { encodePackets, type Packet } from './key-packets.ts'
import { armorRing, mergeRings, parseTrust, readKeyRing, shownKeys, trustOf, withoutKey } from './keyring.ts'
import { readSigningKey, signDetached } from './sign.ts'
import { verifyDetached } from './signature.ts'

const DATA = utf8('the bytes of an image')
const MADE = new Date('2026-01-01T00:00:00Z')
const NOW = new Date('2026-01-06T00:00:00Z')
const a = await createSigningKey({ name: 'A', now: MADE })
const b = await createSigningKey({ name: 'B', now: MADE })

let gpg: Gpg | null = null
before(async () => {
  gpg = await openGpg()
})
after(async () => {
  await gpg?.[Symbol.asyncDispose]()
})
const gpgTest = (name: string, body: (gpg: Gpg, t: TestContext) => Promise<void>) =>
  test(name, async (t) => (gpg ? await body(gpg, t) : t.skip('needs gpg')))

const bytesOf = (armored: string): Uint8Array => {
  const [block] = cutArmor(utf8(armored)) ?? []
  return decodeArmor(block).bytes
}
const signature = (...body: number[]): Packet => ({ tag: 2, body: Uint8Array.from(body) })
const with_ = (armored: string, ...packets: Packet[]): string =>
  armorKeys(concatBytes([bytesOf(armored), encodePackets(packets)]))

/** What becomes of a signature by A when this is the trust list: `good`, or the code of the refusal. */
async function outcome(trust: string | Uint8Array, secret = a.secret): Promise<string> {
  const key = await readSigningKey(utf8(secret), null)
  const signed = utf8(await signDetached(key, NOW, digesterOf(DATA)))
  const check = async () =>
    await verifyDetached({
      ...{ signature: signed, signatureName: 's', dataName: 'd', now: NOW, digest: digesterOf(DATA) },
      trusted: await parseTrust(typeof trust === 'string' ? utf8(trust) : trust),
    })
  return await check().then(
    () => 'good',
    (error: unknown) => (isEngineError(error) ? error.code : String(error)),
  )
}

const issuer = [...(fromHex(a.fingerprint.slice(-16)) ?? [])]
const time = [0x69, 0x55, 0xb9, 0x80]
const LOOKS: readonly (readonly [string, Packet])[] = [
  ['of version 3, as PGP 2 made them', signature(3, 5, 0x20, ...time, ...issuer, 1, 8, 0, 0, 0, 8, 255)],
  ['of version 2', signature(2, 5, 0x20, ...time, ...issuer, 1, 8, 0, 0, 0, 8, 255)],
  ['of version 5', signature(5, 0x20, 22, 8, 0, 0, 0, 0, 0, 0)],
  ['of a version to come', signature(9, 0x20, 22, 8)],
  ['by an algorithm that nobody knows', signature(4, 0x20, 99, 8, 0, 0, 0, 0, 0, 0)],
  ['with a hash that nobody knows', signature(4, 0x20, 22, 77, 0, 0, 0, 0, 0, 0)],
  ['with broken subpackets', signature(4, 0x20, 22, 8, 255, 255, 1, 2, 3)],
  ['cut off after its kind', signature(4, 0x20)],
  [
    'by another key, as a designated revoker makes it',
    signature(4, 0x20, 22, 8, 0, 0, 0, 10, 9, 16, 1, 2, 3, 4, 5, 6, 7, 8),
  ],
  ['of a subkey that is none', signature(4, 0x28, 22, 8, 0, 0, 0, 0, 0, 0)],
  ['of its only name, of version 3', signature(3, 5, 0x30, ...time, ...issuer, 1, 8, 0, 0, 0, 8, 255)],
]
for (const [what, packet] of LOOKS)
  test(`whatever looks like a revocation revokes: one ${what}`, async () => {
    assert.equal(await outcome(a.public), 'good')
    assert.equal(await outcome(with_(a.public, packet)), 'trust.key-revoked')
    assert.equal(await outcome(with_(b.public, packet) + a.public), 'good', 'it says nothing of another key')
  })

test('a revocation in one copy of a key counts for every copy, before and after, in one file or several', async () => {
  const revoked = with_(a.public, LOOKS[0][1])
  for (const files of [
    [revoked, a.public],
    [a.public, revoked],
    [a.public, b.public, revoked, a.public],
  ])
    assert.equal(await outcome(files.join('')), 'trust.key-revoked')
  const stored = armorRing(mergeRings([revoked, a.public].map((text) => readKeyRing(utf8(text)))))
  assert.equal(await outcome(stored), 'trust.key-revoked', 'and it stays in what is kept')
  assert.equal(readKeyRing(utf8(stored)).certificates.length, 1)
})

test('a damaged or misnamed block that revokes a key is not overlooked beside an older copy of it', async () => {
  const revoked = with_(a.public, signature(4, 0x20, 22, 8, 0, 0, 0, 0, 0, 0))
  for (const odd of [
    revoked.replace('\n\n', '\n\n\0'),
    revoked.replace('\n\n', '\n\n=\u00e4 '),
    revoked.replaceAll('PUBLIC KEY BLOCK', 'MESSAGE'),
    revoked.replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE'),
  ])
    for (const both of [odd + a.public, a.public + odd]) assert.notEqual(await outcome(both), 'good', odd)
})

test('a revoked key that is taken away leaves its revocation: an older copy does not come back as good', async () => {
  for (const [what, packet] of LOOKS) {
    const kept = await withoutKey(readKeyRing(utf8(with_(a.public, packet) + b.public)), a.fingerprint)
    assert.deepEqual((await shownKeys(kept)).fingerprints, [b.fingerprint], what)
    const stored = armorRing(kept)
    assert.equal(await outcome(stored), 'trust.key-revoked', what)
    const again = mergeRings([stored, a.public].map((text) => readKeyRing(utf8(text))))
    assert.equal(await outcome(armorRing(again)), 'trust.key-revoked', what)
    assert.ok((await trustOf(again)).revoked.has(a.fingerprint), what)
  }
  const clean = await withoutKey(readKeyRing(utf8(a.public + b.public)), a.fingerprint)
  assert.equal(await outcome(armorRing(clean)), 'trust.unknown-key', 'a good key goes without a trace')
})

gpgTest('a revocation that stands alone counts, whichever comes first', async (gpg) => {
  const key = await gpg.makeKey('alone', 'ed25519', 'sign,cert', MADE.toISOString())
  const file = join(gpg.home, 'alone.rev')
  const answers = 'y\n0\n\ny\n'
  await gpg.run(['--command-fd', '0', '--no-batch', '--output', file, '--gen-revoke', key], undefined, answers)
  const [revocation, whole] = [await readFile(file, 'utf8'), (await gpg.export(key)).toString()]
  const secret = (await gpg.exportSecret(key)).toString()
  assert.equal(await outcome(whole, secret), 'good')
  for (const text of [whole + revocation, revocation + whole])
    assert.equal(await outcome(text, secret), 'trust.key-revoked')
  assert.equal(await outcome(revocation, secret), 'trust.keyring-malformed', 'it is no key')
  const kept = await withoutKey(readKeyRing(utf8(revocation + whole)), key)
  assert.equal(await outcome(armorRing(kept) + whole, secret), 'trust.key-revoked')
})

test('a revocation of which nobody can say whose it is makes the whole file unusable', async () => {
  const nameless = armorKeys(encodePackets([signature(4, 0x20, 22, 8, 0, 0, 0, 0, 0, 0)]))
  assert.equal(await outcome(a.public + nameless), 'trust.keyring-malformed')
})

gpgTest('a key whose every name was taken back is revoked; with one name left it is not', async (gpg) => {
  const at = MADE.toISOString()
  const key = await gpg.makeKey('names', 'ed25519', 'sign,cert', at)
  const secret = (await gpg.exportSecret(key)).toString()
  await gpg.run(['--quick-add-uid', key, 'second <second@example.org>'], at)
  await gpg.run(['--quick-revoke-uid', key, 'names <names@example.org>'], NOW.toISOString())
  assert.equal(await outcome(await gpg.export(key), secret), 'good')
  await gpg.ask(['--quick-revoke-uid', key, 'second <second@example.org>'], NOW.toISOString())
  const both = with_((await gpg.export(key)).toString(), signature(4, 0x30, 22, 8))
  assert.equal(await outcome(both, secret), 'trust.key-revoked')
})

const UNREADABLE: readonly (readonly [string, Packet, RegExp])[] = [
  ['a signature of version 3', signature(3, 5, 0x13, ...time, ...issuer, 1, 8, 0, 0, 0, 8, 255), /block 1 .*version 3/],
  ['a signature of a version to come', signature(9, 0x13, 22, 8), /version 9/],
  ['a signature of an unknown kind', signature(4, 0x77, 22, 8, 0, 0, 0, 0, 0, 0), /unknown kind 0x77/],
  ['a signature with nothing in it', signature(), /version nothing/],
  ['an encrypted packet', { tag: 18, body: Uint8Array.of(1, 2, 3) }, /kind 18/],
  ['a packet that nobody knows', { tag: 60, body: Uint8Array.of(1) }, /kind 60/],
  ['a subkey that cannot be read', { tag: 14, body: Uint8Array.of(9, 9, 9) }, /cannot be read/],
]
for (const [what, packet, said] of UNREADABLE)
  test(`a key with ${what} in it is not used, in no copy; it is named, and the others count`, async () => {
    const bad = with_(a.public, packet)
    assert.equal(await outcome(bad), 'trust.keyring-malformed')
    for (const text of [bad + b.public, bad + b.public + a.public, b.public + a.public + bad]) {
      const { fingerprints, unreadable } = await parseTrust(utf8(text))
      assert.deepEqual(fingerprints, [b.fingerprint])
      assert.equal(unreadable.length, 1)
      if (text.startsWith(bad)) assert.match(unreadable[0], said)
      assert.equal(await outcome(text), 'trust.unknown-key')
      assert.equal(await outcome(text, b.secret), 'good')
    }
  })

const DAMAGED: readonly (readonly [string, string, RegExp])[] = [
  ['cut off', `${a.public.slice(0, -40)}\n`, /block 2 .*cut off/],
  ['damaged', a.public.replace(/\n\n.{8}/, '\n\nAAAAAAAA'), /block 2/],
  ['with a wrong checksum', armorKeys(bytesOf(a.public)).replace(/\n-----END/, '\n=AAAA\n-----END'), /checksum/],
  ['of another kind', a.public.replaceAll('PUBLIC KEY BLOCK', 'MESSAGE'), /block 2 \(PGP MESSAGE\) is no public key/],
  ['that is empty', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n', /holds no key/],
]
for (const [what, block, said] of DAMAGED)
  test(`a block ${what} is named with its kind and hides no other`, async () => {
    const c = await createSigningKey({ name: 'C', now: MADE })
    const { fingerprints, unreadable } = await parseTrust(utf8(b.public + block + c.public))
    assert.deepEqual(fingerprints, [b.fingerprint, c.fingerprint])
    assert.match(unreadable.join(), said)
  })
