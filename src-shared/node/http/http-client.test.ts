import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import { type Behaviour, hostileServer } from '#testing/hostile-server.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { type HttpRequest, openHttp, readBody } from './http-client.ts'
import { requestJson, statusError } from './http-json.ts'

const FILES = { '/json': utf8('{"a":[1,2]}'), '/text': utf8('<html>hello</html>'), '/empty': utf8('') }
const SECRET = 'Bearer s3cret'
const anywhere = (): boolean => true

/** One request to a server that behaves like this. */
async function ask(behaviour: Behaviour, path = '/json', change: Partial<HttpRequest> = {}) {
  await using server = await hostileServer(FILES, () => behaviour)
  return await requestJson({ url: server.url + path, allow: anywhere, ...change })
}

/** The error of a failed request; no text of it may hold a secret. */
async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof EngineError, String(error))
  assert.doesNotMatch(error.message, /s3cret|\{|\}/)
  return error
}

test('JSON goes out and comes back; a status that is no success is an answer', async () => {
  await using server = await hostileServer(FILES)
  const request = { url: `${server.url}/json`, allow: anywhere }
  const answer = await requestJson({ ...request, method: 'POST', json: { b: 'ü' }, headers: { authorization: SECRET } })
  assert.deepEqual([answer.status, answer.value, answer.bytes.length], [200, { a: [1, 2] }, 11])
  assert.deepEqual(server.asked[0].body, '{"b":"ü"}')
  assert.equal(server.asked[0].headers.authorization, SECRET)
  assert.equal(server.asked[0].headers['accept-encoding'], 'identity')
  const missing = await requestJson({ ...request, url: `${server.url}/nothing?token=s3cret` })
  assert.deepEqual([missing.status, missing.value], [404, null])
  const error = statusError(missing)
  assert.equal(error.code, 'download.status')
  assert.match(error.message, /404.*200/)
  assert.doesNotMatch(error.message, /s3cret/)
  assert.equal((await requestJson({ ...request, url: `${server.url}/empty` })).value, null)
})

test('an address that is none, of another kind, with a password, or not allowed is refused before anything is sent', async () => {
  await using server = await hostileServer(FILES)
  const request = (url: string, allow = anywhere) => failure(requestJson({ url, allow }))
  for (const url of ['nonsense', 'ftp://127.0.0.1/x', `${server.url.replace('//', '//u:s3cret@')}/json`])
    assert.equal((await request(url)).code, 'download.bad-url', url)
  assert.equal((await request(`${server.url}/json?k=s3cret`, () => false)).code, 'download.not-allowed')
  const header = { url: `${server.url}/json`, allow: anywhere, headers: { authorization: `${SECRET}\n` } }
  assert.equal((await failure(requestJson(header))).code, 'download.bad-header')
  assert.equal(server.asked.length, 0)
})

test('a redirect is followed within the allowed, and credentials never travel to another origin', async () => {
  await using other = await hostileServer(FILES)
  await using server = await hostileServer(FILES, ({ path }) =>
    path === '/here' ? { status: 302, headers: { location: '/json' } } : path === '/there' ? away : {},
  )
  const away = { status: 307, headers: { location: `${other.url}/json` } }
  const get = (path: string, allow: HttpRequest['allow'] = anywhere) =>
    requestJson({
      url: server.url + path,
      allow,
      headers: { authorization: SECRET, 'x-site-id': 's', range: 'bytes=0-' },
    })
  assert.equal((await get('/here')).url.pathname, '/json')
  assert.equal(server.asked.at(-1)?.headers.authorization, SECRET, 'the same origin')
  await get('/there')
  const { headers } = other.asked[0]
  assert.deepEqual([headers.authorization, headers['x-site-id'], headers.range], [undefined, undefined, 'bytes=0-'])
  const port = new URL(server.url).port
  const refused = await failure(get('/there', (url: URL) => url.port === port))
  assert.equal(refused.code, 'download.redirected')
  assert.equal(other.asked.length, 1, 'the refused server was not asked')
})

test('a redirect that loops, leads nowhere, to a password or to another scheme is refused; a POST is never redirected', async () => {
  const to = (location: string | null): Behaviour => ({ status: 302, headers: { location } })
  for (const location of [null, '/json', 'ftp://127.0.0.1/', 'http://u:s3cret@127.0.0.1/', 'http://['])
    assert.equal((await failure(ask(to(location)))).code, 'download.redirected', String(location))
  const error = await failure(ask(to('/other?s3cret'), '/json', { method: 'POST' }))
  assert.equal(error.code, 'download.redirected')
})

test('the total time goes on over redirects', async () => {
  await using server = await hostileServer(FILES, ({ path }) =>
    path === '/here' ? { status: 302, headers: { location: '/json' } } : { stallAfter: 0 },
  )
  const error = await failure(requestJson({ url: `${server.url}/here`, allow: anywhere, limits: { totalMs: 150 } }))
  assert.equal(error.code, 'download.too-slow')
})

test('no server, a stalled one, a slow one, a broken connection: each by its name', async () => {
  const gone = await hostileServer({})
  await gone[Symbol.asyncDispose]()
  assert.equal((await failure(requestJson({ url: gone.url, allow: anywhere }))).code, 'download.unreachable')
  // Long enough that four bytes of this very process come in time.
  const quick = { limits: { idleMs: 1000 } }
  const early = await failure(ask({ stallAfter: 0 }, '/json', quick))
  assert.deepEqual([early.code, early.details.received], ['download.stalled', 0])
  const late = await failure(ask({ stallAfter: 4 }, '/json', quick))
  assert.deepEqual([late.code, late.details.received], ['download.stalled', 4])
  assert.equal((await failure(ask({ stallAfter: 4 }, '/json', { limits: { totalMs: 100 } }))).code, 'download.too-slow')
  const cut = await failure(ask({ cutAfter: 4 }))
  assert.deepEqual([cut.code, cut.details.received], ['download.interrupted', 4])
})

test('a connection that is not answered ends after its time', async () => {
  // TLS to a server that accepts and says nothing: the handshake is part of connecting.
  const silent = createServer(() => {})
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  const address = silent.address()
  assert.ok(address && typeof address === 'object')
  const url = `https://127.0.0.1:${address.port}/`
  const error = await failure(requestJson({ url, allow: anywhere, limits: { connectMs: 100 } }))
  assert.equal(error.code, 'download.unreachable')
  silent.close()
})

test('an answer that is no HTTP, has an endless head, or is compressed is refused', async () => {
  const raw = async (text: string) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(text))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    assert.ok(address && typeof address === 'object')
    const error = await failure(requestJson({ url: `http://127.0.0.1:${address.port}/`, allow: anywhere }))
    server.close()
    return error.code
  }
  assert.equal(await raw('SSH-2.0-OpenSSH_9\r\n'), 'download.bad-response')
  assert.equal(await raw(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`), 'download.bad-response')
  assert.equal(
    await raw('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    'download.bad-response',
  )
  assert.equal((await failure(ask({ headers: { 'content-encoding': 'gzip' } }))).code, 'download.encoded')
})

test('a body is bounded, whether its size is announced or not; what is not JSON says so', async () => {
  await using server = await hostileServer(FILES, ({ path }) =>
    path === '/json' ? {} : { length: 'chunked', endless: true },
  )
  const get = (path: string) => requestJson({ url: server.url + path, allow: anywhere, maxBytes: 10 })
  const announced = await failure(get('/json'))
  assert.deepEqual([announced.code, announced.details.found], ['download.too-large', 11])
  assert.equal((await failure(get('/text'))).code, 'download.too-large')
  assert.equal((await failure(ask({}, '/text'))).code, 'download.not-json')
})

test('cancelled before, while waiting for the head, and within the body', async () => {
  assert.equal((await failure(ask({}, '/json', { signal: AbortSignal.abort() }))).code, 'job.cancelled')
  for (const stallAfter of [0, 4]) {
    const signal = AbortSignal.timeout(100)
    assert.equal((await failure(ask({ stallAfter }, '/json', { signal }))).code, 'job.cancelled')
  }
})

test('time in which nobody asks for more is not a stall', async () => {
  await using server = await hostileServer({ '/f': new Uint8Array(5_000_000) })
  await using answer = await openHttp({ url: `${server.url}/f`, allow: anywhere, limits: { idleMs: 1000 } })
  let bytes = 0
  for await (const chunk of answer.body) {
    if (bytes === 0) await new Promise((done) => setTimeout(done, 2500))
    bytes += chunk.length
  }
  assert.equal(bytes, 5_000_000)
})

test('TLS: an unknown authority is refused and a configured one believed; down to plain http is never followed', async (t) => {
  if (!(await findTool('openssl'))) return t.skip('needs openssl')
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-tls-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1']
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    await requireTool('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { timeoutMs: 20_000 })
    const pem = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    await using plain = await hostileServer(FILES)
    const down = { status: 302, headers: { location: `${plain.url}/json` } }
    await using server = await hostileServer(FILES, ({ path }) => (path === '/down' ? down : {}), pem)
    const get = (path: string, ca?: string) => requestJson({ url: server.url + path, allow: anywhere, ca })
    assert.equal((await failure(get('/json'))).code, 'download.tls')
    assert.deepEqual((await get('/json', pem.cert)).value, { a: [1, 2] })
    assert.equal((await failure(get('/down', pem.cert))).code, 'download.redirected')
    assert.equal(plain.asked.length, 0)
    assert.equal((await failure(get('/json', 'no certificate'))).code, 'download.bad-ca')
    const damaged = pem.cert.replace(/\n[A-Za-z0-9+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
    assert.equal((await failure(get('/json', damaged))).code, 'download.bad-ca')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('readBody gives exactly the bytes', async () => {
  await using server = await hostileServer(FILES)
  await using answer = await openHttp({ url: `${server.url}/text`, allow: anywhere })
  assert.deepEqual(Buffer.from(await readBody(answer, 100)), Buffer.from(FILES['/text']))
})
