// Guards the internal fields of `openpgp` that we use: the digest handed over in `hashed` when verifying, and the hash
// taken over when signing. If a new version changes them, this turns red before anything is believed wrongly.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import * as openpgp from 'openpgp'
import { utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { openGpg } from '#testing/gpg.ts'
import { parseTrust } from './keyring.ts'
import { readSigningKey, type SigningKey, signDetached } from './sign.ts'
import { verifyDetached } from './signature.ts'
import type { Digester } from './signature-hash.ts'

const DATA = utf8('signed bytes')
const now = new Date('2026-01-02T03:04:05Z')

interface Pair {
  readonly signing: SigningKey
  readonly publicKey: string
}

async function pair(options: Partial<openpgp.KeyOptions>): Promise<Pair> {
  const chosen: openpgp.KeyOptions = { type: 'ecc', userIDs: [{ name: 'T' }], date: now, ...options }
  const made = await openpgp.generateKey({ ...chosen, format: 'object' })
  const signing = await readSigningKey(utf8(made.privateKey.armor()), null)
  return { signing, publicKey: made.publicKey.armor() }
}

const pairs: readonly (readonly [string, () => Promise<Pair>])[] = [
  ['Ed25519 as GnuPG has it', () => pair({ curve: 'ed25519Legacy' })],
  ['Ed25519 of RFC 9580, version 4', () => pair({ type: 'curve25519' })],
  ['Ed25519 of RFC 9580, version 6', () => pair({ type: 'curve25519', config: { v6Keys: true } })],
  ['RSA 3072', () => pair({ type: 'rsa', rsaBits: 3072 })],
  ['a signing subkey', () => pair({ curve: 'ed25519Legacy', subkeys: [{ sign: true }] })],
]

const verify = async (signature: string, publicKey: string, digest: Digester) =>
  await verifyDetached({
    signature: utf8(signature),
    signatureName: 's',
    dataName: 'd',
    trusted: await parseTrust(utf8(publicKey)),
    now,
    digest,
  })

test('the version of openpgp is the pinned one', () => {
  const text = readFileSync(new URL('../../node_modules/openpgp/package.json', import.meta.url), 'utf8')
  assert.equal(JSON.parse(text).version, '6.3.2')
})

for (const [name, make] of pairs)
  test(`${name}: our signatures and the library's are the same to both`, async () => {
    const { signing, publicKey } = await make()
    const ours = await signDetached(signing, now, digesterOf(DATA))
    const message = await openpgp.createMessage({ binary: DATA })
    const key = await openpgp.readKey({ armoredKey: publicKey })
    const { signatures } = await openpgp.verify({
      message,
      signature: await openpgp.readSignature({ armoredSignature: ours }),
      verificationKeys: key,
      date: now,
    })
    assert.equal(await signatures[0].verified, true)
    const fresh = await openpgp.createMessage({ binary: DATA })
    const theirs = await openpgp.sign({ message: fresh, signingKeys: signing.key, detached: true, date: now })
    assert.equal((await verify(theirs, publicKey, digesterOf(DATA))).fingerprint, signing.fingerprint)
    assert.match((await verify(ours, publicKey, digesterOf(DATA))).algorithm, /^(Ed25519|RSA 3072)$/)
  })

test('the digest decides: a wrong one is refused, whatever else is right', async () => {
  const { signing, publicKey } = await pair({ curve: 'ed25519Legacy' })
  const signature = await signDetached(signing, now, digesterOf(DATA))
  const isWrong = (error: unknown) => isEngineError(error, 'trust.wrong-data')
  await assert.rejects(verify(signature, publicKey, digesterOf(utf8('other'))), isWrong)
  await assert.rejects(
    verify(signature, publicKey, async () => [new Uint8Array(32)]),
    isWrong,
  )
  await assert.rejects(
    verify(signature, publicKey, async () => [new Uint8Array(0)]),
    isWrong,
  )
  await assert.rejects(
    verify(signature, publicKey, async () => []),
    isWrong,
  )
  const almost: Digester = async (requests) => {
    const [digest] = await digesterOf(DATA)(requests)
    // The two bytes that OpenPGP compares first stay right.
    return [Uint8Array.from(digest, (byte, index) => (index === 31 ? byte ^ 1 : byte))]
  }
  await assert.rejects(verify(signature, publicKey, almost), isWrong)
})

test('the same key, time and bytes give the same signature', async () => {
  const { signing } = await pair({ curve: 'ed25519Legacy' })
  const first = await signDetached(signing, now, digesterOf(DATA))
  assert.equal(await signDetached(signing, now, digesterOf(DATA)), first)
})

test('gpg accepts our signatures, also with a key that gpg made and locked', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  const own = await createSigningKey({ name: 'Own', now, passphrase: 'secret words' })
  const isPassphrase = (error: unknown) => isEngineError(error, 'release.passphrase')
  await assert.rejects(readSigningKey(utf8(own.secret), null), isPassphrase)
  await assert.rejects(readSigningKey(utf8(own.secret), 'wrong'), isPassphrase)
  await gpg.run(['--import'], undefined, own.public)
  const made = await gpg.makeKey('made', 'rsa3072', 'sign,cert', '2026-01-01T00:00:00Z')
  const keys = [await readSigningKey(utf8(own.secret), 'secret words')]
  keys.push(await readSigningKey(await gpg.exportSecret(made), null))
  for (const key of keys) {
    const signature = await signDetached(key, now, digesterOf(DATA))
    await writeFile(`${gpg.home}/data`, DATA)
    await writeFile(`${gpg.home}/data.asc`, signature)
    const { stdout } = await gpg.run(['--status-fd', '1', '--verify', `${gpg.home}/data.asc`, `${gpg.home}/data`])
    assert.match(stdout, new RegExp(`VALIDSIG .*${key.fingerprint}`))
  }
})

test('keys that may not vouch for releases may not sign them either', async (t) => {
  const isRefused = (error: unknown) => isEngineError(error, 'release.signing-key')
  await assert.rejects(readSigningKey(utf8('nonsense'), null), isRefused)
  const own = await createSigningKey({ name: 'Own', now, validDays: 1 })
  await assert.rejects(readSigningKey(utf8(own.public), null), isRefused)
  await assert.rejects(readSigningKey(utf8(own.secret.replace(/\n\n.{8}/, '\n\nAAAAAAAA')), null), isRefused)
  const key = await readSigningKey(utf8(own.secret), null)
  await signDetached(key, now, digesterOf(DATA))
  await assert.rejects(signDetached(key, new Date('2026-01-04T00:00:00Z'), digesterOf(DATA)), isRefused)
  await assert.rejects(signDetached(key, new Date('2025-12-31T00:00:00Z'), digesterOf(DATA)), isRefused)
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  for (const algorithm of ['rsa2048', 'nistp256']) {
    const weak = await gpg.makeKey(algorithm, algorithm, 'sign,cert', '2026-01-01T00:00:00Z')
    const key = await readSigningKey(await gpg.exportSecret(weak), null)
    await assert.rejects(signDetached(key, now, digesterOf(DATA)), isRefused)
  }
})

test('a signing subkey without cross-certification, and one that may not sign, are invalid', async () => {
  const made = await openpgp.generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'T' }],
    date: now,
    subkeys: [{ sign: true }],
    format: 'object',
  })
  const signing = await readSigningKey(utf8(made.privateKey.armor()), null)
  const signature = await signDetached(signing, now, digesterOf(DATA))
  const subkey = made.publicKey.subkeys[0]
  const binding = subkey.bindingSignatures[0]
  const isInvalid = (error: unknown) => isEngineError(error, 'trust.key-invalid') || assert.fail(String(error))
  for (const change of [{ keyFlags: [0x0c] }, { keyFlags: [0x02], embeddedSignature: null }]) {
    Object.assign(binding, change, { rawNotations: [] })
    const data = { key: made.publicKey.keyPacket, bind: subkey.keyPacket }
    await Reflect.apply(binding.sign, binding, [made.privateKey.keyPacket, data, now, false, openpgp.config])
    await assert.rejects(verify(signature, made.publicKey.armor(), digesterOf(DATA)), isInvalid)
  }
})

test('a key without its own signature, and one that is younger than the signature, are invalid', async () => {
  const isInvalid = (error: unknown) => isEngineError(error, 'trust.key-invalid') || assert.fail(String(error))
  const { signing, publicKey } = await pair({ curve: 'ed25519Legacy' })
  const signature = await signDetached(signing, now, digesterOf(DATA))
  const stripped = await openpgp.readKey({ armoredKey: publicKey })
  stripped.users = []
  await assert.rejects(verify(signature, stripped.armor(), digesterOf(DATA)), isInvalid)

  const packet = new openpgp.SignaturePacket()
  Object.assign(packet, { signatureType: 0, publicKeyAlgorithm: 22, hashAlgorithm: 8, toHash: () => null })
  Object.assign(packet, { hash: async () => new Uint8Array(32) })
  const early = new Date('2026-01-01T00:00:00Z')
  await Reflect.apply(packet.sign, packet, [signing.key.keyPacket, null, early, true, openpgp.config])
  const list = new openpgp.PacketList<typeof packet>()
  list.push(packet)
  await assert.rejects(verify(new openpgp.Signature(list).armor(), publicKey, digesterOf(DATA)), isInvalid)
})
