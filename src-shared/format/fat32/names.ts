// Names on FAT: long names (UTF-16 in extra entries), their unique 8.3 companions, volume labels, and how two names
// compare. Follows "Microsoft FAT Specification" (2005), sections 6 and 7.
import { EngineError } from '#base/errors.ts'

const MAX_LONG = 255
const FORBIDDEN = new Set('"*/:<>?\\|')
const SHORT_EXTRA = new Set("!#$%&'()-@^_`{}~")

/** Two names are the same file when these are equal. */
export const foldName = (name: string): string => name.toUpperCase()

/**
 * Splits a path at `/` or `\`; a leading separator is allowed. The root is the empty list.
 * Throws `fat.bad-name`.
 */
export function splitPath(path: string): string[] {
  const parts = path.split(/[/\\]/).filter((part) => part !== '')
  for (const part of parts) checkName(part)
  return parts
}

function checkName(name: string): void {
  const refuse = (reason: string) => new EngineError('fat.bad-name', { name: name.slice(0, 300), reason })
  if (name.length > MAX_LONG) throw refuse(`it has ${name.length} characters, at most ${MAX_LONG} fit`)
  if (/[. ]$/.test(name)) throw refuse('it ends in a dot or a space')
  if (!name.isWellFormed()) throw refuse('it is not valid Unicode')
  for (const char of name)
    if (char < ' ' || char === '\x7f' || FORBIDDEN.has(char)) throw refuse('it holds a character that FAT forbids')
}

/** The 11 bytes of a volume label. Throws `fat.bad-name`. */
export function encodeLabel(label: string): string {
  if (!/^[A-Z0-9_\-!#$%&'()@^`{}~ ]{1,11}$/.test(label))
    throw new EngineError('fat.bad-name', {
      name: label,
      reason: 'a volume label is 1 to 11 upper-case letters, digits, spaces or signs such as - and _',
    })
  return label.padEnd(11)
}

const isShortChar = (char: string): boolean => /[A-Z0-9]/.test(char) || SHORT_EXTRA.has(char)

/** The part as 8.3 allows it: upper case, other characters replaced, spaces and dots dropped. */
function shortPart(text: string): string {
  let part = ''
  for (const char of text.toUpperCase()) {
    if (char === ' ' || char === '.') continue
    part += isShortChar(char) ? char : '_'
  }
  return part
}

const pack = (base: string, extension: string): string => base.padEnd(8) + extension.padEnd(3)

/** The 11 characters when `name` is, but for its case, a valid 8.3 name; null otherwise. */
function exactShort(name: string): string | null {
  const match = /^([^. ]{1,8})(?:\.([^. ]{1,3}))?$/.exec(name)
  if (!match) return null
  const [, base, extension = ''] = match
  const upper = base.toUpperCase() + extension.toUpperCase()
  if (upper.length !== base.length + extension.length || ![...upper].every(isShortChar)) return null
  return pack(base.toUpperCase(), extension.toUpperCase())
}

export interface NamePlan {
  /** 11 characters as stored. */
  readonly short: string
  /** False when the short entry alone gives the very name. */
  readonly needsLong: boolean
}

/** Chooses the 8.3 name for `name` in a directory whose 8.3 names are `used` (11 characters each). */
export function planShortName(name: string, used: ReadonlySet<string>): NamePlan {
  const exact = exactShort(name)
  if (exact && !used.has(exact)) {
    const shown = decodeShortName(exact, 0)
    return { short: exact, needsLong: shown !== name }
  }
  const dot = name.lastIndexOf('.')
  const base = shortPart(dot > 0 ? name.slice(0, dot) : name) || '_'
  const extension = dot > 0 ? shortPart(name.slice(dot + 1)).slice(0, 3) : ''
  // Numbers are tried in steps of powers of ten first, so that a directory of thousands of alike names stays quick.
  const candidate = (number: number) => pack(`${base.slice(0, 7 - String(number).length)}~${number}`, extension)
  let first = 1
  while (first < 100_000 && used.has(candidate(first * 10 - 1))) first *= 10
  for (let number = first; number <= 999_999; number++)
    if (!used.has(candidate(number))) return { short: candidate(number), needsLong: true }
  throw new EngineError('fat.bad-name', { name, reason: 'no short name is left for it' })
}

/** Bytes of an 8.3 name -> what people see. `caseFlags` is byte 12 of the entry (8: base, 16: extension in lower case). */
export function decodeShortName(short: string, caseFlags: number): string {
  const base = short.slice(0, 8).trimEnd()
  const extension = short.slice(8).trimEnd()
  const shownBase = caseFlags & 8 ? base.toLowerCase() : base
  const shownExtension = caseFlags & 16 ? extension.toLowerCase() : extension
  return shownExtension ? `${shownBase}.${shownExtension}` : shownBase
}

/** Checksum that ties long-name entries to their 8.3 entry (spec 7.2). */
export function shortChecksum(short: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + short[i]) & 0xff
  return sum
}
