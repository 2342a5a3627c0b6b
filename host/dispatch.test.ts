import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSOLE_CALLS, type ConsoleCall, type HostMessage } from '../src-shared/contract/console.ts'
import fc from '../src-shared/testing/property.ts'
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

test('a token is kept for its key, and a dropped or invented one is host.unknown-token', () => {
  const tokens = openTokens<number>('unit')
  const token = tokens.keep('sdb', 1)
  assert.equal(tokens.keep('sdb', 2), token)
  assert.equal(tokens.get(token), 2)
  tokens.drop(token)
  assert.throws(() => tokens.get(token), { code: 'host.unknown-token' })
  assert.notEqual(tokens.keep('sdb', 3), token)
})
