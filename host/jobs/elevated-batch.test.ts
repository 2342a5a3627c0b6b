// A batch through one elevated runner, as pkexec starts it for an ordinary user: one consent for all units; one that comes while
// they are written gets a second runner, since the first opens nothing for somebody else meanwhile.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SMALL_LAYOUT } from '#e2e/cli/bench-room.ts'
import type { Report } from '#engine/run-plan.ts'
import { describeDiskPath } from '#node/disk/inventory.ts'
import { NOBODY, noElevation } from '#testing/elevated-runner.ts'
import { eventually, type FakeHost, fakeHost } from '#testing/fake-host.ts'
import { closeHostileRoom, openHostileRoom, places, room } from '#testing/hostile-room.ts'
import { openBench } from '../bench/bench.ts'
import { openJobs } from './jobs.ts'

const MIB = 1 << 20
const PROGRAM = join(import.meta.dirname, '../runner/main.ts')
const skip = await noElevation()
const { signal } = new AbortController()
const loops: string[] = []
const losetup = (...args: string[]) => execFileSync('losetup', args, { encoding: 'utf8', timeout: 20_000 }).trim()

before(async () => {
  if (skip !== null) return
  await openHostileRoom()
  // Of different sizes: without serials the bench tells them apart by that.
  for (const size of [256, 272, 288, 304]) {
    const file = room.path(`closed/unit-${size}`)
    writeFileSync(file, '')
    truncateSync(file, size * MIB)
    loops.push(losetup('--find', '--show', file))
  }
})
after(async () => {
  for (const loop of loops) losetup('--detach', loop)
  if (skip === null) await closeHostileRoom()
})

/** Bench and jobs whose runners are elevated; `runners` is how many were started. */
async function station() {
  const pids = room.path('runners')
  writeFileSync(pids, '')
  const inside = `echo $$ >> ${pids}; mount --bind ${places.etc} /etc; mount --bind ${places.state} /var/lib; exec "$@"`
  const host: FakeHost = {
    ...fakeHost(room.path('host')),
    runnerFor: async () => ({
      command: 'unshare',
      args: ['--mount', 'sh', '-euc', inside, 'sh', process.execPath, PROGRAM],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', PKEXEC_UID: String(NOBODY) },
      asks: true,
    }),
  }
  host.change({ assistive: true })
  const saved: Report[] = []
  const reports = {
    save: async (_unit: unknown, report: Report) => `report-${saved.push(report)}`,
    rehearse: async () => {},
    history: () => [],
  }
  const listDisks = async () => ({ disks: await Promise.all(loops.map((loop) => describeDiskPath(loop))), notes: [] })
  const files = { path: (token: string) => token }
  const bench = await openBench(host, { signerNames: async () => new Map(), history: () => [], files, listDisks })
  const image = { path: room.release, name: 'one', hasBootFiles: true, product: 'demo', version: '1.0.0', hardware: [] }
  const images = { image: () => image, at: () => image }
  const drafts = {
    folder: async (token: string) => token,
    modes: () => [],
    at: () => ({ from: null, unit: null, files: null }),
  }
  const { calls, batches } = openJobs(host, { bench, images, reports, drafts })
  const wish = { image: 'i'.repeat(16), boot: null, layout: SMALL_LAYOUT, slots: 'A', config: null, allowOlder: null }
  const start = async (disks: readonly string[]): Promise<string> => {
    const units = bench.units().flatMap(({ disk, view }) => (disks.includes(disk.path) ? [view.token] : []))
    assert.equal(units.length, disks.length)
    const { plans, refused } = await calls['plan.provision']({ units, ...wish, slots: 'A' }, signal)
    assert.deepEqual(refused, [])
    const { challenge, expected } = await calls['confirm.begin']({ plans: plans.map(({ plan }) => plan) }, signal)
    return (await calls['confirm.start']({ challenge, typed: expected }, signal)).batch
  }
  const viewOf = (token: string) => batches.views().find(({ batch }) => batch === token)
  const runners = () => readFileSync(pids, 'utf8').trim().split('\n').filter(Boolean).length
  return { host, saved, start, viewOf, runners }
}

test('a batch asks for one consent; a unit that comes while it is written joins it by a second runner', {
  skip: skip ?? false,
}, async () => {
  const it = await station()
  using _host = it.host
  const batch = await it.start(loops.slice(0, 3))
  assert.equal(it.runners(), 1)
  await eventually(() => it.viewOf(batch)?.jobs[0].steps.some(({ state }) => state !== 'waiting'))
  assert.equal(await it.start(loops.slice(3)), batch)
  assert.equal(it.runners(), 2)
  const done = await eventually(() => (it.viewOf(batch)?.state === 'done' ? it.viewOf(batch) : null), 120_000)
  assert.deepEqual(
    done.jobs.map(({ state, diagnosis }) => [state, diagnosis?.problem.message]),
    loops.map(() => ['verified', undefined]),
  )
  for (const { plan } of it.saved) assert.match(plan.request.by, new RegExp(`\\(user ${NOBODY}\\)$`))
})
