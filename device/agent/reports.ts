// Statuses on their way out: sent as soon as they are put, before a restart at the latest, and what it means when the
// server answers that it has no such update.
import { setTimeout as delay } from 'node:timers/promises'
import { explain } from '../../src-shared/base/errors.ts'
import { isReported } from '../../src-shared/model/update.ts'
import type { Appliance } from '../ports.ts'
import type { UpdateCycle } from '../update/cycle-types.ts'
import type { Remarks } from './remarks.ts'

/** A restart waits so long for the server to hear of it (the specification's five seconds). */
const BEFORE_RESTART_MS = 5000

/** Empties the outbox as far as possible now. An update that the server has dropped is cancelled while that is possible. */
export async function deliverReports(
  { outbox, store }: Pick<Appliance, 'outbox' | 'store'>,
  cycle: Pick<UpdateCycle, 'cancel'>,
  remarks: Remarks,
  signal: AbortSignal,
): Promise<void> {
  const { unknownUpdates, problem } = await outbox.flush(signal)
  if (!problem) remarks.clear('outbox')
  else if (problem.code !== 'job.cancelled') remarks.say('outbox', `Reports wait: ${explain(problem).message}`)
  for (const updateId of unknownUpdates) {
    const record = await store.load()
    const isCurrent = record?.update_id === updateId && isReported(record.offer)
    // An order outside any rollout: the server never had a row for its update.
    if (isCurrent && record.offer.origin === 'order' && record.offer.rolloutId === null) continue
    remarks.say(
      `unknown ${updateId}`,
      `The server has no open update ${updateId}. How it ended is kept in undelivered.json.`,
    )
    if (isCurrent) await cycle.cancel(updateId, 'the server does not know it any more')
  }
}

/** The appliance for the cycle: `put` is heard by the agent, and a restart tells the server first. */
export function withEars(
  appliance: Appliance,
  heard: () => void,
  deliver: (signal: AbortSignal) => Promise<void>,
): Appliance {
  return {
    ...appliance,
    outbox: {
      ...appliance.outbox,
      async put(report) {
        await appliance.outbox.put(report)
        heard()
      },
    },
    async reboot(reason) {
      const limit = AbortSignal.timeout(BEFORE_RESTART_MS)
      const late = delay(BEFORE_RESTART_MS, undefined, { ref: false })
      await Promise.race([deliver(limit), late])
      await appliance.reboot(reason)
    },
  }
}
