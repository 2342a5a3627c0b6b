// What every spec of the console begins with: releases, one station for the whole file, and the reason why its tests are
// skipped where there is no window.
import { after, before } from 'node:test'
import { type Fixtures, openFixtures } from './fixtures.ts'
import { cannotRun, openStation, windowKind } from './open-console.ts'
import type { Station, StationOptions } from './station.ts'

export interface SpecOptions extends Omit<Partial<StationOptions>, 'releases'> {
  /** What the library has; `one` when nothing is said. */
  releases?(it: Fixtures): Promise<readonly string[]>
  /** Opens the station in another way than with these options. */
  open?(it: Fixtures): Promise<Station>
  /** Afterwards, before the first test. */
  prepare?(station: Station, it: Fixtures): Promise<void>
  /** What else is missing here. */
  readonly missing?: string | null
}

export interface Spec {
  /** For the options of each test. */
  readonly skip: string | false
  readonly it: Fixtures
  readonly station: Station
}

/** `skip` of a test that is about the browser host or Chromium itself: the desktop pass counts it as skipped. */
export const browserOnly = (why: string): string | false =>
  cannotRun('browser') ?? (windowKind() === 'browser' ? false : `only in the browser: ${why}`)

/** Opens fixtures and station before the tests of this file, closes both afterwards; opens nothing when all are skipped. */
export function consoleSpec(options: SpecOptions, skip: string | false = cannotRun() ?? false): Spec {
  const { releases, open, prepare, missing, ...rest } = options
  const why = skip || missing || false
  let it: Fixtures | undefined
  let station: Station | undefined
  before(async () => {
    if (why) return
    it = await openFixtures()
    const images = (await releases?.(it)) ?? [it.one]
    const all = { data: it.room.path('data'), trust: it.trust, releases: images, ...rest }
    station = await (open?.(it) ?? openStation(all))
    await prepare?.(station, it)
  })
  after(async () => {
    try {
      await station?.[Symbol.asyncDispose]()
    } finally {
      await it?.[Symbol.asyncDispose]()
    }
  })
  return {
    skip: why,
    get it() {
      return opened(it)
    },
    get station() {
      return opened(station)
    },
  }
}

function opened<T>(it: T | undefined): T {
  if (it === undefined) throw new Error('a spec has its station while its tests run')
  return it
}
