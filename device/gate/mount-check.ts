// Are the partitions of the appliance mounted where and how they should be (proc(5), mountinfo)? Pure.
import { boundConfig, CONFIG_DIR } from '#model/config-home.ts'
import type { Layout, PartitionRole } from '#model/layout.ts'

/** Path -> options that its mount must have. */
export type ExpectedMounts = Readonly<Record<string, readonly string[]>>

const DATA = ['rw', 'nodev', 'nosuid', 'noexec']
const OPTIONS: Readonly<Partial<Record<PartitionRole, readonly string[]>>> = {
  // Read-only for people and programs; the device's own programs remount it for a moment to write.
  esp: ['nodev', 'nosuid', 'noexec'],
  config: DATA,
  data: DATA,
  media: DATA,
  logs: DATA,
  cache: DATA,
}

/** What the specifications ask of the mounts of a layout; the slots are the root and no mount of their own. */
export const mountsOfLayout = (layout: Layout): ExpectedMounts => ({
  ...Object.fromEntries(
    layout.partitions.flatMap(({ mount, role }) => (mount && OPTIONS[role] ? [[mount, OPTIONS[role]]] : [])),
  ),
  ...(boundConfig(layout.partitions) === null ? {} : { [CONFIG_DIR]: DATA }),
})

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** Options of the topmost mount at each mount point: those of the mount, and `ro` when the file system is. */
function mountOptions(mountinfo: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ')
    const dash = fields.indexOf('-', 6)
    if (dash < 0 || fields.length < dash + 4) continue
    const options = new Set(fields[5].split(','))
    if (fields[dash + 3].split(',').includes('ro')) options.add('ro').delete('rw')
    // Later lines lie on top of earlier ones.
    found.set(unescapeOctal(fields[4]), options)
  }
  return found
}

/** What is wrong, one entry a mount: "/config is not mounted", "/data lacks noexec". */
export function mountProblems(mountinfo: string, expected: ExpectedMounts): string[] {
  const mounted = mountOptions(mountinfo)
  return Object.entries(expected).flatMap(([path, wanted]) => {
    const options = mounted.get(path)
    if (!options) return [`${path} is not mounted`]
    const lacking = wanted.filter((option) => !options.has(option))
    return lacking.length > 0 ? [`${path} lacks ${lacking.join(', ')}`] : []
  })
}
