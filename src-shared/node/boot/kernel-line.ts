// What the kernel was told at boot: which slot runs (`ab.partition=`), and where the root file system is. The boot loader of an
// A/B disk writes both; every other system has a line, too, and it says nothing of slots.
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { DiskObservation } from '#model/observation.ts'
import { SLOTS, type Slot } from '#model/slot.ts'
import { readBoundedTextSync } from '../os/bounded-read.ts'

export interface KernelLine {
  /** Every distinct `ab.partition=A|B`. */
  readonly slots: readonly Slot[]
  /** `root=`, the last one, as the kernel takes it. */
  readonly root: string | null
  /** The partition GUID of `root=PARTUUID=...`, upper case. */
  readonly rootGuid: string | null
}

export function parseKernelLine(text: string): KernelLine {
  const words = text.trim().split(/\s+/)
  const values = (name: string) => words.filter((word) => word.startsWith(name)).map((word) => word.slice(name.length))
  const root = values('root=').at(-1) ?? null
  return {
    slots: SLOTS.filter((slot) => values('ab.partition=').includes(slot)),
    root,
    rootGuid: /^PARTUUID=(.+)$/i.exec(root ?? '')?.[1].toUpperCase() ?? null,
  }
}

/** @throws EngineError `own.disk-unknown` */
export function readKernelLine(proc: string): KernelLine {
  try {
    return parseKernelLine(readBoundedTextSync(join(proc, 'cmdline')))
  } catch (cause) {
    throw new EngineError('own.disk-unknown', { reason: 'the kernel command line cannot be read' }, { cause })
  }
}

/**
 * The slot of this disk that the computer runs from; null when it runs from elsewhere, and in every doubt: the root is none
 * of the slots, the line names the other slot or both, the disk carries nothing of the running system (a copy of it).
 */
export function runningSlotOf(line: KernelLine, { disk, table, slots }: DiskObservation): Slot | null {
  if (line.rootGuid === null || !disk.system || !table || !slots) return null
  const root = table.entries.find(({ uniqueGuid }) => uniqueGuid.toUpperCase() === line.rootGuid)
  if (!root) return null
  const running = SLOTS.find((slot) => slots[slot].offset === root.firstLba * table.sectorSize) ?? null
  return line.slots.every((named) => named === running) ? running : null
}
