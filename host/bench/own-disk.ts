// The disk that this computer runs from. Like every system disk it is never written. It is hidden, too, unless it is an
// appliance's and the console runs on that appliance: then it is shown, read only, with the slot that runs.
import type { DiskInfo } from '#model/disk.ts'
import type { Slot } from '#model/slot.ts'
import { type KernelLine, runningSlotOf } from '#node/boot/kernel-line.ts'
import { type Look, lookAtUnit } from './look.ts'

export interface OwnDisk {
  /** The system disk to show, when it is certain that it is the one; it is looked at once. */
  find(disks: readonly DiskInfo[]): Promise<DiskInfo | null>
  runningOn(look: Look): Slot | null
}

export function openOwnDisk(line: KernelLine | null): OwnDisk {
  const looked = new Map<string, Slot | null>()
  const runningOn = ({ seen }: Look): Slot | null => (line && seen ? runningSlotOf(line, seen) : null)
  const slotOf = async (disk: DiskInfo): Promise<Slot | null> => {
    const { serial, wwn, size, busPath } = disk.identity
    const who = [disk.path, serial, wwn, size, busPath].join(' ')
    const known = looked.get(who)
    if (known !== undefined) return known
    const slot = runningOn(await lookAtUnit(disk))
    looked.set(who, slot)
    return slot
  }
  return {
    runningOn,
    async find(disks) {
      // Most computers boot otherwise; their system disks are not even opened.
      if (!line?.rootGuid) return null
      const found: DiskInfo[] = []
      for (const disk of disks) if (disk.system && (await slotOf(disk)) !== null) found.push(disk)
      // Two with the same GUIDs are one too many.
      return found.length === 1 ? found[0] : null
    },
  }
}
