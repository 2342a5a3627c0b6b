// Whatever arrives on its port, the browser host goes on: raw sockets against the real server, by hand and by chance (fixed
// seed). After every attack the same window still gets answers, and nothing was thrown past the server.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from '#testing/property.ts'
import { type Visitor, visit } from '#testing/web-visitor.ts'
import { openHub } from '../dispatch.ts'
import { openWebHost, type WebHost } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-hostile-'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>')
const hub = openHub()
const fatal: unknown[] = []
const note = (error: unknown): void => void fatal.push(error)
process.on('uncaughtException', note)
process.on('unhandledRejection', note)

let web: WebHost
let window: Visitor
let last = 0
before(async () => {
  web = await openWebHost({
    endpoint: {
      answer: async (message) => ({ id: (message as { id?: number } | null)?.id ?? 0, ok: true, value: 'heard' }),
      listen: (listener) => hub.listen(listener),
    },
    assets: folder,
    log() {},
  })
  const visitor = await visit(web.url)
  assert.ok(visitor)
  window = visitor
})
after(async () => {
  await web[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
})

/** Sends the bytes and breaks the connection off in the given way; what came back until then. */
async function attack(parts: readonly (string | Uint8Array)[], end: 'end' | 'reset' | 'wait'): Promise<string> {
  const socket: Socket = connect(web.port, '127.0.0.1')
  let heard = ''
  socket.on('error', (error) => {
    heard += `(${error.message})`
  })
  socket.on('data', (data) => {
    heard += data.toString('latin1')
  })
  await once(socket, 'connect')
  for (const part of parts) if (socket.writable) await new Promise((done) => socket.write(part, done))
  if (end === 'reset') socket.resetAndDestroy()
  else if (end === 'end') socket.end()
  // Some are never answered; the host is asked right afterwards, whatever came of this line.
  // That the host breaks it off is no failure (`once` would make it one).
  const ended = new Promise((done) => socket.once('close', done).once('data', done))
  if (!socket.closed) await Promise.race([ended, delay(100)])
  socket.destroy()
  return heard
}

async function goesOn(what: string): Promise<void> {
  last += 1
  window.socket.send(JSON.stringify({ id: last, call: 'station.get', params: {} }))
  const [data] = await once(window.socket, 'message')
  assert.deepEqual(JSON.parse(String(data)), { id: last, ok: true, value: 'heard' }, what)
  assert.deepEqual(fatal, [], what)
}

const host = () => `Host: 127.0.0.1:${web.port}\r\n`
const origin = () => `Origin: http://127.0.0.1:${web.port}\r\n`
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
const opening = () => `GET /ws HTTP/1.1\r\n${host()}${origin()}${UPGRADE}${KEY}\r\n`

const REQUESTS: readonly (readonly [string, () => readonly (string | Uint8Array)[]])[] = [
  ['two slashes', () => [`GET // HTTP/1.1\r\n${host()}\r\n`]],
  ['an address that is none', () => [`GET http://[ HTTP/1.1\r\n${host()}\r\n`]],
  ['a star', () => [`OPTIONS * HTTP/1.1\r\n${host()}\r\n`]],
  ['a tunnel', () => [`CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host()}\r\n`]],
  ['no host', () => ['GET / HTTP/1.1\r\n\r\n']],
  ['two hosts', () => [`GET / HTTP/1.1\r\n${host()}Host: evil\r\n\r\n`]],
  ['an expectation', () => [`GET / HTTP/1.1\r\n${host()}Expect: magic\r\n\r\n`]],
  ['an expected body', () => [`POST / HTTP/1.1\r\n${host()}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`]],
  ['a body that breaks off', () => [`POST / HTTP/1.1\r\n${host()}Transfer-Encoding: chunked\r\n\r\nzz\r\n`]],
  ['headers without end', () => [`GET / HTTP/1.1\r\n${host()}X: ${'a'.repeat(100_000)}`]],
  ['very many headers', () => [`GET / HTTP/1.1\r\n${host()}${'X: y\r\n'.repeat(5000)}\r\n`]],
  ['binary noise', () => [Uint8Array.from({ length: 500 }, (_, i) => (i * 151) & 255)]],
  ['another protocol', () => [Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196)]],
  ['HTTP/2', () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  [
    'an upgrade to something else',
    () => [`GET /ws HTTP/1.1\r\n${host()}${origin()}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
  ],
  ['an upgrade from nowhere', () => [`GET /ws HTTP/1.1\r\n${host()}${UPGRADE}${KEY}\r\n`]],
  ['an upgrade without a key', () => [`GET /ws HTTP/1.1\r\n${host()}${origin()}${UPGRADE}\r\n`]],
  ['an upgrade by POST', () => [`POST /ws HTTP/1.1\r\n${host()}${origin()}${UPGRADE}${KEY}\r\n`]],
  ['an upgrade of //', () => [`GET // HTTP/1.1\r\n${host()}${origin()}${UPGRADE}${KEY}\r\n`]],
  ['an upgrade of an old version', () => [opening().replace('Version: 13', 'Version: 1')]],
  ['a frame before the answer', () => [opening(), Uint8Array.of(0xff, 0xff, 0xff)]],
  ['a frame that is not masked', () => [opening(), Uint8Array.of(0x81, 2, 0x7b, 0x7d)]],
  ['a frame of terabytes', () => [opening(), Uint8Array.of(0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4)]],
  ['text that is no UTF-8', () => [opening(), Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe)]],
  ['a ping that is too long', () => [opening(), Uint8Array.of(0x89, 0xfe, 0, 200, 0, 0, 0, 0)]],
  ['a close with a code that is none', () => [opening(), Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 0, 1)]],
]
for (const [what, parts] of REQUESTS)
  test(`no request ends the host: ${what}`, async () => {
    for (const end of ['end', 'reset', 'wait'] as const) {
      await attack(parts(), end)
      await goesOn(`${what}, ${end}`)
    }
  })

test('a refused upgrade that is reset at once does not end the host', async () => {
  for (let n = 0; n < 30; n++) {
    const socket = connect(web.port, '127.0.0.1')
    socket.on('error', () => {
      // That is what this test does.
    })
    await once(socket, 'connect')
    socket.write(`GET /ws HTTP/1.1\r\n${host()}Origin: http://evil.example\r\n${UPGRADE}${KEY}\r\n`)
    if (n % 2 === 0) await once(socket, 'data')
    socket.resetAndDestroy()
  }
  await goesOn('resets')
})

test('strangers who keep their lines open keep nobody out', async () => {
  const held: Socket[] = []
  // More than the host has room for: the oldest of them go.
  for (let n = 0; n < 400; n++) {
    const socket = connect(web.port, '127.0.0.1')
    socket.on('error', () => {
      // The host may cut it off.
    })
    await once(socket, 'connect')
    socket.write(['', opening(), `GET / HTTP/1.1\r\n${host()}X-Slow: `][n % 3])
    held.push(socket)
  }
  await goesOn('held lines')
  const another = await visit(web.newUrl())
  assert.ok(another)
  another.socket.terminate()
  for (const socket of held) socket.destroy()
})

test('what a window that was let in sends does not end the host either', async () => {
  const frames: readonly (string | Uint8Array)[] = [
    '{',
    'null',
    '"',
    '[]',
    '1e999',
    '['.repeat(500_000),
    `"${'\\ud800'}"`,
    Uint8Array.of(1, 2),
  ]
  for (const frame of frames) {
    const visitor = await visit(web.newUrl())
    assert.ok(visitor)
    const { socket } = visitor
    const answered = Promise.race([once(socket, 'message'), once(socket, 'close')])
    socket.send(frame)
    await answered
    socket.terminate()
    await goesOn(String(frame).slice(0, 20))
  }
  const visitor = await visit(web.newUrl())
  assert.ok(visitor)
  visitor.socket.on('error', () => {
    // The host ends the line in the middle of the frame.
  })
  visitor.socket.send('x'.repeat(3_000_000))
  const [code] = await once(visitor.socket, 'close')
  assert.ok([1006, 1009].includes(code), String(code))
  await goesOn('a large frame')
})

test('bytes by chance, in pieces and broken off in any way, never end the host', { timeout: 120_000 }, async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'GET ',
      'POST ',
      '/',
      '//',
      '/ws',
      '?',
      '#',
      ' HTTP/1.1\r\n',
      ' HTTP/1.0\r\n',
      '\r\n',
      '\r\n\r\n',
      ':',
      UPGRADE,
      KEY,
    ),
    fc.constantFrom('HOST', 'ORIGIN', 'OPENING'),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
  )
  const named: Readonly<Record<string, () => string>> = { HOST: host, ORIGIN: origin, OPENING: opening }
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.boolean(), async (pieces, reset) => {
      const parts = pieces.map((each) => (typeof each === 'string' ? (named[each]?.() ?? each) : each))
      await attack(parts, reset ? 'reset' : 'end')
      await goesOn(JSON.stringify(parts))
    }),
    { numRuns: 300 },
  )
})
