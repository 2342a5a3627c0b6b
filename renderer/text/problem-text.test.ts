import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE, explain } from '../../src-shared/base/errors.ts'
import type { Problem } from '../../src-shared/contract/views.ts'
import { buildProblem } from '../testing/fixtures.ts'
import { holesOf, PROBLEM_TEXTS, problemText, TRANSLATED, type TranslatedCode } from './problem-text.ts'
import { speechOf } from './translate.ts'

const LANGUAGES = ['de', 'fr', 'es', 'ar'] as const

/** Details as the engine gives them: every hole of the English sentence, numbers where it prints bytes. */
function sample(code: TranslatedCode): Problem {
  const spec = CATALOGUE[code]
  const holes = [...`${spec.message} ${spec.remedy}`.matchAll(/\{(\w+)(\|bytes)?\}/g)]
  const numbers = new Set(holes.filter(([, , unit]) => unit).map(([, name]) => name))
  const details = Object.fromEntries(holes.map(([, name]) => [name, numbers.has(name) ? 16e9 : `<${name}>`]))
  return { code, details, ...explain({ code, details }) }
}

test('a translated sentence has no hole that the English one lacks, and prints sizes only of what is bytes there', () => {
  for (const language of LANGUAGES)
    for (const code of TRANSLATED) {
      const spec = CATALOGUE[code]
      const known = new Set(
        [...`${spec.message} ${spec.remedy}`.matchAll(/\{(\w+)(\|bytes)?\}/g)].map(([, name, unit]) =>
          unit ? `${name}_bytes` : name,
        ),
      )
      const extra = PROBLEM_TEXTS[language][code].flatMap(holesOf).filter((name) => !known.has(name))
      assert.deepEqual(extra, [], `${language} ${code}`)
    }
})

test('every translated problem is said in every language, filled, with an advice, and not in English', () => {
  for (const language of LANGUAGES)
    for (const code of TRANSLATED) {
      const problem = sample(code)
      const { message, remedy, lang } = problemText(problem, speechOf(language))
      assert.equal(lang, undefined, `${language} ${code}`)
      for (const text of [message, remedy]) {
        assert.ok(text.length > 8 && !/[{}]/.test(text), `${language} ${code}: ${text}`)
        assert.ok(text !== problem.message && text !== problem.remedy)
      }
    }
})

test('the sentences of one language differ: none was copied from its neighbour', () => {
  for (const language of LANGUAGES) {
    const messages = TRANSLATED.map((code) => PROBLEM_TEXTS[language][code][0])
    assert.equal(new Set(messages).size, messages.length, language)
  }
})

test('sizes, times and state words inside of a refusal are those of the language', () => {
  const german = speechOf('de')
  const small = buildProblem({ code: 'disk.too-small', details: { disk: '/dev/sdb', found: 4e9, needed: 16e9 } })
  assert.match(problemText(small, german).message, /^Der Datenträger \/dev\/sdb hat 4\sGB; gebraucht werden 16\sGB\.$/)
  const expired = buildProblem({ code: 'release.expired', details: { expired: '2026-01-02T10:00:00Z', now: 'x' } })
  assert.match(problemText(expired, german).message, /2\. Jan\. 2026/)
  const slot = buildProblem({ code: 'slot.not-selectable', details: { slot: 'B', verdict: 'Bad' } })
  assert.match(problemText(slot, german).message, /„Schlecht“/)
})

test('what has no sentence, or was told without a value that its sentence needs, stays English and says so', () => {
  const german = speechOf('de')
  // Of a host that is newer than this page.
  const unknown = { ...buildProblem({ message: 'Odd.', remedy: 'Look.' }), code: 'gpt.odd' }
  assert.deepEqual(problemText(unknown, german), { message: 'Odd.', remedy: 'Look.', lang: 'en', dir: 'ltr' })
  const bare = buildProblem({ code: 'disk.too-small', message: 'Too small.', details: { disk: '/dev/sdb' } })
  assert.deepEqual([problemText(bare, german).message, problemText(bare, german).lang], ['Too small.', 'en'])
  assert.equal(problemText(unknown, speechOf('en')).lang, undefined)
})

test('in the pseudo-language a translated problem is pseudo too, so that a forgotten one is seen', () => {
  const pseudo = problemText(buildProblem({ code: 'disk.in-use' }), speechOf('en-XA'))
  assert.match(pseudo.message, /^\[.*~\]$/)
  assert.equal(problemText({ ...buildProblem(), code: 'gpt.odd' }, speechOf('en-XA')).lang, 'en')
})
