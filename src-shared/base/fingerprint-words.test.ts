import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '#testing/property.ts'
import { fingerprintOfWords, wordsOfFingerprint } from './fingerprint-words.ts'
import { EVEN_WORDS, ODD_WORDS } from './pgp-word-list.ts'

/** The example that is printed wherever the list is explained. */
const EXAMPLE = 'E58294F2E9A227486E8B061B31CC528FD7FA3F19'
const SPOKEN =
  'topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless'

test('the published example of the word list is said and understood', () => {
  assert.equal(wordsOfFingerprint(EXAMPLE).join(' '), SPOKEN)
  assert.deepEqual(fingerprintOfWords(SPOKEN.split(' ')), { ok: true, fingerprint: EXAMPLE })
  const other = wordsOfFingerprint('12b4b0057400076fa5c0f5cbf726ac65').join(' ')
  const expected =
    'atlas politeness ruffled almighty indoors adroitness ahead hemisphere reindeer recipe vapor revival virus caretaker ribcage glossary'
  assert.equal(other, expected)
})

test('512 words, no two alike, each list in alphabetical order but for one pair', () => {
  const all = [...EVEN_WORDS, ...ODD_WORDS].map((word) => word.toLowerCase())
  assert.equal(new Set(all).size, 512)
  for (const [list, odd] of [
    [EVEN_WORDS, []],
    [ODD_WORDS, ['applicant']],
  ] as const) {
    assert.equal(list.length, 256)
    const behind = list.filter((word, at) => at < 255 && word.toLowerCase() > list[at + 1].toLowerCase())
    assert.deepEqual(behind, odd)
  }
})

test('every fingerprint comes back from its words, however they are capitalised', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 32 }), fc.boolean(), (bytes, loud) => {
      const fingerprint = Buffer.from(bytes).toString('hex').toUpperCase()
      const words = wordsOfFingerprint(fingerprint)
      assert.equal(words.length, bytes.length)
      const said = words.map((word) => (loud ? word.toUpperCase() : word.toLowerCase()))
      assert.deepEqual(fingerprintOfWords(said), { ok: true, fingerprint })
    }),
  )
})

test('a word that was left out, doubled or swapped is noticed at its place, whatever comes after', () => {
  const words = SPOKEN.split(' ')
  fc.assert(
    fc.property(fc.nat(18), (at) => {
      const without = words.toSpliced(at, 1)
      const doubled = words.toSpliced(at, 0, words[at])
      const swapped = words.toSpliced(at, 2, words[at + 1], words[at])
      const placeOf = (said: readonly string[]) => {
        const found = fingerprintOfWords(said)
        assert.ok(!found.ok && found.fault === 'misplaced')
        return found.place
      }
      assert.equal(placeOf(without), at + 1)
      assert.equal(placeOf(doubled), at + 2)
      assert.equal(placeOf(swapped), at + 1)
    }),
  )
})

test('what is no word of either list is named with its place', () => {
  const found = fingerprintOfWords(['topmost', 'Istambul', 'Pluto'])
  assert.deepEqual(found, { ok: false, place: 2, word: 'Istambul', fault: 'unknown' })
  assert.deepEqual(wordsOfFingerprint('xyz'), [])
})
