// Makes signed orders exactly as the fleet server of the specification does: the payload is JSON as Python's json.dumps
// writes it with sorted keys, and the Ed25519 signature is over those very bytes.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
const escapeUnit = (unit: string): string => ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
const pythonText = (text: string): string => `"${text.replace(/["\\]|[^\x20-\x7e]/g, escapeUnit)}"`

/** Python orders keys by code point, JavaScript by UTF-16 unit. */
const byCodePoint = (a: string, b: string): number => {
  const [x, y] = [[...a], [...b]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i].codePointAt(0) ?? 0) - (y[i].codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

/** `json.dumps(value, sort_keys=True)` for whole numbers: ", " and ": " between things, everything else in ASCII. */
export function pythonJson(value: Json): string {
  if (typeof value === 'string') return pythonText(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  const entries = Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  entries.sort(([a], [b]) => byCodePoint(a, b))
  return `{${entries.map(([key, item]) => `${pythonText(key)}: ${pythonJson(item)}`).join(', ')}}`
}

/** The parameters of `update_iso`; other orders have others. */
export type OrderParameters = { readonly [key: string]: Json | undefined }

export interface OrderRequest {
  readonly type?: string
  readonly parameters: OrderParameters
  /** `order-<8 hex>` without it. */
  readonly orderId?: string
  readonly nonce?: string
  readonly createdAt: Date
  /** Default: seven days later. */
  readonly expiresAt?: Date
  readonly target?: string
  readonly priority?: number
}

/** The outer object of an order; a type, not an interface, so that it is Json. */
export type SignedOrder = {
  readonly order_id: string
  readonly order_type: string
  readonly parameters: OrderParameters
  readonly priority: number
  readonly created_at: string
  readonly expires_at: string
  readonly nonce: string
  readonly signature: string
  readonly signed_payload: string
}

export interface OrderSigner {
  /** 64 hexadecimal digits: a line of the appliance's `order-keys`. */
  readonly publicKey: string
  /** An order that nothing is wrong with. */
  make(request: OrderRequest): SignedOrder
  /** Signature of any text, to make orders that something is wrong with. */
  sign(payload: string): string
}

const WEEK_MS = 7 * 24 * 3600 * 1000

/** A new Ed25519 key and what can be done with it. */
export function createOrderSigner(): OrderSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signText = (payload: string): string => sign(null, Buffer.from(payload, 'utf8'), privateKey).toString('hex')
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    sign: signText,
    make(request) {
      const signed = {
        order_id: request.orderId ?? `order-${randomBytes(4).toString('hex')}`,
        order_type: request.type ?? 'update_iso',
        parameters: request.parameters,
        nonce: request.nonce ?? randomBytes(16).toString('hex'),
        created_at: request.createdAt.toISOString(),
        expires_at: (request.expiresAt ?? new Date(request.createdAt.getTime() + WEEK_MS)).toISOString(),
      }
      const payload = pythonJson({ ...signed, target_appliance_id: request.target })
      return { ...signed, priority: request.priority ?? 1, signature: signText(payload), signed_payload: payload }
    },
  }
}
