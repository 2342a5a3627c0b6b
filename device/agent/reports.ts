// Statuses on their way out: sent as soon as they are put, before the boot selection is touched and before a restart at the
// latest, and what it means when the server answers that it has no such update.
import { setTimeout as delay } from 'node:timers/promises'
import type { Appliance, Outbox, UpdateStore } from '../ports.ts'
import { isOutsideRollouts, isWithdrawn } from '../update/cycle-offer.ts'
import type { UpdateCycle } from '../update/cycle-types.ts'
import type { Peace } from './peace.ts'
import type { Remarks } from './remarks.ts'

/** A restart waits so long for the server to hear of it (the specification's five seconds). */
const BEFORE_RESTART_MS = 5000

export interface SharedOutboxParts {
  readonly outbox: Outbox
  readonly store: Pick<UpdateStore, 'load'>
  readonly remarks: Remarks
  readonly peace: Peace
  /** One call at a time. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Something was put. */
  heard(): void
}

/**
 * The outbox for the agent's parts, which empty it side by side: one after the other, not while the server wants peace, and
 * what the server said of an update to one of them the others get to know too.
 */
export function sharedOutbox({ outbox, store, remarks, peace, alone, heard }: SharedOutboxParts): Outbox {
  const unknown = new Set<string>()
  const dropped = async (updateId: string) => {
    unknown.add(updateId)
    const record = await store.load()
    if (record?.update_id === updateId && isOutsideRollouts(record)) return
    const kept = 'How it ended is kept in undelivered.json.'
    remarks.say(`unknown ${updateId}`, `The server has no open update ${updateId}. ${kept}`)
  }
  return {
    list: () => outbox.list(),
    async put(report) {
      // The server may have opened it again; it will say so.
      unknown.delete(report.update_id)
      await outbox.put(report)
      heard()
    },
    flush: (signal) =>
      alone(async () => {
        if (peace.left() > 0) return { sent: 0, left: (await outbox.list()).length, unknownUpdates: [...unknown] }
        const result = await outbox.flush(signal)
        const { problem } = result
        if (problem) peace.heed(problem)
        if (!problem) remarks.clear('outbox')
        else if (problem.code !== 'job.cancelled') remarks.say('outbox', problem, 'Reports wait: ')
        for (const updateId of result.unknownUpdates) await dropped(updateId)
        return { ...result, unknownUpdates: [...unknown] }
      }),
  }
}

/** Empties the outbox as far as possible now. An update that the server has dropped is cancelled while that is possible. */
export async function deliverReports(
  { outbox, store }: Pick<Appliance, 'outbox' | 'store'>,
  cycle: Pick<UpdateCycle, 'cancel'>,
  signal: AbortSignal,
): Promise<void> {
  const { unknownUpdates } = await outbox.flush(signal)
  const record = await store.load()
  if (record && isWithdrawn(record, unknownUpdates))
    await cycle.cancel(record.update_id, 'the server does not know it any more')
}

/** The appliance for the cycle: its reports go through the shared outbox, and a restart tells the server first. */
export function withEars(
  appliance: Appliance,
  outbox: Outbox,
  deliver: (signal: AbortSignal) => Promise<void>,
): Appliance {
  return {
    ...appliance,
    outbox,
    async reboot(reason) {
      const limit = AbortSignal.timeout(BEFORE_RESTART_MS)
      const late = delay(BEFORE_RESTART_MS, undefined, { ref: false })
      await Promise.race([deliver(limit), late])
      await appliance.reboot(reason)
    },
  }
}
