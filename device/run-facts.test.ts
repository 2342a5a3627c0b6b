// A partition that cannot be mounted makes the appliance degraded, in every place where somebody looks; and only a verdict
// of the gate stops the deadline.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { healthOf } from '#model/health.ts'
import { withBaseline } from '#plan/health-gate.ts'
import { openAgentBench } from '#testing/agent-bench.ts'
import { probeContext, runProbes } from './gate/run-probes.ts'
import { missingPartitions, stopDeadline, strictOnTrial } from './run-facts.ts'

async function runFolder(t: TestContext, missing?: string) {
  const root = await mkdtemp(join(tmpdir(), 'twinslot-run-'))
  t.after(() => rm(root, { recursive: true }))
  await mkdir(join(root, 'run'))
  if (missing !== undefined) await writeFile(join(root, 'run/twinslot-missing'), missing)
  const none = join(root, 'none')
  const paths = { state: root, config: none, boot: none, etc: none, proc: '/proc', sys: none, dev: join(root, 'dev') }
  return { root, paths }
}

const probesIn = (paths: Awaited<ReturnType<typeof runFolder>>['paths']) =>
  runProbes([], probeContext({ paths, sleep: async () => undefined }, { server: null }, new AbortController().signal))

test('nothing is missing where everything is mounted, and on systems without a stand-in', async (t) => {
  for (const content of ['', undefined]) {
    const { paths } = await runFolder(t, content)
    assert.deepEqual(await missingPartitions(paths), [])
    assert.deepEqual(await probesIn(paths), {})
  }
})

test('a missing partition degrades a confirmed system and condemns a trial, unless it was missing before the update', async (t) => {
  const { paths } = await runFolder(t, 'DATA /data /data/twinslot\nCACHE /cache -\n')
  assert.deepEqual(await missingPartitions(paths), [
    { name: 'DATA', mount: '/data', state: '/data/twinslot' },
    { name: 'CACHE', mount: '/cache', state: null },
  ])
  const results = await probesIn(paths)
  assert.equal(results.partitions.error, 'DATA is not mounted at /data; CACHE is not mounted at /cache')
  assert.equal(healthOf(results), 'degraded')
  assert.equal(healthOf(strictOnTrial(results)), 'unhealthy')
  assert.equal(healthOf(withBaseline(strictOnTrial(results), { partitions: true })), 'unhealthy')
  assert.equal(healthOf(withBaseline(strictOnTrial(results), { partitions: false })), 'degraded')
})

test('the verdict goes through the pipe to whoever holds the deadline, and the pipe is gone', async (t) => {
  const { root, paths } = await runFolder(t)
  const pipe = join(root, 'run/twinslot-deadline')
  execFileSync('mkfifo', [pipe], { timeout: 10_000 })
  // Open for both, as the initial RAM disk has it.
  const held = openSync(pipe, 'r+')
  await stopDeadline(paths)
  const heard = Buffer.alloc(64)
  assert.equal(heard.toString('utf8', 0, readSync(held, heard)), 'verdict\n')
  closeSync(held)
  assert.equal(existsSync(pipe), false)
})

test('where no deadline runs, or its process is gone, a verdict is a verdict all the same', async (t) => {
  const { root, paths } = await runFolder(t)
  await stopDeadline(paths)
  const pipe = join(root, 'run/twinslot-deadline')
  execFileSync('mkfifo', [pipe], { timeout: 10_000 })
  await stopDeadline(paths)
  assert.equal(existsSync(pipe), false)
})

test('the agent tells the fleet server what is missing, and takes no order while its memory is not kept', async () => {
  await using bench = await openAgentBench()
  const { fleet } = bench.server
  const file = join(dirname(bench.paths.dev), 'run/twinslot-missing')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, 'DATA /data /data/twinslot\n')
  const update = fleet.offer({
    version: '2.0.0',
    iso_url: `${bench.server.url}/2`,
    sha256: '00'.repeat(32),
    size_bytes: 1,
  })
  fleet.sendOrder({ parameters: { ...update } })
  bench.start()
  await bench.asleep()
  const [checkIn] = bench.server.receivedOn(/checkin$/)
  const { daemon_health: health } = checkIn.body as { daemon_health?: unknown }
  assert.deepEqual(health, { status: 'degraded', error: 'DATA is not mounted at /data' })
  assert.equal(bench.notes.filter((line) => /Degraded: DATA is not mounted at \/data/.test(line)).length, 1)
  assert.deepEqual(bench.server.receivedOn(/orders\/.*acknowledge|update-status$/), [])
  await bench.stop()
})
