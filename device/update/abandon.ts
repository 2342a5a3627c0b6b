// The way out for a person (osiris-update --abandon): the update under way is given up in whatever phase it is, also when its
// record cannot be read. What was selected and not started is taken back; the running slot is never touched.
import { TRIES } from '#model/boot-state.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import { otherSlot } from '#model/slot.ts'
import { isReported, type UpdateRecord } from '#model/update.ts'
import type { Appliance, OwnDiskView, ProgramContext } from '../ports.ts'
import { isEarly } from './cycle.ts'
import { reportOf } from './cycle-phases.ts'
import type { CycleDeps } from './cycle-types.ts'
import { nextFacts, slotText } from './status.ts'
import { patiently } from './turn.ts'
import { type Asker, askFor } from './words.ts'

const PATIENCE_MS = 30_000

export interface AbandonOptions {
  readonly yes: boolean
  readonly asker?: Asker
}

/** Returns the exit code. @throws EngineError `update.busy`, `own.*`, `settings.not-saved` and what asking throws */
export async function abandon(
  context: ProgramContext,
  deps: Pick<CycleDeps, 'takeTurn' | 'downloads'>,
  { yes, asker }: AbandonOptions,
): Promise<number> {
  const { appliance, signal, note, result } = context
  const { disk, store } = appliance
  const record = await store.load()
  const view = await disk.look()
  if (!record && !isSelected(view)) {
    result({ abandoned: false, ...nextFacts(view) }, [
      'No update is under way, and no slot waits for its first start.',
      ...nextBootLines(view),
    ])
    return 0
  }
  note(
    record
      ? `Version ${record.version} for slot ${record.target_partition} (${record.update_id}) is given up.`
      : ORPHAN,
  )
  note(`Slot ${view.running} (${slotText(view, view.running)}), which runs, is not touched.`)
  if (!yes) await askFor('abandon', signal, asker)
  // An early one can be taken away under a writing that goes on: its next step finds no record, and selects nothing.
  // A step that selects or restarts is short; whoever writes does not have an update in such a phase.
  const sleep = (milliseconds: number) => appliance.sleep(milliseconds, signal)
  await using _turn = record && isEarly(record) ? null : await patiently(deps.takeTurn, PATIENCE_MS, sleep)
  const lastLook = await disk.look()
  const takesBack = isSelected(lastLook)
  if (takesBack) await disk.confirm(lastLook.running)
  if (record) await tell(record, appliance)
  await store.clear()
  await deps.downloads.discard()
  const after = await disk.look()
  result({ abandoned: true, update_id: record?.update_id ?? null, ...nextFacts(after) }, [
    record ? `Version ${record.version} is given up.` : 'The selection is taken back.',
    ...nextBootLines(after),
    ...(lastLook.trialBoot === null ? [] : ['The running slot is on trial: the health gate judges it as before.']),
  ])
  return 0
}

async function tell(record: UpdateRecord, appliance: Appliance): Promise<void> {
  if (!isReported(record.offer)) return
  const why = { error_code: 'ABANDONED', error_message: 'A person gave the update up at the appliance.' }
  await appliance.outbox.put({ ...reportOf(record, appliance, 'failed'), ...why })
}

const ORPHAN = 'The other slot is selected and was not started yet, but no update is on record.'

/** The standby slot boots next, was not started yet, and what runs is the good one, to which the selection can go back. */
function isSelected({ running, state }: OwnDiskView): boolean {
  const standby = otherSlot(running)
  return state.good === running && state.wanted === standby && state.trying === standby && state.left === TRIES
}
