// `twinslot report verify`: what a person uses who got a certificate, without the console that made it.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Certificate } from '#contract/certificate.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { twinslotText } from '#e2e/cli/twinslot.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { openGpg } from '#testing/gpg.ts'
import { sampleCertificate } from '#testing/sample-certificate.ts'
import { readSigningKey, type SigningKey, signDetached } from '#trust/sign.ts'

let room: Room
let key: SigningKey
let trust: string
before(async () => {
  room = await openRoom()
  const made = await createSigningKey({ name: 'Station', now: new Date('2026-01-01T00:00:00Z') })
  key = await readSigningKey(Buffer.from(made.secret), null)
  trust = room.path('station.asc')
  writeFileSync(trust, made.public)
})
after(() => room[Symbol.asyncDispose]())

const contentOf = (change: Partial<Certificate> = {}): Buffer =>
  Buffer.from(JSON.stringify(sampleCertificate({ signedBy: key.fingerprint, ...change })))

async function save(name: string, content: Buffer): Promise<string> {
  const path = room.path(name)
  writeFileSync(path, content)
  writeFileSync(`${path}.asc`, await signDetached(key, new Date('2026-01-02T04:00:00Z'), digesterOf(content)))
  return path
}

test('a certificate as it was signed is valid, and what it says is told', async () => {
  const path = await save('good.json', contentOf())
  const { exit, result } = await room.run(['report', 'verify', path, '--trust', trust])
  assert.deepEqual([exit, result.valid, result.outcome], [0, true, 'verified'])
  assert.deepEqual(result.drive, { serial: 'S1', model: 'ACME 16GB', size: 16_000_000_000 })
  const { out } = await twinslotText(['report', 'verify', path, '--trust', trust])
  assert.match(out, /good\.json: as the station signed it/)
})

test('a changed byte, another key and a missing signature are refused, each with its code', async () => {
  const path = await save('changed.json', contentOf())
  writeFileSync(path, readFileSync(path, 'utf8').replace('Ada Lovelace', 'Eve Lovelace'))
  const codeOf = async (args: readonly string[]) => (await room.run(['report', 'verify', ...args])).result.code
  assert.equal(await codeOf([path, '--trust', trust]), 'trust.wrong-data')
  const good = await save('other.json', contentOf())
  assert.equal(await codeOf([good, '--trust', room.trust]), 'trust.unknown-key')
  assert.equal(await codeOf([good, '--trust', trust, '--signature', room.path('none.asc')]), 'cli.file-unreadable')
  assert.equal(await codeOf([good]), 'cli.usage')
})

test('what is signed but no certificate is report.malformed, also with one field too many', async () => {
  const extra = Buffer.from(JSON.stringify({ ...sampleCertificate({ signedBy: key.fingerprint }), extra: 1 }))
  for (const [name, content] of [
    ['text.json', Buffer.from('{"a":1}')],
    ['binary.json', Buffer.from([0xff, 0xfe, 0])],
    ['extra.json', extra],
    // A byte that is no UTF-8 would be shown as something else than what was signed.
    ['latin1.json', Buffer.from(contentOf({ operator: 'J\u00fcrgen' }).toString('utf8'), 'latin1')],
  ] as const) {
    const { exit, result } = await room.run(['report', 'verify', await save(name, content), '--trust', trust])
    assert.deepEqual([exit, result.code], [4, 'report.malformed'], name)
  }
})

test('a certificate that names another signer than its own is report.signer-differs', async () => {
  const path = await save('differs.json', contentOf({ signedBy: 'AB'.repeat(20) }))
  const { exit, result } = await room.run(['report', 'verify', path, '--trust', trust])
  assert.deepEqual([exit, result.code], [4, 'report.signer-differs'])
})

test('a signature that GnuPG made is as good as ours', async (t) => {
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  const fingerprint = await gpg.makeKey('station', 'ed25519', 'sign', '2026-01-01')
  const content = contentOf({ signedBy: fingerprint })
  const path = room.path('gpg.json')
  writeFileSync(path, content)
  writeFileSync(`${path}.asc`, await gpg.sign(content, [fingerprint], '2026-01-02'))
  writeFileSync(room.path('gpg.asc'), await gpg.export(fingerprint))
  const { exit } = await room.run(['report', 'verify', path, '--trust', room.path('gpg.asc')])
  assert.equal(exit, 0)
})
