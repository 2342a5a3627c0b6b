// What a page cannot do alone. A page that was taken over can send every call of the contract; it can neither draw nor answer the
// question that stands outside of it: a native box (electron/), or a line in the terminal (web/terminal-consent.ts). Asked for
// is every change of what guards a write, and on the desktop the write itself. The typed text and the two seconds are judged as
// ever (jobs/confirm.ts); this only adds to them.

import { utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { foreignText } from '#base/foreign-text.ts'
import { type ClientMessage, CONSOLE_CALLS, type ConsoleParams, clientMessage } from '#contract/console.ts'
import type { Challenge, PlanView, SettingsView } from '#contract/views.ts'
import { fingerprintOf, readKeyRing, trustOf } from '#trust/keyring.ts'
import { problemOf } from './problem.ts'
import type { Endpoint } from './web/lines.ts'

export type GuardChange =
  | { readonly kind: 'trust-import'; readonly keys: readonly { readonly fingerprint: string; readonly name: string }[] }
  | { readonly kind: 'trust-remove'; readonly fingerprint: string }
  /** Serials that would no longer be protected. */
  | { readonly kind: 'never-touch'; readonly removed: readonly string[] }
  /** The two seconds before a start would be gone. */
  | { readonly kind: 'assistive' }

export interface Consent {
  /** Null when a person said yes, else why not, in words. */
  change(changes: readonly GuardChange[]): Promise<string | null>
  /** Null where no question outside of the page stands before a write. */
  readonly write: ((plans: readonly PlanView[]) => Promise<boolean>) | null
}

/** For a console without a person outside of the page. */
export const NO_CONSENT: Consent = {
  change: async () => 'this console has no window and no terminal of its own to ask in',
  write: null,
}

const KEPT = 50

/** The endpoint, with the question before what needs one. */
export function withConsent(endpoint: Endpoint, settings: () => SettingsView, consent: Consent): Endpoint {
  const challenges = new Map<string, readonly PlanView[]>()
  let asking = false

  /** One question at a time: a second one behind the first would be answered by mistake. */
  async function alone<T>(busy: T, ask: () => Promise<T>): Promise<T> {
    if (asking) return busy
    asking = true
    try {
      return await ask()
    } finally {
      asking = false
    }
  }

  async function beforeWrite(params: unknown): Promise<EngineError | null> {
    const { write } = consent
    if (write === null) return null
    const token = typeof params === 'object' && params !== null && 'challenge' in params ? params.challenge : null
    const plans = typeof token === 'string' ? challenges.get(token) : undefined
    if (!plans) return new EngineError('host.unknown-token', { what: 'question' })
    return (await alone(false, () => write(plans))) ? null : new EngineError('host.declined')
  }

  async function beforeChange(message: ClientMessage): Promise<EngineError | null> {
    const changes = await changesOf(message, settings())
    if (changes.length === 0) return null
    const found = await alone<string | null>('another question is still open', () => consent.change(changes))
    if (found !== null) return new EngineError('host.guarded', { found })
    // A yes is one to what was asked; another window may have changed what this would take away.
    const now = await changesOf(message, settings())
    return JSON.stringify(now) === JSON.stringify(changes)
      ? null
      : new EngineError('host.guarded', { found: 'the settings were changed while the question was open' })
  }

  return {
    listen: (listener) => endpoint.listen(listener),
    async answer(message, signal) {
      const { data } = clientMessage.safeParse(message)
      if (data) {
        const why =
          data.call === 'confirm.start' ? await beforeWrite(data.params) : await beforeChange(data as ClientMessage)
        if (why) return { id: data.id, ok: false, problem: problemOf(why) }
      }
      const answer = await endpoint.answer(message, signal)
      if (data?.call === 'confirm.begin' && 'ok' in answer && answer.ok) {
        // The host's own answer to this call, not the page's.
        const { challenge, plans } = answer.value as Challenge
        challenges.set(challenge, plans)
        for (const old of [...challenges.keys()].slice(0, -KEPT)) challenges.delete(old)
      }
      return answer
    },
  }
}

/** What of the guards a call would change; nothing for parameters that the host refuses anyway. */
async function changesOf({ call, params }: ClientMessage, settings: SettingsView): Promise<readonly GuardChange[]> {
  const checked = CONSOLE_CALLS[call].safeParse(params)
  if (!checked.success) return []
  switch (call) {
    case 'trust.import':
      return await importOf((checked.data as ConsoleParams<'trust.import'>).armored)
    case 'trust.remove':
      return [{ kind: 'trust-remove', fingerprint: (checked.data as ConsoleParams<'trust.remove'>).fingerprint }]
    case 'settings.change':
      return settingsOf(checked.data as ConsoleParams<'settings.change'>, settings)
    default:
      return []
  }
}

async function importOf(armored: string): Promise<readonly GuardChange[]> {
  try {
    const { keys } = await trustOf(readKeyRing(utf8(armored)))
    const named = keys.map((key) => ({
      fingerprint: fingerprintOf(key),
      name: foreignText(key.users[0]?.userID?.userID ?? '', 80),
    }))
    return [{ kind: 'trust-import', keys: named }]
  } catch {
    // What cannot be read is refused by the call itself, with its own words.
    return []
  }
}

function settingsOf(patch: ConsoleParams<'settings.change'>, now: SettingsView): readonly GuardChange[] {
  const kept = new Set((patch.neverTouch ?? now.neverTouch).map((each) => each.trim()))
  const removed = now.neverTouch.filter((each) => !kept.has(each)).map((each) => foreignText(each, 64))
  return [
    ...(removed.length > 0 ? [{ kind: 'never-touch', removed } as const] : []),
    ...(patch.assistive === true && !now.assistive ? [{ kind: 'assistive' } as const] : []),
  ]
}
