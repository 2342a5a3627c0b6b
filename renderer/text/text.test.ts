import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import IntlMessageFormat from 'intl-messageformat'
import { CAUSES } from '#contract/causes.ts'
import { IDENTICAL_WORDS } from '../testing/identical-words.ts'
import { CATALOGUES, type Language, type TextKey } from './index.ts'
import { PROBLEM_TEXTS } from './problem-text.ts'
import { pseudoMessage } from './pseudo.ts'
import { chooseLanguage, directionOf, localeOf, translator } from './translate.ts'

type Ast = ReturnType<IntlMessageFormat['getAst']>
const ROOT = join(import.meta.dirname, '../..')
const LANGUAGES = Object.keys(CATALOGUES) as Language[]
const OTHERS = LANGUAGES.filter((language) => language !== 'en')
const KEYS = Object.keys(CATALOGUES.en) as TextKey[]
const astOf = (message: string, language: Language): Ast => new IntlMessageFormat(message, language).getAst()

/** Names of the arguments with their kind: `count:plural`, as far as the value must fit. */
function argumentsOf(ast: Ast): string[] {
  return ast.flatMap((part) => {
    if ('options' in part)
      return [part.value, ...Object.values(part.options).flatMap((option) => argumentsOf(option.value))]
    if ('children' in part) return [`<${part.value}>`, ...argumentsOf(part.children)]
    return 'style' in part || part.type === 1 ? [part.value as string] : []
  })
}

/** What is there for people to read, without arguments. */
const wordsOf = (ast: Ast): string =>
  ast
    .map((part) => {
      if ('options' in part)
        return Object.values(part.options)
          .map((option) => wordsOf(option.value))
          .join(' ')
      if ('children' in part) return wordsOf(part.children)
      return part.type === 0 ? part.value : ' '
    })
    .join('')

test('every message is sound ICU and has the same arguments in every language', () => {
  for (const key of KEYS) {
    const expected = new Set(argumentsOf(astOf(CATALOGUES.en[key], 'en')))
    for (const language of OTHERS) {
      const found = new Set(argumentsOf(astOf(CATALOGUES[language][key], language)))
      assert.deepEqual([...found].sort(), [...expected].sort(), `${language} ${key}`)
    }
  }
})

test('every language has exactly the keys of English', () => {
  for (const language of OTHERS) assert.deepEqual(Object.keys(CATALOGUES[language]).sort(), [...KEYS].sort(), language)
})

test('every text is shown by some screen: its key, or the beginning of it, stands in the code', () => {
  const screens = globSync('renderer/**/*.{ts,tsx}', { cwd: ROOT, exclude: ['renderer/testing/**'] })
    .filter((file) => !/\.test\.tsx?$|^renderer\/text\/\w+\.[a-z]{2}\.ts$/.test(file.replaceAll('\\', '/')))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  const beginnings = [...screens.matchAll(/`([\w.-]+)\$\{/g)].map(([, beginning]) => beginning)
  const lost = KEYS.filter((key) => !screens.includes(`'${key}'`) && !beginnings.some((each) => key.startsWith(each)))
  assert.deepEqual(lost, [])
})

test('no text asks to type a command or an option: this is a window', () => {
  const texts = [
    ...LANGUAGES.flatMap((language) => Object.entries(CATALOGUES[language])),
    ...Object.values(PROBLEM_TEXTS).flatMap((texts) =>
      Object.entries(texts).map(([code, all]) => [code, all.join(' ')]),
    ),
  ]
  const typed = texts.filter(([, text]) => /(?:^|[\s"(])--[a-z]|\btwinslot [a-z]|\bnpm run\b/.test(text))
  assert.deepEqual(typed, [])
})

test('a thing is called by one name: what is pressed as "Bereitstellen" is not told as "Einrichten"', () => {
  const strays = /\bImages?\b|[Ee]inricht|\b[Rr]ichten Sie\b|\bHost\b|Bibliothek/
  const texts = [
    ...Object.entries(CATALOGUES.de),
    ...Object.entries(PROBLEM_TEXTS.de).map(([code, all]) => [code, all.join(' ')]),
  ]
  assert.deepEqual(
    texts.filter(([, text]) => strays.test(text)),
    [],
  )
})

test('no text was left in English by accident', () => {
  const left = OTHERS.flatMap((language) =>
    KEYS.filter((key) => {
      const message = CATALOGUES[language][key]
      if (message !== CATALOGUES.en[key] || IDENTICAL_WORDS.has(message)) return false
      return /\p{L}/u.test(wordsOf(astOf(message, language)))
    }).map((key) => `${language} ${key}: ${CATALOGUES[language][key]}`),
  )
  assert.deepEqual(left, [])
})

test('every word that may be the same in two languages is used as such', () => {
  const same = new Set(OTHERS.flatMap((language) => KEYS.map((key) => CATALOGUES[language][key])).filter(Boolean))
  const english = new Set<string>(KEYS.map((key) => CATALOGUES.en[key]))
  assert.deepEqual(
    [...IDENTICAL_WORDS].filter((word) => !same.has(word) || !english.has(word)),
    [],
  )
})

test('plurals have all the forms that their language needs', () => {
  const lacking = (language: Language, ast: Ast): string[] =>
    ast.flatMap((part) => {
      if (!('options' in part) || part.type !== 6) return []
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
      // English, German, French and Spanish numbers are small here; their `many` is for millions.
      const needed = language === 'ar' ? forms.filter((form) => form !== 'zero') : ['one', 'other']
      return needed.filter((form) => !(form in part.options))
    })
  const found = LANGUAGES.flatMap((language) =>
    KEYS.flatMap((key) =>
      lacking(language, astOf(CATALOGUES[language][key], language)).map((form) => `${language} ${key}: ${form}`),
    ),
  )
  assert.deepEqual(found, [])
})

test('each cause that the host can name has its three lines, none of them empty or twice', () => {
  for (const language of LANGUAGES) {
    const lines = CAUSES.flatMap((cause) =>
      (['stopped', 'known', 'next'] as const).map((line) => CATALOGUES[language][`cause.${cause}.${line}`]),
    )
    assert.ok(lines.every((line) => line.length > 10))
    const stopped = CAUSES.map((cause) => CATALOGUES[language][`cause.${cause}.stopped`])
    assert.equal(new Set(stopped).size, CAUSES.length, language)
  }
})

test('state words are the fixed ones, and different from each other in every language', () => {
  const words = ['ready', 'writing', 'reading-back', 'verified', 'failed', 'stopped', 'needs-you', 'unknown'] as const
  assert.deepEqual(
    words.map((word) => CATALOGUES.en[`state.${word}`]),
    ['Ready', 'Writing', 'Reading back', 'Verified', 'Failed', 'Stopped', 'Needs you', 'Unknown'],
  )
  for (const language of LANGUAGES)
    assert.equal(new Set(words.map((word) => CATALOGUES[language][`state.${word}`])).size, words.length, language)
})

test('the pseudo-language is longer by 40 %, in brackets, and its messages still work', () => {
  assert.equal(pseudoMessage('Close'), '[Çlóšé ~~~~~]')
  for (const key of KEYS) {
    const message = CATALOGUES.en[key]
    const pseudo = pseudoMessage(message)
    assert.ok(pseudo.length >= message.length * 1.4, key)
    assert.ok(pseudo.startsWith('[') && pseudo.endsWith(']'), key)
    assert.deepEqual(argumentsOf(astOf(pseudo, 'en')), argumentsOf(astOf(message, 'en')), key)
  }
})

test('the language is the setting, else the first of the system that we have, else English', () => {
  assert.equal(chooseLanguage('ar', ['de-DE']), 'ar')
  assert.equal(chooseLanguage('system', ['pt-BR', 'fr-CA', 'de']), 'fr')
  assert.equal(chooseLanguage('system', ['ja-JP']), 'en')
  assert.equal(chooseLanguage('system', []), 'en')
  assert.equal(chooseLanguage('system', ['en-XA', 'de']), 'en-XA')
})

test('Arabic runs from right to left and keeps the digits that are printed on drives', () => {
  assert.equal(directionOf('ar'), 'rtl')
  assert.deepEqual(
    ['en', 'de', 'fr', 'es', 'en-XA'].map((one) => directionOf(one as Language)),
    Array(5).fill('ltr'),
  )
  assert.match(translator('ar')('slot.triesLeft', { tries: 3 }), /3/)
  assert.match(new Intl.NumberFormat(localeOf('ar')).format(1234), /^1.?234$/)
})

test('a message is formatted with its values', () => {
  assert.equal(translator('de')('bench.selected', { count: 2 }), '2 Geräte ausgewählt')
  assert.equal(translator('de')('bench.selected', { count: 0 }), 'Nichts ausgewählt')
  assert.equal(translator('fr')('run.unit', { unit: '4F2A91' }), 'Unité 4F2A91')
})
