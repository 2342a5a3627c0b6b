// The appliance's own disk from the first update to going back, on a whole appliance made of files.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verdictOf } from '#model/boot-state.ts'
import type { Fallback } from '#model/health.ts'
import { openFileDevice } from '#node/disk/file-device.ts'
import { signImage } from '#node/release/sign-image.ts'
import { fakeSystemImage, type OwnAppliance, ownAppliance } from '#testing/own-appliance.ts'
import { seededBytes } from '#testing/random.ts'
import { withRecording } from '#testing/recording.ts'
import { armorKeys, cutArmor, decodeArmor } from '#trust/armor.ts'
import { encodePackets } from '#trust/key-packets.ts'
import type { OwnDisk, WriteStandby } from '../ports.ts'

const request = (from: string, change: Partial<WriteStandby> = {}): WriteStandby => ({
  from,
  version: null,
  sha256: null,
  allowOlder: null,
  signal: new AbortController().signal,
  emit: () => {},
  ...change,
})

const FAILED: Fallback = {
  slot: 'B',
  version: '2.0.0',
  at: '2026-11-22T05:00:00Z',
  boots: 3,
  gated: 3,
  reason: 'unhealthy',
  bootId: 'boot-3',
  probes: [{ name: 'api', error: 'status 500' }],
}

const verdictIn = async (appliance: OwnAppliance, slot: 'A' | 'B') => {
  const { records, state } = await appliance.disk().look()
  return verdictOf(slot, records, state).verdict
}
const slotBytes = async (appliance: OwnAppliance, slot: 'A' | 'B', length: number) => {
  const { slots } = await appliance.look()
  const at = slots?.[slot].offset ?? 0
  return readFileSync(appliance.image).subarray(at, at + length)
}

test('an update: written beside, armed, started counted, confirmed, and the old one is what B goes back to', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  const first = await own.look()
  assert.deepEqual([first.running, first.foundBy, first.disk, first.trialBoot], ['A', 'cmdline', '/dev/mmcblk0', null])
  assert.deepEqual(first.findings, [])

  const steps: string[] = []
  const bundle = await appliance.release('2.0.0', 2)
  const written = await own.writeStandby(
    request(bundle, {
      version: '2.0.0',
      emit: (event) => event.type === 'step-started' && steps.push(event.title),
    }),
  )
  assert.deepEqual([written.slot, written.version, written.digest.length], ['B', '2.0.0', 64])
  assert.deepEqual(
    steps.map((title) => title.split(':')[0]),
    [
      'Mark slot B bad',
      'Record slot B as Incomplete',
      'Write slot B',
      'Clear the failure mark and the tries of slot B',
      'Record what slot B holds',
    ],
  )
  const image = Buffer.from(fakeSystemImage(2))
  assert.ok((await slotBytes(appliance, 'B', image.length)).equals(image))
  assert.equal((await appliance.start()).booted, 'A', 'writing does not change what boots')

  await own.armTrial('B')
  const trial = await appliance.start()
  assert.deepEqual([trial.booted, trial.counted], ['B', true])
  assert.equal((await own.look()).trialBoot, 1)
  await own.confirm('B')
  const after = await own.look()
  assert.deepEqual([after.running, after.trialBoot, after.state.good, after.state.wanted], ['B', null, 'B', 'B'])
  assert.deepEqual([(await appliance.start()).counted, await verdictIn(appliance, 'A')], [false, 'Good'])

  assert.equal(await own.goBack(null), 'A')
  const back = await appliance.start()
  assert.deepEqual([back.booted, back.counted], ['A', false], 'it was confirmed before')
  assert.equal(await verdictIn(appliance, 'B'), 'Good')
})

test('the gate goes back: A is wanted uncounted, B is Bad, and the reason is on the disk', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  await own.writeStandby(request(await appliance.release('2.0.0', 2)))
  await own.armTrial('B')
  await appliance.start()
  assert.equal(await own.goBack(FAILED), 'A')
  assert.deepEqual([(await appliance.start()).booted, await verdictIn(appliance, 'B')], ['A', 'Bad'])
  assert.deepEqual((await own.look()).records.fallback, FAILED)
  await assert.rejects(own.armTrial('B'), { code: 'slot.not-selectable' })
  await own.writeStandby(request(await appliance.release('2.0.1', 3)))
  await own.armTrial('B')
  assert.deepEqual((await own.look()).records.fallback, FAILED, 'the last fall-back stays until the next one')
})

test('the boot loader fell back by itself: the running slot is wanted again and the reason is kept', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  await own.writeStandby(request(await appliance.release('2.0.0', 2)))
  await own.armTrial('B')
  for (let start = 0; start < 3; start++) assert.equal((await appliance.start()).booted, 'B')
  assert.equal((await own.look()).trialBoot, 3)
  assert.equal((await appliance.start()).booted, 'A')
  const { state, trialBoot } = await own.look()
  assert.deepEqual([state.wanted, state.failed, trialBoot], ['B', 'B', null])
  await own.settleFallback({ ...FAILED, gated: 0, reason: 'boot-failed' })
  const settled = await own.look()
  assert.deepEqual([settled.state.wanted, settled.state.failed, settled.state.marks.B], ['A', null, 'bad'])
  assert.equal(settled.records.fallback?.reason, 'boot-failed')
})

test('only a slot that runs is confirmed, only one that does not run is written or tried', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  await assert.rejects(own.confirm('B'), { code: 'own.not-running' })
  await assert.rejects(own.armTrial('A'), { code: 'plan.slot-running' })
  await assert.rejects(own.armTrial('B'), { code: 'slot.not-selectable' })
  await assert.rejects(own.goBack(null), { code: 'own.no-way-back' })
  await own.writeStandby(request(await appliance.release('2.0.0', 2)))
  await own.armTrial('B')
  await appliance.start()
  const bundle = await appliance.release('3.0.0', 3)
  await assert.rejects(own.writeStandby(request(bundle)), { code: 'plan.slot-unproven' })
})

test('a slot whose bytes changed since they were written is not armed', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  await own.writeStandby(request(await appliance.release('2.0.0', 2)))
  const { slots } = await appliance.look()
  {
    await using device = await openFileDevice(appliance.image)
    await device.write((slots?.B.offset ?? 0) + 65536, seededBytes(512, 99))
  }
  await assert.rejects(own.armTrial('B'), { code: 'slot.content-differs' })
  assert.equal((await appliance.start()).booted, 'A')
})

test('nothing is written outside of the standby slot and the ESP, whatever the disk is asked for', async () => {
  await using appliance = await ownAppliance()
  const { esp, slots } = await appliance.look()
  const written: { offset: number; end: number }[] = []
  const own = appliance.disk({
    open: async (path, readOnly) => {
      const { device, ops } = withRecording(await openFileDevice(path, { readOnly }))
      const note = () => {
        for (const op of ops.splice(0))
          if (op.kind !== 'flush')
            written.push({
              offset: op.offset,
              end: op.offset + (op.kind === 'write' ? op.data.length : op.length),
            })
      }
      return {
        ...device,
        async [Symbol.asyncDispose]() {
          note()
          await device[Symbol.asyncDispose]()
        },
      }
    },
  })
  await own.writeStandby(request(await appliance.release('2.0.0', 2)))
  await own.armTrial('B')
  const parts = [esp, slots?.B ?? null].map((part) => ({
    from: part?.offset ?? 0,
    to: (part?.offset ?? 0) + (part?.length ?? 0),
  }))
  assert.ok(written.length > 10)
  for (const { offset, end } of written)
    assert.ok(
      parts.some(({ from, to }) => offset >= from && end <= to),
      `bytes ${offset} to ${end}`,
    )
})

/** A disk whose writes to the ESP vanish without an error. */
async function deaf(appliance: OwnAppliance): Promise<OwnDisk> {
  const { esp } = await appliance.look()
  return appliance.disk({
    open: async (path, readOnly) => {
      const device = await openFileDevice(path, { readOnly })
      return {
        ...device,
        async write(offset, data) {
          if (offset < (esp?.offset ?? 0) || offset >= (esp?.offset ?? 0) + (esp?.length ?? 0))
            await device.write(offset, data)
        },
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      }
    },
  })
}

test('defect 2: a rollback that does not reach the disk is an error, not a silent no-op', async () => {
  await using appliance = await ownAppliance()
  await appliance.disk().writeStandby(request(await appliance.release('2.0.0', 2)))
  await appliance.disk().armTrial('B')
  await appliance.start()
  const own = await deaf(appliance)
  await assert.rejects(own.goBack(FAILED), { code: 'boot.write-differs' })
  await assert.rejects(own.goBack({ ...FAILED, reason: 'operator' }), { code: 'boot.write-differs' })
  assert.equal((await appliance.disk().look()).state.wanted, 'B')
})

test('defect 16: that the next boot could not be set is told by every change, so that nobody restarts for nothing', async () => {
  await using appliance = await ownAppliance()
  await appliance.disk().writeStandby(request(await appliance.release('2.0.0', 2)))
  const own = await deaf(appliance)
  await assert.rejects(own.armTrial('B'), { code: 'boot.write-differs' })
  await assert.rejects(own.writeStandby(request(await appliance.release('3.0.0', 3))), { code: 'boot.write-differs' })
  await appliance.disk().armTrial('B')
  await appliance.start()
  await assert.rejects(own.confirm('B'), { code: 'boot.write-differs' })
  await appliance.boot('A')
  await assert.rejects(own.settleFallback(FAILED), { code: 'boot.write-differs' })
})

/** As a tool that does not look at what it signs. */
const look = async () => 'unchecked' as const
const sign = ({ bench }: OwnAppliance, file: string) => signImage(file, bench.key, { now: bench.now, look })

test('defect 9: a slot that the disk did not keep is found by reading it back, stays Incomplete and is not armed', async () => {
  await using appliance = await ownAppliance()
  const lossy = appliance.disk({
    open: async (path, readOnly) => {
      const device = await openFileDevice(path, { readOnly })
      return {
        ...device,
        async write(offset, data) {
          if (data.length < 65536) await device.write(offset, data)
        },
        [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
      }
    },
  })
  await assert.rejects(lossy.writeStandby(request(await appliance.release('2.0.0', 2))), {
    code: 'write.verify-failed',
  })
  assert.equal(await verdictIn(appliance, 'B'), 'Incomplete')
  await assert.rejects(appliance.disk().armTrial('B'), { code: 'slot.not-selectable' })
  assert.equal((await appliance.start()).booted, 'A')
})

test('defect 8: an ISO image, noise, and an image larger than the slot are refused before the first write', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  const before = readFileSync(appliance.image)
  const iso = Buffer.alloc(400 * 1024)
  iso.write('CD001', 0x8001)
  const large = fakeSystemImage(7, 3 * 1024 * 1024)
  const cases = [
    ['iso.img', iso, 'image.not-squashfs'],
    ['noise.img', Buffer.from(seededBytes(300_000, 4)), 'image.not-squashfs'],
    ['large.img', Buffer.from(large), 'plan.image-too-large'],
  ] as const
  for (const [name, bytes, code] of cases) {
    const file = appliance.bench.at(name)
    writeFileSync(file, bytes)
    const bundle = await appliance.release(`9.0.0-${name}`, 9, { system: file, look })
    await assert.rejects(own.writeStandby(request(bundle)), { code }, name)
    await sign(appliance, file)
    await assert.rejects(own.writeStandby(request(file)), { code }, `${name} with signature files`)
  }
  assert.ok(readFileSync(appliance.image).equals(before), 'not one byte of the disk changed')
})

test('a release for another machine, a lower counter, another version than promised: nothing is written', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  const before = readFileSync(appliance.image)
  const refused = async (code: string, from: string, change: Partial<WriteStandby> = {}) =>
    assert.rejects(own.writeStandby(request(from, change)), { code })
  await refused('release.wrong-hardware', await appliance.release('2.0.0', 2, { hardware: ['HP t740 Thin Client'] }))
  await refused('release.older-counter', await appliance.release('0.9.0', 0))
  await refused('release.wrong-product', await appliance.release('2.0.1', 2, { product: 'other' }))
  await refused('release.minimum-version', await appliance.release('3.0.0', 3, { minimumVersion: '2.0.0' }))
  await refused('own.version-differs', await appliance.release('2.0.2', 2), { version: '2.0.3' })
  const triple = appliance.bench.at('t.img')
  writeFileSync(triple, fakeSystemImage(5))
  await sign(appliance, triple)
  await refused('release.checksum-mismatch', triple, { sha256: '0'.repeat(64) })
  await refused('release.not-found', appliance.bench.at('nothing.twinslot'))
  await refused('job.cancelled', await appliance.release('2.0.4', 2), { signal: AbortSignal.abort() })
  assert.ok(readFileSync(appliance.image).equals(before))
  // It says neither its counter nor its version: what the disk knows of them would be lost.
  await refused('release.older-counter', triple)
  assert.ok(readFileSync(appliance.image).equals(before))
  const reason = 'the last image of the old build'
  assert.equal((await own.writeStandby(request(triple, { allowOlder: reason }))).version, null)
  assert.equal((await own.look()).records.override?.reason, reason)
})

test('trust comes from the keys of the system image, and the list in /config can only narrow it; a revocation counts across files', async () => {
  await using appliance = await ownAppliance()
  const own = appliance.disk()
  const bundle = await appliance.release('2.0.0', 2)
  const list = join(appliance.paths.config, 'trusted-fingerprints')
  const refused = async (code: string) => assert.rejects(own.writeStandby(request(bundle)), { code })
  writeFileSync(list, `# release makers\n${'ab'.repeat(20)}\n`)
  await refused('own.no-trusted-keys')
  writeFileSync(list, 'release maker\n')
  await refused('own.keys-unreadable')
  writeFileSync(list, `${appliance.bench.trusted.fingerprints[0].replace(/(.{4})/g, '$1 ')} # ours\n`)
  await own.writeStandby(request(bundle))
  rmSync(list)
  mkdirSync(list)
  await refused('own.keys-unreadable')
  rmSync(list, { recursive: true })
  const key = join(appliance.paths.etc, 'keys/release.asc')
  const { bytes } = decodeArmor((cutArmor(readFileSync(key)) ?? [])[0])
  const v3 = { tag: 2, body: Uint8Array.of(3, 5, 0x20, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 8) }
  for (const name of ['a-revoked.asc', 'z-revoked.asc']) {
    const file = join(appliance.paths.etc, 'keys', name)
    writeFileSync(file, armorKeys(Buffer.concat([bytes, encodePackets([v3])])))
    await refused('trust.key-revoked')
    rmSync(file)
  }
  rmSync(key)
  await refused('own.no-trusted-keys')
})

test('an interrupted writing of the same release continues; what is there already is not written again', async () => {
  await using appliance = await ownAppliance()
  const bundle = await appliance.release('2.0.0', 2)
  let bytes = 0
  const open = (limit: number) => async (path: string, readOnly: boolean) => {
    const device = await openFileDevice(path, { readOnly })
    return {
      ...device,
      async write(offset: number, data: Uint8Array) {
        if (data.length >= 4096) bytes += data.length
        if (bytes > limit) throw new Error('power cut')
        await device.write(offset, data)
      },
      [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
    }
  }
  await assert.rejects(appliance.disk({ open: open(250_000) }).writeStandby(request(bundle)), /power cut/)
  const stopped = await appliance.disk().look()
  assert.equal(stopped.records.B.state, 'incomplete')
  assert.equal((await appliance.start()).booted, 'A')
  bytes = 0
  await appliance.disk({ open: open(Number.POSITIVE_INFINITY) }).writeStandby(request(bundle))
  assert.ok(bytes < 300_000, `${bytes} of 409600 bytes were written again`)
  const image = Buffer.from(fakeSystemImage(2))
  assert.ok((await slotBytes(appliance, 'B', image.length)).equals(image))
  await appliance.disk().writeStandby(request(await appliance.release('3.0.0', 3)))
  const { records } = await appliance.disk().look()
  assert.equal(records.B.state === 'written' && records.B.content.version, '3.0.0')
  const journals = readdirSync(join(appliance.paths.state, 'update/journal'))
  assert.equal(journals.length, 1, 'journals of earlier jobs do not pile up')
})

test('two programs never change the disk at once: the second waits, then is told who is in its way', async () => {
  await using appliance = await ownAppliance()
  const bundle = await appliance.release('2.0.0', 2)
  const { promise: held, resolve: free } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const slow = appliance.disk({
    openFrom: async (from, trusted, options) => {
      begin()
      await held
      const { openRelease } = await import('#node/release/open-release.ts')
      return await openRelease(from, trusted, options)
    },
  })
  const writing = slow.writeStandby(request(bundle))
  await begun
  await assert.rejects(appliance.disk().confirm('A'), { code: 'disk.busy' })
  const patient = appliance.disk({ patienceMs: 60_000 }).confirm('A')
  assert.equal((await appliance.disk().look()).running, 'A', 'looking is always allowed')
  free()
  await Promise.all([writing, patient])
})

test('boot files that are damaged are told, and the disk can still be looked at', async () => {
  await using appliance = await ownAppliance()
  await appliance.putOnEsp('ab_state', Buffer.from('garbage'))
  const { findings, running } = await appliance.disk().look()
  assert.deepEqual([running, findings.map(({ code }) => code)], ['A', ['boot.ab-state-damaged']])
  await appliance.disk().confirm('A')
  assert.deepEqual((await appliance.disk().look()).findings, [])
})
