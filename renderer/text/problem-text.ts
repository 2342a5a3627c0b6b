// Refusals, warnings and failures that a technician meets often, in the technician's language. English is the engine's own sentence
// (src-shared/base/errors); what is not translated here stays English and is marked so.
import IntlMessageFormat from 'intl-messageformat'
import type { Problem } from '#contract/views.ts'
import type { Verdict } from '#model/slot.ts'
import { furtherAr } from './further.ar.ts'
import { furtherDe } from './further.de.ts'
import { furtherEs } from './further.es.ts'
import { furtherFr } from './further.fr.ts'
import type { Language } from './index.ts'
import { bytesText, timeText } from './numbers.ts'
import { type Texts, TRANSLATED, TRANSLATED_FURTHER, type TranslatedCode } from './problem-codes.ts'
import { problemsAr } from './problems.ar.ts'
import { problemsDe } from './problems.de.ts'
import { problemsEs } from './problems.es.ts'
import { problemsFr } from './problems.fr.ts'
import { pseudoMessage } from './pseudo.ts'
import { apart } from './sentences.ts'
import { localeOf, type Speech, type TextValues } from './translate.ts'

export const PROBLEM_TEXTS: Readonly<Record<Exclude<Language, 'en'>, Texts<TranslatedCode>>> = {
  de: { ...problemsDe, ...furtherDe },
  fr: { ...problemsFr, ...furtherFr },
  es: { ...problemsEs, ...furtherEs },
  ar: { ...problemsAr, ...furtherAr },
}

export interface ProblemText {
  readonly message: string
  readonly remedy: string
  /** Set when it is not in the page's language. */
  readonly lang: 'en' | undefined
  readonly dir: 'ltr' | undefined
}

const ALL_TRANSLATED: ReadonlySet<string> = new Set([...TRANSLATED, ...TRANSLATED_FURTHER])
const isTranslated = (code: string): code is TranslatedCode => ALL_TRANSLATED.has(code)

/** Names of the details that a message needs. */
export const holesOf = (message: string): readonly string[] => [...message.matchAll(/\{(\w+)/g)].map(([, name]) => name)

/** The problem as it is shown. */
export function problemText(problem: Problem, speech: Speech): ProblemText {
  const { language } = speech
  const { code, message, remedy, details } = problem
  if (language === 'en') return { message, remedy, lang: undefined, dir: undefined }
  const english = { message, remedy, lang: 'en', dir: 'ltr' } as const
  if (!isTranslated(code)) return english
  if (language === 'en-XA')
    return { message: pseudoMessage(message), remedy: pseudoMessage(remedy), lang: undefined, dir: undefined }
  const texts = PROBLEM_TEXTS[language][code]
  const values = valuesOf(details, speech)
  // Told by another version of the console: better its own words than a hole.
  if (texts.flatMap(holesOf).some((name) => !(name in values))) return english
  const [translated, advice] = texts.map((text) => String(formatOf(language, text).format(values)))
  return { message: translated, remedy: advice, lang: undefined, dir: undefined }
}

const formats = new Map<string, IntlMessageFormat>()

function formatOf(language: Language, text: string): IntlMessageFormat {
  const name = `${language} ${text}`
  const format = formats.get(name) ?? new IntlMessageFormat(text, localeOf(language))
  formats.set(name, format)
  return format
}

const VERDICTS: readonly Verdict[] = ['Good', 'Trying', 'Bad', 'Empty', 'Incomplete', 'Unknown']
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
/** No day is today beside it: a date without its day would mislead. */
const LONG_AGO = new Date(0)

function valuesOf(details: Problem['details'], speech: Speech): TextValues {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(details)) {
    const verdict = VERDICTS.find((each) => each === value)
    if (typeof value === 'number') values[`${name}_bytes`] = apart(bytesText(value, speech.locale), speech)
    if (verdict) values[name] = speech.t(`slot.${verdict}`)
    else if (TIME.test(String(value)))
      values[name] = apart(timeText(new Date(String(value)), LONG_AGO, speech.locale), speech)
    else values[name] = apart(String(value), speech)
  }
  return values
}
