// What the native box says before a write and before a change of what guards one. Every disk that would be erased is named: what
// does not fit into one box is asked in several, and each needs its own yes.

import type { PlanView } from '#contract/views.ts'
import type { GuardChange } from '#host/consent.ts'
import { consentLines } from '#renderer/text/sentences.ts'
import { speechOf } from '#renderer/text/translate.ts'
import type { Language, Say } from './text.ts'

/** A native box of more lines runs out of small screens, and its buttons with it. */
const LINES = 16

/** The texts of the boxes, one after the other. */
export function consentTexts(plans: readonly PlanView[], language: Language): readonly string[] {
  const speech = speechOf(language)
  const boxes: string[][] = []
  for (const plan of plans) {
    const lines = consentLines(plan, speech)
    const last = boxes.at(-1)
    if (last && last.length + lines.length <= LINES) last.push(...lines)
    else boxes.push([...lines])
  }
  return boxes.map((lines) => lines.join('\n'))
}

const groups = (fingerprint: string): string => fingerprint.replace(/(.{4})(?=.)/g, '$1 ')

export const changeText = (changes: readonly GuardChange[], say: Say): string =>
  changes.flatMap((change) => changeLines(change, say)).join('\n')

function changeLines(change: GuardChange, say: Say): readonly string[] {
  switch (change.kind) {
    case 'trust-import':
      return [say('guard.trust'), ...change.keys.map(({ fingerprint, name }) => `  – ${groups(fingerprint)} ${name}`)]
    case 'trust-remove':
      return [say('guard.untrust'), `  – ${groups(change.fingerprint)}`]
    case 'never-touch':
      return [say('guard.neverTouch'), ...change.removed.map((each) => `  – ${each}`)]
    case 'assistive':
      return [say('guard.assistive')]
  }
}
