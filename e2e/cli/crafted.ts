// Releases that no honest maker would sign today: with any times, by a key of any age.
import { readFileSync, writeFileSync } from 'node:fs'
import { utf8 } from '#base/bytes.ts'
import { decodeBundleHead, encodeBundleHead } from '#format/bundle.ts'
import { decodeManifest, encodeManifest } from '#format/manifest.ts'
import type { Manifest } from '#model/manifest.ts'
import { digesterOf } from '#node/codec/hashing.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { readSigningKey, type SigningKey, signDetached } from '#trust/sign.ts'
import type { Room } from './bench-room.ts'

export interface Maker {
  readonly key: SigningKey
  /** Public key ring as a file. */
  readonly trust: string
}

/** A key that was made at some date. */
export async function makerOf(room: Room, name: string, since: Date, validDays?: number): Promise<Maker> {
  const made = await createSigningKey({ name, now: since, validDays })
  const trust = room.path(`${name}.asc`)
  writeFileSync(trust, made.public)
  return { key: await readSigningKey(utf8(made.secret), null), trust }
}

/** The bundle `from` with another manifest, signed at `signedAt`; the payload stays. */
export async function craftRelease(
  room: Room,
  name: string,
  from: string,
  maker: Maker,
  signedAt: Date,
  change: Partial<Manifest>,
): Promise<string> {
  const bytes = readFileSync(from)
  const { manifestOffset, manifestLength, payloadOffset } = decodeBundleHead(bytes)
  const manifest = decodeManifest(bytes.subarray(manifestOffset, manifestOffset + manifestLength))
  const text = encodeManifest({ ...manifest, ...change })
  const signature = utf8(await signDetached(maker.key, signedAt, digesterOf(text)))
  const out = room.path(`${name}.twinslot`)
  writeFileSync(out, Buffer.concat([encodeBundleHead(text, signature), bytes.subarray(payloadOffset)]))
  return out
}
