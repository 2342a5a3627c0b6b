// What was seen on a disk, and is known of it, as the console draws it. Pure: texts from a disk are made printable here, once.
import { contentText, type DiskFacts } from '#contract/disk-facts.ts'
import type {
  FallbackView,
  HistoryRow,
  KnownView,
  OverrideView,
  PartitionView,
  Problem,
  RecoveryView,
  SlotView,
  SummaryText,
  Token,
  UnfinishedView,
  UnitView,
} from '#contract/views.ts'
import type { SlotAction } from '#model/actions.ts'
import { verdictOf } from '#model/boot-state.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { Fallback } from '#model/health.ts'
import type { BootObservation, DiskObservation } from '#model/observation.ts'
import { type PartitionTable, TYPE_GUID } from '#model/partition-table.ts'
import { SLOTS, type Slot, type SlotOverride } from '#model/slot.ts'
import { LONG_TEXT, printable } from '#plan/common.ts'
import type { OfferedRepair } from '#plan/offered-repair.ts'
import { differingSides, lostBy, tableRefusals } from '#plan/repair-table.ts'
import { problemOf } from '../problem.ts'
import { type Look, recordedOn } from './look.ts'

export interface Knowledge {
  readonly key: string
  /** Names of trusted keys by full fingerprint. */
  readonly names: ReadonlyMap<string, string>
  /** What this station knows of the disk from before. */
  readonly facts: DiskFacts | null
  readonly unfinished: UnfinishedView | null
  readonly history: readonly HistoryRow[]
  /** The slot that this computer runs from. */
  readonly running: Slot | null
  readonly twin: boolean
  readonly refusals: readonly Problem[]
  /** Somebody wrote to it after it was looked at. */
  readonly changing: boolean
}

/** The whole unit; `last` is null while it is read for the first time. */
export function unitView(token: Token, disk: DiskInfo, last: Look | null, know: Knowledge): UnitView {
  const writing = beingWritten(last, know)
  const look = writing ? null : last
  const seen = look?.seen ?? null
  return {
    token,
    key: know.key,
    kind: disk.bus === 'file' ? 'virtual' : 'disk',
    path: pathFor(disk.path),
    model: modelOf(disk),
    serial: disk.identity.serial === null ? null : printable(disk.identity.serial),
    size: disk.identity.size,
    attachment: attachmentOf(disk),
    port: disk.bus === 'file' ? '' : printable(disk.identity.busPath),
    removable: disk.removable,
    twin: know.twin,
    content: writing ? 'being-written' : look === null ? 'looking' : seen ? contentOf(seen) : 'unreadable',
    known: knownView(look, know),
    summary: seen ? summaryOf(seen) : { kind: 'nothing' },
    partitions: seen ? partitionViews(seen) : [],
    recovery: look && seen ? recoveryView(seen, look.damage, know) : null,
    tableSides: seen && tableSidesOf(seen),
    configAge: look?.configAge ?? null,
    configAgainst: look?.configAgainst ?? { read: null, restore: null },
    refusals: know.refusals,
    warnings: last?.warnings ?? [],
  }
}

/** Of a disk that is written as a whole, or that was blank and is written by anybody, no earlier look says what is there. */
const beingWritten = (last: Look | null, { facts, changing }: Knowledge): boolean =>
  facts?.running?.job.kind === 'provision' || (changing && last?.seen?.content === 'blank')

function knownView(look: Look | null, { facts, unfinished }: Knowledge): KnownView {
  const recorded = look === null ? null : recordedOn(look)
  const written = recorded === null ? [] : SLOTS.filter((slot) => recorded[slot] !== null)
  return {
    lastJob: facts?.lastJob ?? null,
    content: facts === null ? null : contentText(facts, written),
    unfinished,
  }
}

/** Roles by the partition names that our layouts give; anything else is `other`. */
const ROLE_BY_NAME: Readonly<Record<string, PartitionView['role']>> = {
  ESP: 'esp',
  'SLOT-A': 'slot-a',
  'SLOT-B': 'slot-b',
  CONFIG: 'config',
  DATA: 'data',
  'MSP-DATA': 'data',
  MEDIA: 'media',
  LOGS: 'logs',
  CACHE: 'cache',
}

function partitionViews(seen: DiskObservation): PartitionView[] {
  const { table, boot } = seen
  if (!table) return []
  return partitionsOfTable(table).map((part) => {
    const slot = part.role === 'slot-a' ? 'A' : part.role === 'slot-b' ? 'B' : null
    return slot && boot ? { ...part, holds: versionIn(boot, slot) } : part
  })
}

/** A table as it would be drawn, with nothing known of the content. */
export const partitionsOfTable = (table: PartitionTable): PartitionView[] =>
  table.entries.map(({ number, name, typeGuid, firstLba, lastLba }) => ({
    number,
    name: printable(name),
    role: ROLE_BY_NAME[name.toUpperCase()] ?? (typeGuid === TYPE_GUID.esp ? 'esp' : 'other'),
    offset: firstLba * table.sectorSize,
    size: (lastLba - firstLba + 1) * table.sectorSize,
    holds: '',
  }))

const TABLE_SIDES = ['primary', 'backup'] as const

/** Two whole partition tables that contradict each other: a person chooses, and sees before what each choice costs. */
function tableSidesOf(seen: DiskObservation): UnitView['tableSides'] {
  const tables = differingSides(seen)
  if (tables === null) return null
  const [primary, backup] = TABLE_SIDES.map((side) => ({
    partitions: partitionsOfTable(tables[side]),
    lost: partitionsOfTable({ ...tables[side], entries: lostBy(seen, side) }),
    against: tableRefusals(seen, side).map(problemOf),
  }))
  return { primary, backup }
}

function versionIn(boot: BootObservation, slot: Slot): string {
  const record = boot.records[slot]
  return record.state === 'written' ? printable(record.content.version ?? record.content.sha256.slice(0, 12)) : ''
}

const slotView = (boot: BootObservation, slot: Slot, know: Knowledge): SlotView => {
  const record = boot.records[slot]
  const { verdict, triesLeft, once } = verdictOf(slot, boot.records, boot.state)
  const content = record.state === 'written' ? record.content : null
  const begun = record.state === 'incomplete' ? record : null
  return {
    slot,
    verdict,
    triesLeft: triesLeft ?? null,
    once: once ?? false,
    product: content?.product ? printable(content.product) : null,
    version: printable(content?.version ?? begun?.version ?? '') || null,
    signer: content?.signer ?? null,
    signerName: content ? (know.names.get(content.signer) ?? null) : null,
    sha256: content?.sha256 ?? null,
    size: content?.size ?? null,
    writtenAt: content?.writtenAt ?? begun?.since ?? null,
    writtenBy: printable(content?.writtenBy ?? begun?.by ?? '') || null,
    checked: know.facts?.slots[slot]?.state ?? 'not-checked',
    checkedAt: know.facts?.slots[slot]?.at ?? null,
  }
}

/** `extra`: damage that the observation itself does not tell (a missing loader, both slots bad). */
function recoveryView(seen: DiskObservation, offered: readonly OfferedRepair[], know: Knowledge): RecoveryView | null {
  const { boot } = seen
  if (!boot) return null
  const slots = { A: slotView(boot, 'A', know), B: slotView(boot, 'B', know) }
  const damage = offered.map(({ finding, repair, against }) => ({
    ...problemOf(finding),
    repair,
    against: against.map(problemOf),
  }))
  const { override, fallback } = boot.records
  return {
    slots,
    bootsNext: boot.next,
    bootsLater: boot.later,
    running: know.running,
    damage,
    lastFallback: fallback && fallbackView(fallback),
    override: override && overrideView(override),
    history: know.history,
  }
}

const fallbackView = ({ at, slot, version, reason, boots, probes }: Fallback): FallbackView => ({
  at: printable(at),
  slot,
  version: version === null ? null : printable(version),
  reason,
  boots,
  probes: probes.map(({ name, error }) => ({ name: printable(name), error: printable(error, LONG_TEXT) })),
})

/** The words that planners record with a change against advice. */
const SLOT_CHANGE = /^slot (default|once|good|bad|reset)$/
const OLDER = /^release counter (\d+) below (\d+)$/

function overrideView({ at, by, slot, action, reason }: SlotOverride): OverrideView {
  const change = SLOT_CHANGE.exec(action)?.[1] as SlotAction | undefined
  const older = OLDER.exec(action)
  const what: OverrideView['what'] = change
    ? { kind: `slot-${change}` }
    : older
      ? { kind: 'older-release', found: Number(older[1]), known: Number(older[2]) }
      : { kind: 'as-written', title: printable(action, LONG_TEXT) }
  return { at: printable(at), by: printable(by), slot, reason: printable(reason, LONG_TEXT), what }
}

const CONTENT: Readonly<Record<DiskObservation['content'], UnitView['content']>> = {
  blank: 'blank',
  gpt: 'other',
  mbr: 'other',
  unknown: 'other',
}

const contentOf = (seen: DiskObservation): UnitView['content'] => (seen.slots ? 'appliance' : CONTENT[seen.content])

/** For one line of the bench: the slots, or what is there instead. */
function summaryOf({ boot, table, content }: DiskObservation): SummaryText {
  if (boot) return { kind: 'slots' }
  if (table) return { kind: 'partitions', names: table.entries.map(({ name }) => printable(name)) }
  if (content === 'blank') return { kind: 'nothing' }
  return { kind: content === 'mbr' ? 'mbr' : 'unknown' }
}

const ATTACHMENTS = ['usb', 'ata', 'nvme', 'mmc', 'scsi', 'virtio', 'file'] as const

const attachmentOf = ({ bus }: DiskInfo): UnitView['attachment'] => ATTACHMENTS.find((each) => each === bus) ?? 'other'

/** Who a disk is, stable over hot-plug: serial or world-wide name with the size; for a file its name. */
export const keyOf = ({ identity, bus, path }: DiskInfo): string =>
  bus === 'file'
    ? `file ${path}`
    : [identity.wwn ?? identity.serial ?? identity.busPath, identity.size, identity.serial ?? ''].join(' ')

/** Does its identity tell it from any other disk? */
export const isSure = ({ bus, identity }: DiskInfo): boolean =>
  bus !== 'file' && (identity.wwn !== null || identity.serial !== null)

/** As many characters of a path as a row has room for. */
const PATH_LENGTH = 64

/** For people: a long path keeps its end, which is the file's name. */
export function pathFor(path: string): string {
  const tail = path.length > PATH_LENGTH ? `…${path.slice(1 - PATH_LENGTH)}` : path
  return printable(tail)
}

/** Sanitised device strings: model without white space runs. */
export const modelOf = ({ vendor, model }: DiskInfo): string | null =>
  [vendor, model]
    .filter((word) => word !== null)
    .map((word) => printable(word).trim())
    .join(' ') || null
