// What a window knows of the station: a snapshot, kept up to date by numbered events. Pure, so that a recorded stream can be
// replayed. Promises: an event is applied once and in order; after a gap nothing is applied until a new snapshot is there.
import type { ConsoleEvent, ProgressPatch } from './console.ts'
import type { BatchView, StationView, Token, UnitJobView } from './views.ts'

export interface KnownStation {
  readonly station: StationView | null
  /** An event is missing: a new snapshot is needed. */
  readonly stale: boolean
  /** Events that came while there was no valid snapshot. */
  readonly waiting: readonly ConsoleEvent[]
}

export const NOTHING_KNOWN: KnownStation = { station: null, stale: true, waiting: [] }

/** Values of the throughput curve that are kept. */
export const CURVE_LENGTH = 120

/** While a snapshot is under way more than this is not kept: the next gap asks again. */
const MOST_WAITING = 10_000

/** A snapshot replaces everything; what waited and is newer is applied on top. */
export function takeSnapshot(known: KnownStation, station: StationView): KnownStation {
  const fresh: KnownStation = { station, stale: false, waiting: [] }
  return known.waiting.filter(({ seq }) => seq > station.seq).reduce(takeEvent, fresh)
}

/** The connection was lost: what is shown stays, and is old. */
export const markStale = (known: KnownStation): KnownStation => ({ ...known, stale: true, waiting: [] })

export function takeEvent(known: KnownStation, event: ConsoleEvent): KnownStation {
  const { station } = known
  if (station === null || known.stale || event.seq > station.seq + 1) {
    const waiting = known.waiting.length < MOST_WAITING ? [...known.waiting, event] : known.waiting
    return { station, stale: true, waiting }
  }
  if (event.seq <= station.seq) return known
  return { station: { ...change(station, event), seq: event.seq }, stale: false, waiting: [] }
}

function change(station: StationView, event: ConsoleEvent): StationView {
  switch (event.type) {
    case 'bench':
      return { ...station, bench: event.bench }
    case 'unit': {
      const { units } = station.bench
      const known = units.some(({ key }) => key === event.unit.key)
      const next = known
        ? units.map((unit) => (unit.key === event.unit.key ? event.unit : unit))
        : [...units, event.unit]
      return { ...station, bench: { ...station.bench, units: next } }
    }
    case 'images':
      return { ...station, images: event.images }
    case 'keys':
      return { ...station, keys: event.keys }
    case 'batch':
      return { ...station, batches: withBatch(station.batches, event.batch) }
    case 'progress':
      return { ...station, batches: withProgress(station.batches, event.job, event.patch) }
    case 'reports':
      return { ...station, reports: event.reports }
    case 'checks':
      return { ...station, checks: event.checks }
    case 'beat':
      return station
    case 'settings':
      return { ...station, settings: event.settings }
  }
}

function withBatch(batches: readonly BatchView[], batch: BatchView): readonly BatchView[] {
  const at = batches.findIndex((one) => one.batch === batch.batch)
  return at === -1 ? [...batches, batch] : batches.with(at, batch)
}

function withProgress(batches: readonly BatchView[], token: Token, patch: ProgressPatch): readonly BatchView[] {
  const at = batches.findIndex(({ jobs }) => jobs.some(({ job }) => job === token))
  if (at === -1) return batches
  const jobs = batches[at].jobs.map((job) => (job.job === token ? patched(job, patch) : job))
  return batches.with(at, { ...batches[at], jobs })
}

function patched(job: UnitJobView, { rate, ...patch }: ProgressPatch): UnitJobView {
  const curve = rate === null ? job.curve : [...job.curve, rate].slice(-CURVE_LENGTH)
  return { ...job, ...patch, curve }
}
