// What the copy pipeline asks of the machine besides disks and sources: decoding and hashing off the main thread, and time.
import type { Compression } from '#model/manifest.ts'

/** One stored block to be made plain. */
export interface StoredBlock {
  readonly stored: Uint8Array
  readonly compression: Compression
  /** [offset, length] in the plain block that were cut out before compressing; they become zero. */
  readonly zeroes: readonly (readonly [number, number])[]
}

/** Memory that is used again: collected late, the buffers of eight units would all be there at once. */
export interface SpareBuffers {
  /** A buffer of that length, with whatever was in it; undefined when there is none. */
  take(length: number): Uint8Array | undefined
  /** Nobody reads or writes it any more. */
  put(bytes: Uint8Array): void
}

/** Decodes and hashes. node/codec/block-codec.ts does it in worker threads. */
export interface BlockCodec {
  /** How many calls are worth having under way at once. */
  readonly parallel: number
  /** A buffer that this codec reaches without copying and that direct I/O accepts. */
  allocate(length: number): Uint8Array
  /** Buffers that others gave back; absent where nobody keeps them. */
  readonly spare?: SpareBuffers
  /**
   * Fills `target` with the plain block and answers its SHA-256, lower-case hexadecimal. Throws
   * `write.source-undecodable` when the stored bytes are damaged or give more or fewer bytes than the target has room for.
   */
  unpack(block: StoredBlock, target: Uint8Array): Promise<string>
  /** SHA-256, lower-case hexadecimal. */
  digest(data: Uint8Array): Promise<string>
  /** CRC-32: a third of the work of a digest, for comparing with a block whose digest was checked (docs/adr/0008). */
  checksum(data: Uint8Array): Promise<number>
}

/** Time for measuring and for limited patience; absent in tests that need neither. */
export interface Pace {
  /** Milliseconds from any fixed point. */
  now(): number
  sleep(milliseconds: number): Promise<void>
}
