import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { openHub } from '../dispatch.ts'
import { type Endpoint, openWebHost } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-web-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>')
writeFileSync(join(folder, 'assets/app.js'), 'export {}')
writeFileSync(join(folder, 'secret.txt'), 'not served')
after(() => rmSync(folder, { recursive: true, force: true }))

const hub = openHub()
const endpoint: Endpoint = {
  answer: async (message) => ({ id: (message as { id: number }).id, ok: true, value: 'heard' }),
  listen: (listener) => hub.listen(listener),
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

async function enter(url: string): Promise<{ port: number; cookie: string }> {
  const { port, pathname, search } = new URL(url)
  const reply = await get(Number(port), `${pathname}${search}`)
  assert.equal(reply.status, 303)
  const [cookie] = String(reply.headers['set-cookie']).split(';')
  return { port: Number(port), cookie }
}

/** What became of a socket: its status when it was refused, else the open socket. */
async function connect(port: number, headers: Record<string, string>, origin: string): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers, origin })
  return await Promise.race([
    once(socket, 'open').then(() => socket),
    once(socket, 'unexpected-response').then(([, reply]) => (reply as { statusCode: number }).statusCode),
  ])
}

test('the address works once: it becomes a cookie that only this origin sends back', async () => {
  await using web = await open()
  const { port, cookie } = await enter(web.url)
  const used = await get(port, new URL(web.url).pathname + new URL(web.url).search)
  assert.equal(used.status, 403)
  const page = await get(port, '/', { cookie })
  assert.equal(page.status, 200)
  assert.match(page.body, /console/)
  const again = await get(port, `/${new URL(web.newUrl()).search}`)
  assert.match(String(again.headers['set-cookie']), /HttpOnly; SameSite=Strict/)
})

test('between token and console lies a page of our own, so that the strict cookie is sent wherever one came from', async () => {
  await using web = await open()
  const { port, pathname, search } = new URL(web.url)
  const reply = await get(Number(port), `${pathname}${search}`)
  assert.equal(reply.headers.location, '/enter')
  const hall = await get(Number(port), '/enter')
  assert.deepEqual([hall.status, hall.headers.refresh], [200, '0; url=/'])
  assert.match(String(hall.headers['content-security-policy']), /frame-ancestors 'none'/)
  assert.doesNotMatch(hall.body, /console/)
  assert.match(hall.body, /<link rel="icon" href="data:,">/, 'a browser asks for no icon, which there is not')
})

test('whoever comes in is told of, once per address', async () => {
  const entered: string[] = []
  await using web = await openWebHost({ endpoint, assets: folder, onEntered: () => entered.push('one'), log() {} })
  const { port, search } = new URL(web.url)
  for (const query of ['/?token=guess', `/${search}`, `/${search}`]) await get(Number(port), query)
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

test('without the cookie, or with an invented one, nothing is served', async () => {
  await using web = await open()
  const tried: Record<string, string>[] = [{}, { cookie: 'twinslot=guess' }, { cookie: 'twinslot=' }]
  for (const headers of tried) {
    assert.equal((await get(web.port, '/', headers)).status, 403)
    assert.equal((await get(web.port, '/assets/app.js', headers)).status, 403)
  }
  assert.equal((await get(web.port, '/?token=guess')).status, 403)
})

test('another host name is refused: a rebound name gets nothing', async () => {
  await using web = await open()
  const { port, cookie } = await enter(web.url)
  assert.equal((await get(port, '/', { cookie, host: 'evil.example:80' })).status, 421)
  assert.equal((await get(port, '/', { cookie, host: `localhost:${port}` })).status, 200)
})

test('a socket needs the cookie and this origin; a page of another origin is refused', async () => {
  await using web = await open()
  const { port, cookie } = await enter(web.url)
  const origin = `http://127.0.0.1:${port}`
  assert.equal(await connect(port, {}, origin), 403)
  assert.equal(await connect(port, { cookie }, 'https://evil.example'), 403)
  assert.equal(await connect(port, { cookie }, 'null'), 403)
  const socket = await connect(port, { cookie }, origin)
  assert.ok(socket instanceof WebSocket)
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
  const { port, cookie } = await enter(web.url)
  const script = await get(port, '/assets/app.js', { cookie })
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
  ])
    assert.equal((await get(port, path, { cookie })).status, 404, path)
  assert.equal((await get(port, '/', { cookie }, 'POST')).status, 405)
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
