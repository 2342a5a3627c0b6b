// Trust lists: only armored public keys; copies of a key are one, and it fails closed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { EngineError, type ErrorCode, explain, isEngineError } from '#base/errors.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { openGpg } from '#testing/gpg.ts'
import fc from '#testing/property.ts'
import { splitArmor } from './armor.ts'
import { parseTrust } from './keyring.ts'

const now = new Date('2026-01-01T00:00:00Z')
const a = await createSigningKey({ name: 'A', now })
const b = await createSigningKey({ name: 'B', now })

test('several blocks and several keys in one block are one list', async (t) => {
  const { fingerprints } = await parseTrust(utf8(`\n${a.public}\r\n${b.public}`))
  assert.deepEqual(fingerprints, [a.fingerprint, b.fingerprint])
  await using gpg = await openGpg()
  if (!gpg) return t.skip('needs gpg')
  await gpg.run(['--import'], undefined, a.public + b.public)
  const exported = await parseTrust(await gpg.export())
  assert.deepEqual(exported.fingerprints.toSorted(), [a.fingerprint, b.fingerprint].toSorted())
})

const refused: readonly (readonly [string, string | Uint8Array, ErrorCode])[] = [
  ['an empty file', '', 'trust.keyring-empty'],
  ['white space', ' \r\n\t\n', 'trust.keyring-empty'],
  ['a list of fingerprints', `${a.fingerprint}\n`, 'trust.keyring-malformed'],
  ['text around the block', `Our key:\n${a.public}`, 'trust.keyring-malformed'],
  ['a block that is cut off', a.public.slice(0, -40), 'trust.keyring-malformed'],
  ['a damaged block', a.public.replace(/\n\n.{8}/, '\n\nAAAAAAAA'), 'trust.keyring-malformed'],
  ['another kind of block', a.public.replaceAll('PUBLIC KEY BLOCK', 'SIGNATURE'), 'trust.keyring-malformed'],
  ['binary garbage', Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 0xff), 'trust.keyring-malformed'],
  ['a huge file', new Uint8Array((4 << 20) + 1).fill(10), 'trust.keyring-malformed'],
  ['a secret key', a.secret, 'trust.keyring-secret'],
  ['a secret key among public ones', a.public + b.secret, 'trust.keyring-secret'],
]
for (const [what, input, code] of refused)
  test(`${what} as trust list is refused with ${code}`, async () => {
    const bytes = typeof input === 'string' ? utf8(input) : input
    await assert.rejects(parseTrust(bytes), (error) => {
      if (!isEngineError(error, code)) assert.fail(String(error))
      assert.doesNotMatch(Object.values(explain(error)).join(), /[{}]/)
      return true
    })
  })

test('a mutated key ring is a list or one of our errors', async () => {
  const bytes = utf8(a.public)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const changed = bytes.slice()
      changed[at] = value
      await parseTrust(changed).catch((error) => assert.ok(error instanceof EngineError, String(error)))
    }),
    { numRuns: 300 },
  )
})

test('armor is cut in linear time, whatever is in it', () => {
  const lines = '-----BEGIN PGP SIGNATURE-----\n'.repeat(100_000)
  assert.equal(splitArmor(utf8(lines)), null)
  assert.equal(splitArmor(utf8('-'.repeat(3_000_000))), null)
})
