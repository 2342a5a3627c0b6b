// What an update leaves on the data partition: reads what upstream wrote, keeps what it does not know, never half a state.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Finding } from '#base/errors.ts'
import { UPDATE_PHASES, type UpdateRecord } from '#model/update.ts'
import { readBootCount, updateStore, writeBootCount } from './store.ts'

function storeIn(t: TestContext) {
  const state = mkdtempSync(join(tmpdir(), 'update-store-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const found: Finding[] = []
  const file = (name: string) => join(state, 'update', name)
  mkdirSync(join(state, 'update'))
  return { paths: { state }, store: updateStore({ state }, (finding) => found.push(finding)), found, file }
}

const RECORD: UpdateRecord = {
  update_id: 'u-1',
  rollout_id: 'r-1',
  version: '1.4.0',
  target_partition: 'B',
  started_at: '2026-11-22T06:00:00Z',
  phase: 'writing',
  offer: {
    origin: 'order',
    updateId: 'u-1',
    rolloutId: 'r-1',
    orderId: 'order-0a1b2c3d',
    version: '1.4.0',
    url: 'https://releases.example.org/1.4.0.twinslot',
    sha256: 'ab'.repeat(32),
    sizeBytes: 7,
    window: { start: '02:00', end: '05:00', days: ['sunday'] },
    requireApproval: true,
  },
  release_digest: 'cd'.repeat(32),
  approved_at: '2026-11-22T06:10:00Z',
  baseline: { ntp: false, disk: true },
  attempts: 2,
  strikes: 1,
  found: 'empty',
  retry_at: '2026-11-22T06:20:00Z',
  last_error: { code: 'disk.full', details: { disk: '/dev/sda', offset: 4096 } },
  reported: 'downloading',
  failed: { wire: 'DOWNLOAD_ERROR', finding: { code: 'disk.full', details: {} } },
}

const UPSTREAM = {
  update_id: 'u-9',
  rollout_id: 'r-9',
  version: '1.3.0',
  target_partition: 'A',
  started_at: '2026-01-18T10:00:00+00:00',
}

test('a record comes back as it was saved, in every phase', async (t) => {
  const { store } = storeIn(t)
  assert.equal(await store.load(), null)
  for (const phase of UPDATE_PHASES) {
    await store.save({ ...RECORD, phase })
    assert.deepEqual(await store.load(), { ...RECORD, phase })
  }
  const bare: UpdateRecord = {
    ...RECORD,
    ...{ rollout_id: null, release_digest: null, approved_at: null, baseline: null, attempts: 0 },
    ...{ strikes: 0, retry_at: null, last_error: null, reported: null, failed: null },
  }
  await store.save(bare)
  assert.deepEqual(await store.load(), bare)
})

test('an end that an unknown version of the programs decided stays an end: update.failed-before', async (t) => {
  const { store, file } = storeIn(t)
  const failed = { wire: 'NEW_WORD', finding: { code: 'future.code', details: { a: 1 } } }
  writeFileSync(file('update_state.json'), JSON.stringify({ ...RECORD, failed, last_error: failed.finding }))
  const record = await store.load()
  assert.deepEqual(record?.failed, { wire: 'NEW_WORD', finding: { code: 'update.failed-before', details: {} } })
  assert.equal(record?.last_error, null)
})

test("the file keeps the specification's five names at its top", async (t) => {
  const { store, file } = storeIn(t)
  await store.save(RECORD)
  const saved = JSON.parse(readFileSync(file('update_state.json'), 'utf8')) as Record<string, unknown>
  const { update_id, rollout_id, version, target_partition, started_at } = RECORD
  for (const [name, value] of Object.entries({ update_id, rollout_id, version, target_partition, started_at }))
    assert.equal(saved[name], value, name)
})

test("upstream's file with its five names is an update that the gate has to judge", async (t) => {
  const { store, file, found } = storeIn(t)
  writeFileSync(file('update_state.json'), JSON.stringify(UPSTREAM))
  const record = await store.load()
  assert.equal(record?.phase, 'verifying')
  assert.equal(record?.target_partition, 'A')
  assert.equal(record?.started_at, UPSTREAM.started_at)
  assert.equal(record?.offer.updateId, 'u-9')
  assert.equal(record?.offer.url, '')
  assert.deepEqual(found, [])
})

test('unknown names survive while the same update goes on, and end with it', async (t) => {
  const { store, file } = storeIn(t)
  const saved = () => JSON.parse(readFileSync(file('update_state.json'), 'utf8')) as Record<string, unknown>
  writeFileSync(file('update_state.json'), JSON.stringify({ ...UPSTREAM, note: { by: 'somebody' } }))
  const record = await store.load()
  assert.ok(record)
  await store.save({ ...record, attempts: 1 })
  assert.deepEqual(saved().note, { by: 'somebody' })
  await store.save(RECORD)
  assert.equal(saved().note, undefined)
})

test('defect 15: clearing the state clears the counter as well, and a new update starts at 0', async (t) => {
  const { store, file, paths } = storeIn(t)
  await store.save(RECORD)
  await writeBootCount(paths, 2)
  await store.save({ ...RECORD, phase: 'verifying' })
  assert.equal(await readBootCount(paths), 2, 'the same update: counted on')
  await store.clear()
  assert.equal(readFileSync(file('boot_count'), 'utf8'), '0')
  assert.equal(await store.load(), null)
  assert.ok(!existsSync(file('update_state.json')))
  await store.clear()
  await writeBootCount(paths, 3)
  await store.save(RECORD)
  assert.equal(await readBootCount(paths), 0)
})

test('a counter that is missing or no number is 0', async (t) => {
  const { paths, file } = storeIn(t)
  assert.equal(await readBootCount(paths), 0)
  for (const [text, boots] of [
    ['2\n', 2],
    ['', 0],
    ['two', 0],
    ['-1', 0],
  ] as const) {
    writeFileSync(file('boot_count'), text)
    assert.equal(await readBootCount(paths), boots, text)
  }
})

test('a damaged state is set aside, told, and reads as no update', async (t) => {
  const { store, file, found } = storeIn(t)
  const wrong = ['{"update_id"', '[]', '{}', JSON.stringify({ ...UPSTREAM, target_partition: 'C' })]
  wrong.push(JSON.stringify({ ...RECORD, phase: 'flying' }), JSON.stringify({ ...RECORD, offer: { origin: 'order' } }))
  for (const text of wrong) {
    writeFileSync(file('update_state.json'), text)
    writeFileSync(file('update_state.json.spare'), text)
    assert.equal(await store.load(), null, text)
    assert.equal(found.pop()?.code, 'settings.state-damaged')
    assert.equal(readFileSync(file('update_state.json.damaged'), 'utf8'), text)
    await store.save(RECORD)
    assert.deepEqual(await store.load(), RECORD)
  }
})

test('versions that were rolled back are remembered beyond the update, the oldest of a hundred is forgotten', async (t) => {
  const { store, file, found } = storeIn(t)
  assert.deepEqual(await store.rolledBack(), [])
  const entry = (n: number) => ({
    version: `1.${n}.0`,
    update_id: `u-${n}`,
    release_digest: null,
    at: '2026-11-22T06:00:00Z',
    reason: 'unhealthy',
  })
  await store.addRolledBack(entry(1))
  await store.addRolledBack({ ...entry(1), reason: 'boot-failed' })
  await store.clear()
  assert.deepEqual(await store.rolledBack(), [{ ...entry(1), reason: 'boot-failed' }])
  for (let n = 2; n <= 101; n++) await store.addRolledBack(entry(n))
  const versions = (await store.rolledBack()).map(({ version }) => version)
  assert.equal(versions.length, 100)
  assert.ok(!versions.includes('1.1.0') && versions.includes('1.101.0'))
  for (const name of ['rolled_back.json', 'rolled_back.json.spare']) writeFileSync(file(name), '{')
  assert.deepEqual(await store.rolledBack(), [])
  assert.equal(found[0]?.code, 'settings.state-damaged')
})

test('one damaged file loses nothing: what was saved last is read from its spare copy, told once, and whole again', async (t) => {
  const { store, file, found } = storeIn(t)
  const entry = { version: '1.0.0', update_id: 'u-1', release_digest: null, at: '', reason: 'unhealthy' }
  for (const damage of ['', '\0'.repeat(300), '{', 'null', '{}']) {
    await store.save({ ...RECORD, phase: 'rebooting' })
    await store.addRolledBack(entry)
    for (const name of ['update_state.json', 'rolled_back.json']) writeFileSync(file(name), damage)
    assert.equal((await store.load())?.phase, 'rebooting', damage)
    assert.deepEqual(await store.rolledBack(), [entry], damage)
    assert.deepEqual(
      found.splice(0).map(({ code }) => code),
      Array(2).fill('settings.state-restored'),
    )
    await store.load()
    await store.rolledBack()
    assert.deepEqual(found, [])
  }
  await store.clear()
  assert.equal(await store.load(), null, 'what is over does not come back')
  writeFileSync(file('update_state.json'), '')
  assert.equal(await store.load(), null)
})
