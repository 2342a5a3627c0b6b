// What was seen on a disk as the console draws it. Pure: texts from a disk are made printable here, once.
import { formatBytes } from '../../src-shared/base/bytes.ts'
import type { Finding } from '../../src-shared/base/errors.ts'
import type {
  FallbackView,
  HistoryRow,
  OverrideView,
  PartitionView,
  RecoveryView,
  SlotView,
  SummaryText,
  UnitView,
} from '../../src-shared/contract/views.ts'
import { verdictOf } from '../../src-shared/model/boot-state.ts'
import type { DiskInfo } from '../../src-shared/model/disk.ts'
import type { Fallback } from '../../src-shared/model/health.ts'
import type { BootObservation, DiskObservation } from '../../src-shared/model/observation.ts'
import { type PartitionTable, TYPE_GUID } from '../../src-shared/model/partition-table.ts'
import type { SlotAction } from '../../src-shared/model/plan.ts'
import type { Slot, SlotOverride } from '../../src-shared/model/slot.ts'
import { printable } from '../../src-shared/plan/common.ts'
import { repairFor } from '../../src-shared/plan/repair-facts.ts'
import { problemOf } from '../problem.ts'

export interface Knowledge {
  /** Names of trusted keys by full fingerprint. */
  readonly signerNames: ReadonlyMap<string, string>
  /** Results of re-reading slots in this session. */
  readonly checked: Readonly<Record<Slot, SlotView['checked']>>
  readonly history: readonly HistoryRow[]
  /** The slot that this computer runs from. */
  readonly running: Slot | null
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

export function partitionViews(seen: DiskObservation): PartitionView[] {
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
    signerName: content ? (know.signerNames.get(content.signer) ?? null) : null,
    sha256: content?.sha256 ?? null,
    size: content?.size ?? null,
    writtenAt: content?.writtenAt ?? begun?.since ?? null,
    writtenBy: printable(content?.writtenBy ?? begun?.by ?? '') || null,
    checked: know.checked[slot],
  }
}

/** `extra`: damage that the observation itself does not tell (a missing loader, both slots bad). */
export function recoveryView(seen: DiskObservation, extra: readonly Finding[], know: Knowledge): RecoveryView | null {
  const { boot } = seen
  if (!boot) return null
  const slots = { A: slotView(boot, 'A', know), B: slotView(boot, 'B', know) }
  const findings = [...seen.tableFindings, ...boot.findings, ...extra]
  const damage = findings.map((each) => ({ ...problemOf(each), repair: repairFor(each) }))
  const { override, fallback } = boot.records
  return {
    slots,
    bootsNext: boot.next,
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
  probes: probes.map(({ name, error }) => ({ name: printable(name), error: printable(error) })),
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
      : { kind: 'as-written', title: printable(action) }
  return { at: printable(at), by: printable(by), slot, reason: printable(reason), what }
}

const CONTENT: Readonly<Record<DiskObservation['content'], UnitView['content']>> = {
  blank: 'blank',
  gpt: 'other',
  mbr: 'other',
  unknown: 'other',
}

export const contentOf = (seen: DiskObservation): UnitView['content'] =>
  seen.slots ? 'appliance' : CONTENT[seen.content]

/** For one line of the bench: the slots, or what is there instead. */
export function summaryOf({ boot, table, content }: DiskObservation): SummaryText {
  if (boot) return { kind: 'slots' }
  if (table) return { kind: 'partitions', names: table.entries.map(({ name }) => printable(name)) }
  if (content === 'blank') return { kind: 'nothing' }
  return { kind: content === 'mbr' ? 'mbr' : 'unknown' }
}

const ATTACHMENTS = ['usb', 'ata', 'nvme', 'mmc', 'scsi', 'virtio', 'file'] as const

export const attachmentOf = ({ bus }: DiskInfo): UnitView['attachment'] =>
  ATTACHMENTS.find((each) => each === bus) ?? 'other'

/** Who a disk is, stable over hot-plug: serial or world-wide name with the size; for a file its name. */
export const keyOf = ({ identity, bus, path }: DiskInfo): string =>
  bus === 'file'
    ? `file ${path}`
    : [identity.wwn ?? identity.serial ?? identity.busPath, identity.size, identity.serial ?? ''].join(' ')

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

export const sizeText = ({ identity }: DiskInfo): string => formatBytes(identity.size)
