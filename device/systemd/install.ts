// Puts the systemd units, the watchdog's and the kernel's settings and one mount unit for each partition of a layout into
// the tree of an image, and enables them; with the folders that are mounted there, because the root is read-only.
import { chmod, copyFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { boundConfig, CONFIG_DIR, stateDir } from '#model/config-home.ts'
import type { Layout, PartitionSpec } from '#model/layout.ts'
import { makeFolder } from '#node/os/make-folder.ts'

const HERE = import.meta.dirname
const UNITS = '/usr/lib/systemd/system'

/** File here -> place in the image. */
const FILES: Readonly<Record<string, string>> = {
  'msp-health-gate.service': `${UNITS}/msp-health-gate.service`,
  'twinslot-gate-failed.service': `${UNITS}/twinslot-gate-failed.service`,
  'twinslot-agent.service': `${UNITS}/twinslot-agent.service`,
  'twinslot-boot-complete.target': `${UNITS}/twinslot-boot-complete.target`,
  'twinslot-stand-in.service': `${UNITS}/twinslot-stand-in.service`,
  'twinslot-stand-in': '/usr/lib/twinslot/stand-in',
  'twinslot-stranded.service': `${UNITS}/twinslot-stranded.service`,
  'reboot.conf': `${UNITS}/reboot.target.d/50-twinslot.conf`,
  'watchdog.conf': '/usr/lib/systemd/system.conf.d/50-twinslot.conf',
  'sysctl.conf': '/usr/lib/sysctl.d/50-twinslot.conf',
}

const WANTED = {
  'multi-user.target.wants': ['twinslot-agent.service', 'twinslot-boot-complete.target'],
  'twinslot-boot-complete.target.requires': ['msp-health-gate.service'],
  'emergency.target.wants': ['twinslot-stranded.service'],
  'rescue.target.wants': ['twinslot-stranded.service'],
}

/** For the stand-in: a row for each partition that is to be mounted, and the folder that must be writable without it. */
const MOUNTS = '/usr/lib/twinslot/mounts'

/** Name of the mount unit of a path, as systemd-escape makes it for the letters that mount points have. */
export const mountUnitName = (path: string): string =>
  `${path.slice(1).replaceAll('-', '\\x2d').replaceAll('/', '-')}.mount`

/**
 * From the disk that the root is on: the links are made by the rule that the initial RAM disk leaves. Wanted, not required:
 * without it the appliance is degraded, and its gate decides.
 * The specification's options: nothing on these file systems is a device, changes its user, or is run; the ESP is read-only
 * but for the moment in which the boot state is written.
 */
export function mountUnit(partition: PartitionSpec & { readonly mount: string }): string {
  const esp = partition.role === 'esp'
  const encrypted = partition.encryption === 'luks2'
  const what = encrypted
    ? `/dev/mapper/${partition.name.toLowerCase()}-encrypted`
    : `/dev/disk/twinslot/${partition.name}`
  const type = partition.filesystem === 'fat32' ? 'vfat' : partition.filesystem
  const options = [esp ? 'ro' : 'rw', 'nodev', 'nosuid', 'noexec', ...(esp ? ['umask=0077'] : [])]
  return [
    '[Unit]',
    `Description=Partition ${partition.name}`,
    'Before=local-fs.target twinslot-stand-in.service',
    '',
    '[Mount]',
    `What=${what}`,
    `Where=${partition.mount}`,
    `Type=${type}`,
    `Options=${options.join(',')}`,
    'TimeoutSec=90',
    '',
    '[Install]',
    'WantedBy=local-fs.target',
    '',
  ].join('\n')
}

/** /config as a folder of the data partition, bound to where every appliance has it; systemd makes what is missing. */
const bindUnit = (what: string): string =>
  [
    '[Unit]',
    'Description=Configuration',
    'Before=local-fs.target twinslot-stand-in.service',
    '',
    '[Mount]',
    `What=${what}`,
    `Where=${CONFIG_DIR}`,
    'Type=none',
    'Options=bind,rw,nodev,nosuid,noexec',
    'TimeoutSec=90',
    '',
    '[Install]',
    'WantedBy=local-fs.target',
    '',
  ].join('\n')

/** Unit name -> text, for every partition of the layout that has a mount point, and for /config. */
export function mountUnits(layout: Layout): Map<string, string> {
  const units = new Map<string, string>()
  for (const partition of layout.partitions)
    if (partition.mount) {
      const { mount } = partition
      units.set(mountUnitName(mount), mountUnit({ ...partition, mount }))
    }
  const bound = boundConfig(layout.partitions)
  if (bound) units.set(mountUnitName(CONFIG_DIR), bindUnit(bound))
  return units
}

/** The folder of the data partition in which the device's programs keep their state; null for other partitions. */
const stateFolder = (partition: PartitionSpec): string | null => stateDir([partition])

/** NAME PATH STATE: what the stand-in looks for, the folder of state that it replaces by memory (or `-`). */
export const mountRows = (layout: Layout): string =>
  layout.partitions
    .flatMap((partition) =>
      partition.mount ? [`${partition.name} ${partition.mount} ${stateFolder(partition) ?? '-'}\n`] : [],
    )
    .join('')

/** Answers the paths that it wrote, below `outDir`, sorted. */
export async function installUnits(options: { readonly outDir: string; readonly layout: Layout }): Promise<string[]> {
  const { outDir, layout } = options
  const written: string[] = []
  const place = async (path: string): Promise<string> => {
    const full = join(outDir, path)
    await makeFolder(dirname(full))
    await rm(full, { force: true })
    written.push(path)
    return full
  }
  for (const [name, path] of Object.entries(FILES)) await copyFile(join(HERE, name), await place(path))
  const mounts = mountUnits(layout)
  for (const [name, text] of mounts) await writeFile(await place(`${UNITS}/${name}`), text)
  await writeFile(await place(MOUNTS), mountRows(layout))
  for (const partition of layout.partitions)
    for (const folder of [partition.mount, stateFolder(partition)]) if (folder) await mountPoint(outDir, folder)
  await mountPoint(outDir, CONFIG_DIR)
  const links = { ...WANTED, 'local-fs.target.wants': ['twinslot-stand-in.service', ...mounts.keys()] }
  for (const [folder, names] of Object.entries(links))
    for (const name of names) await symlink(`../${name}`, await place(`${UNITS}/${folder}/${name}`))
  return written.sort()
}

async function mountPoint(outDir: string, path: string): Promise<void> {
  await makeFolder(join(outDir, path))
  await chmod(join(outDir, path), 0o755)
}
