// What the start of the system left in /run for the device's programs: the partitions that could not be mounted
// (systemd/twinslot-stand-in), and the deadline that restarts a machine whose gate reaches no verdict (initrd-init).
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProbeResults } from '#model/health.ts'
import { errnoOf } from '#node/os/os-errors.ts'
import { readTextFile } from '#node/os/state-file.ts'
import type { DevicePaths } from './ports.ts'

const inRun = ({ dev }: Pick<DevicePaths, 'dev'>, name: string): string => join(dirname(dev), 'run', name)
const LIMIT = 64 * 1024

/** What a partition that is not mounted is called in the results of the probes. */
export const PARTITIONS = 'partitions'

export interface MissingPartition {
  readonly name: string
  readonly mount: string
  /** The folder of state that is in memory for this start; null when the programs keep none there. */
  readonly state: string | null
}

/** Partitions of the layout that were not mounted when the system came up. */
export async function missingPartitions(paths: Pick<DevicePaths, 'dev'>): Promise<MissingPartition[]> {
  const text = (await readTextFile(inRun(paths, 'twinslot-missing'), LIMIT)) ?? ''
  return text.split('\n').flatMap((row) => {
    const [, name, mount, state] = /^(\S+) (\/\S*) (\S+)$/.exec(row) ?? []
    return name ? [{ name, mount, state: state === '-' ? null : state }] : []
  })
}

/** "MSP-DATA is not mounted at /var/lib/msp", ...; empty when nothing is missing. */
export const missingText = (missing: readonly MissingPartition[]): string =>
  missing.map(({ name, mount }) => `${name} is not mounted at ${mount}`).join('; ')

/** A failed result for the missing partitions; advisory: a confirmed system lives on without them, degraded. */
export async function missingResult(paths: Pick<DevicePaths, 'dev'>): Promise<ProbeResults> {
  const error = missingText(await missingPartitions(paths)).slice(0, 200)
  return error === '' ? {} : { [PARTITIONS]: { passed: false, error, critical: false, duration_ms: 0 } }
}

/** A release on trial that mounts less than the one before is no good. */
export function strictOnTrial(results: ProbeResults): ProbeResults {
  const found = results[PARTITIONS]
  return found ? { ...results, [PARTITIONS]: { ...found, critical: true } } : results
}

/** The gate has decided: nothing restarts this start any more. */
export async function stopDeadline(paths: Pick<DevicePaths, 'dev'>): Promise<void> {
  const pipe = inRun(paths, 'twinslot-deadline')
  try {
    await using file = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    await file.write('verdict\n')
  } catch (error) {
    // No deadline in this start (a recovery entry of the menu), it was stopped before, or its process is gone.
    if (!['ENOENT', 'ENXIO'].includes(errnoOf(error))) throw error
  }
  await rm(pipe, { force: true })
}
