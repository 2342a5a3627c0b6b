// What the check-in says of the appliance, and what it makes of the server's clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkIn, checkInRequest, hostFacts } from './check-in.ts'

const NOW = new Date('2026-11-22T04:00:00Z')
const server = {
  ...{ endpoint: 'https://x', siteId: 's-1', applianceId: 's-1-aa:bb:cc:dd:ee:ff', apiKey: 'k', ca: null },
  pollSeconds: 60,
}
const host = { hostname: 'box', macs: ['52:54:00:00:00:01'], addresses: [], uptimeSeconds: 1 }

const clockOf = async (server_time: string | null) => {
  const api = { checkIn: async () => ({ server_time }) }
  const parts = { api, server, host, now: () => NOW, saveKey: () => assert.fail('there is no new key') }
  return (await checkIn(parts, new AbortController().signal)).clock
}

test('the MAC address is the one that the appliance was claimed by, else that of the first interface', () => {
  assert.equal(checkInRequest(server, host).mac_address, 'AA:BB:CC:DD:EE:FF')
  assert.equal(checkInRequest({ ...server, applianceId: 'by-hand' }, host).mac_address, '52:54:00:00:00:01')
  assert.equal(
    checkInRequest({ ...server, applianceId: 'by-hand' }, { ...host, macs: [] }).mac_address,
    '00:00:00:00:00:00',
  )
})

test('this machine has a name and an uptime, and shows no loopback address', () => {
  const facts = hostFacts()
  assert.ok(facts.hostname.length > 0 && facts.uptimeSeconds > 0)
  assert.ok(!facts.addresses.some((address) => /^127\.|^::1$|^fe80:/.test(address)))
})

test('clocks more than five minutes apart are told with both times, whatever way the server writes them', async () => {
  for (const theirs of [
    '2026-11-22T04:04:00Z',
    '2026-11-22T03:56:00',
    '2026-11-22T06:00:00.123+02:00',
    null,
    'soon',
    '',
  ])
    assert.equal(await clockOf(theirs), null, String(theirs))
  for (const theirs of ['2026-11-22T04:06:00.5Z', '2026-11-22T04:06:00', '2026-11-22T06:06:00+02:00'])
    assert.deepEqual(await clockOf(theirs), {
      code: 'agent.clock-differs',
      details: { found: '2026-11-22T04:00:00Z', expected: '2026-11-22T04:06:00Z' },
    })
})
