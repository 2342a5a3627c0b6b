// Takes out of a support bundle what nobody else shall have: keys, tokens, passwords, addresses, names of home folders. By
// name where a value has one, by look where it has none. Pure; says what it took out. In doubt it takes out.
import { isIPv4, isIPv6 } from 'node:net'

export interface RedactOptions {
  /** IP and MAC addresses stay: somebody asked for them. */
  readonly withAddresses: boolean
}

export interface Redacted {
  readonly value: unknown
  /** "3 × IP address", most frequent first. */
  readonly removed: readonly string[]
}

const GONE = '[removed]'

/** Names whose values are secrets, in any spelling. */
const SECRET_NAME =
  /(?:api[_-]?key|apikey|secret|passw|passphrase|token|credential|authorization|cookie|private[_-]?key|preshared|psk\b|_psk|wpa|wifi[_-]?key|luks|recovery[_-]?key|session)/i

const NAMED =
  /\b([\w.-]*(?:api[_-]?key|apikey|secret|passw|passphrase|token|credential|cookie|private[_-]?key|preshared|psk|wpa|wifi[_-]?key|luks)[\w.-]*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}&]+)/gi

type Rule = readonly [what: string, pattern: RegExp, keep: (match: string, ...groups: string[]) => string | null]

const always = (): null => null

/** In this order; `keep` answers what stays in its place, or null for nothing. */
const RULES: readonly Rule[] = [
  [
    'private key',
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    always,
  ],
  ['named secret', NAMED, (_match, name) => `${name}${GONE}`],
  [
    'authorization',
    /\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',]+/gi,
    (_m, name) => `${name}${GONE}`,
  ],
  ['bearer token', /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi, (_match, word) => `${word}${GONE}`],
  ['password in an address', /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, (_match, scheme) => `${scheme}${GONE}@`],
  [
    'SSH key',
    /\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[\w-]+|sk-[\w@.-]+)\s+[A-Za-z0-9+/=]{16,}(?:\s+[\w.-]+@[\w.-]+)?/g,
    always,
  ],
  ['web token', /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, always],
  [
    'name of a home folder',
    /((?:^|[^\w])(?:\/home\/|\/Users\/|[A-Za-z]:\\{1,2}Users\\{1,2}))[^\s/\\"':,;)]+/g,
    (_match, place) => `${place}${GONE}`,
  ],
  ['long coded text', /[A-Za-z0-9+/_]{40,}={0,2}/g, (match) => (isCoded(match) ? null : match)],
]

const ADDRESSES: readonly Rule[] = [
  [
    'MAC address',
    /(?<![\da-fA-F:-])(?:[\da-fA-F]{2}:){5}[\da-fA-F]{2}(?![\da-fA-F:-])|(?<![\da-fA-F:-])(?:[\da-fA-F]{2}-){5}[\da-fA-F]{2}(?![\da-fA-F:-])/g,
    always,
  ],
  ['IP address', /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)/g, (match) => (isIPv4(match) ? null : match)],
  ['IP address', /(?<![\w:])[\da-fA-F:]*:[\da-fA-F:]*:[\da-fA-F:.]*/g, (match) => (isAddress6(match) ? null : match)],
]

const isAddress6 = (text: string): boolean => isIPv6(text.replace(/[.:]$/, (end) => (text.endsWith('::') ? end : '')))

/** Letters of both sizes and digits, mixed: neither a digest nor a fingerprint nor a word. */
const isCoded = (text: string): boolean =>
  !/^[\da-fA-F]+$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)

/** Redacts every string and every value with a secret's name, at any depth. */
export function redact(value: unknown, { withAddresses }: RedactOptions): Redacted {
  const counts = new Map<string, number>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  const rules = withAddresses ? RULES : [...RULES, ...ADDRESSES]
  const text = (input: string): string =>
    rules.reduce(
      (result, [what, pattern, keep]) =>
        result.replace(pattern, (match: string, ...groups: string[]) => {
          const kept = keep(match, ...groups)
          if (kept === match) return match
          // What an earlier rule left there is not a second find.
          if (kept !== null && kept === match.replace(/"?\[removed\]"?\S*/, GONE)) return match
          count(what)
          return kept ?? `[${what} removed]`
        }),
      input,
    )
  const walk = (input: unknown): unknown => {
    if (typeof input === 'string') return text(input)
    if (Array.isArray(input)) return input.map(walk)
    if (typeof input !== 'object' || input === null) return input
    return Object.fromEntries(
      Object.entries(input).map(([name, inner]) => {
        const hidden = SECRET_NAME.test(name) && (typeof inner === 'string' || typeof inner === 'number')
        if (hidden) count(name === 'token' ? "handle of this console's windows" : 'named secret')
        return [text(name), hidden ? GONE : walk(inner)]
      }),
    )
  }
  const result = walk(value)
  const removed = [...counts].sort((a, b) => b[1] - a[1]).map(([what, times]) => `${times} × ${what}`)
  return { value: result, removed }
}
