// The fleet test server keeps the specification's promises: others judge the agent and whole appliances by it.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { test } from 'node:test'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { type FleetServer, openFleetServer } from './fleet-server.ts'
import { createOrderSigner, pythonJson } from './fleet-server-orders.ts'
import { makeTestCertificates } from './fleet-server-tls.ts'

const PAYLOAD = new Uint8Array(1000).map((_, i) => i % 251)

async function call(server: FleetServer, method: string, path: string, body?: unknown, key = server.fleet.apiKey()) {
  const headers = { authorization: `Bearer ${key}`, 'x-site-id': server.fleet.siteId }
  const response = await fetch(server.url + path, { method, headers, body: body ? JSON.stringify(body) : null })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

const statusPath = (server: FleetServer) => `/api/fleet/appliances/${server.fleet.applianceId}/update-status`
const pendingPath = (server: FleetServer) => `/api/fleet/appliances/${server.fleet.applianceId}/pending-update`
const checkIn = (server: FleetServer, key?: string) =>
  call(server, 'POST', '/api/appliances/checkin', { site_id: server.fleet.siteId }, key)

test('a key is rotated at the first check-in only, and the old one is refused from then on', async () => {
  await using server = await openFleetServer({ apiKey: 'old' })
  const { rotated_api_key } = (await checkIn(server)).body
  assert.equal(rotated_api_key, server.fleet.apiKey())
  assert.equal((await checkIn(server)).body.rotated_api_key, null)
  assert.equal((await checkIn(server, 'old')).status, 401)
  assert.equal((await fetch(`${server.url}/health`)).status, 200)
})

test('a lenient server takes the old key until the new one was used', async () => {
  await using server = await openFleetServer({ apiKey: 'old', oldKey: 'until-used' })
  await checkIn(server)
  assert.equal((await checkIn(server, 'old')).status, 200)
  assert.equal((await checkIn(server)).status, 200)
  assert.equal((await checkIn(server, 'old')).status, 401)
})

test('an update is offered until it is rebooting, and its statuses are taken until it is over', async () => {
  await using server = await openFleetServer({ rotates: false })
  const post = async (body: unknown) => (await call(server, 'POST', statusPath(server), body)).status
  const offered = async () => (await call(server, 'GET', pendingPath(server))).body.update_available
  assert.equal(await offered(), false)
  assert.equal(await post({ status: 'downloading' }), 404)
  const { update_id } = server.fleet.offer({ version: '2.0', iso_url: 'https://x/y' })
  assert.equal(await offered(), true)
  for (const status of ['downloading', 'ready']) assert.equal(await post({ status, update_id }), 200)
  assert.equal(await offered(), true)
  assert.equal(await post({ status: 'rebooting', update_id: 'another' }), 404)
  assert.equal(await post({ status: 'rebooting' }), 200)
  assert.equal(await offered(), false)
  for (const status of ['verifying', 'succeeded']) assert.equal(await post({ status }), 200)
  assert.equal(await post({ status: 'succeeded' }), 404)
  assert.deepEqual(server.fleet.statusWords(), ['downloading', 'ready', 'rebooting', 'verifying', 'succeeded'])
  server.fleet.offer({ version: '3.0', iso_url: 'https://x/z' })
  server.fleet.cancelUpdate()
  assert.equal(await offered(), false)
  assert.equal(await post({ status: 'failed' }), 404)
})

test('defect 18: an update of a staged rollout is offered when its stage is open, and ends the rollout with its success', async () => {
  let hours = 0
  const now = () => new Date(Date.UTC(2026, 10, 22) + hours * 3_600_000)
  await using server = await openFleetServer({ rotates: false, now })
  const { fleet } = server
  const offered = async () => (await call(server, 'GET', pendingPath(server))).body.update_available
  const stages = [
    { percent: 50, delay_hours: 24 },
    { percent: 100, delay_hours: 0 },
  ]
  fleet.offer({ version: '2.0', iso_url: 'https://x/y' }, { stages, others: ['first'] })
  assert.equal(fleet.reportOther('first', 'succeeded'), true)
  hours = 23
  assert.equal(await offered(), false)
  hours = 24
  assert.equal(await offered(), true)
  assert.equal((await call(server, 'POST', statusPath(server), { status: 'succeeded' })).status, 200)
  assert.deepEqual([fleet.rollout().status, fleet.rollout().completed_at], ['completed', '2026-11-23T00:00:00Z'])
})

test('defect 17: a paused rollout offers nothing, and takes and counts what comes late', async () => {
  await using server = await openFleetServer({ rotates: false })
  const { fleet } = server
  const post = async (status: string) => (await call(server, 'POST', statusPath(server), { status })).status
  const stages = [{ percent: 100, delay_hours: 0 }]
  fleet.offer({ version: '2.0', iso_url: 'https://x/y' }, { stages, others: ['first', 'second'] })
  assert.equal(fleet.reportOther('first', 'rolled_back'), true)
  assert.equal(fleet.rollout().status, 'paused')
  assert.equal((await call(server, 'GET', pendingPath(server))).body.update_available, false)
  assert.equal(await post('rolled_back'), 200)
  const { status, progress } = fleet.rollout()
  assert.deepEqual([status, progress.rolled_back, progress.in_progress], ['paused', 2, 1])
  assert.deepEqual([await post('failed'), await post('nonsense')], [404, 422])
  fleet.resumeRollout()
  assert.equal(fleet.rollout().status, 'in_progress')
})

test('an order is pending, acknowledged, completed; repeats are told apart', async () => {
  await using server = await openFleetServer({ rotates: false })
  const { order_id } = server.fleet.sendOrder({ parameters: { version: '2.0' } })
  const orders = `/api/sites/${server.fleet.siteId}/appliances/${server.fleet.applianceId}/orders/pending`
  assert.equal((await call(server, 'GET', orders)).body.orders[0].order_id, order_id)
  const words: string[] = []
  for (const verb of ['acknowledge', 'acknowledge', 'complete', 'complete'])
    words.push((await call(server, 'POST', `/api/orders/${order_id}/${verb}`, { success: true })).body.status)
  assert.deepEqual(words, ['acknowledged', 'already_acknowledged', 'completed', 'already_completed'])
  assert.equal((await call(server, 'GET', orders)).body.count, 0)
})

test("the signed text is what Python's json.dumps writes with sorted keys", async (t) => {
  if (!(await findTool('python3'))) return t.skip('needs python3')
  const value = { b: [1, -2, {}], a: { z: 'ü€😀"\\\u0007\u007f/\n', y: null }, '😀': [], '\uffee': true, ab: false }
  const script = 'import json,sys;sys.stdout.write(json.dumps(json.load(sys.stdin),sort_keys=True))'
  const { stdout } = await requireTool('python3', ['-c', script], { timeoutMs: 20_000, input: JSON.stringify(value) })
  assert.equal(pythonJson(value), stdout)
})

test('orders carry an Ed25519 signature over the text as it is sent', () => {
  const signer = createOrderSigner()
  const order = signer.make({
    parameters: { version: '2.0' },
    createdAt: new Date('2026-11-22T00:00:00Z'),
    target: 'x',
  })
  const raw = Buffer.from(signer.publicKey, 'hex').toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw } })
  const isSigned = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(order.signature, 'hex'))
  assert.ok(isSigned(order.signed_payload))
  assert.ok(!isSigned(order.signed_payload.replace('2.0', '2.1')))
  assert.match(order.signed_payload, /^\{"created_at": "2026-11-22T00:00:00.000Z", "expires_at": /)
})

test('ranges: a part, the rest, none of it, and the whole when the file is another one', async () => {
  await using server = await openFleetServer()
  const path = server.publish('a.bundle', PAYLOAD)
  const get = async (headers: Record<string, string>) => {
    const response = await fetch(server.url + path, { headers })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, range: response.headers.get('content-range'), etag: response.headers, bytes }
  }
  const whole = await get({})
  const etag = whole.etag.get('etag') ?? ''
  assert.deepEqual([whole.status, whole.bytes], [200, PAYLOAD])
  const part = await get({ range: 'bytes=990-', 'if-range': etag })
  assert.deepEqual([part.status, part.range, part.bytes], [206, 'bytes 990-999/1000', PAYLOAD.subarray(990)])
  assert.equal((await get({ range: 'bytes=1000-' })).status, 416)
  server.publish('a.bundle', PAYLOAD.toReversed())
  assert.equal((await get({ range: 'bytes=990-', 'if-range': etag })).status, 200)
  server.publish('a.bundle', PAYLOAD, { ranges: false, etag: null })
  const plain = await get({ range: 'bytes=990-' })
  assert.deepEqual([plain.status, plain.etag.get('etag')], [200, null])
})

test('faults: refused, silent, lost answers, cut bodies, gone and back', async () => {
  await using server = await openFleetServer()
  const path = server.publish('a.bundle', PAYLOAD)
  server.setFault(() => ({ status: 503, headers: { 'retry-after': '9' } }))
  const refused = await fetch(`${server.url}/health`)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '9'])
  server.setFault(() => ({ connection: 'lose' }))
  const before = server.fleet.apiKey()
  await assert.rejects(checkIn(server))
  assert.notEqual(server.fleet.apiKey(), before)
  server.setFault(() => ({ connection: 'hang' }))
  await assert.rejects(fetch(`${server.url}/health`, { signal: AbortSignal.timeout(200) }))
  server.setFault(() => ({ cutAfter: 300 }))
  await assert.rejects(fetch(server.url + path).then((response) => response.arrayBuffer()))
  server.setFault(null)
  await server.goAway()
  await assert.rejects(fetch(`${server.url}/health`))
  await server.comeBack()
  assert.equal((await fetch(`${server.url}/health`)).status, 200)
  assert.equal((await server.waitFor((entry) => entry.path === path, 1000)).method, 'GET')
  await assert.rejects(
    server.waitFor((entry) => entry.path === '/never', 50),
    /no such request/,
  )
})

test('with a certificate of its own authority it answers to whoever trusts that one, by both addresses', async (t) => {
  const tls = await makeTestCertificates()
  if (!tls) return t.skip('needs openssl')
  await using server = await openFleetServer({ tls })
  const path = server.publish('a.bundle', PAYLOAD)
  const get = (options: { ca?: string }) =>
    new Promise<string>((done, fail) => {
      const hash = createHash('sha256')
      const request = httpsRequest(server.url + path, options, (response) => {
        response.on('data', (part) => hash.update(part)).on('end', () => done(hash.digest('hex')))
      })
      request.on('error', fail).end()
    })
  assert.equal(await get({ ca: tls.ca }), createHash('sha256').update(PAYLOAD).digest('hex'))
  await assert.rejects(get({}), /self-signed|unable to verify/)
  const certificate = new X509Certificate(tls.cert)
  for (const address of ['127.0.0.1', '10.0.2.2']) assert.equal(certificate.checkIP(address), address)
  assert.equal(certificate.checkIP('10.0.2.3'), undefined)
})
