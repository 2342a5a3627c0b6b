import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATALOGUE, explain } from '#base/errors.ts'
import type { Problem } from '#contract/views.ts'
import { NOT_IN_A_WINDOW } from '#testing/window-words.ts'
import { buildProblem } from '../testing/fixtures.ts'
import { TRANSLATED as FIRST, TRANSLATED_FURTHER, type TranslatedCode } from './problem-codes.ts'
import { holesOf, PROBLEM_TEXTS, problemText } from './problem-text.ts'
import { speechOf } from './translate.ts'

const TRANSLATED = [...FIRST, ...TRANSLATED_FURTHER]
const LANGUAGES = ['de', 'fr', 'es', 'ar'] as const

/** Details as the engine gives them: every hole of the English sentence, numbers where it prints bytes. */
function sample(code: TranslatedCode): Problem {
  const spec = CATALOGUE[code]
  const holes = [...`${spec.message} ${spec.remedy}`.matchAll(/\{(\w+)(\|bytes)?\}/g)]
  const numbers = new Set(holes.filter(([, , unit]) => unit).map(([, name]) => name))
  const details = Object.fromEntries(holes.map(([, name]) => [name, numbers.has(name) ? 16e9 : `<${name}>`]))
  return { code, details, ...explain({ code, details }) }
}

/**
 * What a window shows in English, marked as such, and why. A group by its area stands only where no window does what the area is
 * about; in every other area each code is named, so that a new one has to be translated or put here by somebody who thought of it.
 */
const IN_ENGLISH: readonly (readonly [why: string, codes: RegExp])[] = [
  ['a console reads from no server', /^download\./],
  ['settings of the appliance: their file, line and key say it', /^(settings\.(?!not-saved$)|window\.)/],
  ['the appliance’s own programs say it', /^own\./],
  ['a layout of one’s own is the command line’s', /^layout\.(?!disk-too-small$)/],
  [
    'making releases and images is the command line’s',
    /^(release\.(signing-key|passphrase|bad-option|input-damaged|input-unread|output-failed)|boot\.kernel-(unavailable|module))$/,
  ],
  ['for whoever started the program, before there is a window', /^host\.(running|port|no-renderer|no-kiosk)$/],
  [
    'a fault of the program or of a page: its words are for a report',
    /^(cli\.bug|host\.bad-call|runner\.(protocol|caller|place-unsafe|guard)|disk\.(out-of-range|lock-unsafe))$/,
  ],
  [
    'of a path that somebody named; a window names none',
    /^disk\.(is-directory|not-a-disk|no-size|is-partition|removable)$/,
  ],
  [
    'details of a file system that is being made or written',
    /^(fat\.(too-small|bad-geometry|not-found|wrong-kind|bad-name|duplicate-name|full|directory-full|file-too-large|length-differs|not-empty)|filesystem\.(unreadable|bad-path|no-contents|contents-failed)|boot\.env-full|slot\.record-too-large)$/,
  ],
  [
    'details of a partition table that is not one of ours',
    /^gpt\.(header-invalid|entry-size|too-many-entries|entries-elsewhere|entry-out-of-range|entry-overlap|disk-too-small|entry-number|entry-guid|entry-name)$/,
  ],
  ['of plans that only the appliance itself makes', /^plan\.(slot-running|slot-unproven)$/],
]

test('each code that a window can show has its sentence in every language, or stands in the list of what is said in English', () => {
  const said = new Set<string>(TRANSLATED)
  const shown = Object.keys(CATALOGUE).filter((code) => !NOT_IN_A_WINDOW.test(code))
  const english = (code: string): boolean => IN_ENGLISH.some(([, codes]) => codes.test(code))
  assert.deepEqual(
    shown.filter((code) => !said.has(code) && !english(code)),
    [],
    'codes without a sentence in de, fr, es and ar (renderer/text/further.*.ts)',
  )
  assert.deepEqual(
    shown.filter((code) => said.has(code) && english(code)),
    [],
    'translated, and still in the list',
  )
  for (const [why, codes] of IN_ENGLISH)
    assert.ok(
      shown.some((code) => codes.test(code)),
      why,
    )
})

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
