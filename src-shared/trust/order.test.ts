// Orders of the fleet server: followed when genuine, new, for this appliance and for now; each attack by its name.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { explain } from '#base/errors.ts'
import { verifyEd25519 } from '#node/release/ed25519.ts'
import fc from '#testing/property.ts'
import { LONGEST_VALID_MS, ORDER_LIMIT, type OrderContext, openOrder, parseOrderKeys } from './order.ts'
import { hostAllowed } from './order-url.ts'

/** A private key from 32 bytes (PKCS #8 head of RFC 8410 before them). */
const keyOf = (seed: Buffer) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
const publicHex = (key: ReturnType<typeof keyOf>): string =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex')

const SERVER = keyOf(Buffer.alloc(32, 7))
const STRANGER = keyOf(Buffer.alloc(32, 8))
const SELF = 'clinic-1-AA:BB:CC:DD:EE:FF'
const NONCE = '00112233445566778899aabbccddeeff'

const PARAMETERS = {
  update_id: '7b4d9a52-7c1a-4a9d-9d7e-0f6a5d1f2c3b',
  rollout_id: 'r-1',
  version: '1.4.0',
  iso_url: 'https://releases.example.org/1.4.0.twinslot',
  sha256: 'ab'.repeat(32),
  size_bytes: 734003200,
  maintenance_window: { start: '02:00', end: '05:00', timezone: 'America/New_York', days: ['sunday'] },
}
const SIGNED = {
  order_id: 'order-0a1b2c3d',
  order_type: 'update_iso',
  parameters: PARAMETERS as Record<string, unknown>,
  nonce: NONCE as unknown,
  created_at: '2026-11-22T05:00:00+00:00',
  expires_at: '2026-11-22T07:00:00Z',
  target_appliance_id: SELF as unknown,
}

const signText = (text: string, key = SERVER): string => sign(null, Buffer.from(text), key).toString('hex')

function orderOf(text: string, key = SERVER): Record<string, unknown> {
  return { order_id: SIGNED.order_id, order_type: 'update_iso', signed_payload: text, signature: signText(text, key) }
}
const order = (change: object = {}) => orderOf(JSON.stringify({ ...SIGNED, ...change }))
const orderWith = (change: object) => order({ parameters: { ...PARAMETERS, ...change } })

const open = (received: unknown, change: Partial<OrderContext> = {}) =>
  openOrder({
    received,
    keys: [publicHex(SERVER)],
    now: new Date('2026-11-22T06:00:00Z'),
    self: [SELF],
    executed: new Set(),
    nonces: new Set(),
    allowedHosts: ['releases.example.org'],
    verify: verifyEd25519,
    ...change,
  })

/** The refusal's code; its sentence has no hole left. */
function refusal(received: unknown, change: Partial<OrderContext> = {}): string {
  const result = open(received, change)
  if (result.ok) assert.fail('the order was opened')
  const [first] = result.refusals
  assert.ok(first)
  assert.doesNotMatch(Object.values(explain(first)).join(), /[{}]/)
  return first.code
}

test('a genuine order becomes an offer, made of the signed text only', () => {
  const result = open(order())
  if (!result.ok) assert.fail(JSON.stringify(result.refusals))
  const { version, iso_url, sha256, maintenance_window: window } = PARAMETERS
  assert.deepEqual(result.value, {
    orderId: SIGNED.order_id,
    nonce: NONCE,
    createdAt: new Date('2026-11-22T05:00:00Z'),
    expiresAt: new Date('2026-11-22T07:00:00Z'),
    key: publicHex(SERVER),
    addressed: true,
    offer: {
      origin: 'order',
      updateId: PARAMETERS.update_id,
      rolloutId: 'r-1',
      orderId: SIGNED.order_id,
      version,
      url: iso_url,
      sha256,
      sizeBytes: PARAMETERS.size_bytes,
      window,
      requireApproval: false,
    },
  })
})

test('attack: an order that says it is valid until the year 9999 is valid for thirty days', () => {
  const forever = order({ expires_at: '9999-12-31T23:59:59Z' })
  const made = Date.parse(SIGNED.created_at)
  const result = open(forever)
  assert.ok(result.ok)
  assert.equal(result.value.expiresAt.getTime(), made + LONGEST_VALID_MS)
  assert.equal(refusal(forever, { now: new Date(made + LONGEST_VALID_MS) }), 'order.expired')
})

test('attack: an order whose number may have been forgotten is not followed, however the clock stands', () => {
  const forgottenUpTo = new Date(SIGNED.created_at)
  assert.equal(refusal(order(), { forgottenUpTo }), 'order.replayed')
  assert.ok(open(order(), { forgottenUpTo: new Date(forgottenUpTo.getTime() - 1) }).ok)
})

test('attack: outer parameters that differ from the signed ones are not used', () => {
  const evil = { ...PARAMETERS, iso_url: 'https://releases.example.org/evil', version: '6.6.6' }
  const result = open({ ...order(), parameters: evil, nonce: 'f'.repeat(32), expires_at: '2099-01-01T00:00:00Z' })
  assert.ok(result.ok)
  assert.equal(result.value.offer.url, PARAMETERS.iso_url)
  assert.equal(result.value.offer.version, '1.4.0')
  assert.equal(result.value.nonce, NONCE)
  assert.equal(result.value.expiresAt.toISOString(), '2026-11-22T07:00:00.000Z')
})

test('the checks come in their order: each one hides those behind it', () => {
  const received = orderOf(
    JSON.stringify({
      ...SIGNED,
      expires_at: '2026-11-22T05:59:59Z',
      target_appliance_id: 'other',
      parameters: { ...PARAMETERS, iso_url: 'http://evil.example/' },
    }),
  )
  const broken = { ...received, signature: '0'.repeat(128) }
  assert.equal(refusal(broken, { executed: new Set([SIGNED.order_id]) }), 'order.already-executed')
  assert.equal(refusal(broken, { nonces: new Set([NONCE]) }), 'order.bad-signature')
  assert.equal(refusal(received, { nonces: new Set([NONCE]) }), 'order.replayed')
  assert.equal(refusal(received), 'order.expired')
  const early = { now: new Date('2026-11-22T05:30:00Z') }
  assert.equal(refusal(received, early), 'order.other-appliance')
  assert.equal(refusal(received, { ...early, self: ['other'] }), 'order.not-https')
})

test('attack: an executed order under another outer id', () => {
  const renamed = { ...order(), order_id: 'order-ffffffff' }
  assert.equal(refusal(renamed, { executed: new Set([SIGNED.order_id]) }), 'order.already-executed')
})

test('attack: the payload serialised again, with the same meaning', () => {
  const { signature } = order()
  const again = JSON.stringify(SIGNED, null, 1)
  assert.equal(refusal({ signed_payload: again, signature }), 'order.bad-signature')
})

test('attack: payload or signature truncated, or one byte changed', () => {
  const good = order()
  const text = String(good.signed_payload)
  assert.equal(refusal({ ...good, signed_payload: text.slice(0, -1) }), 'order.bad-signature')
  assert.equal(refusal({ ...good, signed_payload: text.replace('1.4.0', '1.4.1') }), 'order.bad-signature')
  assert.equal(refusal({ ...good, signed_payload: `${text} ` }), 'order.bad-signature')
  assert.equal(refusal({ ...good, signature: String(good.signature).slice(2) }), 'order.unsigned')
})

test('attack: signature missing, in upper case, or not text', () => {
  const good = order()
  assert.equal(refusal({ ...good, signature: String(good.signature).toUpperCase() }), 'order.unsigned')
  for (const signature of [undefined, null, 7, '', ['0'.repeat(128)]])
    assert.equal(refusal({ ...good, signature }), 'order.unsigned')
  for (const signed_payload of [undefined, null, '', {}, 'half a pair: \ud800'])
    assert.equal(refusal({ ...good, signed_payload }), 'order.unsigned')
  for (const received of [null, 'order', [order()], 7]) assert.equal(refusal(received), 'order.malformed')
})

test('attack: signed by a stranger, who sends his key along', () => {
  const text = JSON.stringify({ ...SIGNED, signing_pubkey_hex: publicHex(STRANGER) })
  assert.equal(refusal(orderOf(text, STRANGER)), 'order.bad-signature')
  assert.equal(refusal(order(), { keys: [] }), 'order.bad-signature')
  const both = open(orderOf(text, STRANGER), { keys: [publicHex(SERVER), publicHex(STRANGER)] })
  assert.equal(both.ok && both.value.key, publicHex(STRANGER), 'after a change of keys two are trusted')
})

test('attack: the same key twice in the signed text', () => {
  const text = JSON.stringify(SIGNED)
  const twice = (extra: string) => orderOf(`{${extra},${text.slice(1)}`)
  assert.equal(refusal(twice('"order_id":"order-1"')), 'order.malformed')
  assert.equal(refusal(twice('"order\\u005fid":"order-1"')), 'order.malformed')
  const nested = text.replace('"version":', '"version":"6.6.6","version":')
  assert.equal(refusal(orderOf(nested)), 'order.malformed')
  assert.ok(open(order({ note: ['version', 'version'], extra: { version: '{"a":1,"a":2}' } })).ok, 'values may repeat')
})

test('attack: numbers that lose digits, deep nesting, text that is no order', () => {
  const text = JSON.stringify(SIGNED)
  for (const number of ['1e400', '9007199254740993', '-1e309', '1E999'])
    assert.equal(refusal(orderOf(text.replace('734003200', number))), 'order.malformed')
  for (const size_bytes of [0, -1, 1.5, 2 ** 45, '5', true])
    assert.equal(refusal(orderWith({ size_bytes })), 'order.malformed')
  assert.equal(refusal(order({ note: JSON.parse('['.repeat(20) + ']'.repeat(20)) })), 'order.malformed')
  for (const other of ['[]', 'null', '"text"', '{', `${text}{}`])
    assert.equal(refusal(orderOf(other)), 'order.malformed')
})

test('a text that is too large is not even hashed', () => {
  const verify = () => assert.fail('verified')
  const signed_payload = `${JSON.stringify(SIGNED)}${' '.repeat(ORDER_LIMIT)}`
  assert.equal(refusal({ signed_payload, signature: '0'.repeat(128) }, { verify }), 'order.too-large')
})

test('attack: the same nonce again; a nonce of another form', () => {
  assert.equal(refusal(order(), { nonces: new Set([NONCE]) }), 'order.replayed')
  for (const nonce of [NONCE.toUpperCase(), NONCE.slice(1), '', 7, null, `${NONCE}\n`])
    assert.equal(refusal(order({ nonce })), 'order.malformed')
})

test('an order ends with its last second; one from the future waits for the clocks to agree', () => {
  const until = (expires_at: unknown, now: string) => refusal(order({ expires_at }), { now: new Date(now) })
  assert.ok(open(order(), { now: new Date('2026-11-22T06:59:59.999Z') }).ok)
  assert.equal(until(SIGNED.expires_at, '2026-11-22T07:00:00Z'), 'order.expired')
  assert.equal(until('2026-11-22T08:00:00+02:00', '2026-11-22T06:00:01Z'), 'order.expired')
  assert.ok(open(order(), { now: new Date('2026-11-22T04:50:00Z') }).ok, 'ten minutes behind the server')
  assert.equal(refusal(order(), { now: new Date('2026-11-22T04:49:59Z') }), 'order.from-future')
  assert.ok(open(order({ expires_at: '2026-11-22T07:00:00.123456' })).ok, "Python's isoformat without a zone is UTC")
  for (const time of [undefined, 'tomorrow', 1795330800, '2026-13-01T00:00:00Z', '2026-11-22'])
    assert.equal(refusal(order({ expires_at: time })), 'order.malformed')
})

test('attack: an order for another appliance; one without addressee is for whom it was delivered to', () => {
  const other = { target_appliance_id: 'clinic-1-AA:BB:CC:DD:EE:00' }
  assert.equal(refusal(order(other)), 'order.other-appliance')
  assert.equal(refusal(order({ target_appliance_id: [SELF] })), 'order.other-appliance')
  const unaddressed = open(order({ target_appliance_id: undefined }))
  assert.ok(unaddressed.ok && !unaddressed.value.addressed)
  assert.ok(open(order(), { self: ['clinic-1', SELF] }).ok)
})

test('orders of other kinds are refused politely', () => {
  for (const order_type of ['nixos_rebuild', 'force_checkin', 'UPDATE_ISO', null, { a: 1 }])
    assert.equal(refusal(order({ order_type })), 'order.unsupported')
})

test('attack: a version, an id or a window that means something else', () => {
  for (const version of ['../../etc/passwd', '-rf', '', '1.4.0/..', '1 4', 'a'.repeat(51), 7, undefined])
    assert.equal(refusal(orderWith({ version })), 'order.malformed', String(version))
  for (const update_id of ['', 'a b', '../x', 7, 'a'.repeat(201)])
    assert.equal(refusal(orderWith({ update_id })), 'order.malformed', String(update_id))
  assert.equal(refusal(orderWith({ sha256: 'ab' })), 'order.malformed')
  assert.equal(refusal(orderWith({ maintenance_window: 'always' })), 'order.malformed')
  assert.equal(refusal(orderWith({ maintenance_window: { start: '2', end: '05:00' } })), 'window.bad-time')
  assert.equal(refusal(order({ parameters: null })), 'order.malformed')
  const always = open(orderWith({ maintenance_window: {}, rollout_id: null, sha256: null, size_bytes: null }))
  assert.ok(always.ok && always.value.offer.window === null && always.value.offer.sizeBytes === null)
})

const ALLOWED = ['releases.example.org', 'bench.example:8443', '*.cdn.example.net', '10.0.2.2:8443', '[::1]']

test('attack: addresses that only look like an allowed host', () => {
  const refused = [
    'https://releases.example.org@evil.example/x',
    'https://releases.example.org:443@evil.example/x',
    'https://evil.example/releases.example.org',
    'https://evil.example\\@releases.example.org/',
    'https://releases.example.org\\.evil.example/',
    'https://releases.example.org./x',
    'https://releases.example.org:8443/x',
    'https://releases.example.org:0443x/x',
    'https://releases.example.org.evil.example/x',
    'https://evilreleases.example.org/x',
    'https://releases.example.org#@evil.example/',
    'https://releases.example.org/x#y',
    'https://releases.example.org/x\\y',
    'https://releases.example.org\t.evil.example/',
    'https://releases.ex\u00e4mple.org/x',
    'https://releases\uff0eexample.org/x',
    'https://xn--releases-example-org.evil/x',
    'https:releases.example.org/x',
    'https:///releases.example.org/x',
    ' https://releases.example.org/x',
    'https://cdn.example.net/x',
    'https://.cdn.example.net/x',
    'https://bench.example/x',
    `https://releases.example.org/${'a'.repeat(2048)}`,
    'ftp://releases.example.org/x',
    'file:///etc/passwd',
    '',
  ]
  for (const url of refused) assert.ok(!hostAllowed(url, ALLOWED), url)
  const allowed = [
    'https://releases.example.org/x?y=z',
    'https://RELEASES.example.ORG:443/x',
    'https://releases.example.org',
    'https://bench.example:8443/x',
    'https://a.b.cdn.example.net/x',
    'https://10.0.2.2:8443/x',
    'https://[::1]/x',
  ]
  for (const url of allowed) {
    assert.ok(hostAllowed(url, ALLOWED), url)
    assert.ok(
      ALLOWED.some((entry) => new URL(url).host.endsWith(entry.replace('*', ''))),
      'what fetches sees that host',
    )
  }
})

test('attack: plain HTTP, and a host that is not on the list', () => {
  assert.equal(refusal(orderWith({ iso_url: 'http://releases.example.org/x' })), 'order.not-https')
  assert.equal(refusal(orderWith({ iso_url: 'https://releases.example.org@evil.example/' })), 'order.not-https')
  assert.equal(refusal(orderWith({ iso_url: 'https://evil.example/x' })), 'order.host-not-allowed')
  assert.equal(refusal(order(), { allowedHosts: [] }), 'order.host-not-allowed')
})

test('property: an address that is allowed is fetched from exactly that host', () => {
  const piece = fc.constantFrom(
    'https://',
    'releases.example.org',
    'evil.example',
    '@',
    ':',
    '/',
    '\\',
    '#',
    '?',
    '.',
    '%',
    '443',
    'a',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const url = `https://${pieces.join('')}`
      if (hostAllowed(url, ['releases.example.org'])) assert.equal(new URL(url).host, 'releases.example.org')
    }),
    { numRuns: 2000 },
  )
})

test('the file of order keys: one a line, remarks, either case', () => {
  const [one, two] = [publicHex(SERVER), publicHex(STRANGER)]
  const text = `# fleet server\r\n${one.toUpperCase()}  # since 2026\n\n${two}\n${one}\n`
  assert.deepEqual(parseOrderKeys(text, 'order-keys'), { ok: true, value: [one, two] })
  const result = parseOrderKeys(`${one}\n${two.slice(1)}\n`, 'order-keys')
  assert.ok(!result.ok && result.refusals[0]?.code === 'order.keys-malformed' && result.refusals[0].details.line === 2)
})

test('an order that openssl signed is genuine; nothing of it can be changed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'order-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const text = JSON.stringify(SIGNED).replaceAll('":', '": ').replaceAll(',"', ', "')
  const [key, payload, signature] = ['key.pem', 'payload', 'signature'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(payload, text)
  try {
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key], { stdio: 'ignore' })
  } catch {
    t.skip('needs openssl with Ed25519')
    return
  }
  execFileSync('openssl', ['pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', payload, '-out', signature])
  const keys = [publicHex(createPrivateKey(readFileSync(key)))]
  const received = { signed_payload: text, signature: readFileSync(signature).toString('hex') }
  assert.ok(open(received, { keys }).ok)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 1 }), (at) => {
      const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
      assert.equal(refusal({ ...received, signed_payload: changed }, { keys }), 'order.bad-signature')
    }),
    { numRuns: 50 },
  )
})

const PYTHON = `
import json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
key = Ed25519PrivateKey.from_private_bytes(bytes(32))
text = json.dumps(json.load(sys.stdin), sort_keys=True)
raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
print(json.dumps({"key": raw.hex(), "signed_payload": text, "signature": key.sign(text.encode()).hex()}))
`

test('an order that Python wrote and signed as the fleet server does is genuine', (t) => {
  try {
    execFileSync('python3', ['-c', 'import cryptography'], { stdio: 'ignore' })
  } catch {
    t.skip('needs python3 with cryptography')
    return
  }
  const input = JSON.stringify({ ...SIGNED, note: 'Z\u00fcrich \u{1f680}' })
  const output = execFileSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' })
  const { key, ...received } = JSON.parse(output) as { key: string; signed_payload: string; signature: string }
  const result = open(received, { keys: [key] })
  assert.ok(result.ok)
  assert.equal(result.value.offer.version, '1.4.0')
})
