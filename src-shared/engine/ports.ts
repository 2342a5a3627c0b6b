// The ports: the only ways by which the engine touches the world. Adapters are in node/, fakes in testing/.
import type { DiskIdentity } from '#model/disk.ts'

/**
 * A disk, an image file, or memory. Offsets and lengths are bytes.
 * Contract (src-shared/testing/block-device-suite.ts runs it on every adapter):
 * - `read` fills `target` wholly or throws `disk.lost`, `disk.read-failed` or `disk.out-of-range`; never a short read.
 * - `read` answers from the medium, not from a cache of earlier reads or writes (O_DIRECT or the platform's equal).
 * - `write` returns when the bytes were handed over; only `flush` makes them survive a power cut.
 * - offset and length may be arbitrary; multiples of `sectorSize` from `allocate` buffers are the fast path.
 * - several reads and writes may be under way at once; overlapping ones are the caller's mistake.
 * - all throw EngineError with codes from base/errors/disk.ts; a vanished device is `disk.lost`.
 */
export interface BlockDevice extends AsyncDisposable {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly sectorSize: number
  readonly readOnly: boolean
  /** False when reads may be answered by a cache all the same (no O_DIRECT there); reports then say so. */
  readonly direct?: boolean
  read(offset: number, target: Uint8Array): Promise<void>
  write(offset: number, data: Uint8Array): Promise<void>
  flush(): Promise<void>
  /** Makes the range read as zeroes (punches a hole, or BLKZEROOUT-like, or writes them). */
  zero(offset: number, length: number): Promise<void>
  /** True only when the range is known to read as zero without reading it (hole in a file, fresh memory). */
  knownZero(offset: number, length: number): Promise<boolean>
  /** A buffer that direct I/O accepts (page-aligned). */
  allocate(length: number): Uint8Array
  /** Reads the identity anew from the device; throws `disk.lost` when it is gone. */
  identity(): Promise<DiskIdentity>
}

/** Random access to bytes that are not believed yet (a bundle, an image file, a file on a server). */
export interface ByteSource extends AsyncDisposable {
  readonly name: string
  readonly size: number
  /** Fills `target` from `offset`; throws `release.source-failed`, `release.truncated`, or `download.*`. */
  read(offset: number, target: Uint8Array): Promise<void>
}

export interface Clock {
  now(): Date
}

/** What holds a job up: reading the image, this computer's decoding and digests, or the disk. */
export type Limit = 'image' | 'computer' | 'disk'

/** What a running job says. `at` and `seq` are added at the edge. */
export type JobEvent =
  | { readonly type: 'step-started'; readonly step: number; readonly total: number; readonly title: string }
  | {
      readonly type: 'progress'
      readonly step: number
      readonly phase: 'write' | 'flush' | 'read-back' | 'authenticate'
      /** Bytes of `totalBytes`, in image coordinates: zero runs and unchanged blocks count as done. */
      readonly doneBytes: number
      readonly totalBytes: number
      /** Only where it was measured and one part stands out (engine/bottleneck.ts). */
      readonly limit?: Limit
    }
  | { readonly type: 'step-done'; readonly step: number; readonly evidence: Evidence }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }

/** What a step proved, by name (digests read back, bytes written, seconds); becomes the report. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>

/** Append-only record of one job; `append` returns after the line is on stable storage. */
export interface JournalStore {
  append(jobKey: string, line: Readonly<Record<string, unknown>>): Promise<void>
  read(jobKey: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}
