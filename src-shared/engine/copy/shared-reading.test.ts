import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inlineCodec as codec, nodePace as pace } from '#node/codec/block-codec.ts'
import { withFaults } from '#testing/faults.ts'
import { plainSource, tableOf } from '#testing/image-fixture.ts'
import { memoryDisk } from '#testing/memory-disk.ts'
import { seededBytes } from '#testing/random.ts'
import type { BlockDevice } from '../ports.ts'
import { writeImage } from './copy-image.ts'
import { sharedReading, type UnitReading } from './shared-reading.ts'

/** A reading that waits for ever is a red test with its name. */
const IN_TIME = { timeout: 30_000 }
/** Patience longer than any test: waiting would be seen. */
const FOR_EVER = 2 * IN_TIME.timeout

const KIB = 1024
const MIB = 1024 * KIB
const image = seededBytes(4 * MIB + 700, 7)
const disks = (count: number) => Array.from({ length: count }, () => memoryDisk({ size: 8 * MIB }))

/** One unit's copy, as its own job does it. */
async function copy(unit: UnitReading, device: BlockDevice, signal?: AbortSignal) {
  const target = { device, offset: MIB, length: 6 * MIB }
  const more = signal ? { signal } : {}
  return await writeImage({ source, target, mode: 'full', codec, pace, feed: unit.feed(), ...more })
}
let source = plainSource(image)
function fresh(patienceMs?: number) {
  source = plainSource(image)
  return sharedReading({ source, codec, pace, ...(patienceMs === undefined ? {} : { patienceMs }) })
}
const holds = (disk: ReturnType<typeof memoryDisk>) => Buffer.compare(disk.peek(MIB, image.length), image) === 0

test(
  'jobs of their own that begin one after the other share one reading, and every target is whole',
  IN_TIME,
  async () => {
    const shared = fresh()
    const targets = disks(4)
    const units = targets.map(() => shared.join())
    const first = copy(units[0], targets[0])
    await pace.sleep(20)
    const rest = targets.slice(1).map((disk, index) => copy(units[index + 1], disk))
    for (const { counts } of await Promise.all([first, ...rest])) assert.equal(counts.readBack, image.length)
    assert.ok(targets.every(holds))
    assert.ok(source.bytes.count.readBytes <= image.length, `${source.bytes.count.readBytes} bytes were read`)
  },
)

test('a unit that never comes costs the others its patience once, and no second reading', IN_TIME, async () => {
  const shared = fresh(50)
  const targets = disks(3)
  const [one, two, absent] = targets.map(() => shared.join())
  await Promise.all([copy(one, targets[0]), copy(two, targets[1])])
  assert.ok(source.bytes.count.readBytes <= image.length)
  await copy(absent, targets[2])
  assert.ok(targets.every(holds), 'who came late read for itself')
})

test('a unit that failed before its copy is waited for by nobody', IN_TIME, async () => {
  const shared = fresh(FOR_EVER)
  const targets = disks(2)
  const [good, failed] = targets.map(() => shared.join())
  const running = copy(good, targets[0])
  failed.leave()
  await running
  assert.ok(holds(targets[0]))
})

test('a unit that compares for itself skips its feed, and the next copy is shared again', IN_TIME, async () => {
  const shared = fresh(FOR_EVER)
  const targets = disks(2)
  const [one, two] = targets.map(() => shared.join())
  const first = copy(one, targets[0])
  two.skip()
  await first
  const readOnce = source.bytes.count.readBytes
  await Promise.all([copy(one, targets[0]), copy(two, targets[1])])
  assert.equal(source.bytes.count.readBytes, 2 * readOnce, 'both slots: one reading each, for both units')
  assert.ok(holds(targets[1]))
})

test(
  'a unit that joins a running batch starts at the first block, and those that joined with it share its reading',
  IN_TIME,
  async () => {
    const shared = fresh()
    const targets = disks(4)
    const wake = Promise.withResolvers<void>()
    const early = targets.slice(0, 2).map(() => shared.join())
    const running = Promise.all([
      copy(early[0], targets[0]),
      copy(early[1], withFaults(targets[1], { hold: wake.promise })),
    ])
    await pace.sleep(10)
    const late = targets.slice(2).map(() => shared.join())
    await Promise.all(late.map((unit, index) => copy(unit, targets[index + 2])))
    wake.resolve()
    await running
    assert.ok(targets.every(holds))
    assert.ok(source.bytes.count.readBytes <= 3 * image.length, 'one reading a group, and one of the unit that hung')
  },
)

test('a bad block of the release fails every unit for itself, and is written to none', IN_TIME, async () => {
  source = plainSource(image.slice(), tableOf(image))
  source.bytes.bytes[2 * MIB] ^= 1
  const shared = sharedReading({ source, codec, pace })
  const targets = disks(3)
  const units = targets.map(() => shared.join())
  const outcomes = await Promise.allSettled(targets.map((disk, index) => copy(units[index], disk)))
  for (const outcome of outcomes)
    assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'write.source-mismatch')
  for (const disk of targets) assert.ok(disk.peek(3 * MIB, 64 * KIB).every((byte) => byte === 0))
})

test('one unit is cancelled, the others go on', IN_TIME, async () => {
  const shared = fresh(50)
  const targets = disks(2)
  const [good, stopped] = targets.map(() => shared.join())
  const abort = new AbortController()
  const hanging = withFaults(targets[1], { hold: new Promise(() => {}) })
  const ends = Promise.allSettled([copy(good, targets[0]), copy(stopped, hanging, abort.signal)])
  await pace.sleep(10)
  abort.abort()
  stopped.leave()
  const [first, second] = await ends
  assert.equal(first.status, 'fulfilled')
  assert.equal(second.status === 'rejected' && second.reason.code, 'job.cancelled')
  assert.ok(holds(targets[0]))
})
