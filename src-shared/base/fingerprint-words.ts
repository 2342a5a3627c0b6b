// Fingerprints as words that can be read aloud, by the PGP word list, and back. Which list a word is from depends on the place
// of its byte, so a word in the wrong place is not just another word.
import { fromHex, toHex } from './bytes.ts'
import { EVEN_WORDS, ODD_WORDS } from './pgp-word-list.ts'

const LISTS = [EVEN_WORDS, ODD_WORDS] as const
const indexOf = LISTS.map((list) => new Map(list.map((word, byte) => [word.toLowerCase(), byte])))

/** One word per byte; none for what is not hexadecimal. */
export const wordsOfFingerprint = (fingerprint: string): readonly string[] =>
  [...(fromHex(fingerprint) ?? [])].map((byte, place) => LISTS[place % 2][byte])

export type WordFault = 'unknown' | 'misplaced'

export type SpokenWords =
  | { readonly ok: true; readonly fingerprint: string }
  /** `place` counts from 1. `misplaced`: a word of the list for the other places; one was left out, doubled or swapped. */
  | { readonly ok: false; readonly place: number; readonly word: string; readonly fault: WordFault }

/** The fingerprint that these words say, upper-case hexadecimal; capitals do not matter. */
export function fingerprintOfWords(words: readonly string[]): SpokenWords {
  const bytes = new Uint8Array(words.length)
  for (const [at, word] of words.entries()) {
    const byte = indexOf[at % 2].get(word.toLowerCase())
    if (byte === undefined) return { ok: false, place: at + 1, word, fault: faultOf(word) }
    bytes[at] = byte
  }
  return { ok: true, fingerprint: toHex(bytes).toUpperCase() }
}

const faultOf = (word: string): WordFault =>
  indexOf.some((index) => index.has(word.toLowerCase())) ? 'misplaced' : 'unknown'
