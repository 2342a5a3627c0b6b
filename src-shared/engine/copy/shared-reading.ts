// One reading and decoding of an image for the units of a batch, each of which runs a job of its own and comes when its own
// steps have got so far. Who comes late is waited for like a slow target (block-feed.ts): within patience; then it reads for
// itself. Promises: a unit that fails, leaves or hangs holds up no other beyond that; one may join at any time.
import type { ImageSource } from '../image-source.ts'
import { type BlockFeed, sharedFeeds } from './block-feed.ts'
import { PATIENCE_MS, windowOf } from './copy-image.ts'
import type { BlockCodec, Pace } from './ports.ts'

export interface SharedReading {
  /** A unit that is about to begin: whoever is first waits for it, within patience. */
  join(): UnitReading
}

/** What one unit has of it. */
export interface UnitReading {
  /** The blocks of the image, for the unit's next copy; the copy leaves the feed when it ends. */
  feed(): BlockFeed
  /** The unit's next copy needs no feed (it compares for itself). */
  skip(): void
  /** No more copies. */
  leave(): void
}

export interface SharedReadingOptions {
  readonly source: ImageSource
  readonly codec: BlockCodec
  readonly pace: Pace
  /** How long, in all, the others wait for one slow unit in each copy. */
  readonly patienceMs?: number
}

interface Unit {
  /** Copies that it began or skipped. */
  copies: number
  /** Feeds that were made for it and not taken yet, by the number of the copy. */
  readonly kept: Map<number, BlockFeed>
}

/** Shares `source` among units that join one after the other. */
export function sharedReading(options: SharedReadingOptions): SharedReading {
  const { source, codec, pace, patienceMs = PATIENCE_MS } = options
  const units = new Set<Unit>()

  /** A pass over the image for `unit` and everybody who has the same copy still before them. */
  function beginPass(unit: Unit, copy: number): BlockFeed {
    const others = [...units].filter((each) => each !== unit && each.copies <= copy && !each.kept.has(copy))
    const window = windowOf(source.table)
    const { feeds } = sharedFeeds({ source, codec, targets: 1 + others.length, window, patienceMs, pace })
    for (const [index, other] of others.entries()) other.kept.set(copy, feeds[index + 1])
    return feeds[0]
  }
  const take = (unit: Unit): [number, BlockFeed | undefined] => {
    const copy = unit.copies++
    const kept = unit.kept.get(copy)
    unit.kept.delete(copy)
    return [copy, kept]
  }
  return {
    join() {
      const unit: Unit = { copies: 0, kept: new Map() }
      units.add(unit)
      return {
        feed() {
          const [copy, kept] = take(unit)
          return kept ?? beginPass(unit, copy)
        },
        skip: () => take(unit)[1]?.leave(),
        leave() {
          units.delete(unit)
          for (const feed of unit.kept.values()) feed.leave()
          unit.kept.clear()
        },
      }
    },
  }
}
