// The one door through which JSON of others comes in: size, depth and number of values are counted on the text before a parser
// sees it. A parser's memory and stack follow what the text says, not how long it is: `[[[[` or a million `{}` are small.
// Own files and what this program wrote a moment ago come through here as well; there is no reason for a second door.

export interface JsonLimits {
  /** Longest text, in UTF-16 code units. */
  readonly size: number
  readonly depth?: number
  /** Values, keys not counted. */
  readonly values?: number
}

export const MAX_JSON_DEPTH = 64
export const MAX_JSON_VALUES = 500_000

export type BoundedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string; readonly cause?: unknown }

const QUOTE = 34
const COMMA = 44
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Never throws; `problem` completes "it cannot be read: ...". */
export function parseBoundedJson(text: string, limits: JsonLimits): BoundedJson {
  const problem = boundsOf(text, limits)
  if (problem !== null) return { ok: false, problem }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (cause) {
    return { ok: false, problem: 'it is not JSON', cause }
  }
}

/** In JSON.parse's place: the value. @throws SyntaxError what is wrong with the text */
export function boundedJson(text: string, size: number, limits: Omit<JsonLimits, 'size'> = {}): unknown {
  const read = parseBoundedJson(text, { ...limits, size })
  if (read.ok) return read.value
  throw new SyntaxError(read.problem, { cause: read.cause })
}

/** What boundedJson threw, as the words that say what is wrong; `otherwise` for what is no error of the text. */
export const jsonProblem = (error: unknown, otherwise = 'it is not JSON'): string =>
  error instanceof SyntaxError ? error.message : otherwise

function boundsOf(text: string, limits: JsonLimits): string | null {
  const { size, depth: deepest = MAX_JSON_DEPTH, values: most = MAX_JSON_VALUES } = limits
  if (text.length > size) return `it is larger than ${size} characters`
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      // To the end of the string; an escaped character is no end.
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1
      values += 1
      if (depth > deepest) return `it is nested deeper than ${deepest}`
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1
    else if (code === COMMA) values += 1
    if (values > most) return `it holds more than ${most} values`
  }
  return null
}
