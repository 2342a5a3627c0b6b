// Where tools look for what a disk or a partition holds (libblkid's probers): relative to its start and to its end. Old
// content at these places makes new content ambiguous, and a disk that has any is not blank.
import { GIB, KIB, MIB } from '#base/bytes.ts'
import type { Extent } from './observation.ts'

/** The deepest from the start: the second header of LUKS2 at 4 MiB; VMFS is at 1 and 2 MiB, ZFS below 512 KiB. */
const HEAD = 4 * MIB + 64 * KIB
/** The farthest from the end: firmware RAID of Promise, 3087 sectors; ZFS 512 KiB, MD 0.90 up to 128 KiB, GPT 33 sectors. */
const TAIL = 2 * MIB
/** Further copies of a btrfs superblock, which its rescue tools go by. */
const MIRRORS = [64 * MIB, 256 * GIB]
const MIRROR = 4 * KIB

/** The places of one disk or partition, inside of it; they may overlap. */
export function signaturePlaces({ offset, length }: Extent): Extent[] {
  const head = Math.min(HEAD, length)
  const tail = Math.min(TAIL, length)
  const mirrors = MIRRORS.filter((at) => at + MIRROR <= length)
  return [
    { offset, length: head },
    ...mirrors.map((at) => ({ offset: offset + at, length: MIRROR })),
    { offset: offset + length - tail, length: tail },
  ]
}

/** Spots all over a disk that are looked at before it is called blank: what lost its table still has its content. */
export function sampleSpots(size: number): Extent[] {
  const spots = 16
  const length = 64 * KIB
  if (size < 2 * spots * length) return [{ offset: 0, length: size }]
  return Array.from({ length: spots }, (_, index) => {
    const at = Math.floor((size * (index + 1)) / (spots + 1))
    return { offset: at - (at % (4 * KIB)), length }
  })
}
