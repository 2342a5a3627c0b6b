// A sentence of the engine where a report has only its English words: marked as such, so that a screen reader changes its voice.
import type { DoneText } from '#contract/views.ts'
import { doneLine } from '../text/sentences.ts'
import { useTexts } from '../text/use-text.tsx'

/** What was done to a unit. */
export function Done({ what }: { readonly what: DoneText }) {
  const { text, lang } = doneLine(what, useTexts())
  return <bdi lang={lang}>{text}</bdi>
}
