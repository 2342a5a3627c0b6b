// A look at one unit's content: through this process where its rights suffice; a disk that cannot be read is shown as such.
import { finding, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { Recorded } from '#contract/disk-facts.ts'
import { jobEvent } from '#contract/job-events.ts'
import type { Problem, SlotView, UnitView } from '#contract/views.ts'
import { findDamage } from '#engine/checkup.ts'
import { observeDisk } from '#engine/observe.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { findConfigPlace } from '#node/config/config-place.ts'
import { configAgeOf } from '#node/config/read-config.ts'
import { openDisk } from '#node/job/station.ts'
import type { OfferedRepair } from '#plan/offered-repair.ts'
import { whyNoConfig, whyUnread } from '#plan/restore.ts'
import type { CheckRun } from '../ports.ts'
import { problemError, problemOf } from '../problem.ts'
import { type RunnerCommand, startRunner } from '../runner-client.ts'
import { usbSpeed } from './usb-speed.ts'

export interface Look {
  readonly seen: DiskObservation | null
  /** What is wrong, each with a repair that was planned and would be done, or the reasons against it. */
  readonly damage: readonly OfferedRepair[]
  readonly problem: Problem | null
  readonly warnings: readonly Problem[]
  readonly configAge: string | null
  /** Why /config can be neither read nor replaced by what its place holds. */
  readonly configAgainst: UnitView['configAgainst']
}

const NOTHING_AGAINST: UnitView['configAgainst'] = { read: null, restore: null }

const NOT_CHECKED: Readonly<Record<Slot, SlotView['checked']>> = { A: 'not-checked', B: 'not-checked' }

/** Longest that looking for the age of /config may take. */
const AGE_MS = 10_000
/** Mbit/s of USB 2. */
const USB2 = 480

export async function lookAtUnit(disk: DiskInfo): Promise<Look> {
  const warnings = await warningsFor(disk)
  try {
    await using open = await openDisk(disk.path, true, disk)
    const seen = await observeDisk(open.device, open.disk)
    // What is against the disk itself is said of the unit, and may pass (it is unmounted, taken off the list).
    const free = { ...seen.disk, system: false, mounts: [], holders: [], readOnly: false }
    const damage = await findDamage(open.device, { ...seen, disk: free })
    const place = await findConfigPlace(open.device, seen)
    const against = [whyUnread(seen, place), whyNoConfig(seen, place)].map((found) => found && problemOf(found))
    const configAgainst = { read: against[0], restore: against[1] }
    const configAge = seen.slots ? await ageOf(disk.path) : null
    return { seen, damage, problem: null, warnings, configAge, configAgainst }
  } catch (error) {
    const nothing = { configAge: null, configAgainst: NOTHING_AGAINST }
    return { seen: null, damage: [], problem: problemOf(error), warnings, ...nothing }
  }
}

/** Not known without debugfs, or on a damaged file system: a look at the slots must not fail for that. */
const ageOf = (path: string): Promise<string | null> =>
  configAgeOf(path, AbortSignal.timeout(AGE_MS)).catch((error: unknown) => {
    if (isEngineError(error)) return null
    throw error
  })

const warningsFor = async (disk: DiskInfo): Promise<Problem[]> =>
  disk.bus === 'usb' ? slowUsb(disk.path, await usbSpeed(disk.path)) : []

/** A warning when `speed` (Mbit/s) is that of a USB 2 port or slower. */
export function slowUsb(disk: string, speed: number | null): Problem[] {
  if (speed === null || speed > USB2) return []
  return [problemOf(finding('host.usb-slow', { disk, found: speed, expected: 5000 }))]
}

/** What the slots' records name, as far as they name anything. */
export function recordedOn({ seen }: Look): Recorded {
  const of = (slot: Slot): Recorded['A'] => {
    const record = seen?.boot?.records[slot]
    return record?.state === 'written' ? record.content : null
  }
  return { A: of('A'), B: of('B') }
}

/** Bytes that a check of the slots reads. */
export function bytesToCheck({ seen }: Look): number {
  const records = seen?.boot?.records
  const sizes = SLOTS.map((slot) => {
    const record = records?.[slot]
    return record?.state === 'written' ? record.content.size : 0
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Both slots re-read by a runner against their recorded digests. @throws `job.cancelled`, what the runner says */
export async function checkUnitSlots(
  disk: DiskInfo,
  command: RunnerCommand,
  { signal, progress }: CheckRun,
): Promise<Readonly<Record<Slot, SlotView['checked']>>> {
  await using runner = await startRunner(command)
  throwIfAborted(signal)
  const stop = () => runner.send({ verb: 'cancel' })
  signal.addEventListener('abort', stop, { once: true })
  runner.send({ verb: 'check', target: disk.path })
  const answer = await runner.answer((event) => {
    const said = jobEvent.safeParse(event).data
    if (said?.type === 'progress') progress(said.doneBytes, said.totalBytes)
  })
  signal.removeEventListener('abort', stop)
  if (answer.say === 'failed') throw problemError(answer.problems[0])
  if (answer.say !== 'checked') return NOT_CHECKED
  return { A: wordOf(answer.A), B: wordOf(answer.B) }
}

const wordOf = (word: string): SlotView['checked'] => (word === 'equal' || word === 'differs' ? word : 'not-checked')
