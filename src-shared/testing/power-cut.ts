// Every state that a power cut can leave on a disk, from a recording of what was done to it. The model (docs/adr/0010):
// a flush makes everything before it durable; of what came after, any subset may have arrived; a sector arrives whole or
// not at all, larger writes may arrive in part.
import type { Pages } from './pages.ts'
import { seededRandom } from './random.ts'
import type { RecordedOp } from './recording.ts'

type Change = Exclude<RecordedOp, { kind: 'flush' }>

export interface CrashState {
  /** `prefix 12`, `subset 12.3`, `torn 12.0`: op number, and which sample. */
  readonly name: string
  /** What is on the disk then; forked, the taker may write it. Give it to memoryDisk({ pages }). */
  readonly pages: Pages
  /** Number of recorded operations that had been started. */
  readonly ops: number
}

export interface CrashOptions {
  readonly seed?: number
  /** Random subsets per epoch with more than one unflushed write (default 8). */
  readonly subsets?: number
  /** Random torn variants of each write of more than one sector (default 2). */
  readonly torn?: number
  readonly sectorSize?: number
  /** Writes longer than this are torn as well, but their neighbours' subsets matter more (default: all are torn). */
  readonly tornLimit?: number
}

function apply(pages: Pages, change: Change): void {
  if (change.kind === 'write') pages.write(change.offset, change.data)
  else pages.zero(change.offset, change.length)
}

const lengthOf = (change: Change): number => (change.kind === 'write' ? change.data.length : change.length)

/** Some sectors of the change arrive: a random start part, end part, or scattered ones. */
function applyTorn(pages: Pages, change: Change, sectorSize: number, random: () => number): void {
  const sectors = Math.ceil(lengthOf(change) / sectorSize)
  const cut = 1 + Math.floor(random() * (sectors - 1))
  const manner = Math.floor(random() * 3)
  for (let i = 0; i < sectors; i++) {
    const arrives = manner === 0 ? i < cut : manner === 1 ? i >= cut : random() < 0.5
    if (!arrives) continue
    const at = i * sectorSize
    const length = Math.min(sectorSize, lengthOf(change) - at)
    if (change.kind === 'write') pages.write(change.offset + at, change.data.subarray(at, at + length))
    else pages.zero(change.offset + at, length)
  }
}

/** Changes between two flushes, with the number of operations before the first. */
function epochsOf(ops: readonly RecordedOp[]): { readonly first: number; readonly changes: Change[] }[] {
  const epochs: { first: number; changes: Change[] }[] = [{ first: 0, changes: [] }]
  ops.forEach((op, index) => {
    if (op.kind === 'flush') epochs.push({ first: index + 1, changes: [] })
    else epochs[epochs.length - 1].changes.push(op)
  })
  return epochs
}

/**
 * Yields every prefix of the recording (each op wholly there), then per epoch sampled subsets of its unflushed changes and
 * torn variants of each change. `before` is the disk as it was; it is forked, not changed.
 */
export function* crashStates(
  before: Pages,
  ops: readonly RecordedOp[],
  options: CrashOptions = {},
): Generator<CrashState> {
  const { seed = 1, subsets = 8, torn = 2, sectorSize = 512, tornLimit = Number.POSITIVE_INFINITY } = options
  const random = seededRandom(seed)
  const durable = before.fork()
  yield { name: 'prefix 0', pages: durable.fork(), ops: 0 }
  for (const { first, changes } of epochsOf(ops)) {
    const sofar = durable.fork()
    for (const [i, change] of changes.entries()) {
      const tearable = lengthOf(change) > sectorSize && lengthOf(change) <= tornLimit
      for (let sample = 0; tearable && sample < torn; sample++) {
        const pages = sofar.fork()
        applyTorn(pages, change, sectorSize, random)
        yield { name: `torn ${first + i + 1}.${sample}`, pages, ops: first + i + 1 }
      }
      apply(sofar, change)
      yield { name: `prefix ${first + i + 1}`, pages: sofar.fork(), ops: first + i + 1 }
    }
    for (let sample = 0; changes.length > 1 && sample < subsets; sample++) {
      const pages = durable.fork()
      const chance = random()
      for (const change of changes) if (random() < chance) apply(pages, change)
      yield { name: `subset ${first + changes.length}.${sample}`, pages, ops: first + changes.length }
    }
    for (const change of changes) apply(durable, change)
  }
}
