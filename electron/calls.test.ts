import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { HostMessage } from '#contract/console.ts'
import type { Challenge, PlanView, SettingsView } from '#contract/views.ts'
import { withConsent } from '#host/consent.ts'
import { openHub } from '#host/dispatch.ts'
import type { Endpoint } from '#host/web/lines.ts'
import { changeText, consentTexts } from './consent-text.ts'
import { askConsent } from './dialogs.ts'
import { type Call, type CallReceiver, connectWindow, foreign, type Receiver } from './ipc-guard.ts'
import { nativeText } from './text.ts'

const WINDOW = 7
const OUR_PAGE = 'twinslot://console/index.html'
const from = (id: number, url: string | null, parent: object | null = null): Call => ({
  sender: { id },
  senderFrame: url === null ? null : { url, parent },
})

test('a call counts only from the main frame of our window that shows our page', () => {
  assert.equal(foreign(from(WINDOW, OUR_PAGE), WINDOW), null)
  assert.match(foreign(from(8, OUR_PAGE), WINDOW) ?? '', /another window/)
  assert.match(foreign(from(WINDOW, null), WINDOW) ?? '', /gone/)
  assert.match(foreign(from(WINDOW, OUR_PAGE, {}), WINDOW) ?? '', /inside the page/)
  for (const url of [
    'https://evil.example/',
    'file:///x',
    'about:blank',
    'blob:twinslot://console/1',
    'twinslot://evil/',
  ])
    assert.match(foreign(from(WINDOW, url), WINDOW) ?? '', /the address/, url)
})

function desk(endpoint: Partial<Endpoint> = {}) {
  const hub = openHub()
  const events = new EventEmitter()
  const sent: HostMessage[] = []
  const signals: AbortSignal[] = []
  let listener: Parameters<CallReceiver['handle']>[1] | null = null
  let destroyed = false
  const contents: Receiver = {
    id: WINDOW,
    isDestroyed: () => destroyed,
    send: (_channel, message) => void sent.push(message),
    on: (event: string, heard: (...details: never[]) => void) => events.on(event, heard as (...all: unknown[]) => void),
  }
  const ipc: CallReceiver = {
    handle: (channel, given) => {
      assert.equal(channel, 'twinslot')
      listener = given
    },
    removeHandler: () => {
      listener = null
    },
  }
  const connection = connectWindow(
    ipc,
    contents,
    {
      answer: async (_message, signal) => {
        signals.push(signal)
        return { id: 1, ok: true, value: 'heard' }
      },
      listen: (heard) => hub.listen(heard),
      ...endpoint,
    },
    () => {},
  )
  return {
    hub,
    sent,
    signals,
    connection,
    events,
    close: () => {
      destroyed = true
    },
    call: async (event: Call, message: unknown) => {
      assert.ok(listener)
      return await (listener as Parameters<CallReceiver['handle']>[1])(event, message)
    },
    listening: () => listener !== null,
  }
}

test('a refused call never reaches the host and learns nothing', async () => {
  const { call, signals } = desk()
  assert.deepEqual(await call(from(WINDOW, OUR_PAGE), {}), { id: 1, ok: true, value: 'heard' })
  await assert.rejects(call(from(8, OUR_PAGE), {}), { message: 'This call is not answered.' })
  await assert.rejects(call(from(WINDOW, 'https://evil.example/'), {}), { message: 'This call is not answered.' })
  assert.equal(signals.length, 1)
})

test('calls of a page that was left or has crashed are aborted; a step inside the page aborts nothing', async () => {
  const { call, signals, events } = desk()
  await call(from(WINDOW, OUR_PAGE), {})
  events.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
  events.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
  assert.equal(signals[0].aborted, false)
  events.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
  assert.equal(signals[0].aborted, true)
  await call(from(WINDOW, OUR_PAGE), {})
  assert.equal(signals[1].aborted, false)
  events.emit('render-process-gone')
  assert.equal(signals[1].aborted, true)
})

test('events go to the window while it is there, and after the end nobody listens', () => {
  const { hub, sent, close, connection, listening } = desk()
  hub.tell({ type: 'images', images: [] })
  assert.deepEqual(sent, [{ event: { type: 'images', images: [], seq: 1 } }])
  close()
  hub.tell({ type: 'images', images: [] })
  assert.equal(sent.length, 1)
  connection[Symbol.dispose]()
  assert.equal(listening(), false)
})

const plan = (name: string): PlanView => ({
  plan: name,
  unit: 'unit-1',
  title: { name, size: 16e9, path: '/dev/sdb', job: { kind: 'flash', slot: 'B', version: '2.4.1' } },
  erased: [{ kind: 'slot', slot: 'B', held: 'version', version: '2.3.0' }],
  kept: [],
  steps: [],
  before: [],
  after: [],
  image: null,
  config: null,
  diskSize: 1,
  bytes: 1,
  warnings: [],
})

const SETTINGS: SettingsView = {
  ...{ language: 'en', theme: 'system', sounds: false, assistive: false, operator: '', neverTouch: [] },
}

function gate(yes: boolean | (() => Promise<boolean>)) {
  const reached: string[] = []
  const asked: (readonly PlanView[])[] = []
  const challenge: Challenge = {
    challenge: 'question-1',
    kind: 'serial',
    expected: '4F2A91',
    armAfterMs: 2000,
    plans: [plan('Drive ...4F2A91')],
  }
  const endpoint: Endpoint = {
    listen: () => ({ [Symbol.dispose]() {} }),
    async answer(message) {
      const { id, call } = message as { id: number; call: string }
      reached.push(call)
      return { id, ok: true, value: call === 'confirm.begin' ? challenge : { batch: 'batch-1' } }
    },
  }
  const gated = withConsent(endpoint, () => SETTINGS, {
    change: async () => null,
    async write(plans) {
      asked.push(plans)
      return typeof yes === 'boolean' ? yes : await yes()
    },
  })
  const { signal } = new AbortController()
  let id = 0
  const call = (name: string, params: unknown) => {
    id += 1
    return gated.answer({ id, call: name, params }, signal)
  }
  return { call, reached, asked, gated, signal }
}

const begin = { plans: ['Drive ...4F2A91'] }
const start = { challenge: 'question-1', typed: '4F2A91' }
const codeOf = (message: HostMessage) => ('ok' in message && !message.ok ? message.problem.code : null)

test("nothing starts before a person said yes to a box with the host's own plans", async () => {
  const { call, reached, asked } = gate(true)
  await call('confirm.begin', begin)
  assert.equal(asked.length, 0)
  assert.equal(codeOf(await call('confirm.start', start)), null)
  assert.deepEqual(
    asked[0].map(({ title }) => title.name),
    ['Drive ...4F2A91'],
  )
  assert.deepEqual(reached, ['confirm.begin', 'confirm.start'])
})

test('Cancel is host.declined, and the host never hears of the start', async () => {
  const { call, reached } = gate(false)
  await call('confirm.begin', begin)
  assert.equal(codeOf(await call('confirm.start', start)), 'host.declined')
  assert.deepEqual(reached, ['confirm.begin'])
})

test('a question that the host never asked is refused without a box', async () => {
  const { call, asked, reached } = gate(true)
  for (const params of [start, { ...start, challenge: '__proto__' }, {}, null, 'x'])
    assert.equal(codeOf(await call('confirm.start', params)), 'host.unknown-token')
  assert.deepEqual([asked.length, reached.length], [0, 0])
})

test('a second start while the box is open is declined, not stacked behind it', { timeout: 20_000 }, async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const { call, asked } = gate(() => promise)
  await call('confirm.begin', begin)
  const first = call('confirm.start', start)
  assert.equal(codeOf(await call('confirm.start', start)), 'host.declined')
  resolve(true)
  assert.equal(codeOf(await first), null)
  assert.equal(asked.length, 1)
})

test('every other call passes as it is, also one that is malformed', async () => {
  const { call, gated, reached, signal } = gate(false)
  await call('station.get', {})
  await gated.answer({ id: 9, call: 'no.such-call', params: {} }, signal)
  assert.deepEqual(reached, ['station.get', 'no.such-call'])
})

const said = nativeText.bind(null, 'en')

test('every disk that would be erased is named, in as many boxes as it takes, and each box needs its own yes', async () => {
  const plans = Array.from({ length: 64 }, (_, n) => plan(`Drive <${n}>`))
  const texts = consentTexts(plans, 'en')
  assert.ok(texts.length > 1 && texts.every((text) => text.split('\n').length <= 16))
  for (let n = 0; n < 64; n++) assert.equal(texts.filter((text) => text.includes(`Drive <${n}> `)).length, 1)
  assert.match(texts[0], /slot B will be overwritten with 2\.4\.1\.\n {2}– slot B \(version 2\.3\.0\)\n/)
  assert.equal(consentTexts(plans.slice(0, 4), 'en').length, 1)
  for (const no of [0, 1, texts.length - 1, texts.length]) {
    const shown: string[] = []
    const message = async ({ message: title, detail }: { message: string; detail: string }) => {
      shown.push(`${title} ${detail}`)
      return { response: shown.length - 1 === no ? 0 : 1 }
    }
    assert.equal(await askConsent({ message }, said, 'en', plans), no === texts.length)
    assert.equal(shown.length, Math.min(no + 1, texts.length))
    assert.match(shown[0], new RegExp(`\\(1/${texts.length}\\)`))
  }
})

test('the box speaks the language of the page', () => {
  const [text] = consentTexts([plan('Drive 1')], 'de')
  assert.match(text, /^Datenträger Drive 1 \(16\sGB, \/dev\/sdb\): Slot B wird mit 2\.4\.1 überschrieben\.\n/)
  assert.match(text, /\n {2}– Slot B \(Version 2\.3\.0\)$/)
})

test('the box before a change says which key, which disk and which waiting', () => {
  const keys = [{ fingerprint: 'AB'.repeat(20), name: 'Release <r@example.org>' }]
  const text = changeText(
    [
      { kind: 'trust-import', keys },
      { kind: 'trust-remove', fingerprint: 'CD'.repeat(20) },
      { kind: 'never-touch', removed: ['SN-1', 'SN-2'] },
      { kind: 'assistive' },
    ],
    said,
  )
  for (const part of ['ABAB ABAB', 'Release <r@example.org>', 'CDCD CDCD', 'SN-1', 'SN-2', 'two seconds'])
    assert.ok(text.includes(part), part)
})
