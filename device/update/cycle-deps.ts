// What the update cycle needs of this machine besides its Appliance: locks between programs, downloads, the probes.
import { join } from 'node:path'
import type { JobEvent } from '#engine/ports.ts'
import { withFileLock } from '../agent/locked-file.ts'
import { buildInfo } from '../build-info.ts'
import { probeContext, probeOnce } from '../gate/run-probes.ts'
import type { Appliance, Program } from '../ports.ts'
import { releaseFetcher } from '../release-fetcher.ts'
import type { CycleDeps } from './cycle-types.ts'
import { downloadsFolder, tripleDownloads } from './fetch.ts'
import { turnsOf } from './turn.ts'

export interface CycleVoices {
  /** Steps and bytes of the writing. */
  emit?(event: JobEvent): void
  /** Bytes of a triple's download. */
  downloaded?(doneBytes: number, totalBytes: number | null): void
}

/** When these programs were built; from a checkout nothing is known, so that any clock may be right. */
export const builtAt = (): Date => new Date(buildInfo.date ?? 0)

export function cycleDeps(appliance: Appliance, program: Program['name'], voices: CycleVoices = {}): CycleDeps {
  const { state } = appliance.paths
  const record = join(state, 'update', 'update_state.json')
  return {
    downloads: tripleDownloads({
      folder: downloadsFolder(state),
      fetcher: () => releaseFetcher(appliance.settings),
      progress: (done, total) => voices.downloaded?.(done, total),
    }),
    // Each probe once: what runs now has been up for long.
    probe: (settings, signal) => probeOnce(settings.probes, probeContext(appliance, settings, signal)),
    builtAt: builtAt(),
    emit: (event) => voices.emit?.(event),
    random: Math.random,
    takeTurn: turnsOf(state, program),
    changeRecord: (change) => withFileLock(record, change),
  }
}
