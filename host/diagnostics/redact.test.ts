import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createSigningKey } from '#node/release/signing-key.ts'
import fc from '#testing/property.ts'
import { seededBytes } from '#testing/random.ts'
import { redact } from './redact.ts'

const strict = { withAddresses: false }
const without = (text: string): string => String(redact(text, strict).value)

test('a private key is gone, whole or cut short', async () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  const { secret } = await createSigningKey({ name: 'x', now: new Date('2026-01-01') })
  for (const key of [String(pem), secret, secret.slice(0, 300)]) {
    const body = key.split('\n').filter((line) => /^[\w+/=]{30,}$/.test(line))
    assert.ok(body.length > 0)
    const clean = without(`before ${key} after`)
    for (const line of body) assert.ok(!clean.includes(line), line)
    assert.match(clean, /^before \[private key removed\]/)
  }
})

test('a value is gone when its name says what it is, in every usual spelling', () => {
  const lines = [
    'api_key: hunter2hunter2',
    'API-KEY = "hunter2 with blanks hunter2"',
    '{"apiKey":"hunter2hunter2"}',
    'rotated_api_key=hunter2hunter2',
    'psk="hunter2hunter2"',
    'wpa_passphrase=hunter2hunter2',
    'password: hunter2hunter2',
    "client_secret: 'hunter2hunter2'",
    'GET /x?token=hunter2hunter2&a=1',
    'Authorization: Bearer hunter2hunter2',
    'authorization: hunter2hunter2',
    'Cookie: twinslot=hunter2hunter2',
    'https://user:hunter2hunter2@example.org/x',
    'bearer hunter2hunter2',
  ]
  for (const line of lines) assert.doesNotMatch(without(line), /hunter2/, line)
  const { value } = redact({ api_key: 'hunter2', portal: { token: 'hunter2', pin_secret: 42 }, name: 'n' }, strict)
  assert.deepEqual(value, { api_key: '[removed]', portal: { token: '[removed]', pin_secret: '[removed]' }, name: 'n' })
  for (const name of ['recovery_key', 'sessionId', 'wifi-key', 'luksPassphrase', 'private_key', 'Cookie'])
    assert.deepEqual(redact({ [name]: 'hunter2' }, strict).value, { [name]: '[removed]' }, name)
})

test('SSH keys, web tokens and other long coded text are gone; digests and fingerprints stay', () => {
  const coded = Buffer.from(seededBytes(60, 48)).toString('base64').replaceAll('/', 'x')
  assert.doesNotMatch(without(`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc me@laptop`), /AAAAC3|laptop/)
  assert.doesNotMatch(without('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'), /eyJ/)
  assert.ok(!without(`x ${coded}9aA y`).includes(coded))
  const digest = 'ab12'.repeat(16)
  assert.equal(without(digest), digest)
  for (const kept of ['AB12', 'aB12']) assert.equal(without(kept.repeat(10)), kept.repeat(10))
})

test('addresses go unless they were asked for; times, versions, serials and bus paths are none', () => {
  const text =
    'from 192.168.1.20 and fe80::1ff:fe23:4567:890a, 2001:db8::8 via aa:bb:cc:dd:ee:ff and AA-BB-CC-00-11-22.'
  assert.doesNotMatch(without(text), /192|fe80|2001|aa:bb|AA-BB/)
  assert.equal(redact(text, { withAddresses: true }).value, text)
  for (const kept of [
    '2026-11-22T07:26:59.123Z',
    'version 1.2.3',
    'pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0',
    'WD-WCC4N0123456',
    '0x5000c50012345678',
    'sha256:ab',
    'job.cancelled: The job was stopped.',
  ])
    assert.equal(without(kept), kept)
})

test('home folders lose their name, other paths stay', () => {
  assert.equal(without('/home/ada/x.img and /Users/ada/y'), '/home/[removed]/x.img and /Users/[removed]/y')
  assert.equal(without('C:\\Users\\ada\\z'), 'C:\\Users\\[removed]\\z')
  assert.equal(without('/var/lib/twinslot/home/x'), '/var/lib/twinslot/home/x')
  // Names of fields come from outside, too: files of a configuration, for one.
  assert.deepEqual(redact({ '/home/ada/x': [{ '10.0.0.1': true }] }, strict).value, {
    '/home/[removed]/x': [{ '[IP address removed]': true }],
  })
})

test('the list says what was taken out and how often; without secrets nothing is', () => {
  const { removed } = redact({ a: '10.0.0.1 10.0.0.2', b: 'api_key=x' }, strict)
  assert.deepEqual(removed, ['2 × IP address', '1 × named secret'])
  const plain = { list: [1, true, null, 'Disk S1 (16 GB)'], nested: { text: 'Write slot A' } }
  assert.deepEqual(redact(plain, strict), { value: plain, removed: [] })
})

test('a named secret of any characters, anywhere in a text or a structure, does not come out', () => {
  const secret = fc.stringMatching(/^[!-~]{12,40}$/).filter((text) => !/["'\\,;}&\s[\]]/.test(text))
  const name = fc.constantFrom('api_key', 'portal_token', 'wifi_password', 'wg_private_key', 'luks-passphrase')
  const before = fc.constantFrom('', 'line 3: ', 'config {"', 'env ')
  fc.assert(
    fc.property(secret, name, before, (value, called, front) => {
      const bundle = { log: [`${front}${called}=${value} end`, `${front}${called}: "${value}"`], [called]: value }
      assert.ok(!JSON.stringify(redact(bundle, strict).value).includes(value))
    }),
    { numRuns: 300 },
  )
})
