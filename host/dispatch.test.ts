import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { CONSOLE_CALLS, type ConsoleCall, type ConsoleNews, type HostMessage } from '#contract/console.ts'
import fc from '#testing/property.ts'
import { answerMessage, openHub } from './dispatch.ts'
import type { Calls } from './ports.ts'
import { openTokens } from './tokens.ts'

/** Handlers that only say that they were reached. */
function reached(): { calls: Calls<ConsoleCall>; seen: ConsoleCall[] } {
  const seen: ConsoleCall[] = []
  const rows = (Object.keys(CONSOLE_CALLS) as ConsoleCall[]).map((call) => [
    call,
    async () => {
      seen.push(call)
      return {}
    },
  ])
  return { calls: Object.fromEntries(rows) as Calls<ConsoleCall>, seen }
}

const { signal } = new AbortController()
const silent = () => {}
const codeOf = (answer: HostMessage) => ('ok' in answer && !answer.ok ? answer.problem.code : null)

test('a call with the right parameters reaches its handler', async () => {
  const { calls, seen } = reached()
  const answer = await answerMessage(calls, { id: 7, call: 'station.get', params: {} }, signal, silent)
  assert.deepEqual(answer, { id: 7, ok: true, value: {} })
  assert.deepEqual(seen, ['station.get'])
})

test('unknown calls, extra parameters, wrong types and prototypes never reach a handler: host.bad-call', async () => {
  const { calls, seen } = reached()
  const messages: unknown[] = [
    null,
    'station.get',
    { id: 1, call: 'station.erase', params: {} },
    { id: 1, call: '__proto__', params: {} },
    { id: 1, call: 'toString', params: {} },
    { id: 1, call: 'station.get', params: { extra: 1 } },
    { id: 1, call: 'station.get', params: {}, also: 1 },
    { id: 1, call: 'confirm.start', params: { challenge: 'x', typed: 5 } },
    { id: 1, call: 'plan.slot', params: { unit: 'a'.repeat(16), slot: 'C', action: 'default', force: null } },
    { id: 1, call: 'bench.create-virtual', params: { name: '../../etc/x', size: 2e9 } },
    { id: 1.5, call: 'station.get', params: {} },
  ]
  for (const message of messages)
    assert.equal(codeOf(await answerMessage(calls, message, signal, silent)), 'host.bad-call')
  assert.deepEqual(seen, [])
})

test('whatever comes in, an answer goes out and nothing is thrown', async () => {
  const { calls } = reached()
  const call = fc.constantFrom(...Object.keys(CONSOLE_CALLS), 'other')
  const message = fc.oneof(fc.anything(), fc.record({ id: fc.nat(), call, params: fc.anything() }))
  await fc.assert(
    fc.asyncProperty(message, async (value) => {
      assert.ok('id' in (await answerMessage(calls, value, signal, silent)))
    }),
    { numRuns: 500 },
  )
})

test('a handler that throws something of no catalogue is answered as a bug and logged with its stack', async () => {
  const { calls } = reached()
  const lines: string[] = []
  const broken = { ...calls, 'station.get': () => Promise.reject(new TypeError('x is not a function')) }
  const answer = await answerMessage(broken, { id: 1, call: 'station.get', params: {} }, signal, (line) =>
    lines.push(line),
  )
  assert.equal(codeOf(answer), 'cli.bug')
  assert.match(lines.join('\n'), /TypeError/)
})

test('every window sees every event once, with numbers without a gap', () => {
  const hub = openHub()
  const seen: number[] = []
  {
    using _first = hub.listen(({ seq }) => seen.push(seq))
    hub.tell({ type: 'images', images: [] })
    hub.tell({ type: 'keys', keys: [] })
  }
  hub.tell({ type: 'keys', keys: [] })
  assert.deepEqual(seen, [1, 2])
  assert.equal(hub.seq, 3)
})

test('a beat reaches every window and takes no number: it is not an event', () => {
  const hub = openHub()
  const seen: string[] = []
  using _window = hub.listen(({ type, seq }) => seen.push(`${type} ${seq}`))
  hub.tell({ type: 'keys', keys: [] })
  hub.beat()
  hub.tell({ type: 'keys', keys: [] })
  assert.deepEqual(seen, ['keys 1', 'beat 1', 'keys 2'])
})

test('a token is kept for its key, and a dropped or invented one is host.unknown-token', () => {
  const tokens = openTokens<number>('unit')
  const token = tokens.keep('sdb', 1)
  assert.equal(tokens.keep('sdb', 2), token)
  assert.equal(tokens.get(token), 2)
  tokens.drop(token)
  assert.throws(() => tokens.get(token), { code: 'host.unknown-token' })
  assert.notEqual(tokens.keep('sdb', 3), token)
})

test('what others call their things reaches a page only through the door, in answers, problems and events', async () => {
  const evil = 'a\u202eb\u001b[2J\nc\ud800'
  const calls = {
    'station.get': async () => ({ units: [{ title: evil, list: [evil] }], size: 5 }),
    'job.stop': async () => {
      throw new EngineError('cli.file-unreadable', { file: evil, reason: evil })
    },
    'config.open': async () => ({ text: 'a: 1\nb: 2\n' }),
  } as unknown as Calls<ConsoleCall>
  const say = (call: string, params: unknown) =>
    answerMessage(calls, { id: 1, call, params }, new AbortController().signal, () => {})
  const texts = [
    JSON.stringify(await say('station.get', {})),
    JSON.stringify(await say('job.stop', { job: 'x'.repeat(32) })),
  ]
  const hub = openHub()
  hub.listen((event) => texts.push(JSON.stringify(event)))
  hub.tell({ type: 'reports', reports: [{ title: evil }] } as unknown as ConsoleNews)
  assert.equal(texts.length, 3)
  for (const text of texts) {
    assert.match(text, /u\{202e\}/)
    for (const raw of ['\u202e', '\\n', '\\u001b', '\\ud800']) assert.ok(!text.includes(raw), raw)
  }
  assert.match(
    JSON.stringify(await say('config.open', { file: null, unit: null })),
    /a: 1\\nb: 2/,
    'a document stays as it is',
  )
})
