// What guards a write is not the page's to change: every call that would weaken it asks a person outside of the page, whatever the
// page sends, and everything that only strengthens it or has nothing to do with it does not.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { CONSOLE_CALLS, type ConsoleCall, type HostMessage } from '#contract/console.ts'
import type { SettingsView } from '#contract/views.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { type GuardChange, NO_CONSENT, withConsent } from './consent.ts'
import { terminalConsent } from './web/terminal-consent.ts'

const settings: SettingsView = {
  ...{ language: 'en', theme: 'system', sounds: false, assistive: false, operator: 'Ada' },
  neverTouch: ['SN-1', 'SN-2'],
}
const key = await createSigningKey({ name: 'Release', now: new Date('2026-01-01') })
const { signal } = new AbortController()
const codeOf = (message: HostMessage) => ('ok' in message && !message.ok ? message.problem.code : 'passed')

function gate(answer: string | null | typeof NO_CONSENT, now: () => SettingsView = () => settings) {
  const asked: (readonly GuardChange[])[] = []
  const reached: string[] = []
  const endpoint = {
    listen: () => ({ [Symbol.dispose]() {} }),
    async answer(message: unknown): Promise<HostMessage> {
      const { id, call } = message as { id: number; call: string }
      reached.push(call)
      return { id, ok: true, value: {} }
    },
  }
  const ask = async (changes: readonly GuardChange[]) => {
    asked.push(changes)
    return answer as string | null
  }
  const consent = typeof answer === 'object' && answer !== null ? answer : { change: ask, write: null }
  const gated = withConsent(endpoint, now, consent)
  return {
    asked,
    reached,
    say: async (call: string, params: unknown) => codeOf(await gated.answer({ id: 1, call, params }, signal)),
  }
}

const WEAKENS: readonly (readonly [string, ConsoleCall, unknown, GuardChange['kind']])[] = [
  ['taking a key in', 'trust.import', { armored: key.public }, 'trust-import'],
  ['taking a key away', 'trust.remove', { fingerprint: key.fingerprint }, 'trust-remove'],
  ['no longer waiting two seconds', 'settings.change', { assistive: true }, 'assistive'],
  ['an empty never-touch list', 'settings.change', { neverTouch: [] }, 'never-touch'],
  ['a never-touch list in other words', 'settings.change', { neverTouch: ['sn-1', 'SN-2', 'SN-3'] }, 'never-touch'],
  [
    'both among harmless settings',
    'settings.change',
    { theme: 'dark', assistive: true, neverTouch: ['SN-1'] },
    'never-touch',
  ],
]
for (const [what, call, params, kind] of WEAKENS)
  test(`the page alone cannot change what guards a write: ${what}`, async () => {
    for (const no of [gate('no'), gate(NO_CONSENT)]) {
      assert.equal(await no.say(call, params), 'host.guarded')
      assert.deepEqual(no.reached, [])
    }
    const yes = gate(null)
    assert.equal(await yes.say(call, params), 'passed')
    assert.equal(yes.asked[0][0].kind, kind)
    if (call === 'trust.import') assert.match(JSON.stringify(yes.asked), new RegExp(key.fingerprint))
  })

test('a yes is a yes to what was asked: a unit that was protected while the question stood there stays protected', async () => {
  const neverTouch = [...settings.neverTouch]
  const meanwhile: typeof NO_CONSENT = {
    change: async () => {
      neverTouch.push('SN-3')
      return null
    },
    write: null,
  }
  const it = gate(meanwhile, () => ({ ...settings, neverTouch }))
  assert.equal(await it.say('settings.change', { neverTouch: ['SN-1'] }), 'host.guarded')
  assert.deepEqual(it.reached, [])
})

test('nobody is asked for what only strengthens the guards, nor for anything else', async () => {
  const { asked, say } = gate('no')
  for (const params of [
    { assistive: false },
    { neverTouch: [' SN-2 ', 'SN-1', 'SN-9'] },
    { language: 'de', theme: 'dark', sounds: true, operator: 'Bob' },
    { assistive: 'yes' },
    { neverTouch: null },
  ])
    assert.equal(await say('settings.change', params), 'passed')
  assert.equal(await say('trust.import', { armored: 'no key' }), 'passed', 'the call refuses it itself')
  for (const call of Object.keys(CONSOLE_CALLS))
    if (!['settings.change', 'trust.import', 'trust.remove'].includes(call)) assert.equal(await say(call, {}), 'passed')
  assert.deepEqual(asked, [])
})

test('two questions are never open at once: the second is refused', { timeout: 20_000 }, async () => {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const endpoint = {
    listen: () => ({ [Symbol.dispose]() {} }),
    answer: async (): Promise<HostMessage> => ({ id: 1, ok: true, value: 1 }),
  }
  const gated = withConsent(endpoint, () => settings, { change: () => promise, write: null })
  const say = (assistive: boolean) => gated.answer({ id: 1, call: 'settings.change', params: { assistive } }, signal)
  const first = say(true)
  assert.equal(codeOf(await say(true)), 'host.guarded')
  resolve(null)
  assert.equal(codeOf(await first), 'passed')
})

const terminal = (patienceMs?: number) => {
  const input = Object.assign(new EventEmitter(), { resume() {}, pause() {} })
  const said: string[] = []
  const consent = terminalConsent({ input, say: (line) => said.push(line), patienceMs })
  return { input, said, consent, code: () => /type (\d{4})/.exec(said.join('\n'))?.[1] ?? '' }
}

test('in the terminal only the number that stands there is a yes; what was typed before, another number or silence is a no', async () => {
  const change: readonly GuardChange[] = [{ kind: 'trust-remove', fingerprint: 'AB'.repeat(20) }]
  const good = terminal()
  const yes = good.consent.change(change)
  assert.match(good.said.join('\n'), /Take the key ABAB/)
  for (const part of [good.code().slice(0, 2), `${good.code().slice(2)}\r\n`])
    good.input.emit('data', Buffer.from(part))
  assert.equal(await yes, null)
  for (const typed of ['yes\n', '\n', '1\n', '00000\n']) {
    const bad = terminal()
    bad.input.emit('data', Buffer.from(typed))
    const no = bad.consent.change(change)
    bad.input.emit('data', Buffer.from(typed))
    assert.equal(await no, 'the terminal answered no')
  }
  assert.equal(await terminal(1).consent.change(change), 'nobody answered in the terminal')
})
