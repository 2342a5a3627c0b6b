// Signatures made by real GnuPG: the good ones are believed and their facts named, each bad one has its own refusal.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { type ErrorCode, explain, isEngineError } from '#base/errors.ts'
import type { Signer } from '#model/signer.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { type Gpg, openGpg } from '#testing/gpg.ts'
import { parseTrust } from './keyring.ts'
import { verifyDetached } from './signature.ts'

const DATA = utf8('the bytes of an image')
const MADE = '2026-01-01T00:00:00Z'
const SIGNED = '2026-01-05T00:00:00Z'
const NOW = '2026-01-06T00:00:00Z'

let gpg: Gpg | null = null
const keys: Record<string, string> = {}
before(async () => {
  gpg = await openGpg()
  if (!gpg) return
  keys.ed = await gpg.makeKey('ed', 'ed25519', 'sign,cert', MADE)
  keys.rsa = await gpg.makeKey('rsa', 'rsa3072', 'sign,cert', MADE)
})
after(async () => {
  await gpg?.[Symbol.asyncDispose]()
})

/** A test that needs gpg: skipped with its reason where gpg is missing. */
const gpgTest = (name: string, body: (gpg: Gpg, t: TestContext) => Promise<void>) =>
  test(name, async (t) => (gpg ? await body(gpg, t) : t.skip('needs gpg')))

interface Check {
  readonly now?: string
  readonly data?: Uint8Array
}

async function verify(
  signature: Uint8Array,
  trust: Uint8Array,
  { now = NOW, data = DATA }: Check = {},
): Promise<Signer> {
  return await verifyDetached({
    signature,
    signatureName: 'x.img.asc',
    dataName: 'x.img',
    trusted: await parseTrust(trust),
    now: new Date(now),
    digest: digesterOf(data),
  })
}

async function refuses(code: ErrorCode, signature: Uint8Array, trust: Uint8Array, check: Check = {}): Promise<void> {
  await assert.rejects(verify(signature, trust, check), (error) => {
    assert.ok(isEngineError(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.doesNotMatch(Object.values(explain(error)).join(), /[{}]/)
    return true
  })
}

gpgTest('an Ed25519 signature is believed and its signer named', async (gpg) => {
  const { ed } = keys
  const signer = await verify(await gpg.sign(DATA, [ed], SIGNED), await gpg.export(ed))
  assert.deepEqual(signer, {
    fingerprint: ed,
    signingKey: ed,
    userId: 'ed <ed@example.org>',
    algorithm: 'Ed25519',
    hash: signer.hash,
    signedAt: SIGNED,
    keyExpires: null,
    keyExpiresAtSigning: 'never',
  })
})

gpgTest('RSA 3072 with SHA-256, SHA-384 and SHA-512 is believed', async (gpg) => {
  const trust = await gpg.export()
  for (const hash of ['SHA256', 'SHA384', 'SHA512']) {
    const signer = await verify(await gpg.sign(DATA, [keys.rsa], SIGNED, '--digest-algo', hash), trust)
    assert.equal(signer.hash, hash.replace('SHA', 'SHA-'))
    assert.equal(signer.algorithm, 'RSA 3072')
    assert.equal(signer.fingerprint, keys.rsa)
  }
})

gpgTest('a cross-certified signing subkey is believed in the name of its primary key', async (gpg) => {
  const primary = await gpg.makeKey('sub', 'ed25519', 'cert', MADE)
  await gpg.run(['--quick-add-key', primary, 'ed25519', 'sign', '30d'], MADE)
  const signature = await gpg.sign(DATA, [primary], SIGNED)
  const signer = await verify(signature, await gpg.export(primary))
  assert.equal(signer.fingerprint, primary)
  assert.notEqual(signer.signingKey, primary)
  assert.equal(signer.keyExpires, '2026-01-31T00:00:00Z')
  assert.equal(signer.keyExpiresAtSigning, '2026-01-31T00:00:00Z')
  await refuses('trust.key-expired', signature, await gpg.export(primary), { now: '2026-02-01T00:00:00Z' })
  const binary = (await gpg.run(['--with-colons', '--list-keys', primary])).stdout
  const subkey = /sub:[^\n]*\n(?:fpr:+)([0-9A-F]{40})/.exec(binary)?.[1]
  assert.equal(signer.signingKey, subkey)
  await gpg.run(['--command-fd', '0', '--no-batch', '--edit-key', primary], NOW, 'key 1\nrevkey\ny\n0\n\ny\nsave\n')
  await refuses('trust.key-revoked', signature, await gpg.export(primary))
})

gpgTest('a changed bit anywhere, a longer and a shorter file are wrong data', async (gpg) => {
  for (const key of [keys.ed, keys.rsa]) {
    const trust = await gpg.export(key)
    const signature = await gpg.sign(DATA, [key], SIGNED)
    for (const at of [0, 10, DATA.length - 1]) {
      const data = DATA.slice()
      data[at] ^= 1
      await refuses('trust.wrong-data', signature, trust, { data })
    }
    await refuses('trust.wrong-data', signature, trust, { data: utf8('the bytes of an image\n') })
    await refuses('trust.wrong-data', signature, trust, { data: DATA.subarray(0, -1) })
    await refuses('trust.wrong-data', signature, trust, { data: new Uint8Array(0) })
  }
})

gpgTest('a key that is not in the list is unknown, and nothing is hashed for it', async (gpg) => {
  const signature = await gpg.sign(DATA, [keys.ed], SIGNED)
  let hashed = 0
  const digest = async () => {
    hashed++
    return []
  }
  const trusted = await parseTrust(await gpg.export(keys.rsa))
  const options = { signature, signatureName: 's', dataName: 'd', trusted, now: new Date(NOW), digest }
  await assert.rejects(verifyDetached(options), (error) => isEngineError(error, 'trust.unknown-key'))
  assert.equal(hashed, 0)
})

gpgTest('a key that expired is refused even when it was valid at the time of the signature', async (gpg) => {
  const key = await gpg.makeKey('exp', 'ed25519', 'sign,cert', MADE, '10d')
  const before = await gpg.export(key)
  const signature = await gpg.sign(DATA, [key], SIGNED)
  const { keyExpires, keyExpiresAtSigning } = await verify(signature, before)
  assert.deepEqual([keyExpires, keyExpiresAtSigning], ['2026-01-11T00:00:00Z', '2026-01-11T00:00:00Z'])
  await refuses('trust.key-expired', signature, before, { now: '2026-01-11T00:00:00Z' })
  await verify(signature, before, { now: '2026-01-10T23:59:59Z' })
  await gpg.run(['--quick-set-expire', key, '60d'], '2026-01-20T00:00:00Z')
  const extended = await gpg.export(key)
  const renewed = await verify(signature, extended, { now: '2026-02-01T00:00:00Z' })
  assert.equal(renewed.signingKey, key)
  assert.equal(renewed.keyExpires, '2026-03-21T00:00:00Z')
  // gpg keeps only the newest own signature, so this key does not tell any more what it said in January.
  assert.equal(renewed.keyExpiresAtSigning, null)
})

gpgTest(
  'a revoked key is refused, also for signatures from before the revocation and for soft reasons',
  async (gpg) => {
    for (const reason of ['0', '1', '3']) {
      const key = await gpg.makeKey(`rev${reason}`, 'ed25519', 'sign,cert', MADE)
      const signature = await gpg.sign(DATA, [key], SIGNED)
      await verify(signature, await gpg.export(key))
      const file = join(gpg.home, `rev${reason}.asc`)
      const answers = `y\n${reason}\n\ny\n`
      await gpg.run(['--command-fd', '0', '--no-batch', '--output', file, '--gen-revoke', key], NOW, answers)
      await gpg.run(['--import', file], NOW)
      await refuses('trust.key-revoked', signature, await gpg.export(key))
      await refuses('trust.key-revoked', signature, await gpg.export(key), { now: '2026-03-01T00:00:00Z' })
    }
  },
)

gpgTest('SHA-1 and MD5 are refused', async (gpg) => {
  const trust = await gpg.export(keys.rsa)
  for (const hash of ['SHA1', 'MD5', 'SHA224', 'RIPEMD160']) {
    const allowed = ['--allow-weak-digest-algos', '--digest-algo', hash]
    const signature = await gpg.sign(DATA, [keys.rsa], SIGNED, ...allowed)
    await refuses('trust.weak-hash', signature, trust)
    const said = await verify(signature, trust).catch((error) => String(error))
    assert.ok(String(said).replace('SHA-', 'SHA').includes(hash.replace('160', '')), String(said))
  }
})

gpgTest('a key whose own signatures are SHA-1 is refused', async (gpg) => {
  const made = ['--cert-digest-algo', 'SHA1', '--status-fd', '1', '--quick-generate-key', 'old', 'rsa3072', 'sign,cert']
  const { stdout } = await gpg.run([...made, 'never'], MADE)
  const key = /KEY_CREATED \w ([0-9A-F]{40})/.exec(stdout)?.[1] ?? ''
  await refuses('trust.weak-hash', await gpg.sign(DATA, [key], SIGNED), await gpg.export(key))
})

gpgTest('RSA below 3072 bits, DSA and other curves are weak keys', async (gpg) => {
  for (const algorithm of ['rsa2048', 'dsa2048', 'nistp256']) {
    const key = await gpg.makeKey(algorithm, algorithm, 'sign,cert', MADE)
    const signature = await gpg.sign(DATA, [key], SIGNED, '--digest-algo', 'SHA256')
    await refuses('trust.weak-key', signature, await gpg.export(key))
  }
})

gpgTest('a strong subkey does not help a weak primary key', async (gpg) => {
  const primary = await gpg.makeKey('weakprimary', 'rsa2048', 'cert', MADE)
  await gpg.run(['--quick-add-key', primary, 'ed25519', 'sign', 'never'], MADE)
  await refuses('trust.weak-key', await gpg.sign(DATA, [primary], SIGNED), await gpg.export(primary))
})

gpgTest('a signature from the future and one that has expired are refused', async (gpg) => {
  const trust = await gpg.export(keys.ed)
  await refuses('trust.signature-future', await gpg.sign(DATA, [keys.ed], '2026-01-06T00:00:01Z'), trust)
  const short = await gpg.sign(DATA, [keys.ed], SIGNED, '--default-sig-expire', '2d')
  await verify(short, trust)
  await refuses('trust.signature-expired', short, trust, { now: '2026-01-07T00:00:00Z' })
})

gpgTest('missing, inline, clear-signed, binary, foreign and damaged signatures each have their code', async (gpg) => {
  const trust = await gpg.export(keys.ed)
  const good = await gpg.sign(DATA, [keys.ed], SIGNED)
  const file = join(gpg.home, 'inline')
  await writeFile(file, DATA)
  const made = async (...args: string[]) => {
    await gpg.run(['--local-user', keys.ed, '--output', `${file}.out`, ...args, file], SIGNED)
    return await readFile(`${file}.out`)
  }
  for (const nothing of [new Uint8Array(0), utf8(' \n'), new Uint8Array(100)])
    await refuses('trust.signature-missing', nothing, trust)
  await refuses('trust.signature-inline', await made('--armor', '--sign'), trust)
  await refuses('trust.signature-inline', await made('--clear-sign'), trust)
  await refuses('trust.signature-kind', await made('--armor', '--textmode', '--detach-sign'), trust)
  await refuses('trust.signature-malformed', await made('--detach-sign'), trust)
  await refuses('trust.signature-malformed', utf8('not a signature'), trust)
  await refuses('trust.signature-malformed', trust, trust)
  await refuses('trust.signature-malformed', good.subarray(0, good.length - 30), trust)
  await refuses('trust.signature-malformed', Buffer.concat([utf8('text before\n'), good]), trust)
  await refuses('trust.signature-malformed', Buffer.concat([good, new Uint8Array(70_000).fill(10)]), trust)
})

gpgTest('several good signatures are believed, one bad among them is a conflict', async (gpg) => {
  const both = await gpg.sign(DATA, [keys.ed, keys.rsa], SIGNED)
  const all = await gpg.export()
  assert.equal((await verify(both, all)).fingerprint, keys.ed)
  await refuses('trust.signature-conflict', both, await gpg.export(keys.ed))
  await refuses('trust.signature-conflict', both, await gpg.export(keys.rsa))
  const other = await gpg.sign(utf8('other bytes'), [keys.ed], SIGNED)
  const one = await gpg.sign(DATA, [keys.ed], SIGNED)
  for (const pair of [
    [one, other],
    [other, one],
  ])
    await refuses('trust.signature-conflict', Buffer.concat(pair), all)
  assert.equal((await verify(Buffer.concat([one, one]), all)).fingerprint, keys.ed)
})
