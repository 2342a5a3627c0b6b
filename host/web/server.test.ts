import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '#testing/fake-host.ts'
import { type Visitor, visit } from '#testing/web-visitor.ts'
import { openHub } from '../dispatch.ts'
import type { Endpoint } from './lines.ts'
import { openWebHost } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-web-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>')
writeFileSync(join(folder, 'assets/app.js'), 'export {}')
writeFileSync(join(folder, 'secret.txt'), 'not served')
after(() => rmSync(folder, { recursive: true, force: true }))

const hub = openHub()
/** Windows that the host knows to be open. */
let listening = 0
const endpoint: Endpoint = {
  answer: async (message) => ({ id: (message as { id: number }).id, ok: true, value: 'heard' }),
  listen(listener) {
    listening += 1
    const heard = hub.listen(listener)
    return {
      [Symbol.dispose]() {
        listening -= 1
        heard[Symbol.dispose]()
      },
    }
  },
}
const open = () => openWebHost({ endpoint, assets: folder, log() {} })

interface Reply {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (reply) => {
      let body = ''
      reply.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** What became of a socket: its status when it was refused, else the open socket. */
async function connect(port: number, headers: Record<string, string>, origin: string): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers, origin })
  return await Promise.race([
    once(socket, 'open').then(() => socket),
    once(socket, 'unexpected-response').then(([, reply]) => (reply as { statusCode: number }).statusCode),
  ])
}

test('an address lets one window in; what it becomes is a session that the page holds, and nothing is a cookie', async () => {
  await using web = await open()
  const page = await get(web.port, '/enter')
  assert.equal(page.status, 200)
  assert.match(page.body, /console/)
  assert.equal(page.headers['set-cookie'], undefined)
  assert.match(web.url, /^http:\/\/127\.0\.0\.1:\d+\/enter#[\w-]{43}$/, 'what is behind # is sent to nobody')
  const first = await visit(web.url)
  assert.ok(first)
  assert.equal(await visit(web.url), null)
  assert.notEqual(first.session, new URL(web.url).hash.slice(1))
  assert.ok(await visit(web.url, first.session), 'a reload in the same tab')
  assert.ok(await visit(web.newUrl()))
})

test('without a token nothing is heard and nothing is answered', async () => {
  await using web = await open()
  const origin = `http://127.0.0.1:${web.port}`
  for (const first of [
    JSON.stringify({ enter: 'x'.repeat(43) }),
    JSON.stringify({ session: 'x'.repeat(43) }),
    JSON.stringify({ id: 1, call: 'station.get', params: {} }),
    JSON.stringify({ enter: new URL(web.url).hash.slice(1), session: 'x'.repeat(43) }),
    'no json',
    '',
    '['.repeat(100_000),
    Buffer.from([0xff, 0xfe]),
  ]) {
    const socket = await connect(web.port, { cookie: 'twinslot=guess' }, origin)
    assert.ok(socket instanceof WebSocket)
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    hub.tell({ type: 'images', images: [] })
    socket.send(first)
    const [code] = await once(socket, 'close')
    assert.equal(code, 4403)
    assert.deepEqual(heard, [])
  }
  assert.ok(await visit(web.url), 'guessing uses no address up')
})

test('a session ends: with nobody there, when nobody asks for anything, and after its longest time', async () => {
  let at = 0
  const web = await openWebHost({
    endpoint,
    assets: folder,
    log() {},
    now: () => at,
    limits: { awayMs: 100, idleMs: 1000, wholeMs: 5000 },
  })
  await using _web = web
  const leave = async ({ socket }: Visitor): Promise<void> => {
    const before = listening
    socket.close()
    await eventually(() => listening < before)
  }
  const back = async (session: string): Promise<boolean> => {
    const visitor = await visit(web.url, session)
    if (visitor) await leave(visitor)
    return visitor !== null
  }
  const first = await visit(web.newUrl())
  assert.ok(first)
  at = 900
  assert.ok(await back(first.session), 'a window is open')
  await leave(first)
  at = 990
  assert.ok(await back(first.session), 'a reload')
  at = 1200
  assert.ok(!(await back(first.session)), 'closed')
  const second = await visit(web.newUrl())
  assert.ok(second)
  at = 2300
  assert.ok(!(await back(second.session)), 'idle')
  const third = await visit(web.newUrl())
  assert.ok(third)
  for (; at < 7300; at += 900) assert.ok(await back(third.session), 'in use')
  at = 7400
  assert.ok(!(await back(third.session)), 'its longest time')
})

test('whoever comes in is told of, once per address', async () => {
  const entered: string[] = []
  await using web = await openWebHost({ endpoint, assets: folder, onEntered: () => entered.push('one'), log() {} })
  for (let n = 0; n < 3; n++) await visit(web.url)
  assert.equal(entered.length, 1)
})

test('a port that another program uses is refused with its number', async () => {
  await using first = await open()
  await assert.rejects(
    openWebHost({ endpoint, assets: folder, port: first.port, log() {} }),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'host.port')
      assert.equal(error.message, `Port ${first.port} of this computer cannot be used: another program uses it.`)
      return true
    },
  )
})

test('another host name is refused: a rebound name gets neither a page nor a socket', async () => {
  await using web = await open()
  const { port } = web
  for (const host of ['evil.example:80', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1']) {
    assert.ok([400, 421].includes((await get(port, '/', { host })).status), host)
    assert.ok([400, 403].includes(Number(await connect(port, { host }, `http://${host}`))), host)
  }
  assert.equal((await get(port, '/', { host: `localhost:${port}` })).status, 200)
})

test('a socket must come from this origin; then it carries calls, answers and events', async () => {
  await using web = await open()
  for (const origin of [
    'https://evil.example',
    'null',
    `https://127.0.0.1:${web.port}`,
    `http://127.0.0.1:${web.port + 1}`,
  ])
    assert.equal(await connect(web.port, {}, origin), 403)
  const visitor = await visit(web.url)
  assert.ok(visitor)
  const { socket } = visitor
  socket.send(JSON.stringify({ id: 5, call: 'station.get', params: {} }))
  const [first] = await once(socket, 'message')
  assert.deepEqual(JSON.parse(String(first)), { id: 5, ok: true, value: 'heard' })
  hub.tell({ type: 'images', images: [] })
  const [second] = await once(socket, 'message')
  assert.equal(JSON.parse(String(second)).event.type, 'images')
  socket.send('not json')
  const [code] = await once(socket, 'close')
  assert.equal(code, 1007)
})

test('only files of the renderer are served, with a strict policy and no caching', async () => {
  await using web = await open()
  const { port } = web
  const script = await get(port, '/assets/app.js')
  assert.match(String(script.headers['content-type']), /javascript/)
  const policy = String(script.headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(policy, /unsafe/)
  for (const path of [
    '/secret.txt',
    '/../server.ts',
    '/%2e%2e/server.ts',
    '/assets/',
    '/assets/app.js/',
    '//etc/passwd',
    '//',
    '/constructor',
    'http://127.0.0.1/',
  ])
    assert.equal((await get(port, path)).status, 404, path)
  assert.equal((await get(port, '/', {}, 'POST')).status, 405)
})

test('it listens on the loopback address only', async () => {
  await using web = await open()
  const { networkInterfaces } = await import('node:os')
  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  for (const { address, family, internal } of others) {
    if (internal || family !== 'IPv4') continue
    const reached = await new Promise<boolean>((resolve) => {
      const asked = request({ host: address, port: web.port, path: '/', timeout: 2000 }, () => resolve(true))
      asked.on('error', () => resolve(false))
      asked.on('timeout', () => asked.destroy())
      asked.end()
    })
    assert.equal(reached, false, address)
  }
  assert.equal(new URL(web.url).hostname, '127.0.0.1')
})

test('a folder without a built console is refused: host.no-renderer', async () => {
  await assert.rejects(openWebHost({ endpoint, assets: join(folder, 'assets'), log() {} }), {
    code: 'host.no-renderer',
  })
})
