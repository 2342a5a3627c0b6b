// What the gate finds before it does anything: the disk's word, the data partition's, and what runs.
import { explain, isEngineError } from '#base/errors.ts'
import type { Slot, SlotRecords } from '#model/slot.ts'
import { type GateSituation, updateOfTrial } from '#plan/health-gate.ts'
import type { Appliance, OwnDiskView } from '../ports.ts'

/**
 * What is so, read from the disk and from the data partition. Changes nothing. A file of the data partition that cannot be
 * read is told, and says as little as one that is not there: a gate without a verdict would restart a good slot for ever.
 */
export async function observe(
  { disk, store, gateMemory, bootId }: Appliance,
  note: (line: string) => void,
): Promise<GateSituation & Pick<OwnDiskView, 'next' | 'later' | 'runs' | 'findings'>> {
  const { running, trialBoot, state, next, later, runs, findings, records: recorded } = await disk.look()
  // The gate judges what runs, whatever somebody else's record says of the slot.
  const records = withVersion(recorded, running, runs)
  const orElse = async <T>(read: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read
    } catch (error) {
      if (!isEngineError(error, 'settings.file-unreadable')) throw error
      note(explain(error).message)
      return otherwise
    }
  }
  const rolledBack = await orElse(store.rolledBack(), [])
  const onDisk = { running, trialBoot, state, records, rolledBack }
  const update = (await orElse(store.load(), null)) ?? updateOfTrial(onDisk)
  return {
    ...onDisk,
    next,
    later,
    runs,
    findings,
    bootId: await bootId(),
    update,
    memory: await orElse(gateMemory.load(), null),
  }
}

function withVersion(records: SlotRecords, running: Slot, version: string | null): SlotRecords {
  const record = records[running]
  if (version === null || record.state !== 'written') return records
  return { ...records, [running]: { ...record, content: { ...record.content, version } } }
}
