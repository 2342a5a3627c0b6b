// Pure planners of the doctor: one repair each, of the disk as it was seen. What is intact is never touched, and nothing is
// called good that is not read against its recorded digest first (docs/adr/0022-repairs.md).
import { type Finding, finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { decodeAbState } from '#format/ab-state.ts'
import type { BootRepair } from '#model/actions.ts'
import {
  armTrial,
  type BootState,
  confirm,
  ESP_PATH,
  isProven,
  TRIES,
  verdictOf,
  verdictText,
} from '#model/boot-state.ts'
import type { BootObservation, DiskObservation, Extent } from '#model/observation.ts'
import type { DoctorRequest, EspFile, Plan, ReleaseFacts, Step } from '#model/plan.ts'
import type { KeptText } from '#model/plan-text.ts'
import { otherSlot, SLOTS, type Slot } from '#model/slot.ts'
import { targetOf } from './common.ts'
import { notAbDisk } from './flash.ts'
import { offerDisk } from './offer.ts'
import { sealPlan } from './plan-id.ts'
import { bothBad, type DoctorFacts, furtherFindings, LOADER, readBlock, sameState } from './repair-facts.ts'

/** A release at hand: what it is, its signed boot files, and the digests of files of the same paths on the disk. */
export interface DoctorRelease {
  readonly facts: ReleaseFacts
  readonly bootFiles: readonly EspFile[]
  readonly onDisk: ReadonlyMap<string, string>
}

interface Patient {
  readonly seen: DiskObservation
  readonly esp: Extent
  readonly slots: Readonly<Record<Slot, Extent>>
  readonly boot: BootObservation
  readonly facts: DoctorFacts
  readonly release: DoctorRelease | null
}

/**
 * Plans one repair. Refusals: everything of offerDisk, `plan.not-ab-disk`, `plan.nothing-to-repair`,
 * `repair.no-candidate`, `repair.no-intact-slot`, `repair.no-release`, `plan.no-boot-files`.
 */
export function planDoctor(
  request: DoctorRequest,
  seen: DiskObservation,
  facts: DoctorFacts | null,
  release: DoctorRelease | null,
): Result<Plan> {
  const refusals: Finding[] = [...offerDisk(seen.disk, null).reasons]
  const { esp, slots, boot } = seen
  if (!esp || !slots || !boot || !facts) return refuse(...refusals, notAbDisk(seen))
  const steps = REPAIRS[request.repair]({ seen, esp, slots, boot, facts, release })
  if (!steps.ok) return refuse(...refusals, ...steps.refusals)
  if (refusals.length > 0) return refuse(...refusals)
  const used = request.repair === 'slot-record' || request.repair === 'boot-loader' ? (release?.facts ?? null) : null
  return ok(
    sealPlan({
      request,
      disk: targetOf(seen),
      release: request.repair === 'slot-record' ? used : null,
      boot: request.repair === 'boot-loader' ? used : null,
      erased: [],
      kept: KEPT[request.repair],
      steps: steps.value,
    }),
  )
}

const kept = (part: 'boot-loader' | 'boot-loader-and-environment' | 'slot-choice'): readonly KeptText[] => [
  { kind: 'both-slots' },
  { kind: part },
  { kind: 'config-and-data' },
]

const KEPT: Readonly<Record<BootRepair, readonly KeptText[]>> = {
  environment: kept('boot-loader'),
  'ab-state': kept('boot-loader-and-environment'),
  'boot-loader': kept('slot-choice'),
  'slot-record': kept('boot-loader'),
  'both-bad': kept('boot-loader'),
}

const REPAIRS: Readonly<Record<BootRepair, (patient: Patient) => Result<Step[]>>> = {
  environment: repairEnvironment,
  'ab-state': repairAbState,
  'boot-loader': repairBootLoader,
  'slot-record': repairSlotRecord,
  'both-bad': repairBothBad,
}

const intact = ({ seen }: Patient, part: string): Result<never> =>
  refuse(finding('plan.nothing-to-repair', { disk: seen.disk.path, part }))

/**
 * A copy that says which slot is good is believed: an intact one before a damaged one, the main one first. Without any, a
 * slot is read first; it counts as good only when the note of the good slot names it, else it boots as a counted trial.
 */
function repairEnvironment(patient: Patient): Result<Step[]> {
  const { esp, facts } = patient
  const [main, spare] = [readBlock(facts.files, 'grubenv'), readBlock(facts.files, 'grubenv2')]
  const rewrite = (files: ('grubenv' | 'grubenv2')[], state: BootState): Step => ({
    type: 'rewrite-boot-state',
    esp,
    files,
    state,
  })
  if (main.intact && spare.intact && sameState(main.state, spare.state))
    return intact(patient, 'both copies of its boot environment are intact and say the same')
  if (main.intact) return ok([rewrite(['grubenv2'], main.state)])
  if (spare.intact) return ok([rewrite(['grubenv'], spare.state)])
  if (main.counts) return ok([rewrite(['grubenv', 'grubenv2'], main.state)])
  if (spare.counts) return ok([rewrite(['grubenv2', 'grubenv'], spare.state)])
  const known = patient.boot.state
  const found = candidate(patient.boot, known)
  if (!found) return refuse(noCandidate(patient.boot))
  const { slot, size, sha256 } = found
  const steps: Step[] = [{ type: 'check-slot', slot, at: patient.slots[slot], size, sha256 }]
  if (isProven(known, slot)) {
    const good = { ...confirm(known, slot).after, wanted: known.wanted, failed: known.failed }
    steps.push(rewrite(['grubenv', 'grubenv2'], good))
    // The wanted slot was never completely written: without this it would be tried first.
    if (known.wanted !== null && known.wanted !== slot && patient.boot.records[known.wanted].state !== 'written')
      steps.push({ type: 'boot-state', esp, change: { kind: 'select', slot }, override: null })
    return ok(steps)
  }
  steps.push(rewrite(['grubenv', 'grubenv2'], { ...armTrial(known, slot).after, wanted: known.wanted }))
  if (known.wanted !== slot)
    steps.push({ type: 'boot-state', esp, change: { kind: 'arm', slot, tries: TRIES }, override: null })
  return ok(steps)
}

/** What the blocks still say is good, else what boots now, else the other one; only what is recorded as complete. */
function candidate(
  { records }: BootObservation,
  known: BootState,
): { slot: Slot; size: number; sha256: string } | null {
  const now = known.good ?? known.wanted ?? 'A'
  const doubtful = (slot: Slot) => known.failed === slot || known.marks[slot] === 'bad'
  const order = [now, otherSlot(now)].sort((a, b) => Number(doubtful(a)) - Number(doubtful(b)))
  for (const slot of order) {
    const record = records[slot]
    if (record.state === 'written') return { slot, size: record.content.size, sha256: record.content.sha256 }
  }
  return null
}

function noCandidate({ records, state }: BootObservation): Finding {
  const word = (slot: Slot) => verdictText(verdictOf(slot, records, state))
  return finding('repair.no-candidate', { wordA: word('A'), wordB: word('B') })
}

/** Says what the boot loader takes when the file says nothing: the good slot, else A. */
function repairAbState(patient: Patient): Result<Step[]> {
  const { esp, facts, boot } = patient
  if (decodeAbState(facts.files.ab_state).findings.length === 0)
    return intact(patient, `/${ESP_PATH.ab_state} selects a slot`)
  const state = { ...boot.state, wanted: boot.state.good ?? 'A' } as const
  return ok([{ type: 'rewrite-boot-state', esp, files: ['ab_state'], state }])
}

/** Everything of the release that is missing or different on the disk, without the disk's own state. */
function repairBootLoader(patient: Patient): Result<Step[]> {
  const { esp, release } = patient
  if (!release) return refuse(finding('repair.no-release'))
  if (!release.facts.esp) return refuse(finding('plan.no-boot-files', { release: release.facts.digest.slice(0, 16) }))
  const own = new Set<string>(Object.values(ESP_PATH).map((path) => path.toLowerCase()))
  const wanted = release.bootFiles.filter(
    ({ path, sha256 }) => !own.has(path.toLowerCase()) && release.onDisk.get(path) !== sha256,
  )
  if (wanted.length === 0) return intact(patient, 'its boot files are those of the release')
  const isLoader = ({ path }: EspFile) => path.toUpperCase() === LOADER
  const files = [...wanted.filter((file) => !isLoader(file)), ...wanted.filter(isLoader)]
  return ok([{ type: 'put-boot-files', esp, files }])
}

/** Slots whose record is lost or cannot be true are read; a damaged copy of the record is written anew. */
function repairSlotRecord(patient: Patient): Result<Step[]> {
  const { seen, esp, slots, boot, facts } = patient
  const wrong = furtherFindings(seen, facts).flatMap(({ code, details }) =>
    code === 'repair.slot-content' ? [details.slot] : [],
  )
  const doubtful = SLOTS.filter((slot) => boot.records[slot].state === 'unknown' || wrong.includes(slot))
  const damaged = boot.findings.some(({ code }) => code.startsWith('slot.record-'))
  const useful = doubtful.filter((slot) => damaged || wrong.includes(slot) || patient.release !== null)
  if (!damaged && useful.length === 0) return intact(patient, 'the record of its slots is whole and fits their content')
  return ok([{ type: 'identify-slots', esp, slots: useful.map((slot) => ({ slot, at: slots[slot] })) }])
}

/** The slot that boots anyway comes first. */
function repairBothBad(patient: Patient): Result<Step[]> {
  const { esp, slots, boot } = patient
  if (!bothBad(boot)) return intact(patient, 'at least one slot is good or on trial')
  const first = boot.state.wanted ?? 'A'
  const complete = [first, otherSlot(first)].flatMap((slot) => {
    const record = boot.records[slot]
    if (record.state !== 'written') return []
    const { size, sha256 } = record.content
    return [{ slot, at: slots[slot], size, sha256 }]
  })
  if (complete.length === 0)
    return refuse(finding('repair.no-intact-slot', { found: 'neither is recorded as completely written' }))
  return ok([{ type: 'revive-slot', esp, slots: complete }])
}
