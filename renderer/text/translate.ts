// Messages in the technician's language: ICU, formatted once per language and key. Pure: no DOM, no clock.
// Promises: a key that compiles exists in every language; digits are Latin everywhere, as printed on drives.
import IntlMessageFormat from 'intl-messageformat'
import { CATALOGUES, type Language, type TextKey } from './index.ts'
import { pseudoMessage } from './pseudo.ts'

export type TextValues = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: TextValues) => string

/** A language to speak in, as components and the desktop's main process have it. */
export interface Speech {
  readonly language: ShownLanguage
  /** For Intl. */
  readonly locale: string
  readonly t: Translate
}

/** The languages of people and the pseudo-language of tests. */
export type ShownLanguage = Language | 'en-XA'

export const directionOf = (language: ShownLanguage): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr')

/** For Intl: numbers and dates of this language with Latin digits. */
export const localeOf = (language: ShownLanguage): string =>
  language === 'en-XA' ? 'en-u-nu-latn' : `${language}-u-nu-latn`

/** The setting, else the first language of the system that we have, else English. */
export function chooseLanguage(setting: Language | 'system', system: readonly string[]): ShownLanguage {
  if (setting !== 'system') return setting
  if (system[0] === 'en-XA') return 'en-XA'
  const have = Object.keys(CATALOGUES) as Language[]
  for (const tag of system) {
    const found = have.find((language) => language === tag.toLowerCase().split('-')[0])
    if (found) return found
  }
  return 'en'
}

const formats = new Map<string, IntlMessageFormat>()

function formatOf(language: ShownLanguage, key: TextKey): IntlMessageFormat {
  const name = `${language} ${key}`
  const known = formats.get(name)
  if (known) return known
  const message = language === 'en-XA' ? pseudoMessage(CATALOGUES.en[key]) : CATALOGUES[language][key]
  const format = new IntlMessageFormat(message, localeOf(language))
  formats.set(name, format)
  return format
}

export const translator =
  (language: ShownLanguage): Translate =>
  (key, values) =>
    String(formatOf(language, key).format(values))

export const speechOf = (language: ShownLanguage): Speech => ({
  language,
  locale: localeOf(language),
  t: translator(language),
})
