// What a file is that should have been an armored detached signature, told before anything of it is parsed: people mix up
// the commands of gpg, and the answer names the one they used. Judged by the first bytes; any length will do.
import { fromUtf8 } from '#base/bytes.ts'
import { cutArmor } from './armor.ts'

export type SignatureShape =
  /** Nothing against it so far. */
  | { readonly is: 'armor' }
  /** The signed data itself is in it. */
  | { readonly is: 'message' }
  | { readonly is: 'other'; readonly problem: string }

const HEAD = 4096
const CLEAR = '-----BEGIN PGP SIGNED MESSAGE-----'
const other = (problem: string): SignatureShape => ({ is: 'other', problem })

/** Packets that a message begins with (RFC 9580 section 5): one-pass signature, compressed, literal and encrypted data. */
const MESSAGE_TAGS = new Set([1, 3, 4, 8, 9, 11, 18, 20])

export function shapeOfSignature(bytes: Uint8Array): SignatureShape {
  const [first = 0, second = 0] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return other('it is UTF-16 text; write it with "gpg --output FILE" instead of ">"')
  if ((first & 0x80) !== 0 && first !== 0xef) return binaryShape(first)
  // A clear-signed image: the rest may be anything.
  if (String.fromCharCode(...bytes.subarray(0, CLEAR.length)) === CLEAR) return { is: 'message' }
  // A character may be cut at the end of the head.
  const head = Array.from({ length: 4 }, (_, cut) => fromUtf8(bytes.subarray(0, HEAD - cut))).find(
    (text) => text !== null,
  )
  if (head === undefined || head === null) return { is: 'armor' }
  if (/^\ufeff\s*-----BEGIN/.test(head)) return other('it begins with a byte order mark; take that away')
  const begin = /^-----BEGIN (PGP [A-Z ]+?)-----\s*$/m.exec(head)
  if (begin && /MESSAGE/.test(begin[1])) return { is: 'message' }
  if (begin && head.slice(0, begin.index).trim() !== '')
    return other(`text stands before the line "-----BEGIN ${begin[1]}-----"`)
  return { is: 'armor' }
}

/** RFC 9580 section 4.2: bit 6 tells the two forms of a packet's head apart. */
function binaryShape(first: number): SignatureShape {
  const tag = (first & 0x40) === 0 ? (first & 0x3f) >> 2 : first & 0x3f
  if (MESSAGE_TAGS.has(tag)) return { is: 'message' }
  if (tag === 2) return other('it is a binary signature; add --armor to "gpg --detach-sign"')
  if (tag === 6 || tag === 14) return other('it is a public key')
  if (tag === 5 || tag === 7) return other('it is a secret key')
  return other('it is not armored text (-----BEGIN PGP SIGNATURE-----)')
}

/** Of what looked like armor and gave no whole blocks: what is wrong with it. */
export function whyNotArmor(signature: Uint8Array): string {
  const text = fromUtf8(signature) ?? ''
  if (!/^\s*-----BEGIN PGP /.test(text)) return 'it is not armored text (-----BEGIN PGP SIGNATURE-----)'
  const end = text.lastIndexOf('-----END PGP ')
  return end < 0 || cutArmor(signature) !== null
    ? 'it is cut off: a line "-----END PGP SIGNATURE-----" is missing'
    : 'text stands behind the line "-----END PGP SIGNATURE-----"'
}
