// What a runner sees around its job and the engine's report does not tell: the drive's health before and after, the unit's own
// computer where it runs on one, the partition table that was there, warnings. It travels with the report and decides nothing.
import type { Surroundings } from '#contract/certificate.ts'
import type { JobEvent } from '#engine/ports.ts'
import { JobFailed, type Report } from '#engine/run-plan.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { DiskObservation } from '#model/observation.ts'
import { driveHealth } from './drive-health.ts'
import { ownMachine } from './own-machine.ts'

/** The engine's report as it comes from a runner. */
export interface RunnerReport extends Report {
  readonly surroundings?: Surroundings
}

export interface Watch {
  /** Told the disk as it was seen right before the job. */
  saw(seen: DiskObservation): void
  heard(event: JobEvent): void
  /** Looks at the drive once more. */
  complete(report: Report): Promise<RunnerReport>
  /** A failed job's report gets it, too; any other error stays what it is. */
  completeFailure(error: unknown): Promise<unknown>
}

/** Looks at the drive before the job opens it. */
export async function watchSurroundings(disk: Pick<DiskInfo, 'path' | 'bus' | 'removable'>): Promise<Watch> {
  const before = await driveHealth(disk)
  const warnings: Surroundings['warnings'] = []
  let table: Surroundings['table'] = null
  const complete = async (report: Report): Promise<RunnerReport> => {
    // Where it had nothing to say before, asking again would only take time.
    const after = before.ok ? await driveHealth(disk) : before
    const health = {
      before: before.ok ? before.health : null,
      after: after.ok ? after.health : null,
      whyNot: after.ok ? null : after.whyNot,
    }
    return { ...report, surroundings: { health, machine: await ownMachine(disk), warnings, table } }
  }
  return {
    saw(seen) {
      table = seen.table && tableOf(seen.table)
    },
    heard(event) {
      if (event.type === 'warning') warnings.push({ code: event.code, message: event.message })
    },
    complete,
    completeFailure: async (error) =>
      error instanceof JobFailed ? new JobFailed(await complete(error.report), error.cause, error.during) : error,
  }
}

function tableOf({ diskGuid, sectorSize, entries }: NonNullable<DiskObservation['table']>): Surroundings['table'] {
  return {
    diskGuid,
    sectorSize,
    entries: entries.slice(0, 256).map(({ number, name, firstLba, lastLba, typeGuid, uniqueGuid }) => ({
      number,
      name,
      firstLba,
      lastLba,
      typeGuid,
      uniqueGuid,
    })),
  }
}
