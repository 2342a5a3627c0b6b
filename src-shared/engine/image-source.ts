// One image as the copy pipeline sees it: the authenticated table, and where each block's stored bytes lie.
import type { Compression, ImageTable } from '#model/manifest.ts'
import type { ByteSource } from './ports.ts'

export interface ImageSource {
  /** Believed: comes from a signed manifest, or from a whole pass over a file whose signature was checked. */
  readonly table: ImageTable
  /** Not believed: every block is checked against the table before a byte of it is written. */
  readonly bytes: ByteSource
  readonly compression: Compression
  /** True in a bundle: zero runs are cut out of the stored blocks. False for a plain .img file. */
  readonly packed: boolean
  /** Place of block `index` in `bytes`. Length 0 when packed and all zero. */
  stored(index: number): { readonly offset: number; readonly length: number }
}
