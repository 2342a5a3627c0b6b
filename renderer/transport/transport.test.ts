import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ClientMessage,
  type EntryAnswer,
  type EntryMessage,
  type HostMessage,
  NOT_LET_IN,
} from '#contract/console.ts'
import { buildProblem } from '../testing/fixtures.ts'
import { CallFailed, LISTEN_EVERY_MS, openLinkCore, problemOfError, SILENT_AFTER_MS, watchSilence } from './link.ts'
import { openPreloadLink } from './preload.ts'
import { openSocketLink, type Pass, type SocketWorld, socketAddress, waitBeforeTry } from './socket.ts'

type Socket = ReturnType<SocketWorld['open']>

function world(answers = true) {
  const sockets: (Socket & { sent: string[] })[] = []
  const waits: number[] = []
  let next: (() => void) | null = null
  const world: SocketWorld = {
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
      // Listening for silence has a clock of its own.
      if (milliseconds === LISTEN_EVERY_MS) return
      waits.push(milliseconds)
      next = act
    },
    answers: async () => answers,
  }
  return { sockets, waits, go: () => next?.(), world }
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
  const link = openPreloadLink(
    {
      call: ({ id, call }) => (call === 'station.get' ? Promise.resolve({ id, ok: true, value: 'direct' }) : undefined),
      onMessage(one) {
        listener = one
      },
    },
    () => {},
  )
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

test('a line that stays lost says when nobody answers there at all', async () => {
  for (const [answers, expected] of [
    [false, 'gone'],
    [true, 'lost'],
  ] as const) {
    const { sockets, go, world: w } = world(answers)
    const link = openSocketLink(new URL('http://127.0.0.1/'), pass().pass, w)
    open(sockets[0])
    for (let i = 0; i < 3; i += 1) {
      close(sockets[i])
      assert.equal(link.state, 'lost')
      go()
    }
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(link.state, expected)
    open(sockets[3])
    assert.equal(link.state, 'open', 'it came back')
  }
})

test('a host that says nothing, not even its beat, is called silent within five seconds, and open again with its next word', async () => {
  let now = 1_000_000
  let look = (): void => {}
  const core = openLinkCore(
    () => {},
    () => now,
  )
  let every = 0
  watchSilence(
    core,
    (act, milliseconds) => {
      look = act
      every = milliseconds
    },
    () => now,
  )
  const pass = (milliseconds: number): void => {
    for (const end = now + milliseconds; now < end; look()) now += every
  }
  core.setState('open')
  for (let second = 0; second < 60; second += 1) {
    pass(1000)
    core.take({ event: { type: 'beat', seq: 7 } })
  }
  assert.equal(core.state, 'open')
  const last = core.heardAt
  const call = core.call('station.get', {})
  pass(5000)
  assert.equal(core.state, 'silent')
  assert.ok(SILENT_AFTER_MS + every <= 5000)
  assert.equal(core.heardAt, last, 'the window is as old as the last word')
  core.take({ id: 1, ok: true, value: 'late' })
  assert.equal(core.state, 'open')
  assert.equal(await call, 'late', 'what was asked is not lost')
})

test('a beat is no event: nothing is told of it, and no number is missing after it', () => {
  const core = openLinkCore(() => {})
  const seen: number[] = []
  core.onEvent(({ seq }) => seen.push(seq))
  core.take({ event: { seq: 1, type: 'images', images: [] } })
  core.take({ event: { seq: 1, type: 'beat' } })
  core.take({ event: { seq: 2, type: 'images', images: [] } })
  assert.deepEqual(seen, [1, 2])
})
