// The window's knowledge of the station, for components. Progress is taken in ten times a second for all jobs together, so
// that a row is drawn anew only when its own job changed and an idle window costs nothing.
import { create } from 'zustand'
import type { ConsoleEvent } from '#contract/console.ts'
import { type KnownStation, markStale, NOTHING_KNOWN, takeEvent, takeSnapshot } from '#contract/station-reducer.ts'
import type { StationView, UnitJobView, UnitView } from '#contract/views.ts'
import type { ConsoleLink, LinkState } from '../transport/link.ts'
import { type LogLine, linesOf } from './log.ts'

export interface StationStore extends KnownStation {
  readonly link: LinkState
  /** When the host said something last, once the line is not open. */
  readonly heardAt: number | null
  readonly log: readonly LogLine[]
}

export const useStore = create<StationStore>()(() => ({ ...NOTHING_KNOWN, link: 'connecting', heardAt: null, log: [] }))

/** Progress waits at most this long to be drawn. */
const DRAW_EVERY_MS = 100
const LOG_LENGTH = 500
const ASK_AGAIN_MS = 1000

/** Keeps the store up to date through this link. @returns ends it */
export function followStation(link: ConsoleLink): () => void {
  let queue: ConsoleEvent[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  let asking = false
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const events = queue
    queue = []
    useStore.setState((before) => {
      const after = events.reduce(takeEvent, before as KnownStation)
      const lines = linesOf(before.station, events, new Date())
      return { ...after, ...(lines.length > 0 && { log: [...before.log, ...lines].slice(-LOG_LENGTH) }) }
    })
    if (useStore.getState().stale) void ask()
  }
  const ask = async (): Promise<void> => {
    if (asking || link.state !== 'open') return
    asking = true
    try {
      const station = await link.call('station.get', {})
      useStore.setState((before) => takeSnapshot(before, station))
    } catch {
      // The line was lost, or the host is not ready: the state of the line tells the technician, and it is asked again.
    }
    asking = false
    if (useStore.getState().stale) setTimeout(() => useStore.getState().stale && void ask(), ASK_AGAIN_MS)
  }
  const endEvents = link.onEvent((event) => {
    queue.push(event)
    if (event.type !== 'progress' && event.type !== 'checks') flush()
    else timer ??= setTimeout(flush, DRAW_EVERY_MS)
  })
  const endStates = link.onState((state) => {
    const { heardAt } = link
    // A host that was silent and speaks again may have left nothing out: the numbers of its events tell.
    const kept = state === 'open' || state === 'silent'
    useStore.setState((before) => ({ ...(kept ? {} : markStale(before)), link: state, heardAt }))
    if (state === 'open' && useStore.getState().stale) void ask()
  })
  return () => {
    endEvents()
    endStates()
    if (timer !== null) clearTimeout(timer)
  }
}

/** Reads from the station; only for components below the shell, which waits for the first snapshot. */
export function useStation<T>(select: (station: StationView) => T): T {
  return useStore(({ station }) => {
    if (station === null) throw new Error('a screen was drawn before the station was known')
    return select(station)
  })
}

export const unitOf = (station: StationView, key: string | null): UnitView | null =>
  station.bench.units.find((unit) => unit.key === key) ?? null

/** The newest job of a unit, if this session had one. */
export function jobOf(station: Pick<StationView, 'batches'>, key: string): UnitJobView | null {
  for (const batch of station.batches.toReversed()) {
    const job = batch.jobs.findLast(({ unitKey }) => unitKey === key)
    if (job) return job
  }
  return null
}

export const useUnit = (key: string | null): UnitView | null => useStation((station) => unitOf(station, key))
export const useJobOfUnit = (key: string): UnitJobView | null => useStation((station) => jobOf(station, key))
