// Comparing a fingerprint that somebody dictates in words of the PGP word list. Pure.
import { fingerprintOfWords, type WordFault, wordsOfFingerprint } from '#base/fingerprint-words.ts'

export type WordComparison =
  | { readonly kind: 'nothing' }
  /** So many whole words are equal. */
  | { readonly kind: 'so-far'; readonly count: number }
  | { readonly kind: 'equal' }
  /**
   * `place` counts words from 1. `differs`: a word of the right list, but another byte; `misplaced`: of the other list, so a
   * word was left out, said twice or swapped; `unknown`: of neither.
   */
  | { readonly kind: 'differs' | WordFault; readonly place: number; readonly word: string }
  | { readonly kind: 'too-long' }

/** Blanks, punctuation, digits and capitals do not matter. A word that is still being typed is right as long as it may be. */
export function compareWords(fingerprint: string, typed: string): WordComparison {
  const said = typed.match(/\p{L}+/gu) ?? []
  if (said.length === 0) return { kind: 'nothing' }
  const wanted = wordsOfFingerprint(fingerprint)
  const under = /\p{L}$/u.test(typed) ? said.length - 1 : -1
  for (const [at, word] of said.entries()) {
    const expected = wanted.at(at)?.toLowerCase()
    if (expected === undefined) return { kind: 'too-long' }
    const found = word.toLowerCase()
    if (found === expected) continue
    if (at === under && expected.startsWith(found)) return { kind: 'so-far', count: at }
    // The words before are right, so that the first fault is this one's.
    const judged = fingerprintOfWords(said.slice(0, at + 1))
    return { kind: judged.ok ? 'differs' : judged.fault, place: at + 1, word }
  }
  return said.length === wanted.length ? { kind: 'equal' } : { kind: 'so-far', count: said.length }
}

/** Two words say one group of four letters. */
export const groupOfWord = (place: number): number => Math.ceil(place / 2)

/** What a scanner reads, in the form that OpenPGP programs for telephones know. */
export const codeOfFingerprint = (fingerprint: string): string => `OPENPGP4FPR:${fingerprint}`
