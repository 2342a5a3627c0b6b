// Releases that a runner holds open for its units: authenticated and checked once, and read together, for all units that have
// the same wish. Promises: a unit joins only what is still true of it (the same files, the same trust list, not long ago),
// else it is opened and authenticated anew; what nobody uses any more is closed.
import { EngineError } from '#base/errors.ts'
import { type RunnerJob, TAKES_UNITS_MS } from '#contract/runner.ts'
import { sha256Hex } from '#node/codec/hashing.ts'
import type { Job } from '#node/job/station.ts'
import { openStationJob, openStationUnits, type SharedWish, type StationUnits } from '#node/job/station-job.ts'
import { openNamed } from '#node/os/caller.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import type { Authority } from './authority.ts'
import { orAborted } from './turns.ts'

/** One unit that opens something. */
export interface OpeningUnit {
  readonly signal: AbortSignal
  /** Long work before planning; told to every unit that waits for it. */
  progress(title: string, doneBytes: number, totalBytes: number): void
}

export interface OpenedJob extends AsyncDisposable {
  readonly job: Job
}

export interface Openings {
  /** @throws EngineError what openStationJob throws, `job.cancelled` */
  open(job: RunnerJob, unit: OpeningUnit): Promise<OpenedJob>
}

interface Opening {
  readonly units: Promise<StationUnits>
  readonly stop: AbortController
  readonly users: Set<OpeningUnit>
  readonly until: number
}

/** The file that is under a name now, for whoever asks; null when it cannot be opened, which the opening will say better. */
async function fileNow(path: string): Promise<string | null> {
  try {
    await using file = await openNamed(path)
    const { dev, ino, size, mtimeMs, ctimeMs } = await file.stat()
    return [dev, ino, size, mtimeMs, ctimeMs].join(':')
  } catch {
    return null
  }
}

const keysNow = ({ keys, revoked }: TrustedKeys): unknown => [
  keys.map((key) => sha256Hex(key.write())),
  [...revoked].sort(),
]

export function openOpenings(
  authority: Pick<Authority, 'readTrust'>,
  now: () => number = () => performance.now(),
): Openings {
  const shared = new Map<string, Opening>()

  const keyOf = async (wish: SharedWish): Promise<string> => {
    const { target, at, by, ...same } = wish
    const trusted = keysNow(await authority.readTrust(wish.trust))
    const files = await Promise.all(
      [wish.release, 'boot' in wish ? wish.boot : null].map((path) => path && fileNow(path)),
    )
    return JSON.stringify([same, trusted, files])
  }

  function begin(key: string, wish: SharedWish): Opening {
    const stop = new AbortController()
    const users = new Set<OpeningUnit>()
    const units = openStationUnits(wish, {
      signal: stop.signal,
      readTrust: authority.readTrust,
      opened() {},
      progress(...what) {
        for (const user of users) user.progress(...what)
      },
    })
    const opening = { units, stop, users, until: now() + TAKES_UNITS_MS }
    shared.set(key, opening)
    // Who waits for it is told; whoever comes after tries anew.
    units.catch(() => forget(key, opening))
    return opening
  }
  const forget = (key: string, opening: Opening): void => {
    if (shared.get(key) === opening) shared.delete(key)
  }

  async function leave(key: string, opening: Opening, unit: OpeningUnit): Promise<void> {
    opening.users.delete(unit)
    if (opening.users.size > 0) return
    forget(key, opening)
    opening.stop.abort(new EngineError('job.cancelled'))
    const [units] = await Promise.allSettled([opening.units])
    if (units.status === 'fulfilled') await units.value[Symbol.asyncDispose]()
  }

  return {
    async open(wish, unit) {
      if (wish.kind !== 'provision' && wish.kind !== 'flash')
        return await openStationJob(wish, { ...unit, readTrust: authority.readTrust, opened() {} })
      const key = await keyOf(wish)
      const known = shared.get(key)
      const opening = known && now() < known.until ? known : begin(key, wish)
      opening.users.add(unit)
      try {
        const { jobFor } = await orAborted(opening.units, unit.signal)
        return { job: jobFor(wish), [Symbol.asyncDispose]: () => leave(key, opening, unit) }
      } catch (error) {
        await leave(key, opening, unit)
        throw error
      }
    },
  }
}
