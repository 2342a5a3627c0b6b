// Refusals, warnings and failures that a technician meets often, in the technician's language. English is the engine's own sentence
// (src-shared/base/errors); what is not translated here stays English and is marked so.
import IntlMessageFormat from 'intl-messageformat'
import type { ErrorCode } from '#base/errors.ts'
import type { Problem } from '#contract/views.ts'
import type { Verdict } from '#model/slot.ts'
import { furtherAr } from './further.ar.ts'
import { furtherDe } from './further.de.ts'
import { furtherEs } from './further.es.ts'
import { furtherFr } from './further.fr.ts'
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

/** What a look finds on a disk, its repairs, and refusals of images, config and keys: in every language, too. */
export const TRANSLATED_FURTHER = [
  'boot.ab-state-missing',
  'boot.ab-state-damaged',
  'boot.env-damaged',
  'boot.env-lost',
  'boot.env-value',
  'repair.no-loader',
  'repair.env-copies-differ',
  'repair.slot-content',
  'repair.both-bad',
  'repair.no-candidate',
  'repair.no-intact-slot',
  'repair.no-release',
  'slot.record-copy-damaged',
  'slot.record-lost',
  'slot.content-differs',
  'gpt.sides-disagree',
  'plan.choose-table-side',
  'plan.table-side-damaged',
  'gpt.no-signature',
  'gpt.header-crc',
  'gpt.entries-crc',
  'gpt.backup-misplaced',
  'gpt.disk-shrunk',
  'gpt.other-sector-size',
  'gpt.no-table',
  'gpt.mbr-missing',
  'gpt.mbr-foreign',
  'gpt.mbr-hybrid',
  'gpt.unrepairable',
  'fat.not-fat32',
  'fat.damaged',
  'disk.system-refused',
  'disk.file-exists',
  'write.verify-failed',
  'write.lost-afterwards',
  'runner.died',
  'runner.off-plan',
  'host.config-one-unit',
  'release.older-version',
  'release.no-version',
  'release.compressed',
  'image.not-squashfs',
  'image.truncated',
  'image.damaged',
  'image.layout-mismatch',
  'restore.no-place',
  'restore.nothing',
  'config.bad-name',
  'config.changed',
  'settings.not-saved',
  'trust.keyring-malformed',
  'trust.keyring-empty',
  'trust.keyring-secret',
  'trust.keyring-partly',
  'write.image-too-large',
  'write.source-undecodable',
  'release.block-undecodable',
  'release.not-found',
  'release.not-a-file',
  'release.unreadable',
  'release.source-failed',
  'release.no-image',
  'format.bundle-header',
  'format.bundle-padding',
  'format.manifest-version',
  'format.manifest-invalid',
  'format.json-not-canonical',
  'format.sha256sum-line',
  'format.sha256sum-missing',
  'format.sha256sum-ambiguous',
  'trust.signature-malformed',
  'trust.signature-inline',
  'trust.signature-kind',
  'trust.signature-conflict',
  'trust.key-invalid',
  'trust.weak-key',
  'trust.weak-hash',
  'image.bad-facts',
  'image.facts-differ',
  'image.no-kernel',
  'image.no-initrd',
  'image.compression-unreadable',
  'boot.no-loader',
  'boot.write-differs',
  'config.unreadable',
  'config.not-plain',
  'config.no-room',
  'config.too-large',
  'restore.encrypted',
  'restore.unsound',
  'restore.too-much-data',
  'restore.odd-name',
  'restore.secret',
  'restore.bad-file-name',
  'plan.boot-files-too-large',
  'plan.config-missing-partition',
  'plan.no-luks-key',
  'tool.missing',
  'tool.failed',
  'tool.timeout',
  'disk.no-inventory',
  'job.journal-damaged',
  'job.journal-unusable',
  'report.malformed',
  'report.signer-differs',
  'release.bad-path',
] as const satisfies readonly ErrorCode[]

export type TranslatedCode = (typeof TRANSLATED)[number] | (typeof TRANSLATED_FURTHER)[number]

/** What is wrong, and what to do. Holes are the details of the code; `name_bytes` is that number as a size. */
type Texts<Code extends ErrorCode> = Readonly<Record<Code, readonly [message: string, remedy: string]>>
export type ProblemTexts = Texts<(typeof TRANSLATED)[number]>
export type FurtherTexts = Texts<(typeof TRANSLATED_FURTHER)[number]>

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
