import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ClientMessage,
  type EntryAnswer,
  type EntryMessage,
  type HostMessage,
  NOT_LET_IN,
} from '../../src-shared/contract/console.ts'
import { buildProblem } from '../testing/fixtures.ts'
import { CallFailed, openLinkCore, problemOfError } from './link.ts'
import { openPreloadLink } from './preload.ts'
import { openSocketLink, type Pass, type SocketWorld, socketAddress, waitBeforeTry } from './socket.ts'

type Socket = ReturnType<SocketWorld['open']>

function world(): { sockets: (Socket & { sent: string[] })[]; waits: number[]; go(): void; world: SocketWorld } {
  const sockets: (Socket & { sent: string[] })[] = []
  const waits: number[] = []
  let next: (() => void) | null = null
  return {
    sockets,
    waits,
    go: () => next?.(),
    world: {
      open() {
        const sent: string[] = []
        const socket = {
          sent,
          send: (data: unknown) => void sent.push(String(data)),
          onopen: null,
          onmessage: null,
          onclose: null,
        }
        sockets.push(socket)
        return socket
      },
      later(act, milliseconds) {
        waits.push(milliseconds)
        next = act
      },
    },
  }
}

function pass(first: EntryMessage | null = { session: 'kept-session' }): { pass: Pass; kept: (string | null)[] } {
  const kept: (string | null)[] = []
  const show = (): EntryMessage | null => (kept.length === 0 ? first : { session: String(kept.at(-1)) })
  return { kept, pass: { show, keep: (session) => void kept.push(session) } }
}

const connect = (socket: Socket): void => socket.onopen?.call({} as WebSocket, {} as Event)
const open = (socket: Socket & { sent: string[] }): void => {
  connect(socket)
  socket.sent.length = 0
  say(socket, { session: 'kept-session' })
}
const close = (socket: Socket, code = 1006): void => socket.onclose?.call({} as WebSocket, { code } as CloseEvent)
const say = (socket: Socket, message: HostMessage | EntryAnswer): void =>
  socket.onmessage?.call({} as WebSocket, { data: JSON.stringify(message) } as MessageEvent)

test('the socket is of the same origin, and nothing of the address goes with it', () => {
  assert.equal(socketAddress(new URL('http://127.0.0.1:4100/?token=x#/bench')), 'ws://127.0.0.1:4100/ws')
  assert.equal(socketAddress(new URL('https://console.example/a')), 'wss://console.example/ws')
})

test('answers find their calls, in whatever order they come', async () => {
  const { sockets, world: w } = world()
  const link = openSocketLink(new URL('http://127.0.0.1/'), pass().pass, w)
  open(sockets[0])
  const first = link.call('diagnostics.self-test', {})
  const second = link.call('job.stop', { job: 'job-token-1' })
  const ids = sockets[0].sent.map((text) => (JSON.parse(text) as ClientMessage).id)
  say(sockets[0], { id: ids[1], ok: false, problem: buildProblem() })
  say(sockets[0], { id: ids[0], ok: true, value: [] })
  assert.deepEqual(await first, [])
  await assert.rejects(second, (error) => error instanceof CallFailed && error.problem.code === 'disk.in-use')
})

test('a call without an open line fails with what to do, and so do those under way when it breaks', async () => {
  const { sockets, world: w } = world()
  const link = openSocketLink(new URL('http://127.0.0.1/'), pass().pass, w)
  await assert.rejects(link.call('station.get', {}), (error) => problemOfError(error).code === 'console.line-lost')
  open(sockets[0])
  const under = link.call('station.get', {})
  close(sockets[0])
  await assert.rejects(under, (error) => problemOfError(error).code === 'console.line-lost')
})

test('a lost line is opened again, with longer and longer waits up to five seconds, and at once after a good one', () => {
  const { sockets, waits, go, world: w } = world()
  const link = openSocketLink(new URL('http://127.0.0.1/'), pass().pass, w)
  const states: string[] = []
  link.onState((state) => states.push(state))
  open(sockets[0])
  for (let i = 0; i < 7; i += 1) {
    close(sockets[i])
    go()
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000])
  open(sockets[7])
  close(sockets[7])
  assert.equal(waits.at(-1), waitBeforeTry(0))
  assert.deepEqual(states, ['connecting', 'open', 'lost', 'open', 'lost'])
})

test('the bridge of the desktop carries the same messages, answered either way', async () => {
  let listener: (message: HostMessage) => void = () => {}
  const link = openPreloadLink({
    call: ({ id, call }) => (call === 'station.get' ? Promise.resolve({ id, ok: true, value: 'direct' }) : undefined),
    onMessage(one) {
      listener = one
    },
  })
  assert.equal(link.state, 'open')
  assert.equal(await link.call('station.get', {}), 'direct')
  const later = link.call('job.stop', { job: 'job-token-1' })
  listener({ id: 2, ok: true, value: 'pushed' })
  assert.equal(await later, 'pushed')
})

test('events reach every listener until it leaves, and an answer that nobody waits for is ignored', () => {
  const core = openLinkCore(() => {})
  const seen: number[] = []
  const leave = core.onEvent(({ seq }) => seen.push(seq))
  core.take({ event: { seq: 1, type: 'images', images: [] } })
  core.take({ id: 99, ok: true, value: null })
  leave()
  core.take({ event: { seq: 2, type: 'images', images: [] } })
  assert.deepEqual(seen, [1])
})

test('a mistake of the console itself is a problem with a remedy, too', () => {
  assert.equal(problemOfError(new Error('x is undefined')).code, 'console.bug')
  assert.equal(problemOfError('odd').message, 'odd')
})

test('a window shows the token of its address once, then the session that it became; without either it waits for nobody', () => {
  const { sockets, go, world: w } = world()
  const { pass: mine, kept } = pass({ enter: 'token-of-the-address' })
  const link = openSocketLink(new URL('http://127.0.0.1/enter#token-of-the-address'), mine, w)
  connect(sockets[0])
  assert.deepEqual(sockets[0].sent, ['{"enter":"token-of-the-address"}'])
  assert.equal(link.state, 'connecting', 'the line is not open before the host says so')
  say(sockets[0], { session: 'session-1' })
  assert.deepEqual([kept, link.state], [['session-1'], 'open'])
  close(sockets[0])
  go()
  connect(sockets[1])
  assert.deepEqual(sockets[1].sent, ['{"session":"session-1"}'])
  close(sockets[1], NOT_LET_IN)
  assert.deepEqual([kept.at(-1), link.state, sockets.length], [null, 'shut', 2])

  const other = world()
  const stranger = openSocketLink(new URL('http://127.0.0.1/'), pass(null).pass, other.world)
  connect(other.sockets[0])
  close(other.sockets[0])
  assert.deepEqual([stranger.state, other.sockets[0].sent, other.waits], ['shut', [], []])
})
