// What a plan says -> English sentences, for the command line and the certificates: identity first, damage before everything
// else. The console's English messages say the same (renderer/text/sentences.test.ts compares them).
import { formatBytes } from '#base/bytes.ts'
import type { DiskObservation } from '#model/observation.ts'
import type { PartitionTable } from '#model/partition-table.ts'
import type { Plan, Step } from '#model/plan.ts'
import type { ErasedText, JobText, KeptText, PlanTitle, StepText } from '#model/plan-text.ts'
import { contentTexts, diskText, stepText, titleOf } from './plan-text.ts'

export interface PlanText {
  readonly title: string
  readonly erased: readonly string[]
  readonly kept: readonly string[]
  /** The new partitions with their real sizes; empty when the table stays. */
  readonly partitions: readonly string[]
  readonly steps: readonly string[]
}

const diskWords = ({ name, size, path }: Omit<PlanTitle, 'job'>): string => `${name} (${formatBytes(size)}, ${path})`

/** How people tell this disk from others: model, size, serial (or the file's name). */
export const nameOfDisk = (disk: Plan['disk']): string => diskWords(diskText(disk))

export const describePlan = (plan: Plan): PlanText => ({
  title: describeTitle(titleOf(plan)),
  erased: plan.erased.map(describeErased),
  kept: plan.kept.map(describeKept),
  partitions: plan.steps.flatMap((step) => (step.type === 'write-table' ? describeTable(plan, step.table) : [])),
  steps: plan.steps.map(describeStep),
})

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

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The sentence to confirm. */
export function describeTitle(title: PlanTitle): string {
  const disk = `Disk ${diskWords(title)}`
  const { job } = title
  switch (job.kind) {
    case 'provision':
      return `${disk} will be erased and provisioned with ${job.version} (layout ${job.layout}).`
    case 'flash':
      return `${disk}: slot ${job.slot} will be overwritten with ${job.version}.`
    case 'slot-default':
      return `${disk}: slot ${job.slot} becomes the default.`
    case 'slot-once':
      return `${disk}: slot ${job.slot} boots once.`
    case 'slot-good':
      return `${disk}: slot ${job.slot} is marked good.`
    case 'slot-bad':
      return `${disk}: slot ${job.slot} is marked bad.`
    case 'slot-reset':
      return `${disk}: the tries of slot ${job.slot} are reset.`
    case 'repair-table':
      return `${disk}: its partition table will be repaired.`
    case 'repair-environment':
      return `${disk}: its boot environment will be repaired.`
    case 'repair-ab-state':
      return `${disk}: the file that selects the slot will be written anew.`
    case 'repair-boot-loader':
      return `${disk}: its boot loader will be put back.`
    case 'repair-slot-record':
      return `${disk}: the record of its slots will be corrected.`
    case 'repair-both-bad':
      return `${disk}: an intact slot will get another chance.`
    case 'restore':
      return `${disk}: /config will be replaced by ${plural(job.files, 'file', 'files')}.`
  }
}

/** What was done, in a few words. */
export function describeJob(job: JobText): string {
  switch (job.kind) {
    case 'provision':
      return `Provision with ${job.version} (layout ${job.layout})`
    case 'flash':
      return `Write ${job.version} into slot ${job.slot}`
    case 'slot-default':
      return `Make default: slot ${job.slot}`
    case 'slot-once':
      return `Boot once: slot ${job.slot}`
    case 'slot-good':
      return `Confirm as good: slot ${job.slot}`
    case 'slot-bad':
      return `Mark as bad: slot ${job.slot}`
    case 'slot-reset':
      return `Reset tries of slot ${job.slot}`
    case 'repair-table':
      return 'Repair the partition table'
    case 'repair-environment':
      return 'Repair the boot environment'
    case 'repair-ab-state':
      return 'Repair the choice of the slot'
    case 'repair-boot-loader':
      return 'Put the boot loader back'
    case 'repair-slot-record':
      return 'Correct the record of the slots'
    case 'repair-both-bad':
      return 'Give an intact slot another chance'
    case 'restore':
      return 'Restore /config'
  }
}

const HELD = { version: '', unnamed: 'version unknown', empty: 'empty', incomplete: 'incomplete', unknown: 'unknown' }
const TYPE_WORDS = { esp: 'EFI system', linux: 'Linux', other: 'other' } as const

export function describeErased(text: ErasedText): string {
  switch (text.kind) {
    case 'mbr-disk':
      return 'a disk with an MBR partition table'
    case 'unknown-content':
      return 'content of an unknown kind'
    case 'other-product':
      return `an appliance of another product: found ${text.found}, wanted ${text.wanted}`
    case 'partition':
    case 'device-partition': {
      const place = text.kind === 'partition' ? `partition ${text.number}` : text.node
      const version = { version: `, version ${text.version}`, unnamed: ', version unknown', none: '' }[text.held]
      return `${place} "${text.name}" (${TYPE_WORDS[text.type]}, ${formatBytes(text.size)}${version})`
    }
    case 'slot':
      return `slot ${text.slot} (${text.held === 'version' ? `version ${text.version}` : HELD[text.held]})`
    case 'config-partition':
      return `/config, the whole of partition ${text.number} "${text.name}"`
    case 'config-files':
      return `the files of /config in partition ${text.number} "${text.name}"`
  }
}

/** What is on the disk now, one line each. */
export const describeContent = (seen: DiskObservation): string[] => contentTexts(seen).map(describeErased)

const KEPT: Readonly<Record<Exclude<KeptText['kind'], 'slot'>, string>> = {
  esp: 'EFI system partition',
  'config-and-data': 'configuration and data',
  'both-slots': 'both slots',
  'boot-loader': 'boot loader',
  'boot-loader-and-environment': 'boot loader and its environment',
  'slot-choice': 'which slot boots',
  'slots-and-boot': 'both slots and what boots',
  'other-partitions': 'all other partitions',
  'other-data': 'all other data',
  partitions: 'every partition and its content',
  everything: 'everything',
}

export const describeKept = (text: KeptText): string => (text.kind === 'slot' ? `slot ${text.slot}` : KEPT[text.kind])

export const describeStep = (step: Step): string => describeStepText(stepText(step))

const good = ({ good }: Extract<StepText, { good: unknown }>): string =>
  good === 'none' ? 'no slot is good' : `slot ${good} is good`

export function describeStepText(text: StepText): string {
  switch (text.kind) {
    case 'wipe':
      return 'Erase old partition tables and file system signatures'
    case 'write-slot':
      return `Write slot ${text.slot}: ${formatBytes(text.size)} and read it back`
    case 'write-slot-changed':
      return `Write slot ${text.slot}: ${formatBytes(text.size)} and read it back (only blocks that differ)`
    case 'make-filesystem': {
      const files = text.files > 0 ? `, ${plural(text.files, 'file', 'files')} for /config` : ''
      return `Make partition ${text.number} "${text.name}": ${text.filesystem}, ${formatBytes(text.size)}${files}`
    }
    case 'make-esp':
      return `Make the EFI system partition: ${formatBytes(text.size)}, slot ${text.slot} boots`
    case 'probe-disk':
      return 'Put marks all over the disk and read them back: it must be as large as it claims'
    case 'check-disk':
      return 'Read the marks once more: they must not have changed while the rest was written'
    case 'write-table':
      return `Write the partition table (${plural(text.partitions, 'partition', 'partitions')}), the primary header last`
    case 'table-from-primary':
      return 'Write the other side of the partition table anew from the primary one'
    case 'table-from-backup':
      return 'Write the other side of the partition table anew from the backup one'
    case 'record-incomplete':
      return `Record slot ${text.slot} as Incomplete`
    case 'record-slot':
      return `Record what slot ${text.slot} holds`
    case 'check-slot':
      return `Check slot ${text.slot}: read ${formatBytes(text.size)} and compare with the recorded digest`
    case 'boot-once':
      return `Boot slot ${text.slot} next, once until it is confirmed`
    case 'boot-trial':
      return `Boot slot ${text.slot} next, ${plural(text.tries, 'try', 'tries')} until it is confirmed`
    case 'boot-good':
      return `Boot slot ${text.slot} next (it is confirmed good)`
    case 'mark-good':
      return `Mark slot ${text.slot} good and boot it from now on`
    case 'mark-bad':
      return `Mark slot ${text.slot} bad`
    case 'reset-tries':
      return `Clear the failure mark and the tries of slot ${text.slot}`
    case 'write-selection':
      return `Write the file that selects the slot: ${text.slot}, as it boots anyway`
    case 'write-environment':
      return `Write both copies of the boot environment: ${good(text)}`
    case 'write-environment-copy':
      return `Write the damaged copy of the boot environment: ${good(text)}`
    case 'put-boot-files':
      return `Put back ${text.files.join(', ')}`
    case 'write-record':
      return 'Write the record of the slots anew'
    case 'identify-slot':
      return `Read slot ${text.slot} and record what is in it`
    case 'identify-slots':
      return `Read slot ${text.first}, then ${text.second}, and record what is in them`
    case 'revive-slot':
      return `Read slot ${text.slot}; if it equals its recorded digest, it boots next, 3 tries until it is confirmed`
    case 'revive-slots':
      return `Read slot ${text.first}, then ${text.second}; the first that equals its recorded digest boots next, 3 tries until it is confirmed`
    case 'keep-config':
      return 'Copy the present files of /config into the folder of the journal'
    case 'replace-files':
      return `Replace the files in /${text.directory} by ${plural(text.files, 'other', 'others')}; everything else stays`
  }
}
