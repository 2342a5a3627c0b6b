// The one door for text of others (file names, names of keys, disks' models, words of tools and servers) before a terminal, a page,
// a table or a certificate: what could move a cursor, turn the reading direction, hide, start a line or break an encoding
// is shown as its number. Text that is only letters, digits, marks, signs and spaces passes as it is.

/** Longest foreign text in a message. */
export const FOREIGN_LIMIT = 500

/** Control, format (bidirectional, zero-width), surrogates alone, private and unassigned; line and paragraph separators. */
const DECEIVING = /[\p{C}\p{Zl}\p{Zp}]/gu
/** More marks than any script stacks on a letter run over the lines above and below. */
const TOWERS = /(\p{M}{4})\p{M}+/gu
/** SGR sequences, as terminal-style.ts writes them. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9]{1,2}m`, 'gu')

const asNumber = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

/** One line, at most `limit` characters. */
export function foreignText(text: string, limit = FOREIGN_LIMIT): string {
  const start = text.length > 2 * limit ? text.slice(0, 2 * limit) : text
  const plain = start.replace(DECEIVING, asNumber).replace(TOWERS, '$1')
  const chars = Array.from(plain)
  return chars.length > limit || start.length < text.length ? `${chars.slice(0, limit).join('')}…` : plain
}

/** What a terminal gets as one line; `colours`: our own colour sequences pass. A tab is a space. */
export function terminalLine(text: string, colours: boolean): string {
  const clean = (part: string): string => part.replaceAll('\t', ' ').replace(DECEIVING, asNumber).replace(TOWERS, '$1')
  if (!colours) return clean(text)
  let line = ''
  let from = 0
  for (const { 0: sequence, index } of text.matchAll(COLOUR)) {
    line += clean(text.slice(from, index)) + sequence
    from = index + sequence.length
  }
  return line + clean(text.slice(from))
}

/** Several lines of our own making (help, a stack), each as a terminal gets it. */
export const terminalText = (text: string, colours: boolean): string =>
  text
    .split('\n')
    .map((line) => terminalLine(line, colours))
    .join('\n')

/** JSON that says the same and shows nothing but what it says, also on a terminal. */
export const terminalJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
