// JSON of a signed order, read so that no two readers can understand different things: no key twice, no number that loses
// digits, bounded nesting. The bytes are never written again; what was signed is what was received.
import { boundedJson, jsonProblem } from '#format/bounded-json.ts'

const MAX_DEPTH = 16
export type JsonFields = Readonly<Record<string, unknown>>

/** Strings, brackets, colons, commas and the rest of valid JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g

/** The object that `text` holds, or a text that says what is wrong. */
export function readOrderJson(text: string): JsonFields | string {
  let value: unknown
  try {
    value = boundedJson(text, text.length, { depth: MAX_DEPTH + 1 })
  } catch (error) {
    return jsonProblem(error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not an object'
  return ambiguity(text) ?? (value as JsonFields)
}

/** Why valid JSON can be read in two ways; null when it cannot. */
function ambiguity(text: string): string | null {
  // One entry per open bracket: the keys so far of an object, null for a list.
  const open: (Set<string> | null)[] = []
  let keyNext = false
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = open.at(-1)
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null)
      if (open.length > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH}`
      keyNext = token === '{'
    } else if (token === '}' || token === ']') {
      open.pop()
      keyNext = false
    } else if (token === ',') keyNext = keys instanceof Set
    else if (token === ':') keyNext = false
    else if (token.startsWith('"')) {
      if (!keyNext || !keys) continue
      const key = String(boundedJson(token, token.length))
      if (keys.has(key)) return `the key "${key.slice(0, 40)}" is there twice`
      keys.add(key)
    } else if (/^[-\d]/.test(token) && !Number.isSafeInteger(Number(token)) && !isPlainFraction(token))
      return `the number ${token.slice(0, 40)} is too large`
  }
  return null
}

const isPlainFraction = (token: string): boolean => /^-?\d{1,9}\.\d{1,6}$/.test(token)
