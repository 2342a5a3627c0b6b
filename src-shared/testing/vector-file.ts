// Golden files: a readable header, an empty line, then the bytes (deflated, base64). docs/format/bundle.md section 6.
import { deflateRawSync, inflateRawSync } from 'node:zlib'

export interface Vector {
  readonly scenario: string
  /** Error code, or `ok`. */
  readonly expect: string
  /** Time of the check, ISO 8601. */
  readonly now: string
  readonly bytes: Uint8Array
}

const FIRST = 'twinslot-vector/1'

export function formatVector({ scenario, expect, now, bytes }: Vector): string {
  const body = deflateRawSync(bytes, { level: 9 })
    .toString('base64')
    .replace(/.{100}/g, '$&\n')
  return `${FIRST}\nscenario: ${scenario}\nexpect: ${expect}\nnow: ${now}\nsize: ${bytes.length}\n\n${body}\n`
}

export function parseVector(text: string): Vector {
  const end = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (first !== FIRST) throw new Error(`not a vector: ${first}`)
  const fields = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
  const bytes = inflateRawSync(Buffer.from(text.slice(end), 'base64'))
  const field = (name: string): string => {
    const value = fields.get(name)
    if (value === undefined) throw new Error(`vector without ${name}`)
    return value
  }
  if (bytes.length !== Number(field('size'))) throw new Error('vector of another size')
  return { scenario: field('scenario'), expect: field('expect'), now: field('now'), bytes }
}
