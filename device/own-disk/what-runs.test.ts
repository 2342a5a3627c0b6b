// What runs is what the running root says of itself; the slot record on the ESP is a note, and may be about something else.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { encodeImageFacts } from '#format/image-facts.ts'
import { openAgentBench } from '#testing/agent-bench.ts'
import { type ProgramWorld, programWorld } from '#testing/program-world.ts'
import { buildOffer, openUpdateWorld } from '#testing/update-world.ts'
import { healthGate } from '../gate/health-gate.ts'
import type { WriteStandby } from '../ports.ts'
import { createCycle } from '../update/cycle.ts'
import { osirisUpdate } from '../update/osiris-update.ts'
import { runsAnother, whatRuns } from './what-runs.ts'

async function open(t: TestContext) {
  const world = await programWorld()
  t.after(() => world[Symbol.asyncDispose]())
  const { etc } = world.own.paths
  const says = (version: string, counter = 0) =>
    writeFileSync(
      join(etc, 'image.json'),
      encodeImageFacts({ product: 'demo', version, counter, hardware: [], disk: null }),
    )
  return { world, etc, says, look: () => world.appliance.disk.look() }
}

const asked = (from: string): WriteStandby => ({
  ...{ from, version: null, sha256: null, allowOlder: null },
  signal: new AbortController().signal,
  emit: () => {},
})

/** The record of what is in the slots, as a disk has it after its sectors went bad. */
async function loseRecords(world: ProgramWorld): Promise<void> {
  await world.own.putOnEsp('twinslot/slots', new Uint8Array(8192))
}

test('when the system and the record of its slot differ, both are told, everywhere', async (t) => {
  const { world, says, look } = await open(t)
  assert.deepEqual([(await look()).runs, (await look()).findings], [null, []])
  says('1.0.0')
  assert.deepEqual([(await look()).runs, (await look()).findings], ['1.0.0', []])
  says('0.9.0')
  const view = await look()
  assert.equal(view.runs, '0.9.0')
  assert.deepEqual(view.findings, [
    { code: 'own.runs-another', details: { slot: 'A', expected: '1.0.0', found: '0.9.0' } },
  ])
  const both =
    /Slot A: 0\.9\.0.*\n[\s\S]*! Slot A runs version 0\.9\.0, as its system says; the record of the slot says 1\.0\.0\./
  assert.match((await world.run(osirisUpdate, ['--status'])).out, both)
  assert.match((await world.run(healthGate, ['--status'])).out, both)
})

test('the fleet server is told that an appliance runs something else than its record says', async () => {
  await using bench = await openAgentBench()
  const { disk } = bench.appliance
  const { look } = disk
  disk.look = async () => {
    const view = await look()
    const says = { version: '0.9', product: null, counter: null }
    return { ...view, runs: says.version, findings: runsAnother('A', view.records.A, says) }
  }
  bench.start()
  await bench.asleep()
  const [checkIn] = bench.server.receivedOn(/checkin$/)
  const { daemon_health: health } = checkIn.body as { daemon_health?: unknown }
  const error = 'Slot A runs version 0.9, as its system says; the record of the slot says 1.0.'
  assert.deepEqual(health, { status: 'degraded', error })
  assert.equal(bench.notes.filter((line) => line === error).length, 1)
  await bench.stop()
})

test('whether an update "already runs" is asked of what runs, not of the record', async () => {
  const world = openUpdateWorld({ runs: '0.9.0' })
  const record = world.durable.records.A
  assert.ok(record.state === 'written' && record.content.version === '1.0.0')
  const cycle = createCycle(world.appliance, world.deps)
  const same = await cycle.accept(buildOffer({ version: '0.9.0' }))
  assert.ok(!same.accepted && same.findings[0].code === 'update.already-installed')
  assert.ok((await cycle.accept(buildOffer({ version: '1.0.0' }))).accepted)
})

test('a release older than what runs is refused, though the record knows of nothing, or of something older', async (t) => {
  const { world, says } = await open(t)
  says('2.0.0', 5)
  const older = await world.own.release('1.5.0', 3)
  await assert.rejects(world.appliance.disk.writeStandby(asked(older)), { code: 'release.older-counter' })
  await loseRecords(world)
  await assert.rejects(world.appliance.disk.writeStandby(asked(older)), { code: 'release.older-counter' })
  const newer = await world.own.release('2.1.0', 6)
  assert.equal((await world.appliance.disk.writeStandby(asked(newer))).version, '2.1.0')
})

test('an image that cannot say what it is is told, and the record counts', async (t) => {
  const { world, etc, look } = await open(t)
  for (const [make, code] of [
    [() => writeFileSync(join(etc, 'image.json'), '{"format": "other"}'), 'image.bad-facts'],
    [() => symlinkSync('/gone/it', join(etc, 'image.json')), 'settings.file-unreadable'],
    [() => mkdirSync(join(etc, 'image.json')), 'settings.file-unreadable'],
  ] as const) {
    rmSync(join(etc, 'image.json'), { recursive: true, force: true })
    make()
    const { runs, findings } = await look()
    assert.deepEqual([runs, findings.map((found) => found.code)], [null, [code]])
  }
  assert.match((await world.run(osirisUpdate, ['--status'])).out, /Slot A: 1\.0\.0/)
})

test("os-release is asked where there is no image.json: its IMAGE_VERSION, never the distribution's VERSION_ID", async (t) => {
  const { etc } = await open(t)
  const file = join(etc, '../os-release')
  const said = async (text: string) => {
    writeFileSync(file, text)
    return (await whatRuns({ etc })).says?.version ?? null
  }
  assert.equal(await said('NAME="Debian"\nVERSION_ID="12"\n'), null)
  assert.equal(await said('VERSION_ID="12"\nIMAGE_VERSION="2.1.0"\n'), '2.1.0')
  assert.equal(await said("IMAGE_VERSION='2.1.0'\n"), '2.1.0')
  assert.equal(await said('IMAGE_VERSION=\u001b[2J\n'), null)
})
