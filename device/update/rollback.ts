// A person goes back to the other slot (osiris-update --rollback, hypernet-admin rollback). Only to a slot that was Good; a
// newly written one that never started is no way back. A selected slot that was not started yet is taken back instead.
import { finding } from '#base/errors.ts'
import { verdictOf } from '#model/boot-state.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import { otherSlot } from '#model/slot.ts'
import { isReported } from '#model/update.ts'
import type { OwnDiskView, ProgramContext } from '../ports.ts'
import { NOTHING_WRITTEN, ProgramFailed } from '../program.ts'
import { isEarly } from './cycle.ts'
import { reportOf } from './cycle-phases.ts'
import type { CycleDeps } from './cycle-types.ts'
import { nextFacts, slotText, versionIn } from './status.ts'
import { type Asker, askFor } from './words.ts'

export interface RollbackOptions {
  readonly yes: boolean
  readonly reboot: boolean
  readonly asker?: Asker
}

/**
 * Returns the exit code. What is shown is what is done: nobody else changes the selection between the two, and this undoes
 * nobody's half-finished change. @throws ProgramFailed, EngineError `update.busy`
 */
export async function rollBack(
  context: ProgramContext,
  { takeTurn }: Pick<CycleDeps, 'takeTurn'>,
  options: RollbackOptions,
): Promise<number> {
  const { appliance, signal, note } = context
  await using _turn = await takeTurn()
  const { disk, store, clock } = appliance
  const view = await disk.look()
  const record = await store.load()
  const takesBack = record && !isEarly(record) && view.running !== record.target_partition && view.trialBoot === null
  if (takesBack && view.state.wanted === record.target_partition) return await takeBack(context, view, options)
  const target = otherSlot(view.running)
  const { verdict } = verdictOf(target, view.records, view.state)
  if (verdict !== 'Good' && !(verdict === 'Unknown' && view.state.good === target))
    throw new ProgramFailed(NOTHING_WRITTEN, finding('update.nothing-to-go-back-to', { slot: target, verdict }))
  note(`Running is slot ${view.running} (${slotText(view, view.running)}).`)
  note(`Slot ${target} (${slotText(view, target)}) will boot next instead. No slot is erased.`)
  if (!options.yes) await askFor(target, signal, options.asker)
  const at = clock.now().toISOString()
  const version = versionIn(view, view.running)
  if (version !== null)
    await store.addRolledBack({
      ...{ version, at, release_digest: null, reason: 'operator' },
      update_id: record?.target_partition === view.running ? record.update_id : '',
    })
  await disk.goBack({
    ...{ slot: view.running, version, at, boots: view.trialBoot ?? 0, gated: 0, probes: [] },
    reason: 'operator',
    bootId: await appliance.bootId(),
  })
  return await finish(context, target, options, 'The boot selection was changed.')
}

/** The update was selected but never started: the running slot is selected again, as if nothing had been. */
async function takeBack(context: ProgramContext, view: OwnDiskView, options: RollbackOptions): Promise<number> {
  const { appliance, signal, note, result } = context
  const { disk, store, outbox } = appliance
  const record = await store.load()
  if (!record) return 0
  note(`Slot ${record.target_partition} (version ${record.version}) boots next, but was not started yet.`)
  note(`Slot ${view.running} (${slotText(view, view.running)}), which runs, will boot next again.`)
  if (!options.yes) await askFor(view.running, signal, options.asker)
  await disk.confirm(view.running)
  const message = 'A person took it back before it was started.'
  if (isReported(record.offer))
    await outbox.put({ ...reportOf(record, appliance, 'rolled_back'), error_message: message })
  await store.clear()
  const after = await disk.look()
  result({ ...nextFacts(after), restart_required: false }, [...nextBootLines(after), 'Nothing else to do.'])
  return 0
}

async function finish(
  context: ProgramContext,
  slot: string,
  { reboot }: RollbackOptions,
  done: string,
): Promise<number> {
  const { appliance, result } = context
  if (reboot) await appliance.reboot(`going back to slot ${slot}`)
  const after = await appliance.disk.look()
  const next = reboot ? 'Restarting.' : 'Reboot required: restart the appliance ("systemctl reboot").'
  result({ ...nextFacts(after), restart_required: !reboot }, [done, ...nextBootLines(after), next])
  return 0
}
