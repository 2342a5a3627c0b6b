// The signed list of a release, and an image's description. Bytes <-> model is format/manifest.ts (strict, zod).

export type Compression = 'none' | 'zstd' | 'gzip' | 'xz'
export type ImageRole = 'system' | 'esp'

/** How an image is cut into blocks and what each must be: enough to authenticate any block by itself. */
export interface ImageTable {
  /** Bytes of the plain image. */
  readonly size: number
  /** SHA-256 of the whole plain image, lower-case hexadecimal. */
  readonly sha256: string
  /** Power of two, 64 KiB to 16 MiB. The last block may be shorter. */
  readonly blockSize: number
  /** SHA-256 of each plain block (zeroes included), lower-case hexadecimal; ceil(size / blockSize) of them. */
  readonly blocks: readonly string[]
  /** [offset, length] of runs that read as zero: ascending, apart, multiples of 4096 (the last may end at `size`). */
  readonly zeroRuns: readonly (readonly [number, number])[]
}

export interface ManifestImage extends ImageTable {
  readonly role: ImageRole
  readonly compression: Compression
  /** Where its stored bytes begin in the bundle's payload; a multiple of 4096. */
  readonly offset: number
  /**
   * Stored bytes of each block, one after the other from `offset`: the block with its zero runs cut out, then
   * compressed on its own (one frame per block). 0 for a block that is all zeroes.
   */
  readonly stored: readonly number[]
}

export interface Manifest {
  readonly format: 'twinslot-manifest/1'
  readonly product: string
  /** DMI product names this release may be written for; empty means any. */
  readonly hardware: readonly string[]
  readonly version: string
  readonly channel: string
  /** Release counter: never goes down on a disk without a logged override. */
  readonly counter: number
  /** ISO 8601 UTC, seconds. */
  readonly created: string
  readonly expires: string | null
  /** Lowest installed version that may be updated to this release; null = any. */
  readonly minimumVersion: string | null
  readonly images: readonly ManifestImage[]
}
