// One value, one sequence of bytes: JSON with sorted keys, no white space, UTF-8 and whole numbers only. What is signed
// or hashed goes through here. Reading accepts nothing but exactly the bytes that writing would give.

import { fromUtf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { boundedJson, jsonProblem } from './bounded-json.ts'

/** Deepest nesting that is written or read. */
export const MAX_DEPTH = 32

const refused = (problem: string, cause?: unknown) =>
  new EngineError('format.json-not-canonical', { problem }, { cause })

/**
 * Canonical JSON text of plain data: keys sorted by UTF-16 code units (RFC 8785 section 3.2.3), strings escaped as
 * JSON.stringify does, numbers safe integers. Properties that are `undefined` are left out.
 * Throws `format.json-not-canonical` for anything JSON or these rules do not know.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw refused(`nested deeper than ${MAX_DEPTH}`)
  if (value === null || value === true || value === false) return String(value)
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw refused('a text holds half a surrogate pair')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw refused(`${value} is not a safe whole number`)
    return String(value)
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object') throw refused(`${typeof value} has no form in JSON`)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, item]) => `${canonicalJson(key)}:${canonicalJson(item, depth + 1)}`).join(',')}}`
}

/**
 * The value of canonical JSON bytes. Throws `format.json-not-canonical` for anything else, so also for a byte-order
 * mark, white space, keys out of order or twice, escapes that are not needed, fractions and exponents.
 */
export function parseCanonicalJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes)
  if (text === null) throw refused('it is not UTF-8')
  let value: unknown
  try {
    value = boundedJson(text, bytes.length, { depth: MAX_DEPTH + 1 })
  } catch (cause) {
    throw refused(jsonProblem(cause), cause)
  }
  if (canonicalJson(value) !== text) throw refused('white space, order, repetition or spelling differs')
  return value
}
