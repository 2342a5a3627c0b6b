// Two units that say they are the same (equal serial, or none) cannot be told apart by looking. The one that is unplugged
// and plugged in again while the other stays is known from then on, until either leaves.
import type { DiskInfo } from '#model/disk.ts'

/** What two units may have in common; null for a file, whose path tells it apart. */
const nameOf = ({ bus, identity }: DiskInfo): string | null =>
  bus === 'file' ? null : `${identity.serial ?? ''} ${identity.wwn ?? ''} ${identity.size}`

export interface Twins {
  /** Takes the present disks; answers the bus paths that need to be told apart. */
  update(disks: readonly DiskInfo[]): ReadonlySet<string>
}

export function openTwins(): Twins {
  let before: ReadonlyMap<string, string> = new Map()
  const left = new Map<string, string>()
  const known = new Set<string>()
  return {
    update(disks) {
      const now = new Map<string, string>()
      for (const disk of disks) {
        const name = nameOf(disk)
        if (name !== null) now.set(disk.identity.busPath, name)
      }
      for (const [path, name] of before)
        if (!now.has(path)) {
          known.delete(path)
          left.set(path, name)
        }
      const names = [...now.values()]
      for (const [path, name] of now) {
        const returned = !before.has(path) && [...left.values()].includes(name)
        const otherStayed = [...now].some(([other, its]) => other !== path && its === name && before.has(other))
        if (returned && otherStayed) known.add(path)
        if (returned) left.delete(path)
      }
      before = now
      const twins = [...now].filter(([, name]) => names.filter((each) => each === name).length > 1)
      return new Set(twins.map(([path]) => path).filter((path) => !known.has(path)))
    },
  }
}
