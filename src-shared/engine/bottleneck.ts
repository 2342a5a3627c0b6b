// Which part holds a job up: the image's source, this computer (decoding, digests), or the disk. Measured at the ports, by how
// much of the time each had something under way: in a pipeline the slowest part is always at work, the others wait for it.
// Promises: nothing is said before it was measured, or when no part stands out; what passes through is not changed.
import type { BlockCodec, Pace } from './copy/ports.ts'
import type { ImageSource } from './image-source.ts'
import type { BlockDevice, JobEvent, Limit } from './ports.ts'
import type { ReleaseImages } from './steps/context.ts'

/** Measured anew this often. */
const WINDOW_MS = 2000
/** A part that is idle half of the time limits nothing. */
const LEAST_SHARE = 0.5
/** As much more than every other part. */
const LEAST_LEAD = 0.1

type Measure = <T>(part: Limit, work: () => Promise<T>) => Promise<T>

export interface Bottleneck {
  device(inner: BlockDevice): BlockDevice
  codec(inner: BlockCodec): BlockCodec
  release(inner: ReleaseImages | null): ReleaseImages | null
  /** Adds what limits it to progress. Steps and phases are measured apart. */
  mark(event: JobEvent): JobEvent
}

interface Part {
  underWay: number
  since: number
  busyMs: number
}

export function openBottleneck({ now }: Pick<Pace, 'now'>): Bottleneck {
  const parts = new Map<Limit, Part>(
    (['image', 'computer', 'disk'] as const).map((name) => [name, { underWay: 0, since: 0, busyMs: 0 }]),
  )
  let beganAt = now()
  let phase = ''
  let found: Limit | null = null

  const begin = (at: number): void => {
    beganAt = at
    for (const part of parts.values()) {
      part.since = at
      part.busyMs = 0
    }
  }
  const judge = (at: number): Limit | null => {
    const shares = [...parts].map(([name, { underWay, since, busyMs }]) => {
      const busy = busyMs + (underWay > 0 ? at - since : 0)
      return { name, share: busy / (at - beganAt) }
    })
    const [first, second] = shares.toSorted((a, b) => b.share - a.share)
    return first.share >= LEAST_SHARE && first.share - second.share >= LEAST_LEAD ? first.name : null
  }
  const measure: Measure = async (name, work) => {
    const part = parts.get(name)
    if (!part) return await work()
    if (part.underWay++ === 0) part.since = now()
    try {
      return await work()
    } finally {
      if (--part.underWay === 0) part.busyMs += now() - part.since
    }
  }
  return {
    device: (inner) => measuredDevice(inner, measure),
    codec: (inner) => measuredCodec(inner, measure),
    release: (inner) => inner && { image: (role) => measuredImage(inner.image(role), measure) },
    mark(event) {
      if (event.type !== 'progress') return event
      const at = now()
      const current = `${event.step} ${event.phase}`
      if (current !== phase) {
        phase = current
        found = null
        begin(at)
      } else if (at - beganAt >= WINDOW_MS) {
        found = judge(at)
        begin(at)
      }
      return found === null ? event : { ...event, limit: found }
    },
  }
}

const measuredDevice = (inner: BlockDevice, measure: Measure): BlockDevice => ({
  path: inner.path,
  size: inner.size,
  sectorSize: inner.sectorSize,
  readOnly: inner.readOnly,
  ...(inner.direct === undefined ? {} : { direct: inner.direct }),
  read: (offset, target) => measure('disk', () => inner.read(offset, target)),
  write: (offset, data) => measure('disk', () => inner.write(offset, data)),
  flush: () => measure('disk', () => inner.flush()),
  zero: (offset, length) => measure('disk', () => inner.zero(offset, length)),
  knownZero: (offset, length) => inner.knownZero(offset, length),
  allocate: (length) => inner.allocate(length),
  identity: () => inner.identity(),
  [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
})

const measuredCodec = (inner: BlockCodec, measure: Measure): BlockCodec => ({
  parallel: inner.parallel,
  allocate: (length) => inner.allocate(length),
  ...(inner.spare ? { spare: inner.spare } : {}),
  unpack: (block, target) => measure('computer', () => inner.unpack(block, target)),
  digest: (data) => measure('computer', () => inner.digest(data)),
  checksum: (data) => measure('computer', () => inner.checksum(data)),
})

function measuredImage(inner: ImageSource | null, measure: Measure): ImageSource | null {
  if (!inner) return null
  const { bytes } = inner
  return {
    table: inner.table,
    compression: inner.compression,
    packed: inner.packed,
    stored: (index) => inner.stored(index),
    bytes: {
      name: bytes.name,
      size: bytes.size,
      read: (offset, target) => measure('image', () => bytes.read(offset, target)),
      [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
    },
  }
}
