// OpenPGP keys as the packets they are made of (RFC 9580 sections 4 and 10.1), before any library judges them. A library skips
// what it cannot read, and what it skips may be a revocation; here every packet is looked at, and copies of a key are one key.
import { concatBytes, toHex } from '#base/bytes.ts'

/** More is no list of people who sign releases. */
const MAX_PACKETS = 10_000

const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  userId: 13,
  subkey: 14,
  attribute: 17,
} as const
/** Trust (of another program's file), marker, padding: they say nothing about a key. */
const SILENT = new Set([10, 12, 21])
const REVOKES = { key: 0x20, subkey: 0x28, user: 0x30 } as const
const ALL_REVOCATIONS: readonly number[] = Object.values(REVOKES)
/** Certifications, bindings, direct, time stamp, attestation, third-party confirmation. */
const KNOWN_TYPES = new Set([0x10, 0x11, 0x12, 0x13, 0x16, 0x18, 0x19, 0x1f, 0x40, 0x50])

export interface Packet {
  readonly tag: number
  readonly body: Uint8Array
}

/** A user id, user attribute or subkey with its signatures. */
export interface Part {
  readonly head: Packet
  readonly signatures: readonly Packet[]
}

export interface Certificate {
  readonly primary: Packet
  readonly direct: readonly Packet[]
  readonly parts: readonly Part[]
  /** Why it is not used, in words. */
  readonly problem: string | null
}

export interface KeyBlock {
  readonly certificates: readonly Certificate[]
  /** Revocations that stand alone, as `gpg --gen-revoke` writes them. */
  readonly loose: readonly Packet[]
  readonly secret: boolean
  /** What could not be attributed to a key. */
  readonly problem: string | null
}

export const identityOf = ({ primary }: Pick<Certificate, 'primary'>): string => toHex(primary.body)

/**
 * What a signature would revoke, by its look alone: 0x20, 0x28 or 0x30, else null. Who made it, whether it can be checked
 * and what else stands in it does not matter. In a version that is unknown here both places of the type are looked at.
 */
export function looksRevoking({ tag, body }: Packet): number | null {
  if (tag !== TAG.signature) return null
  const [version, second, third] = body
  const places = version === 2 || version === 3 ? [third] : version >= 4 && version <= 6 ? [second] : [second, third]
  return places.find((type) => ALL_REVOCATIONS.includes(type)) ?? null
}

function problemOfSignature({ body }: Packet): string | null {
  const [version, type] = body
  if (version !== 4 && version !== 6) return `a signature of version ${version ?? 'nothing'}`
  return KNOWN_TYPES.has(type) ? null : `a signature of the unknown kind 0x${type?.toString(16) ?? ''}`
}

interface Growing {
  primary: Packet
  direct: Packet[]
  parts: { head: Packet; signatures: Packet[] }[]
  problem: string | null
}

/** Sorts the packets of one armored block. `damage` is what is known to be wrong with its bytes. */
export function readKeyBlock(bytes: Uint8Array, damage: string | null): KeyBlock {
  const { packets, problem: broken } = cutPackets(bytes)
  const found: Growing[] = []
  const loose: Packet[] = []
  let secret = false
  let problem: string | null = null
  const complain = (text: string): void => {
    const last = found.at(-1)
    if (last) last.problem ??= text
    else problem ??= text
  }
  for (const packet of packets) {
    const { tag } = packet
    const last = found.at(-1)
    if (SILENT.has(tag)) continue
    if (tag === TAG.secretKey || tag === TAG.secretSubkey) secret = true
    else if (tag === TAG.publicKey) found.push({ primary: packet, direct: [], parts: [], problem: null })
    else if (last && (tag === TAG.userId || tag === TAG.attribute || tag === TAG.subkey))
      last.parts.push({ head: packet, signatures: [] })
    else if (tag === TAG.signature) {
      if (looksRevoking(packet) === null) {
        const why = problemOfSignature(packet)
        if (why) complain(why)
        else if (!last) complain('a signature that belongs to no key')
      }
      if (last) (last.parts.at(-1)?.signatures ?? last.direct).push(packet)
      else if (looksRevoking(packet) !== null) loose.push(packet)
    } else complain(`a packet of the kind ${tag}, which does not belong into a public key`)
  }
  for (const text of [broken, damage]) if (text) for (const each of found) each.problem ??= text
  if (found.length === 0) problem ??= damage ?? broken
  return { certificates: found, loose, secret, problem }
}

function cutPackets(bytes: Uint8Array): { readonly packets: readonly Packet[]; readonly problem: string | null } {
  const packets: Packet[] = []
  let at = 0
  while (at < bytes.length) {
    const header = readHeader(bytes, at)
    if (!header) return { packets, problem: 'a packet whose length cannot be read' }
    const { tag, start, length } = header
    if (start + length > bytes.length) return { packets, problem: 'a packet that is cut off' }
    if (packets.length === MAX_PACKETS) return { packets, problem: `more than ${MAX_PACKETS} packets` }
    packets.push({ tag, body: bytes.subarray(start, start + length) })
    at = start + length
  }
  return { packets, problem: null }
}

/** Old and new headers (section 4.2). Lengths in parts or without an end are not allowed in keys. */
function readHeader(bytes: Uint8Array, at: number): { tag: number; start: number; length: number } | null {
  const head = bytes[at]
  if ((head & 0x80) === 0) return null
  const number = (from: number, count: number): number =>
    bytes.subarray(from, from + count).reduce((sum, byte) => sum * 256 + byte, 0)
  if ((head & 0x40) === 0) {
    const kind = head & 3
    if (kind === 3) return null
    const count = 1 << kind
    return { tag: (head >> 2) & 15, start: at + 1 + count, length: number(at + 1, count) }
  }
  const tag = head & 63
  const first = bytes[at + 1] ?? 224
  if (first < 192) return { tag, start: at + 2, length: first }
  if (first < 224) return { tag, start: at + 3, length: (first - 192) * 256 + (bytes[at + 2] ?? 0) + 192 }
  return first === 255 ? { tag, start: at + 6, length: number(at + 2, 4) } : null
}

const union = (a: readonly Packet[], b: readonly Packet[]): Packet[] => [
  ...new Map([...a, ...b].map((packet) => [`${packet.tag} ${toHex(packet.body)}`, packet])).values(),
]

/** Copies of a key are one key with all their packets: a copy takes nothing away from another, least of all a revocation. */
export function mergeCertificates(all: readonly Certificate[]): Certificate[] {
  const merged = new Map<string, Certificate>()
  for (const next of all) {
    const id = identityOf(next)
    const before = merged.get(id) ?? { primary: next.primary, direct: [], parts: [], problem: null }
    const parts = new Map<string, Part>()
    for (const part of [...before.parts, ...next.parts]) {
      const key = `${part.head.tag} ${toHex(part.head.body)}`
      parts.set(key, { head: part.head, signatures: union(parts.get(key)?.signatures ?? [], part.signatures) })
    }
    merged.set(id, {
      primary: before.primary,
      direct: union(before.direct, next.direct),
      parts: [...parts.values()],
      problem: before.problem ?? next.problem,
    })
  }
  return [...merged.values()]
}

export interface Revocations {
  /** The primary key, and with it everything below. */
  readonly whole: boolean
  /** Bodies of revoked subkeys in hexadecimal. */
  readonly subkeys: ReadonlySet<string>
  /** The certificate without revocations and without revoked user ids, for a library that would skip or doubt them. */
  readonly rest: Certificate
}

/** Judges by looks alone (docs/adr/0043-what-looks-like-a-revocation.md); one in an odd place revokes the whole key. */
export function revocationsOf(certificate: Certificate): Revocations {
  const { direct, parts } = certificate
  const subkeys = new Set<string>()
  let whole = direct.some((packet) => looksRevoking(packet) !== null)
  const rest: Part[] = []
  let users = 0
  for (const { head, signatures } of parts) {
    const isSubkey = head.tag === TAG.subkey
    const types = signatures.flatMap((packet) => looksRevoking(packet) ?? [])
    const own = isSubkey ? REVOKES.subkey : REVOKES.user
    if (types.some((type) => type !== own)) whole = true
    if (types.includes(own) && isSubkey) subkeys.add(toHex(head.body))
    if (!isSubkey) users += 1
    if (types.includes(own) && !isSubkey) continue
    rest.push({ head, signatures: signatures.filter((packet) => looksRevoking(packet) === null) })
  }
  // Who takes back every name of a key means the key.
  if (users > 0 && !rest.some(({ head }) => head.tag !== TAG.subkey)) whole = true
  const clean = direct.filter((packet) => looksRevoking(packet) === null)
  return { whole, subkeys, rest: { ...certificate, direct: clean, parts: rest } }
}

/** What must stay of a key that is taken away, so that an older copy does not come back as good; null for nothing. */
export function tombstoneOf(certificate: Certificate): Certificate | null {
  const { whole, subkeys } = revocationsOf(certificate)
  const revoking = (packets: readonly Packet[]) => packets.filter((packet) => looksRevoking(packet) !== null)
  const direct = [
    ...revoking(certificate.direct),
    ...(whole ? certificate.parts.flatMap(({ signatures }) => revoking(signatures)) : []),
  ]
  const parts = certificate.parts
    .filter(({ head }) => subkeys.has(toHex(head.body)))
    .map(({ head, signatures }) => ({ head, signatures: revoking(signatures) }))
  return direct.length + parts.length > 0 ? { ...certificate, direct, parts } : null
}

/** True for what tombstoneOf left. */
export const isTombstone = ({ direct, parts }: Certificate): boolean =>
  [...direct, ...parts.flatMap(({ signatures }) => signatures)].every((packet) => looksRevoking(packet) !== null) &&
  parts.every(({ head }) => head.tag === TAG.subkey)

function encodePacket({ tag, body }: Packet): Uint8Array {
  const { length } = body
  const size = [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]
  return concatBytes([Uint8Array.of(0xc0 | tag, 255, ...size), body])
}

export const encodeCertificate = ({ primary, direct, parts }: Certificate): Uint8Array<ArrayBuffer> =>
  concatBytes([primary, ...direct, ...parts.flatMap(({ head, signatures }) => [head, ...signatures])].map(encodePacket))

export const encodePackets = (packets: readonly Packet[]): Uint8Array<ArrayBuffer> =>
  concatBytes(packets.map(encodePacket))

/** The 64-bit key ids and full fingerprints that a signature names as its maker, upper-case hexadecimal; [] where none is readable. */
export function issuersOf({ body }: Packet): string[] {
  const [version] = body
  const hex = (from: number, to: number): string => toHex(body.subarray(from, to)).toUpperCase()
  if (version === 2 || version === 3) return body.length >= 15 ? [hex(7, 15)] : []
  const wide = version === 6
  const found: string[] = []
  let at = 4
  for (let area = 0; area < 2; area++) {
    const size = wide ? 4 : 2
    const length = body.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0)
    const end = Math.min(body.length, at + size + length)
    at += size
    while (at < end) {
      const first = body[at]
      const long = first < 192 ? 1 : first < 255 ? 2 : 5
      const count =
        long === 1
          ? first
          : long === 2
            ? (first - 192) * 256 + (body[at + 1] ?? 0) + 192
            : body.subarray(at + 1, at + 5).reduce((sum, byte) => sum * 256 + byte, 0)
      const start = at + long
      const type = (body[start] ?? 0) & 0x7f
      if (type === 16) found.push(hex(start + 1, start + 9))
      if (type === 33) found.push(hex(start + 2, start + count))
      at = start + Math.max(1, count)
    }
    at = end
  }
  return found
}
