// Plan -> sentences: what the technician confirms. Identity first in each sentence; damage named before everything else.
import { formatBytes } from '../base/bytes.ts'
import type { PartitionTable } from '../model/partition-table.ts'
import type { BootChange, Plan, Step } from '../model/plan.ts'
import { printable } from './common.ts'

export interface PlanText {
  readonly title: string
  readonly erased: readonly string[]
  readonly kept: readonly string[]
  /** The new partitions with their real sizes; empty when the table stays. */
  readonly partitions: readonly string[]
  readonly steps: readonly string[]
}

/** How people tell this disk from others: model, size, serial (or the file's name). */
export function nameOfDisk(disk: Plan['disk']): string {
  const who = disk.serial ?? disk.path.split('/').at(-1) ?? disk.path
  return `${disk.model ? `${printable(disk.model)} ` : ''}${printable(who)} (${formatBytes(disk.size)}, ${printable(disk.path)})`
}

export function describePlan(plan: Plan): PlanText {
  const disk = nameOfDisk(plan.disk)
  const version = plan.release?.version ?? plan.release?.digest.slice(0, 16) ?? ''
  const title = `Disk ${disk}${titleOf(plan, version)}.`
  return {
    title,
    erased: plan.erased,
    kept: plan.kept,
    partitions: plan.steps.flatMap((step) => (step.type === 'write-table' ? describeTable(plan, step.table) : [])),
    steps: plan.steps.map(describeStep),
  }
}

/** One line per partition: number, name, size, what it holds, where the appliance mounts it. */
function describeTable({ request }: Plan, table: PartitionTable): string[] {
  const specs = request.kind === 'provision' ? request.layout.partitions : []
  return table.entries.map(({ number, name, firstLba, lastLba }) => {
    const bytes = (lastLba - firstLba + 1) * table.sectorSize
    const spec = specs[number - 1]
    const holds = spec?.role.startsWith('slot')
      ? 'system image'
      : [spec?.filesystem, spec?.encryption].filter(Boolean).join(', ')
    const place = spec?.mount ? `  ${spec.mount}` : ''
    return `${number}  ${name.padEnd(10)}${formatBytes(bytes).padStart(8)}  (${bytes} bytes)  ${holds}${place}`
  })
}

function titleOf({ request }: Plan, version: string): string {
  switch (request.kind) {
    case 'provision':
      return ` will be erased and provisioned with ${version} (layout ${request.layout.name})`
    case 'flash':
      return `: slot ${request.slot} will be overwritten with ${version}`
    case 'slot':
      return `: ${SLOT_TITLES[request.action](request.slot)}`
    case 'repair-table':
      return ': its partition table will be repaired'
    case 'repair':
      return `: ${REPAIR_TITLES[request.repair]}`
    case 'restore':
      return `: /config will be replaced by ${request.files.length} files`
  }
}

const REPAIR_TITLES = {
  environment: 'its boot environment will be repaired',
  'ab-state': 'the file that selects the slot will be written anew',
  'boot-loader': 'its boot loader will be put back',
  'slot-record': 'the record of its slots will be corrected',
  'both-bad': 'an intact slot will get another chance',
} as const

const SLOT_TITLES = {
  default: (slot: string) => `slot ${slot} becomes the default`,
  once: (slot: string) => `slot ${slot} boots once`,
  good: (slot: string) => `slot ${slot} is marked good`,
  bad: (slot: string) => `slot ${slot} is marked bad`,
  reset: (slot: string) => `the tries of slot ${slot} are reset`,
} as const

export function describeStep(step: Step): string {
  switch (step.type) {
    case 'wipe':
      return 'Erase old partition tables and file system signatures'
    case 'write-image':
      return `Write slot ${step.slot}: ${formatBytes(step.size)} and read it back${step.changedOnly ? ' (only blocks that differ)' : ''}`
    case 'make-filesystem': {
      const { number, name, filesystem, size } = step.partition
      const files = step.files.length > 0 ? `, ${step.files.length} files for /config` : ''
      return `Make partition ${number} "${name}": ${filesystem}, ${formatBytes(size)}${files}`
    }
    case 'write-esp':
      return `Make the EFI system partition: ${formatBytes(step.partition.size)}, slot ${step.defaultSlot} boots`
    case 'write-table':
      return `Write the partition table (${step.table.entries.length} partitions), the primary header last`
    case 'repair-table':
      return `Rebuild the damaged side of the partition table from the ${step.from} one`
    case 'record-slot':
      return step.state === 'incomplete'
        ? `Record slot ${step.slot} as Incomplete`
        : `Record what slot ${step.slot} holds`
    case 'check-slot':
      return `Check slot ${step.slot}: read ${formatBytes(step.size)} and compare with the recorded digest`
    case 'boot-state':
      return describeChange(step.change)
    case 'rewrite-boot-state':
      return describeRewrite(step)
    case 'put-boot-files':
      return `Put back ${step.files.map(({ path }) => `/${path}`).join(', ')}`
    case 'identify-slots':
      return step.slots.length === 0
        ? 'Write the record of the slots anew'
        : `Read slot ${names(step.slots)} and record what is in it`
    case 'revive-slot':
      return `Read slot ${names(step.slots)}; the first that equals its recorded digest boots next, 3 tries until it is confirmed`
    case 'keep-config':
      return 'Copy the present files of /config into the folder of the journal'
    case 'replace-files':
      return `Replace the files in /${step.directory} by ${step.files.length} others; everything else stays`
  }
}

const names = (slots: readonly { readonly slot: string }[]): string => slots.map(({ slot }) => slot).join(', then ')

function describeRewrite({ files, state }: Extract<Step, { type: 'rewrite-boot-state' }>): string {
  if (files.includes('ab_state'))
    return `Write the file that selects the slot: ${state.wanted ?? 'A'}, as it boots anyway`
  const copies = files.length > 1 ? 'both copies of the boot environment' : 'the damaged copy of the boot environment'
  return `Write ${copies}: slot ${state.good ?? 'none'} is good`
}

function describeChange(change: BootChange): string {
  switch (change.kind) {
    case 'arm':
      return `Boot slot ${change.slot} next, ${change.tries === 1 ? 'once' : `${change.tries} tries`} until it is confirmed`
    case 'select':
      return `Boot slot ${change.slot} next (it is confirmed good)`
    case 'confirm':
      return `Mark slot ${change.slot} good and boot it from now on`
    case 'bad':
      return `Mark slot ${change.slot} bad`
    case 'reset':
      return `Clear the failure mark and the tries of slot ${change.slot}`
  }
}
