// The fleet server's `update_iso` order: is it genuine, for this appliance, for now, and not carried out before? Only what
// stands in the signed text is used; whatever else came along on the wire is not looked at again.
import { utf8 } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import type { UpdateOffer, WindowSpec } from '#model/update.ts'
import { isFleetId, isReleaseSize, isSha256Hex, isVersionName } from '#model/update-names.ts'
import { parseWindow } from '#model/window.ts'
import { type JsonFields, readOrderJson } from './order-json.ts'
import { checkReleaseUrl } from './order-url.ts'

/** Signed texts are about 1 kB. */
export const ORDER_LIMIT = 64 * 1024
export const UPDATE_ORDER = 'update_iso'
/** A server's clock may be this much ahead of ours. */
const SKEW_MS = 10 * 60_000
/** No order is valid longer after it was made, whatever it says of itself. */
export const LONGEST_VALID_MS = 30 * 86_400_000

/** Ed25519 over the bytes; false for a wrong signature and for what is not a key. Hexadecimal, lower case. */
export type VerifyEd25519 = (publicKeyHex: string, bytes: Uint8Array, signatureHex: string) => boolean

export interface OrderContext {
  /** The outer object as it came from the server. */
  readonly received: unknown
  /** Trusted Ed25519 public keys, 64 hexadecimal digits each. */
  readonly keys: readonly string[]
  readonly now: Date
  /** The names of this appliance. */
  readonly self: readonly string[]
  /** Orders carried out within the last hour. */
  readonly executed: ReadonlySet<string>
  readonly nonces: ReadonlySet<string>
  /** Of orders that were carried out and are forgotten, the time at which the newest was made; null: none was forgotten. */
  readonly forgottenUpTo?: Date | null
  readonly allowedHosts: readonly string[]
  readonly verify: VerifyEd25519
}

export interface OpenedOrder {
  readonly orderId: string
  /** To be recorded as used before the order is carried out, released when that failed. */
  readonly nonce: string
  readonly createdAt: Date
  readonly expiresAt: Date
  /** The key that signed. */
  readonly key: string
  /** The signed text names this appliance. When it names none, the caller asks the server whether this one is meant. */
  readonly addressed: boolean
  readonly offer: UpdateOffer
}

const fieldsOf = (value: unknown): JsonFields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : null

const malformed = (problem: string): Finding => finding('order.malformed', { problem })

/** The outer order's id, for the answer to the server; null when it has none that is fit to be repeated. */
export function claimedOrderId(received: unknown): string | null {
  const id = fieldsOf(received)?.order_id
  return isFleetId(id) ? id : null
}

/**
 * Opens an order in the fixed sequence: carried out already, signature over the bytes as received, nonce, time, addressee,
 * kind, address. Refusals: `order.*`, `window.*`. Records nothing: that is the caller's, before it acts.
 */
export function openOrder(context: OrderContext): Result<OpenedOrder> {
  const outer = fieldsOf(context.received)
  if (!outer) return refuse(malformed('it is not an object'))
  const claimed = claimedOrderId(outer)
  if (claimed !== null && context.executed.has(claimed))
    return refuse(finding('order.already-executed', { order: claimed }))

  const { signed_payload: text, signature } = outer
  const unsigned = (problem: string) => refuse(finding('order.unsigned', { problem }))
  if (typeof text !== 'string' || text === '') return unsigned('signed_payload is missing')
  if (text.length > ORDER_LIMIT) return refuse(finding('order.too-large', { found: text.length, limit: ORDER_LIMIT }))
  if (!text.isWellFormed()) return unsigned('signed_payload is not Unicode text')
  if (typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature))
    return unsigned('the signature is not 128 lower-case hexadecimal digits')
  const bytes = utf8(text)
  const key = context.keys.find((candidate) => context.verify(candidate, bytes, signature))
  if (key === undefined) return refuse(finding('order.bad-signature', { keys: context.keys.length }))

  // From here on nothing but the signed text.
  const signed = readOrderJson(text)
  if (typeof signed === 'string') return refuse(malformed(signed))
  return openSigned(signed, key, context)
}

function openSigned(signed: JsonFields, key: string, context: OrderContext): Result<OpenedOrder> {
  const { nonce, order_type: kind } = signed
  const orderId = claimedOrderId(signed)
  if (orderId === null) return refuse(malformed('order_id is missing or unfit'))
  if (context.executed.has(orderId)) return refuse(finding('order.already-executed', { order: orderId }))
  if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce))
    return refuse(malformed('nonce is not 32 lower-case hexadecimal digits'))
  if (context.nonces.has(nonce)) return refuse(finding('order.replayed', { order: orderId, nonce }))

  const { now } = context
  const createdAt = timeOf(signed.created_at)
  const claimedEnd = timeOf(signed.expires_at)
  if (!createdAt || !claimedEnd) return refuse(malformed('created_at or expires_at is not an ISO 8601 time'))
  const expiresAt = new Date(Math.min(claimedEnd.getTime(), createdAt.getTime() + LONGEST_VALID_MS))
  // Its number may be one of those forgotten: no clock that went forward and back brings an order to life again.
  if (context.forgottenUpTo && createdAt <= context.forgottenUpTo)
    return refuse(finding('order.replayed', { order: orderId, nonce }))
  if (now >= expiresAt) {
    const details = { order: orderId, expired: expiresAt.toISOString(), now: now.toISOString() }
    return refuse(finding('order.expired', details))
  }
  if (createdAt.getTime() > now.getTime() + SKEW_MS) {
    const details = { order: orderId, created: createdAt.toISOString(), now: now.toISOString() }
    return refuse(finding('order.from-future', details))
  }

  const target = signed.target_appliance_id ?? null
  if (target !== null && (typeof target !== 'string' || !context.self.includes(target))) {
    const details = { order: orderId, expected: String(target).slice(0, 100), found: context.self.join(', ') }
    return refuse(finding('order.other-appliance', details))
  }
  if (kind !== UPDATE_ORDER)
    return refuse(finding('order.unsupported', { found: String(kind).slice(0, 60), expected: UPDATE_ORDER }))

  const offer = offerOf(signed.parameters, orderId)
  if (typeof offer === 'string') return refuse(malformed(offer))
  const badWindow = parseWindow(offer.window)
  if (!badWindow.ok) return badWindow
  const badUrl = checkReleaseUrl(offer.url, context.allowedHosts)
  if (badUrl) return refuse(badUrl)
  return ok({ orderId, nonce, createdAt, expiresAt, key, addressed: target !== null, offer })
}

/** ISO 8601 with zone; without one it is UTC, as upstream's Python writes it. */
function timeOf(value: unknown): Date | null {
  const match =
    typeof value === 'string'
      ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/.exec(value)
      : null
  if (!match?.[1]) return null
  const time = new Date(`${match[1]}.${(match[2] ?? '').slice(0, 3).padEnd(3, '0')}${match[3] ?? 'Z'}`)
  return Number.isNaN(time.getTime()) ? null : time
}

/** The offer, or what is wrong with the parameters. */
function offerOf(value: unknown, orderId: string): UpdateOffer | string {
  const fields = fieldsOf(value)
  if (!fields) return 'parameters are missing'
  const { update_id: updateId, rollout_id: rolloutId = null, version, iso_url: url } = fields
  const { sha256 = null, size_bytes: sizeBytes = null, maintenance_window: window = null } = fields
  if (!isFleetId(updateId)) return 'update_id is missing or unfit'
  if (rolloutId !== null && !isFleetId(rolloutId)) return 'rollout_id is unfit'
  // The version becomes part of file names.
  if (!isVersionName(version)) return 'version is missing or unfit'
  if (typeof url !== 'string') return 'iso_url is missing'
  if (sha256 !== null && !isSha256Hex(sha256)) return 'sha256 is not 64 hexadecimal digits'
  if (sizeBytes !== null && !isReleaseSize(sizeBytes)) return 'size_bytes is not a number of bytes'
  const hours = fieldsOf(window)
  if (window !== null && !hours) return 'maintenance_window is not an object'
  return {
    origin: 'order',
    updateId,
    rolloutId,
    orderId,
    version,
    url,
    sha256: sha256 === null ? null : sha256.toLowerCase(),
    sizeBytes,
    // `{}` is "always", like none. The caller of offerOf has parseWindow judge the rest.
    window: hours && Object.keys(hours).length > 0 ? (window as WindowSpec) : null,
    requireApproval: fields.require_approval === true,
  }
}

/** Reads the file of trusted order keys: one a line, "#" begins a remark. Refusal: `order.keys-malformed`. */
export function parseOrderKeys(text: string, file: string): Result<readonly string[]> {
  const keys: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const key = line.replace(/#.*$/, '').trim().toLowerCase()
    if (key === '') continue
    if (!/^[0-9a-f]{64}$/.test(key)) return refuse(finding('order.keys-malformed', { file, line: index + 1 }))
    if (!keys.includes(key)) keys.push(key)
  }
  return ok(keys)
}
