// The wire between appliance and fleet server: upstream's answers are understood, unknown fields are kept, and what would
// do harm behind the schema does not pass it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFleetId, isFleetName } from '#model/update-names.ts'
import {
  channelAnswer,
  checkinRequest,
  checkinResponse,
  FLEET_PATHS,
  fleetHeaders,
  pendingOrders,
  pendingUpdate,
  updateStatusRequest,
} from './fleet.ts'
import { offerOfChannel, offerOfPendingUpdate, statusRequestOf } from './fleet-offer.ts'

const UPDATE = {
  update_id: '7b4d9a52-7c1a-4a9d-9d7e-0f6a5d1f2c3b',
  rollout_id: null,
  version: '1.4.0',
  iso_url: 'https://releases.example.org/1.4.0.iso',
  sha256: 'AB'.repeat(32),
  size_bytes: null,
  maintenance_window: {},
  current_status: 'notified',
}

test('a check-in says what an updater has to say; servers that want more may get more', () => {
  const request = {
    site_id: 'clinic-1',
    hostname: 'box',
    mac_address: 'AA:BB:CC:DD:EE:FF',
    boot_source: 'installed_disk',
    ip_addresses: ['192.0.2.7'],
    uptime_seconds: 61.5,
    agent_version: '0.1.0',
    wg_connected: false,
  }
  assert.deepEqual(checkinRequest.parse(request), request)
  assert.ok(!checkinRequest.safeParse({ ...request, boot_source: 'floppy' }).success)
})

test("upstream's answer to a check-in is read with its nulls and its many other fields", () => {
  const answer = {
    status: 'ok',
    appliance_id: null,
    rotated_api_key: 'k2',
    pending_orders: [{ order_id: 'x' }, 'not even an order'],
    windows_targets: [],
    billing_hold: null,
  }
  assert.deepEqual(checkinResponse.parse(answer), answer)
  assert.deepEqual(checkinResponse.parse({}), {})
  for (const wrong of [{ pending_orders: {} }, [], null])
    assert.ok(!checkinResponse.safeParse(wrong).success, JSON.stringify(wrong))
  assert.ok(pendingOrders.safeParse({ site_id: 's', appliance_id: 'a', orders: [], count: 0 }).success)
  assert.ok(!pendingOrders.safeParse({ count: 0 }).success)
})

test('a pending update becomes an offer; none is none', () => {
  assert.deepEqual(offerOfPendingUpdate(pendingUpdate.parse({ update_available: false })), { ok: true, value: null })
  const offer = offerOfPendingUpdate(pendingUpdate.parse({ update_available: true, update: UPDATE }))
  assert.deepEqual(offer, {
    ok: true,
    value: {
      origin: 'fleet',
      updateId: UPDATE.update_id,
      rolloutId: null,
      orderId: null,
      version: '1.4.0',
      url: UPDATE.iso_url,
      sha256: 'ab'.repeat(32),
      sizeBytes: null,
      window: null,
      requireApproval: false,
    },
  })
})

test('a window of a pending update that cannot be read is a refusal, not an open window', () => {
  const withWindow = (maintenance_window: unknown) =>
    offerOfPendingUpdate(pendingUpdate.parse({ update_available: true, update: { ...UPDATE, maintenance_window } }))
  const bad = withWindow({ start: '02:00', end: '05:00', timezone: 'Mars/Olympus' })
  assert.ok(!bad.ok && bad.refusals[0]?.code === 'window.bad-zone')
  const hours = { start: '02:00', end: '05:00', timezone: 'America/New_York', days: ['sunday'] }
  const good = withWindow(hours)
  assert.deepEqual(good.ok && good.value?.window, hours)
})

test('attack: versions, ids, sizes and digests that mean something else do not pass', () => {
  const refused = [
    { version: '../../x' },
    { version: '' },
    { version: 'a'.repeat(51) },
    { update_id: 'a/b' },
    { sha256: 'ab' },
    { size_bytes: -1 },
    { size_bytes: 1.5 },
    { iso_url: '' },
    { iso_url: 'x'.repeat(3000) },
  ]
  for (const change of refused) {
    const answer = pendingUpdate.safeParse({ update_available: true, update: { ...UPDATE, ...change } })
    // One without a usable id is no answer; of the others the id is known, so that the server can be told.
    const offer = answer.success ? offerOfPendingUpdate(answer.data) : null
    assert.equal(offer === null, 'update_id' in change)
    if (offer) assert.equal(offer.ok ? '' : offer.refusals[0].code, 'update.bad-offer', JSON.stringify(change))
  }
  assert.ok(!pendingUpdate.safeParse({ update_available: true }).success)
  assert.ok(!pendingUpdate.safeParse({ update_available: 'yes' }).success)
})

test('every optional field of a pending update may be absent or null; only version and address are needed', () => {
  const least = { update_id: 'u-1', version: '1.4.0', iso_url: 'https://a.example/1.4.0.twinslot' }
  const optional = ['rollout_id', 'sha256', 'size_bytes', 'maintenance_window', 'current_status']
  for (const fields of [least, { ...least, ...Object.fromEntries(optional.map((key) => [key, null])) }]) {
    const offer = offerOfPendingUpdate(pendingUpdate.parse({ update_available: true, update: fields }))
    assert.ok(offer.ok, JSON.stringify(offer))
    assert.deepEqual([offer.value?.window, offer.value?.sha256, offer.value?.rolloutId], [null, null, null])
  }
})

test('names in any script reach addresses and headers encoded, and none of them leaves its place in the address', () => {
  for (const name of ['東京本社', 'a/b', '..%2f', 'x?y#z', 'Größe 1', 'e\u0301', '\u202E', 'ok.1']) {
    const url = new URL(`https://fleet.example.org/base${FLEET_PATHS.pendingOrders(name, name)}`)
    assert.equal(
      url.pathname.split('/').length,
      '/base/api/sites/S/appliances/A/orders/pending'.split('/').length,
      name,
    )
    assert.equal(decodeURIComponent(url.pathname.split('/')[4] ?? ''), name)
    const header = new Headers(fleetHeaders(name, 'k')).get('X-Site-ID') ?? ''
    assert.match(header, /^[\x21-\x7e]+$/)
  }
  assert.equal(fleetHeaders('clinic-1', 'k')['X-Site-ID'], 'clinic-1')
  for (const dots of ['.', '..']) assert.ok(!isFleetId(dots) && !isFleetName(dots))
  assert.ok(!isFleetName('\ud800') && !isFleetName('a\nb') && !isFleetName('') && isFleetName('東京本社'))
})

test('a channel names a newer release by url or by image_url', () => {
  const answer = { update_available: true, version: '1.4.0', url: 'https://a.example/1.4.0.twinslot' }
  const offer = offerOfChannel(channelAnswer.parse(answer), 'beta', true)
  assert.equal(offer?.updateId, 'channel:beta:1.4.0')
  assert.equal(offer?.url, answer.url)
  assert.ok(offer?.requireApproval)
  const image = { update_available: true, version: '1.4.0', image_url: 'https://a.example/1.img', size_bytes: 5 }
  assert.equal(offerOfChannel(channelAnswer.parse(image), 'stable', false)?.url, 'https://a.example/1.img')
  assert.equal(offerOfChannel(channelAnswer.parse({ update_available: false }), 'stable', false), null)
  assert.ok(!channelAnswer.safeParse({ update_available: true, version: '1.4.0' }).success)
})

test('a status report is posted without our own fields and within the limits of servers', () => {
  const posted = statusRequestOf({
    at: '2026-11-22T06:00:00Z',
    update_id: 'u',
    status: 'failed',
    error_message: 'x'.repeat(5000),
    error_code: 'E'.repeat(60),
    boot_attempts: 1,
    health_check_result: { disk: { passed: true } },
  })
  assert.deepEqual(Object.keys(posted), [
    'status',
    'error_message',
    'error_code',
    'boot_attempts',
    'health_check_result',
  ])
  assert.ok(updateStatusRequest.safeParse(posted).success)
  assert.deepEqual(statusRequestOf({ at: '', update_id: 'u', status: 'ready' }), { status: 'ready' })
  assert.ok(!updateStatusRequest.safeParse({ status: 'done' }).success)
})

test('attack: names in paths cannot leave their place', () => {
  assert.equal(FLEET_PATHS.acknowledge('fleet::x/../y?z#'), '/api/orders/fleet%3A%3Ax%2F..%2Fy%3Fz%23/acknowledge')
  assert.equal(FLEET_PATHS.complete('o'), '/api/orders/o/complete')
  assert.equal(FLEET_PATHS.pendingUpdate('a/b'), '/api/fleet/appliances/a%2Fb/pending-update')
  assert.equal(FLEET_PATHS.updateStatus('a'), '/api/fleet/appliances/a/update-status')
  assert.equal(FLEET_PATHS.pendingOrders('s', 'a:b'), '/api/sites/s/appliances/a%3Ab/orders/pending')
  assert.equal(FLEET_PATHS.updates('1.0+a&b', 'beta'), '/api/updates?current=1.0%2Ba%26b&channel=beta')
  assert.deepEqual(fleetHeaders('s', 'k'), { Authorization: 'Bearer k', 'X-Site-ID': 's' })
})
