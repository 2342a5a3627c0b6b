// What every layout must satisfy, whatever disk it goes to: roles, order, names, labels. Rules that depend on the disk
// are in plan/layout.ts.
import { MIB, utf8 } from '#base/bytes.ts'
import { type Finding, finding } from '#base/errors.ts'
import { CONFIG_DIR, configHome, configHomeByName, HOME_NAMES } from './config-home.ts'
import type { FilesystemKind, Layout, PartitionRole, PartitionSpec } from './layout.ts'

export const ROLES: readonly PartitionRole[] = ['esp', 'slot-a', 'slot-b', 'config', 'data', 'media', 'logs', 'cache']
export const FILESYSTEMS: readonly FilesystemKind[] = ['fat32', 'ext4', 'xfs', 'none']

/** Partition numbers the boot loader relies on. */
const PLACES: ReadonlyMap<PartitionRole, number> = new Map([
  ['esp', 1],
  ['slot-a', 2],
  ['slot-b', 3],
])

/** Roles whose content the firmware or GRUB reads. */
const isBootRole = (role: PartitionRole): boolean => PLACES.has(role)

export const allowedFilesystems = (role: PartitionRole): readonly FilesystemKind[] =>
  role === 'esp' ? ['fat32'] : isBootRole(role) ? ['none'] : ['ext4', 'xfs', 'none']

/** Least bytes that the file system can be made in; FAT32 depends on the sector size, see minimumFat32Bytes. */
const LEAST: Readonly<Record<FilesystemKind, number>> = { none: MIB, ext4: 8 * MIB, xfs: 300 * MIB, fat32: 0 }
/** LUKS2 header areas. */
const LUKS_HEADER = 16 * MIB

export const leastBytes = (part: PartitionSpec): number =>
  LEAST[part.filesystem] + (part.encryption === undefined ? 0 : LUKS_HEADER)

const LABELS: Readonly<Record<FilesystemKind, { limit: number; pattern: RegExp; allowed: string }>> = {
  fat32: { limit: 11, pattern: /^[A-Z0-9 _-]+$/, allowed: 'A-Z, 0-9, space, "_" and "-"' },
  ext4: { limit: 16, pattern: /^[\x21-\x7e]+$/, allowed: 'printable ASCII without spaces' },
  xfs: { limit: 12, pattern: /^[\x21-\x7e]+$/, allowed: 'printable ASCII without spaces' },
  none: { limit: 0, pattern: /^$/, allowed: 'nothing: a partition without file system has no label' },
}

/**
 * All that is wrong with a layout by itself. `lines` are the lines of a layout file on which its partitions start.
 * Codes: `layout.role-count`, `layout.order`, `layout.rest-not-last`, `layout.size-too-small`, `layout.filesystem`,
 * `layout.encryption`, `layout.name-invalid`, `layout.label-invalid`, `layout.mount-invalid`.
 */
export function checkLayout(layout: Layout, lines?: readonly number[]): Finding[] {
  const findings: Finding[] = []
  for (const role of ROLES) {
    const found = layout.partitions.filter((part) => part.role === role).length
    const boot = isBootRole(role)
    if (found > 1 || (boot && found === 0)) {
      const expected = boot ? 'exactly one' : 'at most one'
      findings.push(finding('layout.role-count', { layout: layout.name, role, expected, found }))
    }
  }
  const names = new Set<string>()
  const mounts = new Set<string>()
  layout.partitions.forEach((part, index) => {
    const line = lines === undefined ? '' : `line ${lines[index]}, `
    const where = `${line}partition ${index + 1} "${part.name}"`
    findings.push(...checkPlace(part, index, index === layout.partitions.length - 1, where), ...checkKind(part, where))
    if (!/^[^\p{C}\p{Zl}\p{Zp}]{1,36}$/u.test(part.name) || part.name.length > 36 || names.has(part.name))
      findings.push(finding('layout.name-invalid', { where, found: part.name }))
    names.add(part.name)
    if (part.mount === undefined) return
    if (!isMountPoint(part.mount) || mounts.has(part.mount))
      findings.push(finding('layout.mount-invalid', { where, found: part.mount }))
    mounts.add(part.mount)
  })
  return findings
}

/**
 * Why files for /config would be found by nobody on a disk of this layout: the appliance mounts their partition, and the
 * bench finds it again by its name. Codes: `plan.config-missing-partition`, `layout.config-home`.
 */
export function checkConfigHome(layout: Layout): Finding[] {
  const home = configHome(layout.partitions)
  if (!home) return [finding('plan.config-missing-partition', { layout: layout.name })]
  const { partition, directory } = home
  const where = `partition ${layout.partitions.indexOf(partition) + 1} "${partition.name}"`
  const findings: Finding[] = []
  const must = (what: string, expected: string, found = 'missing') =>
    findings.push(finding('layout.config-home', { where, what, expected, found }))
  if (partition.filesystem !== 'ext4') must('file system', 'ext4', partition.filesystem)
  if (configHomeByName(layout.partitions)?.partition !== partition)
    must('name', `${HOME_NAMES[partition.role]?.join(' or ')}, and no other partition's`, partition.name)
  if (directory === '' ? partition.mount !== CONFIG_DIR : partition.mount === undefined)
    must('mount point', directory === '' ? CONFIG_DIR : 'given', partition.mount)
  const inTheWay = layout.partitions.find((part) => part !== partition && part.mount === CONFIG_DIR)
  if (inTheWay) must('mount point', `the only one at ${CONFIG_DIR}`, `${inTheWay.mount} of ${inTheWay.name}`)
  return findings
}

const isMountPoint = (path: string): boolean =>
  /^(\/[A-Za-z0-9._-]+)+$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..')

function checkPlace(part: PartitionSpec, index: number, last: boolean, where: string): Finding[] {
  const findings: Finding[] = []
  const place = PLACES.get(part.role)
  if (place !== undefined && place !== index + 1)
    findings.push(finding('layout.order', { where, role: part.role, expected: place, found: index + 1 }))
  if (part.size === 'rest' && !last) findings.push(finding('layout.rest-not-last', { where }))
  const size = part.size === 'rest' ? (part.minimum ?? Number.POSITIVE_INFINITY) : part.size
  const needed = leastBytes(part)
  const use = part.filesystem === 'none' ? 'a partition' : part.filesystem
  if (size < needed) findings.push(finding('layout.size-too-small', { where, use, found: size, needed }))
  return findings
}

function checkKind({ role, filesystem, encryption, label }: PartitionSpec, where: string): Finding[] {
  const findings: Finding[] = []
  const allowed = allowedFilesystems(role)
  if (!allowed.includes(filesystem))
    findings.push(finding('layout.filesystem', { where, role, expected: allowed.join(' or '), found: filesystem }))
  if (encryption !== undefined && isBootRole(role)) findings.push(finding('layout.encryption', { where, role }))
  if (label !== undefined) {
    const rule = LABELS[filesystem]
    if (!rule.pattern.test(label) || utf8(label).length > rule.limit)
      findings.push(finding('layout.label-invalid', { where, found: label, limit: rule.limit, allowed: rule.allowed }))
  }
  return findings
}
