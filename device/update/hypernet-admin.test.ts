// hypernet-admin on an appliance with a real disk image, real releases and real state files.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { signImage } from '#node/release/sign-image.ts'
import { fakeSystemImage } from '#testing/own-appliance.ts'
import { type ProgramWorld, programWorld, typing } from '#testing/program-world.ts'
import { openReleaseBench } from '#testing/release-bench.ts'
import { buildOffer } from '#testing/update-world.ts'
import { createCycle } from './cycle.ts'
import { hypernetAdmin, hypernetAdminWith } from './hypernet-admin.ts'
import type { Asker } from './words.ts'

async function open(t: TestContext): Promise<ProgramWorld> {
  const world = await programWorld()
  t.after(() => world[Symbol.asyncDispose]())
  return world
}
const codeIn = (out: string): string => JSON.parse(out).code

/** The gate's part: the slot that runs has proved itself. */
async function prove({ own, appliance }: ProgramWorld): Promise<void> {
  const { booted } = await own.start()
  assert.ok(booted)
  await appliance.disk.confirm(booted)
  await appliance.store.clear()
}

test('update: authenticates, writes the standby slot, reads it back, selects it and says that a restart is needed', async (t) => {
  const world = await open(t)
  const { exit, out, err } = await world.run(hypernetAdmin, [
    'update',
    '--image',
    await world.own.release('2.0.0', 2),
    '--yes',
  ])
  assert.equal(exit, 0, err)
  assert.match(out, /2\.0\.0 is written to slot B and read back\.\nSlot B boots next\./)
  assert.match(out, /Reboot required/)
  assert.match(err, /is version 2\.0\.0, signed by [0-9A-F]{40}/)
  const record = await world.appliance.store.load()
  assert.deepEqual([record?.phase, record?.offer.origin], ['rebooting', 'local'])
  assert.deepEqual(world.reboots, [])
  const started = await world.own.start()
  assert.deepEqual([started.booted, started.counted], ['B', true])
})

test('update --reboot restarts at once; the answer is one line of JSON with --json', async (t) => {
  const world = await open(t)
  const image = await world.own.release('2.0.0', 2)
  const { exit, out } = await world.run(hypernetAdmin, ['update', '--image', image, '--reboot', '--yes', '--json'])
  assert.equal(exit, 0)
  assert.equal(out.split('\n').length, 2)
  assert.deepEqual(
    [JSON.parse(out).ok, JSON.parse(out).state, JSON.parse(out).target_partition],
    [true, 'rebooting', 'B'],
  )
  assert.equal(world.reboots.length, 1)
})

test("update takes the specification's triple, named by its file", async (t) => {
  const world = await open(t)
  const image = world.own.bench.at('hypernet-0.1.1.img')
  await writeFile(image, fakeSystemImage(7))
  await signImage(image, world.own.bench.key, { now: world.own.bench.now })
  const update = ['update', '--image', image, '--yes']
  // It does not say how old it is, and the disk knows.
  const before = await world.digest()
  const refused = await world.run(hypernetAdmin, update)
  assert.equal(refused.exit, 3)
  assert.match(refused.err, /code release\.older-counter/)
  assert.equal(await world.digest(), before)
  const { exit, out, err } = await world.run(hypernetAdmin, [
    ...update,
    '--allow-older',
    'first image of the old build',
  ])
  assert.equal(exit, 0, err)
  assert.match(out, /hypernet-0\.1\.1 is written to slot B/)
  assert.equal((await world.own.start()).booted, 'B')
})

test('a release that is not authentic is refused before a byte is written: exit 4, nothing was written', async (t) => {
  const world = await open(t)
  await using stranger = await openReleaseBench(world.own.bench.now)
  const { path } = await stranger.create('foreign.twinslot', { version: '9.9.9', counter: 9, product: 'demo' })
  const before = await world.digest()
  const { exit, err } = await world.run(hypernetAdmin, ['update', '--image', path, '--yes'])
  assert.equal(exit, 4)
  assert.match(err, /^Nothing was written\.\n✗ .*not in the key file/)
  assert.match(err, /code trust\.unknown-key/)
  assert.equal(await world.digest(), before)
  assert.equal(await world.appliance.store.load(), null)
})

test('an older release is refused by the engine; the account says that the running slot is untouched', async (t) => {
  const world = await open(t)
  const { exit, err } = await world.run(hypernetAdmin, [
    'update',
    '--image',
    await world.own.release('0.9.0', 0),
    '--yes',
  ])
  assert.equal(exit, 3)
  assert.match(err, /^Nothing was written; slot A, which runs, was not touched\. Slot A boots next\.$/m)
  assert.match(err, /code release\.older-counter/)
  assert.equal(await world.appliance.store.load(), null)
})

test('without --yes it asks: a wrong answer and no terminal change nothing, the right slot goes ahead', async (t) => {
  const world = await open(t)
  const image = await world.own.release('2.0.0', 2)
  const asked = (asker?: Asker) =>
    world.run(
      hypernetAdminWith({
        deps: async () => world.deps,
        authenticate: async () => ({ version: '2.0.0', sha256: null, signer: 'F' }),
        ...(asker && { asker }),
      }),
      ['update', '--image', image, '--json'],
    )
  const before = await world.digest()
  const wrong = await asked(typing('A'))
  assert.deepEqual([wrong.exit, codeIn(wrong.out)], [6, 'update.not-confirmed'])
  const noTerminal = { ...typing('B'), input: Object.assign(typing('B').input, { isTTY: false }) }
  const nobody = await asked(noTerminal)
  assert.deepEqual([nobody.exit, codeIn(nobody.out)], [2, 'update.no-terminal'])
  assert.equal(await world.digest(), before)
  assert.equal((await asked(typing(' b '))).exit, 0)
})

test('stopped at the terminal it stays stopped: the agent does not go on with it', async (t) => {
  const world = await open(t)
  const image = await world.own.release('2.0.0', 2)
  const stop = new AbortController()
  const program = hypernetAdminWith({
    async deps() {
      return { ...world.deps, emit: () => stop.abort() }
    },
    authenticate: async () => ({ version: '2.0.0', sha256: null, signer: 'F' }),
  })
  const { exit, err } = await world.run(program, ['update', '--image', image, '--yes'], stop.signal)
  assert.equal(exit, 6, err)
  assert.match(err, /slot A, which runs, was not touched\. Slot A boots next\./)
  assert.equal(await world.appliance.store.load(), null)
})

test('while another update is under way nothing is installed beside it', async (t) => {
  const world = await open(t)
  await createCycle(world.appliance, world.deps).accept(buildOffer())
  const image = await world.own.release('3.0.0', 3)
  const { exit, err } = await world.run(hypernetAdmin, ['update', '--image', image, '--yes'])
  assert.equal(exit, 3)
  assert.match(err, /^Nothing was written\.$/m)
  assert.match(err, /code update\.another-under-way/)
})

test('rollback: from a proven B back to A, remembered so that the fleet does not bring B again by itself', async (t) => {
  const world = await open(t)
  await world.run(hypernetAdmin, ['update', '--image', await world.own.release('2.0.0', 2), '--reboot', '--yes'])
  await prove(world)
  const { exit, out } = await world.run(hypernetAdmin, ['rollback', '--yes'])
  assert.equal(exit, 0)
  assert.match(out, /Slot A boots next\.\nReboot required/)
  const started = await world.own.start()
  assert.deepEqual([started.booted, started.counted], ['A', false])
  assert.equal((await world.appliance.disk.look()).records.fallback?.reason, 'operator')
  const again = await createCycle(world.appliance, world.deps).accept(buildOffer({ version: '2.0.0' }))
  assert.ok(!again.accepted)
  assert.equal(again.findings[0].code, 'update.rolled-back-before')
})

test('rollback is refused where nothing is proven on the other side', async (t) => {
  const world = await open(t)
  const before = await world.digest()
  const { exit, out } = await world.run(hypernetAdmin, ['rollback', '--yes', '--json'])
  assert.deepEqual([exit, codeIn(out), JSON.parse(out).written], [3, 'update.nothing-to-go-back-to', false])
  assert.equal(await world.digest(), before)
})

test('rollback before the first start takes the selection back, and no trial is left', async (t) => {
  const world = await open(t)
  await world.run(hypernetAdmin, ['update', '--image', await world.own.release('2.0.0', 2), '--yes'])
  const { exit, out } = await world.run(hypernetAdmin, ['rollback', '--yes'])
  assert.equal(exit, 0)
  assert.match(out, /Slot A boots next\.\nNothing else to do\./)
  const started = await world.own.start()
  assert.deepEqual([started.booted, started.counted], ['A', false])
  assert.equal(await world.appliance.store.load(), null)
})

test('validate-config names every mistake with file and line and ends with 1', async (t) => {
  const world = await open(t)
  await writeFile(join(world.own.paths.state, 'config.yaml'), 'site_id: x\napi_key: k\napi_endpoint: nonsense\n')
  const { exit, out } = await world.run(hypernetAdmin, ['validate-config'])
  assert.equal(exit, 1)
  assert.match(out, /config\.yaml, line 3: api_endpoint must be/)
  const json = JSON.parse((await world.run(hypernetAdmin, ['validate-config', '--json'])).out)
  assert.deepEqual([json.ok, json.valid], [false, false])
  assert.ok(json.findings.some(({ details }: { details: { line?: number } }) => details.line === 3))
})

test('status shows both slots, what runs, what boots next and the update under way', async (t) => {
  const world = await open(t)
  await world.run(hypernetAdmin, ['update', '--image', await world.own.release('2.0.0', 2), '--yes'])
  const { exit, out } = await world.run(hypernetAdmin, ['status'])
  assert.equal(exit, 0)
  assert.match(out, /Slot A: 1\.0\.0, Good \(running now\)/)
  assert.match(out, /Slot B: 2\.0\.0, on trial, 3 tries left \(boots next\)/)
  assert.match(out, /Update: version 2\.0\.0 for slot B, selected; the restart is due/)
})

test('wrong words are exit 2 with the code update.usage, before anything is opened', async (t) => {
  const world = await open(t)
  const wrong = [
    [],
    ['upgrade'],
    ['update'],
    ['status', '--yes'],
    ['rollback', '--image', 'x'],
    ['status', 'x'],
    ['--nope'],
  ]
  for (const argv of wrong) {
    const { exit, out } = await world.run(hypernetAdmin, [...argv, '--json'])
    assert.deepEqual([exit, codeIn(out)], [2, 'update.usage'], argv.join(' '))
  }
})
