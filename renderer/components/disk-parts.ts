// The disk as parts in their order, free space included. Pure.
import type { PartitionView } from '#contract/views.ts'

export interface DiskPart {
  readonly key: string
  readonly role: PartitionView['role'] | 'free'
  readonly name: string | null
  readonly holds: string
  readonly size: number
}

/** Gaps smaller than this part of the disk are alignment, not free space. */
const SMALLEST_GAP = 0.005

/** Partitions and the free space between them, in the order on the disk. */
export function partsOfDisk(partitions: readonly PartitionView[], size: number): readonly DiskPart[] {
  const parts: DiskPart[] = []
  let at = 0
  const gapUntil = (offset: number): void => {
    if (offset - at > size * SMALLEST_GAP)
      parts.push({ key: `free-${at}`, role: 'free', name: null, holds: '', size: offset - at })
  }
  for (const part of partitions.toSorted((a, b) => a.offset - b.offset)) {
    gapUntil(part.offset)
    parts.push({ key: `part-${part.number}`, role: part.role, name: part.name, holds: part.holds, size: part.size })
    at = part.offset + part.size
  }
  gapUntil(size)
  return parts
}
