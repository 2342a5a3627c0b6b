// A disk that remembers: before a range is overwritten, its old bytes go into the journal, on stable storage. Written back
// in reverse order, they make the disk what it was, byte by byte.
import { isZero, toHex } from '#base/bytes.ts'
import type { BlockDevice, JournalStore } from './ports.ts'

/** Bytes per line of the journal. */
const PIECE = 256 * 1024

export interface RememberingDevice {
  readonly device: BlockDevice
  /** Old bytes kept so far. */
  bytes(): number
}

/** Passes everything on to `inner`; disposing closes it. Lines: `{event: "old-bytes", step, offset, length, hex}`. */
export function keepOldBytes(
  inner: BlockDevice,
  journal: JournalStore,
  jobKey: string,
  step: number,
): RememberingDevice {
  let kept = 0
  // Several writes may be under way; the journal gets one line after the other.
  let turn: Promise<void> = Promise.resolve()
  const keep = (offset: number, length: number): Promise<void> => {
    turn = turn.then(() => keepNow(offset, length))
    return turn
  }
  async function keepNow(offset: number, length: number): Promise<void> {
    for (let done = 0; done < length; done += PIECE) {
      const piece = inner.allocate(Math.min(PIECE, length - done))
      await inner.read(offset + done, piece)
      // Zeroes are told by their length alone.
      const hex = isZero(piece) ? null : toHex(piece)
      await journal.append(jobKey, {
        event: 'old-bytes',
        step,
        offset: offset + done,
        length: piece.length,
        hex,
      })
      kept += piece.length
    }
  }
  const device: BlockDevice = {
    path: inner.path,
    size: inner.size,
    sectorSize: inner.sectorSize,
    readOnly: inner.readOnly,
    ...(inner.direct === undefined ? {} : { direct: inner.direct }),
    read: (offset, target) => inner.read(offset, target),
    async write(offset, data) {
      await keep(offset, data.length)
      await inner.write(offset, data)
    },
    async zero(offset, length) {
      await keep(offset, length)
      await inner.zero(offset, length)
    },
    flush: () => inner.flush(),
    knownZero: (offset, length) => inner.knownZero(offset, length),
    allocate: (length) => inner.allocate(length),
    identity: () => inner.identity(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
  return { device, bytes: () => kept }
}
