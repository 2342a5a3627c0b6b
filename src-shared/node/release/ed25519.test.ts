// Ed25519 against the test vectors of RFC 8032, section 7.1, and against what must not pass.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex } from '#base/bytes.ts'
import { verifyEd25519 } from './ed25519.ts'

/** Public key, message, signature. */
const VECTORS: readonly (readonly [string, string, string, string])[] = [
  [
    'test 1',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'test 2',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'test 3',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
]

/** The order of the group, for a signature whose second half is not reduced. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? assert.fail(hex)

test('the vectors of RFC 8032 verify, and no changed key, message or signature does', () => {
  for (const [name, key, message, signature] of VECTORS) {
    assert.ok(verifyEd25519(key, bytesOf(message), signature), name)
    assert.ok(!verifyEd25519(key, bytesOf(`${message}00`), signature), name)
    for (const [, other] of VECTORS) if (other !== key) assert.ok(!verifyEd25519(other, bytesOf(message), signature))
    for (let at = 0; at < 128; at += 7) {
      const digit = signature[at] === '0' ? '1' : '0'
      assert.ok(!verifyEd25519(key, bytesOf(message), signature.slice(0, at) + digit + signature.slice(at + 1)))
    }
  }
})

test('attack: the second half of a signature plus the order of the group (malleability)', () => {
  for (const [, key, message, signature] of VECTORS) {
    const s =
      BigInt(
        `0x${Buffer.from(bytesOf(signature.slice(64)))
          .reverse()
          .toString('hex')}`,
      ) + L
    const half = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
    assert.ok(!verifyEd25519(key, bytesOf(message), signature.slice(0, 64) + half))
  }
})

test('what is not a key or not a signature is false, not an error', () => {
  const [, key, , signature] = VECTORS[0] ?? assert.fail()
  for (const wrong of ['', key.slice(2), `${key}00`, 'g'.repeat(64), 'f'.repeat(64), '02'.padEnd(64, '0')])
    assert.equal(verifyEd25519(wrong, new Uint8Array(), signature), false, wrong)
  for (const wrong of ['', signature.slice(2), 'x'.repeat(128), '0'.repeat(128)])
    assert.equal(verifyEd25519(key, new Uint8Array(), wrong), false, wrong)
})
