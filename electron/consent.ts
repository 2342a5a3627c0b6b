// The last word before a disk is written, on the desktop: a box that the main process draws, with the plan's own sentences.
// A page that was taken over can send every call of the contract; it can neither draw nor answer this box. The typed
// text and the two seconds are judged by the host as ever (host/jobs/confirm.ts); this gate only adds to them.

import { problemOf } from '../host/problem.ts'
import { consentLines } from '../renderer/text/sentences.ts'
import { speechOf } from '../renderer/text/translate.ts'
import { EngineError } from '../src-shared/base/errors.ts'
import { clientMessage } from '../src-shared/contract/console.ts'
import type { Challenge, PlanView } from '../src-shared/contract/views.ts'
import type { Endpoint } from './ipc-guard.ts'
import type { Language } from './text.ts'

/** Answers true only when a person said yes. */
export type AskConsent = (plans: readonly PlanView[]) => Promise<boolean>

const KEPT = 50

/** The endpoint, with the box between `confirm.start` and the host. */
export function withConsent(endpoint: Endpoint, ask: AskConsent): Endpoint {
  const challenges = new Map<string, readonly PlanView[]>()
  let asking = false

  const refusal = async (params: unknown): Promise<EngineError | null> => {
    const token = typeof params === 'object' && params !== null && 'challenge' in params ? params.challenge : null
    const plans = typeof token === 'string' ? challenges.get(token) : undefined
    if (!plans) return new EngineError('host.unknown-token', { what: 'question' })
    // One box at a time: a second one behind the first would be answered by mistake.
    if (asking) return new EngineError('host.declined')
    asking = true
    try {
      return (await ask(plans)) ? null : new EngineError('host.declined')
    } finally {
      asking = false
    }
  }

  return {
    listen: (listener) => endpoint.listen(listener),
    async answer(message, signal) {
      const parsed = clientMessage.safeParse(message)
      if (parsed.data?.call === 'confirm.start') {
        const why = await refusal(parsed.data.params)
        if (why) return { id: parsed.data.id, ok: false, problem: problemOf(why) }
      }
      const answer = await endpoint.answer(message, signal)
      if (parsed.data?.call === 'confirm.begin' && 'ok' in answer && answer.ok) {
        // The host's own answer to this call, not the page's.
        const { challenge, plans } = answer.value as Challenge
        challenges.set(challenge, plans)
        for (const old of [...challenges.keys()].slice(0, -KEPT)) challenges.delete(old)
      }
      return answer
    },
  }
}

const SHOWN = 3

/** What the box says: each plan's title, then what it erases; of many plans the first few and how many more. */
export function consentText(plans: readonly PlanView[], language: Language, more: (count: number) => string): string {
  const speech = speechOf(language)
  const shown = plans.slice(0, SHOWN).flatMap((plan) => consentLines(plan, speech))
  return [...shown, ...(plans.length > SHOWN ? [more(plans.length - SHOWN)] : [])].join('\n')
}
