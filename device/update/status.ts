// What osiris-update and hypernet-admin say about the slots and the update under way. Reads only.
import { explain } from '#base/errors.ts'
import { verdictOf, verdictText } from '#model/boot-state.ts'
import { nextBootLines, selectedLines } from '#model/next-boot-text.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import type { UpdateRecord } from '#model/update.ts'
import type { Appliance, OwnDiskView } from '../ports.ts'
import { missingPartitions, missingText } from '../run-facts.ts'
import { whyNoServer } from '../settings-check.ts'
import { keyTroubleLines, loadKeyTrouble } from './key-trouble.ts'

export interface Told {
  readonly value: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

/** Of the running slot what really runs; of the other one what the record says. */
export const versionIn = (
  { records, running, runs }: Pick<OwnDiskView, 'records' | 'running' | 'runs'>,
  slot: Slot,
): string | null => {
  if (slot === running && runs !== null) return runs
  const record = records[slot]
  return record.state === 'written' ? record.content.version : null
}

/** For JSON: what starts, and what is selected. */
export const nextFacts = ({ next, state }: OwnDiskView) => ({ boots_next: next?.slot ?? null, wanted: state.wanted })

export const slotText = (view: OwnDiskView, slot: Slot): string =>
  `${versionIn(view, slot) ?? 'no version'}, ${verdictText(verdictOf(slot, view.records, view.state))}`

/** Slots, the update under way, reports that wait, versions that were rolled back, trouble with the key, the disk and the settings. */
export async function tellStatus({ disk, store, outbox, paths, readable }: Appliance): Promise<Told> {
  const view = await disk.look()
  const record = await store.load()
  const unsent = await outbox.list()
  const rolledBack = await store.rolledBack()
  const key = await loadKeyTrouble(paths.state)
  const missing = await missingPartitions(paths)
  const { settings, findings: mistakes } = await readable()
  const problems = settings.server || mistakes.length > 0 ? mistakes : [await whyNoServer(paths)]
  const { next } = view
  const slots = SLOTS.map((slot) => ({
    slot,
    version: versionIn(view, slot),
    verdict: verdictText(verdictOf(slot, view.records, view.state)),
    running: slot === view.running,
    boots_next: slot === next?.slot,
  }))
  const badges = (slot: (typeof slots)[number]) =>
    [slot.running && 'running now', slot.boots_next && 'boots next'].filter(Boolean).join(', ')
  return {
    value: {
      active_partition: view.running,
      found_by: view.foundBy,
      next_boot: next?.slot ?? null,
      wanted: view.state.wanted,
      trial_boot: view.trialBoot,
      slots,
      update: record,
      unsent_reports: unsent.length,
      rolled_back: rolledBack,
      key_refused: key,
      degraded: missing,
      settings_problems: problems.map((found) => ({ code: found.code, message: explain(found).message })),
      findings: view.findings,
    },
    lines: [
      ...slots.map((slot) => {
        const badge = badges(slot)
        return `Slot ${slot.slot}: ${slot.version ?? 'no version'}, ${slot.verdict}${badge && ` (${badge})`}`
      }),
      ...(next ? selectedLines(view) : nextBootLines(view)),
      ...(record ? updateLines(record) : ['Update: none under way']),
      ...(unsent.length > 0 ? [`Reports that wait for the server: ${unsent.length}`] : []),
      ...rolledBack.slice(-3).map(({ version, at, reason }) => `Rolled back: ${version} at ${at} (${reason})`),
      ...(key ? keyTroubleLines(key) : []),
      ...(missing.length > 0 ? [`! Degraded: ${missingText(missing)}`] : []),
      ...[...problems, ...view.findings].map((found) => `! ${explain(found).message}`),
    ],
  }
}

const PHASE_WORDS: Readonly<Record<UpdateRecord['phase'], string>> = {
  accepted: 'accepted',
  writing: 'being downloaded and written',
  ready: 'written and read back; waits for approval or its window',
  switching: 'being selected for the next start',
  rebooting: 'selected; the restart is due',
  verifying: 'started; the health gate judges it',
}

function updateLines(record: UpdateRecord): string[] {
  const { version, target_partition: slot, phase, update_id, last_error, retry_at, attempts, approved_at } = record
  return [
    `Update: version ${version} for slot ${slot}, ${PHASE_WORDS[phase]} (${update_id})`,
    ...(record.offer.requireApproval ? [`  approval: ${approved_at ?? 'needed ("osiris-update --approve")'}`] : []),
    ...(last_error ? [`  last problem: ${explain(last_error).message}`] : []),
    ...(retry_at ? [`  tried again at ${retry_at} (${attempts} failed so far)`] : []),
  ]
}
