import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { shapeOfSignature, whyNotArmor } from './signature-shape.ts'

const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n'
const large = (first: number) =>
  Uint8Array.from({ length: 200_000 }, (_, index) => (index === 0 ? first : index & 0xff))

test('signed data is told as such at any length, armored or not', () => {
  // gpg --sign: compressed data in old and new form, a one-pass signature, literal data.
  for (const first of [0xa3, 0xc8, 0x90, 0xc4, 0xac, 0xcb]) assert.equal(shapeOfSignature(large(first)).is, 'message')
  const body = 'A'.repeat(100_000)
  for (const label of ['PGP MESSAGE', 'PGP SIGNED MESSAGE'])
    assert.equal(shapeOfSignature(utf8(`-----BEGIN ${label}-----\n\n${body}`)).is, 'message')
})

test('what else it is has a name', () => {
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [large(0x88), /binary signature.*--armor/],
    [large(0xc2), /binary signature.*--armor/],
    [large(0x99), /public key/],
    [large(0x95), /secret key/],
    [utf8(`From: release@example.org\n\n${ARMOR}`), /text stands before the line "-----BEGIN PGP SIGNATURE-----"/],
    [utf8(`\ufeff${ARMOR}`), /byte order mark/],
    [Uint8Array.of(0xff, 0xfe, 0x2d, 0), /UTF-16/],
  ]
  for (const [bytes, problem] of cases) {
    const shape = shapeOfSignature(bytes)
    assert.match(shape.is === 'other' ? shape.problem : shape.is, problem)
  }
})

test('armor is left to the reader of armor', () => {
  for (const text of [ARMOR, `\n\n${ARMOR}`, '', 'nonsense', ARMOR.replaceAll('\n', '\r\n')])
    assert.deepEqual(shapeOfSignature(utf8(text)), { is: 'armor' })
})

test('a clear-signed image is a message, whatever bytes follow', () => {
  const image = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256)
  const signed = Uint8Array.from([...utf8('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'), ...image])
  assert.equal(shapeOfSignature(signed).is, 'message')
})

test('a signature that is cut off and one with text behind it are told apart', () => {
  assert.match(whyNotArmor(utf8(ARMOR.slice(0, 32))), /cut off/)
  assert.match(whyNotArmor(utf8(`${ARMOR}-- \nThe builder\n`)), /text stands behind/)
  assert.match(whyNotArmor(utf8('<html>404</html>')), /not armored text/)
})
