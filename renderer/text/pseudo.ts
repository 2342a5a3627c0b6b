// The pseudo-language en-XA of the tests: English with accents, 40 % longer and in brackets, so that clipped, concatenated
// and forgotten texts are seen. Arguments and ICU syntax stay as they are.

const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  y: 'ý',
  c: 'ç',
  n: 'ñ',
  s: 'š',
  z: 'ž',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  Y: 'Ý',
  C: 'Ç',
  N: 'Ñ',
  S: 'Š',
  Z: 'Ž',
}

const GROWTH = 0.4

const accented = (text: string): string => [...text].map((letter) => ACCENTS[letter] ?? letter).join('')

/** Only the letters outside of `{...}` change; what is inside a plural's branches stays plain English. */
export function pseudoMessage(message: string): string {
  let depth = 0
  let out = ''
  for (const letter of message) {
    if (letter === '{') depth += 1
    out += depth === 0 ? accented(letter) : letter
    if (letter === '}') depth -= 1
  }
  // In words, so that it wraps as a long text does.
  const filler = '~~~~~ '.repeat(Math.ceil((message.length * GROWTH) / 6)).trim()
  return `[${out} ${filler}]`
}
