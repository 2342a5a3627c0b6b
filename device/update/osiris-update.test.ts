// osiris-update on an appliance with a real disk image; the server's wish is given, the release comes from a file.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { UPDATE_PHASES, type UpdateOffer } from '#model/update.ts'
import { openRelease } from '#node/release/open-release.ts'
import { type ProgramWorld, programWorld } from '#testing/program-world.ts'
import { buildOffer, SETTINGS } from '#testing/update-world.ts'
import { type OsirisParts, osirisUpdateWith } from './osiris-update.ts'

const SERVER = {
  endpoint: 'https://fleet.example.org',
  siteId: 's',
  applianceId: 'a',
  apiKey: 'secret',
  ca: null,
  pollSeconds: 60,
}

interface Open {
  readonly world: ProgramWorld
  /** Runs osiris-update while the server wants this. */
  run(wish: UpdateOffer | null, ...argv: string[]): ReturnType<ProgramWorld['run']>
}

async function open(t: TestContext): Promise<Open> {
  let path = ''
  const world = await programWorld({ openFrom: (_url, trusted, options) => openRelease(path, trusted, options) })
  t.after(() => world[Symbol.asyncDispose]())
  path = await world.own.release('2.0.0', 2)
  world.settings = { ...SETTINGS, server: SERVER }
  const parts = (wish: UpdateOffer | null): OsirisParts => ({
    deps: async () => ({ ...world.deps, probe: async () => RESULTS }),
    find: async () => async () => wish,
  })
  return { world, run: (wish, ...argv) => world.run(osirisUpdateWith(parts(wish)), argv) }
}

const RESULTS = {
  network: { passed: true, critical: true, duration_ms: 1 },
  ntp: { passed: false, error: 'the clock is not synchronized', critical: false, duration_ms: 1 },
}
const WISH = buildOffer({ window: null })
const codeIn = (out: string): string => JSON.parse(out).code

test('one cycle: asks, writes, selects, restarts; the statuses wait for the server in order', async (t) => {
  const { world, run } = await open(t)
  const { exit, out, err } = await run(WISH)
  assert.equal(exit, 0, err)
  assert.match(out, /2\.0\.0 is written to slot B and read back\. Restarting into it/)
  assert.match(err, /Reports that wait for the server: 3/)
  const waits = await world.appliance.outbox.list()
  assert.deepEqual(
    waits.map(({ status }) => status),
    ['downloading', 'ready', 'rebooting'],
  )
  assert.equal(world.reboots.length, 1)
  const started = await world.own.start()
  assert.deepEqual([started.booted, started.counted], ['B', true])
})

test('nothing to install, and what runs already, are no errors', async (t) => {
  const { run } = await open(t)
  assert.deepEqual((await run(null)).exit, 0)
  const same = await run({ ...WISH, version: '1.0.0' })
  assert.equal(same.exit, 0)
  assert.match(same.out, /1\.0\.0 is what slot A runs already/)
})

test('what waits ends with 8 and says for what; --approve allows it and goes on', async (t) => {
  const { world, run } = await open(t)
  const { exit, out } = await run({ ...WISH, requireApproval: true }, '--json')
  assert.equal(exit, 8)
  const { state, waits_for, code } = JSON.parse(out)
  assert.deepEqual([state, waits_for, code], ['waiting', 'approval', 'update.waits-approval'])
  assert.equal((await world.appliance.disk.look()).state.wanted, 'A')
  assert.match((await run(null, '--status')).out, /approval: needed \("osiris-update --approve"\)/)
  const approved = await run(null, '--approve')
  assert.equal(approved.exit, 0, approved.err)
  assert.equal((await world.appliance.disk.look()).state.wanted, 'B')
})

test('--approve without anything that waits for it is refused', async (t) => {
  const { run } = await open(t)
  const { exit, out } = await run(null, '--approve', '--json')
  assert.deepEqual([exit, codeIn(out)], [3, 'update.nothing-to-approve'])
})

test('--check shows what the server wants and whether it would be taken, and changes nothing', async (t) => {
  const { world, run } = await open(t)
  const before = await world.digest()
  const { exit, out } = await run(buildOffer({ version: '1.0.0' }), '--check')
  assert.equal(exit, 0)
  assert.match(
    out,
    /Version 1\.0\.0 \(fleet, update-1\)\n {2}from fleet\.example\.org, 1000 bytes\n {2}window: 02:00 to 05:00 UTC/,
  )
  assert.match(out, /would be refused: .* \(update\.already-installed\)/)
  assert.equal(await world.digest(), before)
  assert.equal(await world.appliance.store.load(), null)
  assert.equal(JSON.parse((await run(null, '--check', '--json')).out).update_available, false)
})

test('without a server in the settings there is nobody to ask: update.no-server', async (t) => {
  const { world, run } = await open(t)
  world.settings = SETTINGS
  const { exit, out, err } = await run(WISH, '--json')
  assert.deepEqual([exit, codeIn(out)], [3, 'update.no-server'], err)
})

test('a final failure: first what was written, then code, both values and remedy; exit code of its kind', async (t) => {
  const { world, run } = await open(t)
  const { exit, err } = await run({ ...WISH, version: '2.5.0' })
  assert.equal(exit, 4)
  assert.match(err, /^Nothing was written; slot A, which runs, was not touched\. Slot A boots next\.$/m)
  assert.match(err, /2\.5\.0 was announced, but the signed release says 2\.0\.0.*\n.*\n {2}code own\.version-differs/)
  const last = (await world.appliance.outbox.list()).at(-1)
  assert.deepEqual([last?.status, last?.error_code], ['failed', 'VERSION_DIFFERS'])
})

test('an update that waits is gone on with, whatever the server says now', async (t) => {
  const { world, run } = await open(t)
  assert.equal((await run({ ...WISH, window: { start: '02:00', end: '03:00', timezone: 'UTC' } })).exit, 8)
  world.own.clock.set(new Date('2026-11-23T02:30:00Z'))
  assert.equal((await run(null)).exit, 0)
  assert.equal(world.reboots.length, 1)
})

test('--health asks the probes: advisory failures are degraded and exit 0', async (t) => {
  const { run } = await open(t)
  const { exit, out } = await run(null, '--health')
  assert.equal(exit, 0)
  assert.match(out, /ntp: FAILED \(advisory\): the clock is not synchronized\nHealth: degraded/)
})

test('--rollback refuses where nothing is proven, with update.nothing-to-go-back-to', async (t) => {
  const { run } = await open(t)
  const { exit, out } = await run(null, '--rollback', '--yes', '--json')
  assert.deepEqual([exit, codeIn(out)], [3, 'update.nothing-to-go-back-to'])
})

test('words that exclude each other or mean nothing are wrong usage', async (t) => {
  const { run } = await open(t)
  for (const argv of [['--check', '--status'], ['now'], ['--yes'], ['--what']]) {
    const { exit, out } = await run(null, ...argv, '--json')
    assert.deepEqual([exit, codeIn(out)], [2, 'update.usage'], argv.join(' '))
  }
})

test('--abandon gets out of every phase: the record goes, the running slot boots next, the server is told once', async (t) => {
  for (const phase of UPDATE_PHASES)
    for (const armed of ['switching', 'rebooting', 'verifying'].includes(phase) ? [true, false] : [false]) {
      const { world, run } = await open(t)
      await run({ ...WISH, window: null })
      const record = await world.appliance.store.load()
      assert.ok(record)
      await world.appliance.store.save({ ...record, phase })
      if (!armed) await world.appliance.disk.confirm('A')
      const { exit, out } = await run(null, '--abandon', '--yes', '--json')
      assert.equal(exit, 0, `${phase}: ${out}`)
      assert.deepEqual([JSON.parse(out).abandoned, JSON.parse(out).boots_next], [true, 'A'], phase)
      assert.equal(await world.appliance.store.load(), null)
      const last = (await world.appliance.outbox.list()).at(-1)
      assert.deepEqual([last?.status, last?.error_code], ['failed', 'ABANDONED'])
      assert.equal((await world.own.start()).booted, 'A')
      assert.equal((await run({ ...WISH, updateId: 'update-2' })).exit, 0, 'another update may begin')
    }
})

test('--abandon takes back a selection that no record explains, and changes nothing where there is nothing', async (t) => {
  const { world, run } = await open(t)
  const before = await world.digest()
  const nothing = await run(null, '--abandon', '--yes', '--json')
  assert.deepEqual([nothing.exit, JSON.parse(nothing.out).abandoned, await world.digest()], [0, false, before])
  await run(WISH)
  await world.appliance.store.clear()
  assert.equal((await run(null, '--abandon', '--yes')).exit, 0)
  assert.equal((await world.own.start()).booted, 'A')
  assert.equal((await run(null, '--abandon', '--reboot')).exit, 2)
})

test('--abandon leaves a trial that runs to its gate', async (t) => {
  const { world, run } = await open(t)
  await run(WISH)
  await world.own.start()
  const before = (await world.appliance.disk.look()).state
  const { exit, out } = await run(null, '--abandon', '--yes')
  assert.equal(exit, 0)
  assert.match(out, /on trial: the health gate judges it as before/)
  assert.deepEqual((await world.appliance.disk.look()).state, before)
})
