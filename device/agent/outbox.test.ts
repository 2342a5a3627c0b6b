// The outbox: nothing that was put is lost or overtaken, whatever programs, power and server do.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EngineError, type Finding } from '#base/errors.ts'
import type { StatusReport, UpdateStatus } from '#model/update.ts'
import fc from '#testing/property.ts'
import {
  createOutbox,
  isTerminal,
  MAX_REPORTS,
  outboxPath,
  type PostStatus,
  queued,
  undeliveredPath,
} from './outbox.ts'

const report = (status: UpdateStatus, changes: Partial<StatusReport> = {}): StatusReport => ({
  at: '2026-11-22T04:00:00Z',
  update_id: 'u-1',
  status,
  ...changes,
})
const signal = new AbortController().signal
const away = new EngineError('download.unreachable', { server: 'https://x', reason: 'there is no network' })

async function outboxIn(t: TestContext, post: PostStatus | null) {
  const state = await mkdtemp(join(tmpdir(), 'twinslot-outbox-'))
  t.after(() => rm(state, { recursive: true, force: true }))
  const found: Finding[] = []
  const parts = { state, connect: async () => post, found: (finding: Finding) => void found.push(finding) }
  return { state, found, outbox: createOutbox(parts), again: () => createOutbox(parts) }
}

test('reports are sent in their order and leave the queue one by one', async (t) => {
  const heard: string[] = []
  let open = 2
  const { outbox, again } = await outboxIn(t, async ({ status }) => {
    if (open-- === 0) throw away
    heard.push(status)
    return 'taken'
  })
  for (const status of ['downloading', 'ready', 'rebooting'] as const) await outbox.put(report(status))
  const first = await outbox.flush(signal)
  assert.deepEqual([first.sent, first.left, first.problem?.code], [2, 1, 'download.unreachable'])
  open = 9
  assert.equal((await again().flush(signal)).sent, 1)
  assert.deepEqual(heard, ['downloading', 'ready', 'rebooting'])
})

test('a refused key, a failing server and no server keep everything', async (t) => {
  const refused = new EngineError('agent.key-refused', { server: 'https://x', status: 401 })
  for (const post of [null, async () => Promise.reject(refused)]) {
    const { outbox } = await outboxIn(t, post)
    await outbox.put(report('failed'))
    const result = await outbox.flush(signal)
    assert.deepEqual([result.sent, result.left, result.unknownUpdates], [0, 1, []])
  }
})

test('a 404 takes the report out of the queue, names the update, and keeps how it ended', async (t) => {
  const { outbox, state } = await outboxIn(t, async () => 'unknown')
  await outbox.put(report('verifying'))
  await outbox.put(report('rolled_back', { error_message: 'no answer' }))
  const result = await outbox.flush(signal)
  assert.deepEqual([result.sent, result.left, result.unknownUpdates], [0, 0, ['u-1']])
  const kept = JSON.parse(await readFile(undeliveredPath(state), 'utf8'))
  assert.deepEqual(kept, [report('rolled_back', { error_message: 'no answer' })])
})

test('a report that is put while another one is being sent is not lost', async (t) => {
  const { outbox } = await outboxIn(t, async ({ status }) => {
    if (status === 'downloading') await outbox.put(report('ready'))
    return 'taken'
  })
  await outbox.put(report('downloading'))
  assert.deepEqual(await outbox.flush(signal), { sent: 2, left: 0, unknownUpdates: [] })
})

test('repeats are collapsed only when nothing but the time differs', () => {
  const later = { at: '2026-11-22T05:00:00Z' }
  const once = queued([], report('verifying', { boot_attempts: 1 }))
  assert.equal(queued(once, report('verifying', { boot_attempts: 1, ...later })).length, 1)
  assert.equal(queued(once, report('verifying', { boot_attempts: 2 })).length, 2)
  assert.equal(queued(once, report('verifying', { boot_attempts: 1, update_id: 'u-2' })).length, 2)
  const back = queued(queued(once, report('ready')), report('verifying', { boot_attempts: 1 }))
  assert.equal(back.length, 3)
})

test('a queue that grows too long loses its oldest intermediate reports, never how an update ended', () => {
  const status = fc.constantFrom<UpdateStatus[]>(
    'downloading',
    'ready',
    'rebooting',
    'verifying',
    'failed',
    'rolled_back',
  )
  const reports = fc.array(fc.record({ status, update: fc.nat(50) }), { maxLength: MAX_REPORTS * 2 })
  fc.assert(
    fc.property(reports, (list) => {
      const put = list.map(({ status, update }, index) =>
        report(status, { update_id: `u-${update}`, error_message: String(index) }),
      )
      const queue = put.reduce<StatusReport[]>(queued, [])
      const numbers = new Set(queue.map(({ error_message }) => error_message))
      const ends = put.filter(isTerminal)
      assert.deepEqual(queue.filter(isTerminal), ends)
      assert.ok(queue.length <= Math.max(MAX_REPORTS, ends.length))
      assert.deepEqual(
        queue,
        put.filter(({ error_message }) => numbers.has(error_message)),
      )
      assert.ok(put.length > MAX_REPORTS || queue.length === put.length)
    }),
    { numRuns: 40 },
  )
})

test('texts are cut to what a server takes, and results that are too large are replaced', () => {
  const large = { health_check_result: { api: { error: 'x'.repeat(20_000) } } }
  const [kept] = queued([], report('failed', { error_message: 'm'.repeat(5000), error_code: 'C'.repeat(60), ...large }))
  assert.deepEqual([kept?.error_message?.length, kept?.error_code?.length], [1000, 50])
  assert.deepEqual(kept?.health_check_result, { left_out: 'larger than 16384 characters' })
})

test('what came with a report and is not what it should be is left out; the report is sent', async (t) => {
  const heard: StatusReport[] = []
  const { outbox, state, found } = await outboxIn(t, async (sent) => {
    heard.push(sent)
    return 'taken'
  })
  await mkdir(join(state, 'update'))
  const odd = { error_message: null, error_code: 7, boot_attempts: 'three', health_check_result: ['x'] }
  await writeFile(outboxPath(state), JSON.stringify([{ ...report('failed'), ...odd }]))
  assert.deepEqual([(await outbox.flush(signal)).sent, heard, found], [1, [report('failed')], []])
})

test('a damaged queue is set aside and told; what is put afterwards is kept', async (t) => {
  const { outbox, state, found } = await outboxIn(t, null)
  await mkdir(join(state, 'update'))
  for (const content of ['', '{"a"', '[{"status": "flying"}]']) {
    for (const path of [outboxPath(state), `${outboxPath(state)}.spare`]) await writeFile(path, content)
    await outbox.put(report('failed'))
    assert.equal((await outbox.list()).length, 1)
  }
  assert.deepEqual(
    found.map(({ code }) => code),
    Array(3).fill('settings.state-damaged'),
  )
})

test('two programs that put at the same time lose nothing', async (t) => {
  const { outbox, state } = await outboxIn(t, null)
  const code = `
    const { createOutbox } = await import(${JSON.stringify(new URL('./outbox.ts', import.meta.url).href)})
    const outbox = createOutbox({ state: ${JSON.stringify(state)}, connect: async () => null })
    for (let i = 0; i < 15; i++)
      await outbox.put({ at: '', update_id: 'other', status: 'verifying', boot_attempts: i })`
  const child = spawn(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', code])
  const closed = once(child, 'close')
  let problem = ''
  child.stderr.on('data', (part) => {
    problem += part
  })
  for (let i = 0; i < 15; i++) await outbox.put(report('verifying', { boot_attempts: i }))
  const [exit] = await closed
  assert.equal(exit, 0, problem)
  const list = await outbox.list()
  for (const id of ['u-1', 'other'])
    assert.deepEqual(
      list.filter(({ update_id }) => update_id === id).map(({ boot_attempts }) => boot_attempts),
      Array.from({ length: 15 }, (_, i) => i),
    )
})
