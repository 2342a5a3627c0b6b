// Sentences that engine and host send as data, in the technician's language: a message for each kind, filled with its values.
// Pure, without React: the desktop's main process draws its boxes with them, too.
import type {
  ContentText,
  DoneText,
  FallbackView,
  LastJobView,
  LayoutView,
  OverrideView,
  PlanView,
  SelfTestText,
  SlotView,
  UnitView,
} from '#contract/views.ts'
import { type BUILT_IN_LAYOUTS, builtinLayout } from '#model/layouts.ts'
import type { ErasedText, KeptText, PlanTitle, StepText } from '#model/plan-text.ts'
import { bytesText, timeText } from './numbers.ts'
import { directionOf, type Speech, type TextValues } from './translate.ts'

type Value = string | number | readonly string[] | null

/** Values that choose a branch of their message, and are never shown. */
const CHOOSING = new Set(['kind', 'held', 'type', 'good', 'use'])
/** Values that are bytes. */
const BYTES = new Set(['size'])

/** A name or size within a sentence: in a line from right to left it keeps its own direction and stays in one piece. */
export const apart = (name: string, { language }: Pick<Speech, 'language'>): string =>
  directionOf(language) === 'rtl' ? `\u2068${name}\u2069` : name

/** What a message is filled with. */
export function valuesOf(text: { readonly [name: string]: Value }, speech: Speech): TextValues {
  const values = Object.entries(text).map(([name, value]): [string, string | number] => {
    if (CHOOSING.has(name)) return [name, String(value)]
    if (typeof value === 'number')
      return [name, BYTES.has(name) ? apart(bytesText(value, speech.locale), speech) : value]
    return [name, apart(typeof value === 'string' ? value : (value ?? []).join(', '), speech)]
  })
  return Object.fromEntries(values)
}

/** The sentence that is confirmed. */
export const titleLine = ({ job, ...disk }: PlanTitle, speech: Speech): string =>
  speech.t(`plan.title.${job.kind}`, { ...valuesOf(disk, speech), ...valuesOf(job, speech) })

export const erasedLine = (text: ErasedText, speech: Speech): string =>
  speech.t(`plan.erased.${text.kind}`, valuesOf(text, speech))

export const keptLine = (text: KeptText, speech: Speech): string =>
  speech.t(`plan.kept.${text.kind}`, valuesOf(text, speech))

export const stepLine = (text: StepText, speech: Speech): string =>
  speech.t(`plan.step.${text.kind}`, valuesOf(text, speech))

/** What was done, and in which language that is: a report of an older console has its own words. */
export function doneLine(text: DoneText, speech: Speech): { readonly text: string; readonly lang: 'en' | undefined } {
  if (text.kind === 'as-written') return { text: text.title, lang: 'en' }
  return { text: speech.t(`plan.job.${text.kind}`, valuesOf(text, speech)), lang: undefined }
}

/** The box before writing: each plan's title, then what it erases. */
export const consentLines = ({ title, erased }: PlanView, speech: Speech): readonly string[] => [
  titleLine(title, speech),
  ...erased.map((text) => `  – ${erasedLine(text, speech)}`),
]

/** A slot's state word. */
export function verdictText(
  { verdict, triesLeft, once }: Pick<SlotView, 'verdict' | 'triesLeft' | 'once'>,
  { t }: Speech,
): string {
  if (verdict !== 'Trying' || triesLeft === null) return t(`slot.${verdict}`)
  return once ? t('slot.once') : t('slot.triesLeft', { tries: triesLeft })
}

/** What is on a unit, in one line; empty for a blank one and for one that could not be read. */
export function summaryLine({ summary, recovery }: Pick<UnitView, 'summary' | 'recovery'>, speech: Speech): string {
  const { t } = speech
  switch (summary.kind) {
    case 'nothing':
      return ''
    case 'slots':
      return recovery === null
        ? ''
        : [recovery.slots.A, recovery.slots.B].map((slot) => apart(slotLine(slot, speech), speech)).join(' · ')
    case 'partitions':
      return summary.names.map((name) => name || '?').join(', ')
    default:
      return t(`summary.${summary.kind}`)
  }
}

function slotLine({ slot, version, ...rest }: SlotView, speech: Speech): string {
  const state = verdictText(rest, speech)
  return version === null
    ? speech.t('summary.slot', { slot, state })
    : speech.t('summary.slotVersion', { slot, state, version: apart(version, speech) })
}

const whenText = (at: string, now: Date, speech: Speech): string => {
  const time = new Date(at)
  return apart(Number.isNaN(time.getTime()) ? at : timeText(time, now, speech.locale), speech)
}

/** What is known of the bytes in a unit's slots, and from when. */
export function contentLine(content: ContentText, now: Date, speech: Speech): string {
  const time = whenText(content.at, now, speech)
  if (content.kind === 'unread') return speech.t(`known.unread.${content.why}`, { time })
  if (content.kind === 'verified') return speech.t('known.verified', { time })
  return speech.t(`known.${content.kind}`, { time, slots: content.slots.join(', ') })
}

/** How the last job on a unit ended. */
export const lastJobLine = ({ kind, outcome, at }: LastJobView, now: Date, speech: Speech): string =>
  speech.t(`known.job.${outcome}`, { job: speech.t(`job.${kind}`), time: whenText(at, now, speech) })

/** Why the appliance went back; what its probes said is in its own words. */
export const fallbackLine = ({ at, slot, version, reason, boots }: FallbackView, now: Date, speech: Speech): string =>
  speech.t(`fallback.${reason}`, {
    time: whenText(at, now, speech),
    ...valuesOf({ slot, boots, held: version === null ? 'unnamed' : 'version', version: version ?? '' }, speech),
  })

/** What was changed against advice. */
export const overrideLine = ({ at, by, slot, reason, what }: OverrideView, now: Date, speech: Speech): string =>
  speech.t(`override.${what.kind}`, {
    time: whenText(at, now, speech),
    ...valuesOf({ by, slot, reason }, speech),
    ...valuesOf(what, speech),
  })

/** What a layout is for; one from a file says it in the words of whoever wrote it. */
export function layoutLine({ name, description }: Pick<LayoutView, 'name' | 'description'>, { t }: Speech): string {
  const known = builtinLayout(name)
  return known?.description === description ? t(`layout.${name as keyof typeof BUILT_IN_LAYOUTS}`) : description
}

/** One sentence of the self-test. */
export function selfTestLine(text: Exclude<SelfTestText, { kind: 'problem' }>, now: Date, speech: Speech): string {
  const values = valuesOf(text, speech)
  const all = 'at' in text ? { ...values, time: whenText(text.at, now, speech) } : values
  return speech.t(`selftest.${text.kind}`, all)
}
