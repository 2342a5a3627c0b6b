// Refusals, warnings and failures that a technician meets often, in the technician's language. English is the engine's own sentence
// (src-shared/base/errors); what is not translated here stays English and is marked so.
import IntlMessageFormat from 'intl-messageformat'
import type { ErrorCode } from '../../src-shared/base/errors.ts'
import type { Problem } from '../../src-shared/contract/views.ts'
import type { Verdict } from '../../src-shared/model/slot.ts'
import type { Language } from './index.ts'
import { bytesText, timeText } from './numbers.ts'
import { problemsAr } from './problems.ar.ts'
import { problemsDe } from './problems.de.ts'
import { problemsEs } from './problems.es.ts'
import { problemsFr } from './problems.fr.ts'
import { pseudoMessage } from './pseudo.ts'
import { apart } from './sentences.ts'
import { localeOf, type Speech, type TextValues } from './translate.ts'

/** Codes with a sentence in every language. */
export const TRANSLATED = [
  'disk.system',
  'disk.mounted',
  'disk.in-use',
  'disk.busy',
  'disk.read-only',
  'disk.too-small',
  'disk.sector-size',
  'disk.no-permission',
  'disk.not-found',
  'disk.lost',
  'disk.full',
  'disk.read-failed',
  'disk.write-failed',
  'layout.disk-too-small',
  'runner.never-touch',
  'runner.no-trust',
  'disk.moved',
  'runner.not-started',
  'host.twin',
  'host.usb-slow',
  'host.plan-gone',
  'host.not-confirmed',
  'host.confirmed-early',
  'host.declined',
  'host.guarded',
  'host.unknown-token',
  'host.check-running',
  'host.image-bad',
  'host.image-exists',
  'host.image-pinned',
  'plan.not-ab-disk',
  'plan.only-slot',
  'plan.no-boot-files',
  'plan.no-system-image',
  'plan.image-too-large',
  'plan.boot-product',
  'plan.disk-changed',
  'plan.changed',
  'plan.nothing-to-repair',
  'slot.not-selectable',
  'slot.last-good',
  'release.older-counter',
  'release.minimum-version',
  'release.wrong-product',
  'release.other-product',
  'release.wrong-hardware',
  'release.expired',
  'release.from-future',
  'format.bundle-truncated',
  'format.bundle-trailing',
  'format.bundle-magic',
  'release.empty',
  'write.source-mismatch',
  'release.block-mismatch',
  'release.image-mismatch',
  'release.checksum-mismatch',
  'release.checksum-missing',
  'release.truncated',
  'trust.unknown-key',
  'trust.key-expired',
  'trust.key-revoked',
  'trust.signature-expired',
  'trust.signature-future',
  'trust.signature-missing',
  'trust.wrong-data',
  'job.cancelled',
] as const satisfies readonly ErrorCode[]

export type TranslatedCode = (typeof TRANSLATED)[number]

/** What is wrong, and what to do. Holes are the details of the code; `name_bytes` is that number as a size. */
export type ProblemTexts = Readonly<Record<TranslatedCode, readonly [message: string, remedy: string]>>

export const PROBLEM_TEXTS: Readonly<Record<Exclude<Language, 'en'>, ProblemTexts>> = {
  de: problemsDe,
  fr: problemsFr,
  es: problemsEs,
  ar: problemsAr,
}

export interface ProblemText {
  readonly message: string
  readonly remedy: string
  /** Set when it is not in the page's language. */
  readonly lang: 'en' | undefined
  readonly dir: 'ltr' | undefined
}

const isTranslated = (code: string): code is TranslatedCode => (TRANSLATED as readonly string[]).includes(code)

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
