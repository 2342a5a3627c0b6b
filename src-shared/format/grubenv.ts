// GRUB environment blocks (grub-editenv's format): a text header, `name=value` lines, then `#` up to the end. 1024 bytes,
// rewritten in place and never longer or shorter. What is kept first stays in the first sector, so that one sector write
// changes it. Reading follows GRUB 2.06's own reader (grub_envblk_iterate) step by step, damage included.
import { concatBytes, utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'

export const GRUBENV_SIZE = 1024
const HEADER = utf8('# GRUB Environment Block\n')
const [HASH, EQUALS, NEWLINE, BACKSLASH] = [0x23, 0x3d, 0x0a, 0x5c]

/** In file order; a name may occur once. Values are Latin-1 text: one character per byte. */
export type GrubVariables = ReadonlyMap<string, string>

/** Encodes a block. Throws `boot.env-full` when the variables do not fit. Names are `[A-Za-z0-9_]+`, see the reader. */
export function encodeGrubenv(variables: GrubVariables): Uint8Array<ArrayBuffer> {
  const lines = [...variables].map(([name, value]) => latin1(`${name}=${value.replace(/[\\\n]/g, '\\$&')}\n`))
  const body = concatBytes([HEADER, ...lines])
  // GRUB wants at least one `#` after the last line.
  if (body.length >= GRUBENV_SIZE)
    throw new EngineError('boot.env-full', { expected: GRUBENV_SIZE - 1, found: body.length })
  const block = new Uint8Array(GRUBENV_SIZE).fill(HASH)
  block.set(body)
  return block
}

export interface Grubenv {
  readonly variables: GrubVariables
  /** What is wrong with a block that GRUB reads all the same (it may not be able to save into it); null when fine. */
  readonly damage: string | null
}

/** What GRUB reads from a block; null when it would refuse it (no header). Never throws; looks at 64 KiB at most. */
export function decodeGrubenv(whole: Uint8Array): Grubenv | null {
  const bytes = whole.subarray(0, 65536)
  if (bytes.length <= HEADER.length || HEADER.some((byte, index) => bytes[index] !== byte)) return null
  const variables = new Map<string, string>()
  const end = bytes.length
  let at = HEADER.length
  while (at < end) {
    if (bytes[at] !== HASH) {
      const start = at
      while (at < end && bytes[at] !== EQUALS) at++
      if (at === end) break
      const name = text(bytes.subarray(start, at))
      const value: number[] = []
      at++
      while (at < end && bytes[at] !== NEWLINE) {
        if (bytes[at] === BACKSLASH) at++
        if (at < end) value.push(bytes[at])
        at++
      }
      if (at >= end) break
      variables.set(name, text(value))
    }
    while (at < end && bytes[at] !== NEWLINE) at++
    at++
  }
  if (whole.length !== GRUBENV_SIZE) return { variables, damage: `${whole.length} bytes long` }
  return { variables, damage: freeFrom(bytes) === null ? 'not filled up with # to its end' : null }
}

/** Where the filling begins: after the last line. Null when no line ends there, and then GRUB saves nothing. */
export function freeFrom(bytes: Uint8Array): number | null {
  let at = bytes.length
  while (at > 0 && bytes[at - 1] === HASH) at--
  return at > 0 && bytes[at - 1] === NEWLINE ? at : null
}

const text = (bytes: Iterable<number>): string => {
  let result = ''
  for (const byte of bytes) result += String.fromCharCode(byte)
  return result
}

const latin1 = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0) & 0xff)

/** True for names that we keep when we rewrite a block: what a person or a tool can have put there on purpose. */
export const isPlainName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)
