// Command line -> typed words. Every mistake is `cli.usage` with the command's name, before anything is opened.
import { parseArgs } from 'node:util'
import { MIB } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { SLOTS, type Slot } from '#model/slot.ts'

export interface Words {
  readonly command: string
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>
}

export interface CommandShape {
  /** Names of the positional words, in order. */
  readonly words: readonly string[]
  /** The last positional word may be given several times. */
  readonly several?: boolean
  /** Options with a value. */
  readonly texts?: readonly string[]
  /** Options that may be repeated. */
  readonly lists?: readonly string[]
  /** Options without a value. */
  readonly flags?: readonly string[]
  readonly required?: readonly string[]
}

export const usage = (command: string, problem: string): EngineError =>
  new EngineError('cli.usage', { command, problem })

/** @throws EngineError `cli.usage` */
export function parseWords(command: string, argv: readonly string[], shape: CommandShape): Words {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = { json: { type: 'boolean' } }
  for (const name of shape.texts ?? []) options[name] = { type: 'string' }
  for (const name of shape.lists ?? []) options[name] = { type: 'string', multiple: true }
  for (const name of shape.flags ?? []) options[name] = { type: 'boolean' }
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true, tokens: true })
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`)
    const problem = error instanceof Error ? oneSentence(error.message) : String(error)
    const unknown = error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    throw usage(command, unknown ? `${problem}. It takes ${known.sort().join(', ')}.` : problem)
  }
  const { positionals } = parsed
  const repeated = firstRepeated(parsed.tokens ?? [], shape.lists ?? [])
  if (repeated !== null) throw usage(command, `--${repeated} is given more than once.`)
  if (positionals.length < shape.words.length)
    throw usage(command, `Missing ${shape.words.slice(positionals.length).join(' and ')}.`)
  if (positionals.length > shape.words.length && !shape.several)
    throw usage(command, `Unexpected "${positionals[shape.words.length]}".`)
  for (const name of shape.required ?? [])
    if (parsed.values[name] === undefined) throw usage(command, `Missing --${name}.`)
  return { command, positionals, values: parsed.values as Words['values'] }
}

/** What the parser says, without its hints about how to write an option. */
const oneSentence = (message: string): string => message.split(/\. To specify|\n/)[0]

/** An option with a value that is given twice says two things: neither is taken. */
function firstRepeated(tokens: readonly { kind: string; name?: string; value?: unknown }[], lists: readonly string[]) {
  const seen = new Set<string>()
  for (const { kind, name, value } of tokens) {
    if (kind !== 'option' || name === undefined || typeof value !== 'string' || lists.includes(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}

export function text(words: Words, name: string): string | null {
  const value = words.values[name]
  return typeof value === 'string' ? value : null
}

export const flag = (words: Words, name: string): boolean => words.values[name] === true

export function parseSlot(command: string, word: string): Slot {
  const slot = SLOTS.find((known) => known === word.toUpperCase())
  if (!slot) throw usage(command, `A slot is A or B, not "${word}".`)
  return slot
}

export function parseCount(command: string, name: string, word: string | null): number | null {
  if (word === null) return null
  if (!/^\d{1,15}$/.test(word)) throw usage(command, `--${name} takes a whole number, not "${word}".`)
  return Number(word)
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  K: 1024,
  KiB: 1024,
  MB: 1e6,
  M: MIB,
  MiB: MIB,
  GB: 1e9,
  G: 1024 * MIB,
  GiB: 1024 * MIB,
  TB: 1e12,
  T: 1024 * 1024 * MIB,
  TiB: 1024 * 1024 * MIB,
}

/** `16GB` (decimal, as on drives), `16GiB` or `16G` (binary), or bytes. */
export function parseSize(command: string, name: string, word: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(word)
  const unit = match ? UNITS[match[2]] : undefined
  if (!match || unit === undefined) throw usage(command, `--${name} takes a size such as 16GB or 16GiB, not "${word}".`)
  const bytes = Math.round(Number(match[1]) * unit)
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw usage(command, `--${name} ${word} is not a usable size.`)
  return bytes
}
