// The client keeps its promises to the rest of the agent: bounded, checked, and the key is nowhere but in its header.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { EngineError, explain } from '#base/errors.ts'
import { requestJson } from '#node/http/http-json.ts'
import { type Fault, openFleetServer } from '#testing/fleet-server.ts'
import { makeTestCertificates } from '#testing/fleet-server-tls.ts'
import { GateWorld } from '#testing/gate-world.ts'
import { createFleetApi } from './api-client.ts'
import { findUpdate } from './find-update.ts'

const KEY = 's3cret-Key-0123456789'
const signal = new AbortController().signal

async function fleet(options: object = {}) {
  const server = await openFleetServer({ rotates: false, apiKey: KEY, ...options })
  const { siteId, applianceId } = server.fleet
  const settings = { endpoint: server.url, siteId, applianceId, apiKey: KEY, ca: null, pollSeconds: 60 }
  return { server, settings, api: createFleetApi(settings), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const failureOf = async (work: Promise<unknown>): Promise<EngineError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  return assert.fail('it went well')
}

test('the key of the appliance is in no error, however the call fails', async () => {
  await using bench = await fleet()
  const faults: Fault[] = [
    { status: 401 },
    { status: 403 },
    { status: 500 },
    { status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } },
    { connection: 'drop' },
    { connection: 'lose' },
  ]
  const codes: string[] = []
  const look = (error: EngineError) => {
    codes.push(error.code)
    const everything = [inspect(error, { depth: 12, showHidden: true }), JSON.stringify(explain(error)), error.stack]
    for (const text of everything) assert.ok(!text?.includes(KEY), text)
  }
  for (const fault of faults) {
    bench.server.setFault(() => fault)
    look(await failureOf(bench.api.pendingUpdate(signal)))
  }
  await bench.server.goAway()
  look(await failureOf(bench.api.pendingUpdate(signal)))
  assert.deepEqual(codes, [
    'agent.key-refused',
    'agent.key-refused',
    'download.status',
    'download.redirected',
    'download.unreachable',
    'download.unreachable',
    'download.unreachable',
  ])
})

test('a redirect is not followed: the key stays with the server of the settings', async () => {
  await using bench = await fleet()
  await using other = await openFleetServer({ rotates: false, apiKey: KEY })
  bench.server.setFault(() => ({ status: 307, headers: { location: `${other.url}/api/updates` } }))
  const error = await failureOf(bench.api.updates('1.0', 'stable', signal))
  assert.equal(error.code, 'download.redirected')
  assert.equal(other.received.length, 0)
})

test('answers of another form are `agent.bad-answer`, with the place', async () => {
  await using bench = await fleet()
  bench.server.fleet.offer({ version: '2.0', iso_url: 'https://x/y', update_id: 'a b' })
  const error = await failureOf(bench.api.pendingUpdate(signal))
  assert.equal(error.code, 'agent.bad-answer')
  assert.match(error.message, /update\.update_id/)
})

test('a status of an update that the server does not have is `unknown`, others say which update is meant', async () => {
  await using bench = await fleet()
  const report = { at: '2026-11-22T04:00:00Z', update_id: 'u-1', status: 'downloading' } as const
  assert.equal(await bench.api.updateStatus(report, signal), 'unknown')
  bench.server.fleet.offer({ version: '2.0', iso_url: 'https://x/y', update_id: 'u-1' })
  assert.equal(await bench.api.updateStatus(report, signal), 'taken')
  assert.deepEqual(bench.server.fleet.statuses[0]?.body, { status: 'downloading', update_id: 'u-1' })
  // The server's one update is another one by now: a late report must not be taken for its.
  bench.server.fleet.offer({ version: '3.0', iso_url: 'https://x/z', update_id: 'u-2' })
  assert.equal(await bench.api.updateStatus({ ...report, status: 'failed' }, signal), 'unknown')
})

test('a server with a certificate of an authority of its own is asked when the settings name it', async (t) => {
  const tls = await makeTestCertificates()
  if (!tls) return t.skip('needs openssl')
  await using bench = await fleet({ tls })
  assert.equal((await failureOf(bench.api.pendingUpdate(signal))).code, 'download.tls')
  const trusting = createFleetApi({ ...bench.settings, ca: tls.ca })
  assert.deepEqual(await trusting.pendingUpdate(signal), { update_available: false })
})

test('a server that wants a certificate gets the one of the settings; without it, it refuses, and the error says what to do', async (t) => {
  const tls = await makeTestCertificates()
  if (!tls) return t.skip('needs openssl')
  await using bench = await fleet({ tls, wantsCertificates: true })
  const settings = { ...bench.settings, ca: tls.ca }
  const bare = await failureOf(createFleetApi(settings).pendingUpdate(signal))
  assert.equal(bare.code, 'download.client-certificate')
  assert.match(bare.message, /wants a certificate.*none was shown/)
  assert.match(explain(bare).remedy, /config\.yaml \(tls\.client_cert, client_key\)/)
  const identity = { ...tls.client, origin: new URL(bench.server.url).origin }
  assert.deepEqual(await createFleetApi({ ...settings, identity }).pendingUpdate(signal), { update_available: false })

  const other = await makeTestCertificates()
  assert.ok(other)
  const mixed = { ...identity, key: other.client.key }
  const unusable = await failureOf(createFleetApi({ ...settings, identity: mixed }).pendingUpdate(signal))
  assert.equal(unusable.code, 'download.bad-identity')
  // Node closes the connection without a word.
  const foreign = createFleetApi({ ...settings, identity: { ...identity, ...other.client } })
  const closed = await failureOf(foreign.pendingUpdate(signal))
  assert.equal(closed.code, 'download.unreachable')
  assert.match(closed.message, /after the client certificate was shown/)
  for (const error of [unusable, closed])
    assert.doesNotMatch(inspect(error, { depth: 12, showHidden: true }), /PRIVATE KEY/)
})

test('a server that says why it turns the certificate down: OpenSSL, as most servers', async (t) => {
  const [tls, other] = [await makeTestCertificates(), await makeTestCertificates()]
  if (!tls || !other) return t.skip('needs openssl')
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-s-server-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const name of ['ca', 'cert', 'key'] as const) await writeFile(join(folder, name), tls[name])
  const files = ['-cert', 'cert', '-key', 'key', '-CAfile', 'ca', '-Verify', '1', '-verify_return_error']
  const server = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...files], { cwd: folder })
  t.after(() => server.kill())
  let port: string | undefined
  for await (const chunk of server.stdout.setEncoding('utf8')) {
    port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(String(chunk))?.[1]
    if (port) break
  }
  const url = `https://127.0.0.1:${port}`
  const identity = { ...other.client, origin: url }
  const error = await failureOf(requestJson({ url, ca: tls.ca, identity, allow: () => true }))
  assert.equal(error.code, 'download.client-certificate')
  assert.match(error.message, /the one shown is not accepted \([A-Z_]+\)/)
})

test('the certificate of the appliance is shown to its own server only', async (t) => {
  const tls = await makeTestCertificates()
  if (!tls) return t.skip('needs openssl')
  await using other = await openFleetServer({ tls, wantsCertificates: true })
  await using own = await fleet({ tls, wantsCertificates: true })
  const identity = { ...tls.client, origin: new URL(own.server.url).origin }
  const ask = (url: string) => requestJson({ url, ca: tls.ca, identity, allow: () => true })
  assert.equal((await ask(`${own.server.url}/health`)).status, 200)
  assert.equal((await failureOf(ask(`${other.url}/health`))).code, 'download.client-certificate')
  own.server.setFault(() => ({ status: 302, headers: { location: `${other.url}/health` } }))
  assert.equal((await failureOf(ask(`${own.server.url}/health`))).code, 'download.client-certificate')
})

test('osiris-update finds the pending update first, then the release of the channel, and judges the address', async () => {
  await using bench = await fleet()
  const autoUpdate = { enabled: true, channel: 'stable', schedule: null, requireApproval: true } as const
  const settings = { product: 'box', server: bench.settings, window: null, autoUpdate, allowedHosts: [], probes: [] }
  const { disk } = new GateWorld('/nonexistent').appliance
  const find = (allowedHosts: readonly string[]) =>
    findUpdate({ settings: async () => ({ ...settings, allowedHosts }), disk })
  const url = 'https://releases.example.org/2.0.bundle'
  bench.server.fleet.release('stable', { version: '1.5', url, sha256: '0'.repeat(64), size_bytes: 9 })
  const found = await find(['releases.example.org'])(signal)
  assert.deepEqual([found?.origin, found?.version, found?.requireApproval], ['channel', '1.5', true])
  bench.server.fleet.offer({ version: '2.0', iso_url: url })
  assert.equal((await find(['releases.example.org'])(signal))?.origin, 'fleet')
  assert.equal((await failureOf(find([])(signal))).code, 'order.host-not-allowed')
  bench.server.fleet.cancelUpdate()
  bench.server.fleet.release('stable', { version: '1.0', url, sha256: '0'.repeat(64), size_bytes: 9 })
  assert.equal(await find([])(signal), null)
})
