// What the doctor must know of a disk beyond an observation, and what it makes of it: each damage with the repair that
// would help. Pure; engine/checkup.ts reads the facts.
import { type Finding, finding } from '#base/errors.ts'
import { blockCounts } from '#format/boot-start.ts'
import { type BootFiles, decodeBootState } from '#format/boot-state.ts'
import type { BootRepair } from '#model/actions.ts'
import { type BootState, ESP_PATH, verdictOf, verdictText } from '#model/boot-state.ts'
import type { BootObservation, DiskObservation } from '#model/observation.ts'
import { SLOTS, type Slot, type SlotRecords } from '#model/slot.ts'
import { tableRefusals } from './repair-table.ts'

/** What the first bytes of a slot look like. */
export interface SlotGlance {
  readonly kind: 'squashfs' | 'ext4' | 'blank' | 'other'
  /** Bytes that the file system says it uses; null when it does not say. */
  readonly used: number | null
}

export interface DoctorFacts {
  readonly files: BootFiles
  readonly loader: 'present' | 'missing' | 'empty'
  readonly glances: Readonly<Record<Slot, SlotGlance>>
}

export interface Damage {
  readonly finding: Finding
  /** Null when nothing can be done without writing the slot or the disk anew. */
  readonly repair: BootRepair | 'partition-table' | null
}

/** Where firmware looks for a loader on a disk that it was not told about (UEFI 2.10, 3.5.1.1). */
export const LOADER = 'EFI/BOOT/BOOTX64.EFI'

const REPAIRS: readonly (readonly [RegExp, NonNullable<Damage['repair']>])[] = [
  [/^(boot\.env-|repair\.env-)/, 'environment'],
  [/^boot\.ab-state-/, 'ab-state'],
  [/^repair\.no-loader$/, 'boot-loader'],
  [/^(slot\.record-|repair\.slot-content$)/, 'slot-record'],
  [/^repair\.both-bad$/, 'both-bad'],
]

/** The repair that a finding calls for; that of the table only where its planner would do it. */
export function repairFor({ code }: Finding, seen: DiskObservation): Damage['repair'] {
  if (code.startsWith('gpt.'))
    return code !== 'gpt.mbr-hybrid' && tableRefusals(seen).length === 0 ? 'partition-table' : null
  return REPAIRS.find(([pattern]) => pattern.test(code))?.[1] ?? null
}

/** Everything that is wrong with a disk as far as a quick look tells; `facts` is null when its ESP cannot be read. */
export function damageOf(seen: DiskObservation, facts: DoctorFacts | null): Damage[] {
  const findings = [...seen.tableFindings, ...(seen.boot?.findings ?? []), ...furtherFindings(seen, facts)]
  return findings.map((each) => ({ finding: each, repair: repairFor(each, seen) }))
}

/** What the observation itself does not tell. */
export function furtherFindings(seen: DiskObservation, facts: DoctorFacts | null): Finding[] {
  const { boot } = seen
  if (!boot || !facts) return []
  return [...loaderFindings(facts), ...copyFindings(facts), ...slotFindings(boot.records, facts), ...badFindings(boot)]
}

function loaderFindings({ loader }: DoctorFacts): Finding[] {
  return loader === 'present' ? [] : [finding('repair.no-loader', { file: `/${LOADER}`, found: loader })]
}

/** One environment block by itself. */
export interface BlockReading {
  readonly state: BootState
  /** True when it is whole and every value in it is one of ours. */
  readonly intact: boolean
  /** True when the boot loader believes it: it says which slot is good. */
  readonly counts: boolean
}

export function readBlock(files: BootFiles, file: 'grubenv' | 'grubenv2'): BlockReading {
  const bytes = files[file]
  const { state, findings } = decodeBootState({ ...files, grubenv: bytes, grubenv2: bytes })
  const wrong = findings.filter(({ code }) => code.startsWith('boot.env-'))
  return { state, intact: wrong.length === 0, counts: blockCounts(bytes) }
}

export const sameState = (a: BootState, b: BootState): boolean =>
  a.good === b.good &&
  a.trying === b.trying &&
  a.left === b.left &&
  a.failed === b.failed &&
  a.run === b.run &&
  a.starts === b.starts &&
  SLOTS.every((slot) => a.marks[slot] === b.marks[slot])

function copyFindings({ files }: DoctorFacts): Finding[] {
  const [main, spare] = [readBlock(files, 'grubenv'), readBlock(files, 'grubenv2')]
  if (!main.intact || !spare.intact || sameState(main.state, spare.state)) return []
  return [finding('repair.env-copies-differ', { file: `/${ESP_PATH.grubenv}`, copy: `/${ESP_PATH.grubenv2}` })]
}

const FOUND: Readonly<Record<SlotGlance['kind'], string>> = {
  squashfs: 'a system image',
  ext4: 'an ext4 file system',
  blank: 'nothing',
  other: 'something that is no system image',
}

function slotFindings(records: SlotRecords, { glances }: DoctorFacts): Finding[] {
  return SLOTS.flatMap((slot) => {
    const record = records[slot]
    const { kind, used } = glances[slot]
    const system = kind === 'squashfs' || kind === 'ext4'
    if (record.state === 'empty' && system)
      return [finding('repair.slot-content', { slot, expected: 'Empty', found: FOUND[kind] })]
    if (record.state !== 'written') return []
    const { version, size } = record.content
    const expected = `${version ?? 'an image'} of ${size} bytes`
    if (!system) return [finding('repair.slot-content', { slot, expected, found: FOUND[kind] })]
    if (used === null || used <= size) return []
    return [finding('repair.slot-content', { slot, expected, found: `${FOUND[kind]} of ${used} bytes` })]
  })
}

function badFindings(boot: BootObservation): Finding[] {
  if (!bothBad(boot)) return []
  const word = (slot: Slot) => verdictText(verdictOf(slot, boot.records, boot.state))
  return [finding('repair.both-bad', { wordA: word('A'), wordB: word('B') })]
}

/** Neither slot is good or on trial, and at least one of them failed: nobody would choose what boots next. */
export function bothBad({ records, state }: BootObservation): boolean {
  const verdicts = SLOTS.map((slot) => verdictOf(slot, records, state).verdict)
  return verdicts.includes('Bad') && verdicts.every((verdict) => verdict !== 'Good' && verdict !== 'Trying')
}
