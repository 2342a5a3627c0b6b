// Plan -> what it says, as data (model/plan-text.ts). Texts from a disk are made printable here.
import { partitionNode } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import { type PartitionEntry, TYPE_GUID } from '#model/partition-table.ts'
import type { BootChange, Plan, Step } from '#model/plan.ts'
import type { ErasedText, JobText, PlanTitle, StepText } from '#model/plan-text.ts'
import type { Slot, SlotRecord } from '#model/slot.ts'
import { LONG_TEXT, printable } from './common.ts'

const DIGEST_SHOWN = 16

/** What the job of a plan does. */
export function jobText({ request, release }: Pick<Plan, 'request' | 'release'>): JobText {
  const version = printable(release?.version ?? release?.digest.slice(0, DIGEST_SHOWN) ?? '')
  switch (request.kind) {
    case 'provision':
      return { kind: 'provision', version, layout: request.layout.name }
    case 'flash':
      return { kind: 'flash', version, slot: request.slot }
    case 'slot':
      return { kind: `slot-${request.action}`, slot: request.slot }
    case 'repair-table':
      return { kind: 'repair-table' }
    case 'repair':
      return { kind: `repair-${request.repair}` }
    case 'restore':
      return { kind: 'restore', files: request.files.length }
  }
}

/** How people tell this disk from others: model and serial, or the file's name. */
export function diskText({ model, serial, path, size }: Plan['disk']): Omit<PlanTitle, 'job'> {
  const who = printable(serial ?? path.split('/').at(-1) ?? path)
  return { name: model ? `${printable(model)} ${who}` : who, size, path: printable(path, LONG_TEXT) }
}

/** The sentence to confirm. */
export const titleOf = (plan: Plan): PlanTitle => ({ ...diskText(plan.disk), job: jobText(plan) })

const TYPES: Readonly<Record<string, 'esp' | 'linux'>> = { [TYPE_GUID.esp]: 'esp', [TYPE_GUID.linux]: 'linux' }

/** What is on the disk now, one entry each, for the "will be erased" column. */
export function contentTexts(seen: DiskObservation): ErasedText[] {
  if (seen.content === 'blank') return []
  if (!seen.table) return [{ kind: seen.content === 'mbr' ? 'mbr-disk' : 'unknown-content' }]
  return seen.table.entries.map((entry) => partitionText(seen, entry))
}

/** One partition of it. */
export function partitionText(seen: DiskObservation, entry: PartitionEntry): ErasedText {
  const slot = /^SLOT-([AB])$/.exec(entry.name)?.[1] as Slot | undefined
  const record = slot ? seen.boot?.records[slot] : undefined
  const written = record?.state === 'written' ? record.content : null
  const part = {
    name: printable(entry.name),
    type: TYPES[entry.typeGuid] ?? 'other',
    size: (entry.lastLba - entry.firstLba + 1) * seen.disk.sectorSize,
    held: written === null ? 'none' : written.version === null ? 'unnamed' : 'version',
    version: printable(written?.version ?? ''),
  } as const
  const { path, bus } = seen.disk
  return bus === 'file'
    ? { kind: 'partition', number: entry.number, ...part }
    : { kind: 'device-partition', node: printable(partitionNode(path, entry.number), LONG_TEXT), ...part }
}

/** A slot that will be overwritten. */
export function slotText(slot: Slot, record: SlotRecord): ErasedText {
  if (record.state !== 'written') return { kind: 'slot', slot, held: record.state, version: '' }
  const { version } = record.content
  return { kind: 'slot', slot, held: version === null ? 'unnamed' : 'version', version: printable(version ?? '') }
}

export function stepText(step: Step): StepText {
  switch (step.type) {
    case 'wipe':
    case 'probe-disk':
    case 'check-disk':
    case 'keep-config':
      return { kind: step.type }
    case 'write-image':
      return { kind: step.changedOnly ? 'write-slot-changed' : 'write-slot', slot: step.slot, size: step.size }
    case 'make-filesystem': {
      const { number, name, filesystem, size } = step.partition
      return { kind: 'make-filesystem', number, name, filesystem, size, files: step.files.length }
    }
    case 'write-esp':
      return { kind: 'make-esp', size: step.partition.size, slot: step.defaultSlot }
    case 'write-table':
      return { kind: 'write-table', partitions: step.table.entries.length }
    case 'repair-table':
      return { kind: step.from === 'primary' ? 'table-from-primary' : 'table-from-backup' }
    case 'record-slot':
      return { kind: step.state === 'incomplete' ? 'record-incomplete' : 'record-slot', slot: step.slot }
    case 'check-slot':
      return { kind: 'check-slot', slot: step.slot, size: step.size }
    case 'boot-state':
      return changeText(step.change)
    case 'rewrite-boot-state':
      return rewriteText(step)
    case 'put-boot-files':
      return { kind: 'put-boot-files', files: step.files.map(({ path }) => `/${printable(path, LONG_TEXT)}`) }
    case 'identify-slots': {
      const [first, second] = step.slots
      if (step.slots.length === 0) return { kind: 'write-record' }
      if (!second) return { kind: 'identify-slot', slot: first.slot }
      return { kind: 'identify-slots', first: first.slot, second: second.slot }
    }
    case 'revive-slot': {
      const [first, second] = step.slots
      if (!second) return { kind: 'revive-slot', slot: first.slot }
      return { kind: 'revive-slots', first: first.slot, second: second.slot }
    }
    case 'replace-files':
      return { kind: 'replace-files', directory: printable(step.directory, LONG_TEXT), files: step.files.length }
  }
}

function rewriteText({ files, state }: Extract<Step, { type: 'rewrite-boot-state' }>): StepText {
  if (files.includes('ab_state')) return { kind: 'write-selection', slot: state.wanted ?? 'A' }
  return { kind: files.length > 1 ? 'write-environment' : 'write-environment-copy', good: state.good ?? 'none' }
}

function changeText(change: BootChange): StepText {
  const { slot } = change
  switch (change.kind) {
    case 'arm':
      return change.tries === 1 ? { kind: 'boot-once', slot } : { kind: 'boot-trial', slot, tries: change.tries }
    case 'select':
      return { kind: 'boot-good', slot }
    case 'confirm':
      return { kind: 'mark-good', slot }
    case 'bad':
      return { kind: 'mark-bad', slot }
    case 'reset':
      return { kind: 'reset-tries', slot }
  }
}
