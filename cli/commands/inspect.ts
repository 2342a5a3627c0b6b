// inspect: what a detached disk tells of itself: table, slots, boot state, boot files. Reads only.
import { formatBytes } from '#base/bytes.ts'
import { explain, type Finding } from '#base/errors.ts'
import { observeDisk, openEsp, type Sight } from '#engine/observe.ts'
import { verdictOf, verdictText } from '#model/boot-state.ts'
import { describeFallback } from '#model/health.ts'
import { describeNext, rescueLine, selectedLines } from '#model/next-boot-text.ts'
import type { BootObservation } from '#model/observation.ts'
import type { PartitionTable } from '#model/partition-table.ts'
import { SLOTS, type SlotRecord } from '#model/slot.ts'
import { openDisk } from '#node/job/station.ts'
import { LONG_TEXT, printable } from '#plan/common.ts'
import { describeContent, describeErased } from '#plan/describe.ts'
import { partitionText } from '#plan/plan-text.ts'
import { differingSides, lostBy } from '#plan/repair-table.ts'
import { parseWords } from '../args.ts'
import type { Command } from '../commands.ts'

export const run: Command = async ({ argv, output }) => {
  const words = parseWords('inspect', argv.slice(1), { words: ['DISK'] })
  await using open = await openDisk(words.positionals[0], true)
  const seen = await observeDisk(open.device, open.disk)
  const esp = seen.esp ? await openEsp(open.device, seen.esp) : null
  const espFinding: Finding[] = esp && 'code' in esp ? [esp] : []
  const files = esp && !('code' in esp) ? await esp.list('', { recursive: true }) : []
  const findings = [...seen.tableFindings, ...espFinding, ...(seen.boot?.findings ?? [])]
  output.result(
    {
      disk: seen.disk,
      content: seen.content,
      table: seen.table,
      tables: differingSides(seen),
      slots: seen.boot ? slotFacts(seen.boot) : null,
      boot: seen.boot ? bootFacts(seen.boot) : null,
      espFiles: files.filter((file) => file.kind === 'file').map(({ path, size }) => ({ path, size })),
      findings: findings.map((each) => ({ ...each, ...explain(each) })),
    },
    [...describeDisk(seen), ...(seen.boot ? describeSlots(seen.boot) : []), ...findings.map(describeFinding)],
  )
  return 0
}

const SIDES = ['primary', 'backup'] as const

function describeDisk(seen: Sight): string[] {
  const { disk } = seen
  const lines = [
    `${disk.path}  ${printable(disk.model ?? disk.bus)}  ${disk.identity.serial ? printable(disk.identity.serial) : 'no serial'}  ${formatBytes(disk.identity.size)}  sectors of ${disk.sectorSize} bytes`,
  ]
  if (!seen.table) return [...lines, ...(seen.content === 'blank' ? ['The disk is blank.'] : describeContent(seen))]
  const differing = differingSides(seen)
  if (differing) return [...lines, ...SIDES.flatMap((side) => describeSide(seen, side, differing[side]))]
  return [...lines, `GPT ${seen.table.diskGuid}`, ...describeContent(seen).map((line) => `  ${line}`)]
}

/** One of two tables that differ; what only the other one has would be lost with it. */
function describeSide(seen: Sight, side: 'primary' | 'backup', table: PartitionTable): string[] {
  const rows = table.entries.map((entry) => {
    const place = `sectors ${entry.firstLba} to ${entry.lastLba}`
    return `  ${describeErased(partitionText(seen, entry))}, ${place}`
  })
  const lost = lostBy(seen, side).map(
    (entry) => `  - lacks ${describeErased(partitionText(seen, entry))} of the other side`,
  )
  return [`${side} GPT ${table.diskGuid}`, ...rows, ...lost]
}

const describeFinding = (each: Finding): string => {
  const { message, remedy } = explain(each)
  return `! ${message} ${remedy} (${each.code})`
}

/** One entry per slot, for JSON. */
export function slotFacts(boot: BootObservation) {
  return Object.fromEntries(
    SLOTS.map((slot) => [slot, { ...verdictOf(slot, boot.records, boot.state), record: boot.records[slot] }]),
  )
}

export function bootFacts(boot: BootObservation) {
  return {
    ...boot.state,
    next: boot.next,
    later: boot.later,
    override: boot.records.override,
    fallback: boot.records.fallback,
  }
}

/** Two lines per slot, then what boots next, the last override and the last fall-back. */
export function describeSlots(boot: BootObservation): string[] {
  const { next } = boot
  const lines = SLOTS.flatMap((slot) => [
    `slot ${slot}  ${verdictText(verdictOf(slot, boot.records, boot.state))}${next?.slot === slot ? '  <- boots next' : ''}`,
    ...describeRecord(boot.records[slot]).map((line) => `    ${line}`),
  ])
  if (!next) lines.push(rescueLine(boot.later))
  else lines.push(describeNext(next))
  lines.push(...selectedLines(boot))
  const { override, fallback } = boot.records
  if (override)
    lines.push(
      `Last override: ${override.action} on slot ${override.slot} at ${override.at} by ${printable(override.by)}: ${printable(override.reason, LONG_TEXT)}`,
    )
  if (fallback)
    lines.push(...describeFallback(fallback).map((line) => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')))
  return lines
}

function describeRecord(record: SlotRecord): string[] {
  switch (record.state) {
    case 'empty':
      return []
    case 'unknown':
      return ['the slot record is unreadable']
    case 'incomplete':
      return [
        `writing of ${record.version ?? 'an image'} began ${record.since} by ${printable(record.by)} and did not finish`,
      ]
    case 'written': {
      const { product, version, counter, size, sha256, signer, writtenAt, writtenBy } = record.content
      return [
        `${printable(product ?? 'image')} ${printable(version ?? '(no version)')}${counter === null ? '' : `, counter ${counter}`}, ${formatBytes(size)}, written ${writtenAt} by ${printable(writtenBy)}`,
        `sha256 ${sha256}`,
        `signed by ${signer}`,
      ]
    }
  }
}
