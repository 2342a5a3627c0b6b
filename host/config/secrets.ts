// What of a configuration never reaches a window: whole secret files, and the values of secret keys in YAML. A value is
// replaced by a numbered mask; an edited text gets the originals back where its masks still stand.
import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { boundedYaml } from '#format/yaml-tree.ts'

const SECRET_FILES: readonly RegExp[] = [
  /^hypernet\/secrets\//,
  /\.enc$/i,
  /(^|\/)[^/]*private[^/]*\.pem$/i,
  /\.(key|p12|pfx|gpg|kdbx)$/i,
]
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/
const SECRET_KEY = /(api_?key|token|password|passwd|passphrase|secret|client_?key|private_?key|credential|psk)s?$/i

/** An address with a password in it. */
const WITH_PASSWORD = /:\/\/[^\s/:@]*:[^\s/@]+@/
export const YAML = /\.ya?ml$/i

/** Only YAML is masked value by value; any other text that seems to hold a secret is one as a whole. */
export const isSecretFile = (path: string, text: string | null): boolean =>
  SECRET_FILES.some((pattern) => pattern.test(path)) ||
  (text !== null && (PRIVATE_KEY.test(text) || (!YAML.test(path) && text.split('\n').some(mayBeSecret))))

export interface Masked {
  readonly text: string
  /** What each mask stands for. */
  readonly originals: ReadonlyMap<string, string>
}

const MASK = /•{5}\d+•{5}/g
const maskOf = (number: number): string => `•••••${number}•••••`

/** Replaces secret values; null when the text cannot be understood and may hold some. `known` masks stay what they are. */
export function maskYaml(text: string, known: ReadonlyMap<string, string> = new Map()): Masked | null {
  const document = boundedYaml(text, { version: '1.2', prettyErrors: false, logLevel: 'silent' })
  // What nobody could look into may hold secrets.
  if (document === null) return null
  const spans: { from: number; to: number }[] = []
  if (document.errors.length === 0) collect(document.contents, false, spans)
  // Without a tree nobody knows where a value ends.
  else if (text.split('\n').some(mayBeSecret)) return null
  const originals = new Map(known)
  let masked = text
  // A block text ends with its line break, which stays.
  for (const { from, to: end } of spans.sort((a, b) => b.from - a.from)) {
    const value = masked.slice(from, end).trimEnd()
    const to = from + value.length
    if (value === '' || value.replace(MASK, '') === '') continue
    const mask = maskOf(originals.size + 1)
    originals.set(mask, value)
    masked = masked.slice(0, from) + mask + masked.slice(to)
  }
  return { text: masked, originals }
}

const mayBeSecret = (line: string): boolean => {
  if (WITH_PASSWORD.test(line)) return true
  const [, key, value] = /^[\s\-{,"']*([\w.-]+)["']?\s*[:=]\s*(.*)$/.exec(line) ?? []
  return key !== undefined && SECRET_KEY.test(key) && (value ?? '').replace(MASK, '').trim() !== ''
}

/** Values below a secret key are secret, however deep. */
function collect(node: unknown, secret: boolean, spans: { from: number; to: number }[]): void {
  if (isMap(node))
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      collect(value, secret || SECRET_KEY.test(name), spans)
    }
  else if (isSeq(node)) for (const item of node.items) collect(item, secret, spans)
  else if (isScalar(node) && node.value !== null && (secret || WITH_PASSWORD.test(String(node.value)))) {
    const { range } = node as Node
    if (range) spans.push({ from: range[0], to: range[1] })
  }
}

/** The text with its originals. */
export const unmask = (text: string, originals: ReadonlyMap<string, string>): string =>
  text.replace(MASK, (mask) => originals.get(mask) ?? mask)
