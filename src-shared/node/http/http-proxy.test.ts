// Through a proxy: the tunnel is made, TLS stays between the two ends, and every way in which a proxy can fail has its name.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { utf8 } from '#base/bytes.ts'
import { EngineError, explain } from '#base/errors.ts'
import { connectProxy, type TunnelAnswer } from '#testing/connect-proxy.ts'
import { makeTestCertificates, type TestCertificates } from '#testing/fleet-server-tls.ts'
import { type Behaviour, hostileServer } from '#testing/hostile-server.ts'
import type { HttpRequest } from './http-client.ts'
import { requestJson } from './http-json.ts'

const FILES = { '/json': utf8('{"a":1}') }
const NAMES = ['https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'] as const
const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]))

/** The environment has these and no others of its kind. */
function environment(wanted: Partial<Record<(typeof NAMES)[number], string>>): void {
  for (const name of NAMES) delete process.env[name]
  Object.assign(process.env, wanted)
}
afterEach(() => environment(Object.fromEntries(Object.entries(before).filter(([, value]) => value !== undefined))))

let made: Promise<TestCertificates | null> | null = null
const certificates = (): Promise<TestCertificates | null> => {
  made ??= makeTestCertificates()
  return made
}

const secure = (tls: TestCertificates, behaviour: Behaviour = {}) =>
  hostileServer(FILES, () => behaviour, { key: tls.key, cert: tls.cert })
const portOf = (server: { readonly url: string }): number => Number(new URL(server.url).port)
const proxyTo = (answer: TunnelAnswer) => connectProxy(() => answer)
const ask = (url: string, change: Partial<HttpRequest> = {}) => requestJson({ url, allow: () => true, ...change })

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof EngineError, String(error))
  const everything = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(explain(error))}`
  assert.doesNotMatch(everything, /s3cret/)
  assert.doesNotMatch(JSON.stringify(explain(error)), /[{}]\w+[}]/)
  return error
}

test('an https request goes through the tunnel of the proxy, which sees a host name and no word of it', async (t) => {
  const tls = await certificates()
  if (!tls) return t.skip('needs openssl')
  await using server = await secure(tls)
  await using proxy = await proxyTo({ port: portOf(server) })
  environment({ https_proxy: `http://user:s3cret%20pw@${proxy.address}` })
  const headers = { authorization: 'Bearer s3cret' }
  const answer = await ask('https://fleet.test/json', { ca: tls.ca, headers })
  assert.deepEqual(answer.value, { a: 1 })
  const authorization = `Basic ${Buffer.from('user:s3cret pw').toString('base64')}`
  assert.deepEqual(proxy.asked, [{ target: 'fleet.test:443', authorization }])
  assert.equal(server.asked[0].headers.authorization, 'Bearer s3cret')
  assert.equal(server.asked[0].headers['proxy-authorization'], undefined)
  assert.ok(proxy.seen().length > 0)
  assert.doesNotMatch(proxy.seen(), /s3cret|Bearer|\/json/)
})

test('the proxy cannot put another server in the place of the right one', async (t) => {
  const tls = await certificates()
  if (!tls) return t.skip('needs openssl')
  await using server = await secure(tls)
  await using proxy = await proxyTo({ port: portOf(server) })
  environment({ HTTPS_PROXY: `http://${proxy.address}` })
  assert.equal((await failure(ask('https://fleet.test/json'))).code, 'download.tls')
  const other = await failure(ask('https://other.test/json', { ca: tls.ca }))
  assert.equal(other.code, 'download.tls')
  assert.match(other.message, /other\.test.*for another name/)
  assert.deepEqual([proxy.asked.length, server.asked.length], [2, 0])
})

test('a proxy that refuses is told with its name and status; one that does not get through may do so later', async () => {
  for (const status of [403, 407, 302]) {
    await using proxy = await proxyTo({ status })
    environment({ https_proxy: `http://user:s3cret@${proxy.address}` })
    const error = await failure(ask('https://fleet.test/json'))
    assert.equal(error.code, 'download.proxy-refused')
    assert.equal(
      error.message,
      `The proxy http://${proxy.address} opens no way to https://fleet.test; it answered with status ${status}.`,
    )
    assert.match(explain(error).remedy, /no_proxy.*407/)
  }
  await using proxy = await proxyTo({ status: 502 })
  environment({ https_proxy: `http://${proxy.address}` })
  const error = await failure(ask('https://fleet.test/json'))
  assert.equal(error.code, 'download.unreachable')
  assert.match(error.message, /fleet\.test cannot be reached: the proxy answered 502.*proxy http:\/\/127/)
})

test('a proxy that is not there, or says nothing, is named; the connection to a silent one does not stay behind', async () => {
  const gone = await proxyTo('silence')
  await gone[Symbol.asyncDispose]()
  environment({ https_proxy: `http://${gone.address}` })
  const refused = await failure(ask('https://fleet.test/json'))
  assert.equal(refused.code, 'download.unreachable')
  assert.match(refused.message, /refuses the connection.*through the proxy http:\/\/127/)

  await using silent = await proxyTo('silence')
  environment({ https_proxy: `http://${silent.address}` })
  const late = await failure(ask('https://fleet.test/json', { limits: { connectMs: 1500 } }))
  assert.equal(late.code, 'download.unreachable')
  assert.match(late.message, /1\.5 seconds.*through the proxy/)
  const control = new AbortController()
  // Its own time-out would end it after ten minutes only.
  const patient = { signal: control.signal, limits: { connectMs: 600_000 } }
  const cancelled = failure(ask('https://fleet.test/json', patient))
  while (silent.asked.length < 2) await delay(5)
  control.abort()
  assert.equal((await cancelled).code, 'job.cancelled')
  while (silent.open() > 0) await delay(5)
  assert.equal(silent.asked.length, 2)
})

test('a server that takes its time behind a tunnel is not taken for one that cannot be reached', async (t) => {
  const tls = await certificates()
  if (!tls) return t.skip('needs openssl')
  await using server = await secure(tls, { stallAfter: 0 })
  await using proxy = await proxyTo({ port: portOf(server) })
  environment({ https_proxy: `http://${proxy.address}` })
  const limits = { connectMs: 5000, idleMs: 100 }
  const error = await failure(ask('https://fleet.test/json', { ca: tls.ca, limits }))
  assert.equal(error.code, 'download.stalled')
})

test('this machine, what no_proxy names, and plain http are asked straight', async (t) => {
  const tls = await certificates()
  if (!tls) return t.skip('needs openssl')
  await using proxy = await proxyTo({ status: 403 })
  await using server = await secure(tls)
  await using plain = await hostileServer(FILES)
  environment({ https_proxy: `http://${proxy.address}`, no_proxy: 'elsewhere.test, .fleet.invalid' })
  for (const host of ['127.0.0.1', 'localhost'])
    assert.deepEqual((await ask(`https://${host}:${portOf(server)}/json`, { ca: tls.ca })).value, { a: 1 })
  assert.deepEqual((await ask(`${plain.url}/json`)).value, { a: 1 })
  const error = await failure(ask('https://a.fleet.invalid/json'))
  assert.equal(error.code, 'download.unreachable')
  assert.doesNotMatch(error.message, /proxy/)
  assert.equal(proxy.asked.length, 0)
  assert.equal((await failure(ask('https://fleet.test/json'))).code, 'download.proxy-refused')
})

test('an address of a proxy that cannot be used is refused, not passed over; its password is not repeated', async () => {
  for (const https_proxy of [
    'socks5://u:s3cret@p:1',
    'https://u:s3cret@p:1',
    'p:3128',
    'http://u:s3cret%zz@p:1',
    '//',
  ]) {
    environment({ https_proxy })
    assert.equal((await failure(ask('https://fleet.test/json'))).code, 'download.bad-proxy', https_proxy)
  }
})
