// How the update that an order asked for ended. It may have ended in another process (the health gate, osiris-update) or
// before a power cut, so it is read from what those leave behind: record, reports, rolled back versions, running slot.
import type { StatusReport, UpdateRecord } from '#model/update.ts'
import type { Appliance, RolledBack } from '../ports.ts'
import { runningVersion } from './find-update.ts'
import type { OrderEntry } from './order-ledger.ts'
import type { Outcome } from './orders.ts'
import { isTerminal } from './outbox.ts'

export interface OutcomeFacts {
  readonly record: UpdateRecord | null
  readonly reports: readonly StatusReport[]
  readonly rolledBack: readonly RolledBack[]
  readonly running: string | null
  /** Ends that this process has seen. */
  readonly seen: ReadonlyMap<string, Outcome>
}

/** Null while the update is under way. */
export function outcomeOf(
  { update_id, version }: Pick<OrderEntry, 'update_id' | 'version'>,
  facts: OutcomeFacts,
): Outcome | null {
  const updateId = update_id ?? ''
  if (facts.record?.update_id === updateId) return null
  const seen = facts.seen.get(updateId)
  if (seen) return seen
  const report = facts.reports.findLast((entry) => entry.update_id === updateId && isTerminal(entry))
  const back = facts.rolledBack.findLast((entry) => entry.update_id === updateId)
  if (back) return { updateId, status: 'rolled_back', message: back.reason }
  if (report?.status === 'failed')
    return { updateId, status: 'failed', message: report.error_message ?? 'The update failed.' }
  if (report?.status === 'succeeded' || (version !== null && facts.running === version))
    return { updateId, status: 'succeeded', message: `Version ${version} runs.` }
  return { updateId, status: 'failed', message: `The update ended; version ${facts.running ?? 'unknown'} runs.` }
}

/** Reads them; the disk is looked at only when it matters. */
export async function outcomeFacts(
  appliance: Pick<Appliance, 'store' | 'outbox' | 'disk'>,
  seen: ReadonlyMap<string, Outcome>,
): Promise<OutcomeFacts> {
  const { store, outbox, disk } = appliance
  const record = await store.load()
  const [reports, rolledBack] = [await outbox.list(), await store.rolledBack()]
  return { record, reports, rolledBack, running: await runningVersion(disk), seen }
}
