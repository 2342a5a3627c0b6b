// Where /config is, and where the device keeps its state: the one answer for provisioning, restoring, reading back,
// validation, the image recipe and the device itself. An appliance always sees its configuration at /config: that is a
// partition of its own, or a folder of the data partition that is bound there.
import type { PartitionRole, PartitionSpec } from './layout.ts'

/** Where every appliance sees its configuration. */
export const CONFIG_DIR = '/config'
/** The data partition of the first specification, and its programs' state folder. */
export const UPSTREAM_STATE = '/var/lib/msp'
/** Folder of a data partition that is /config. */
export const INSIDE_DATA = 'config'
/** Folder of a data partition that is mounted elsewhere. */
const STATE_FOLDER = 'twinslot'

export interface ConfigHome<P> {
  readonly partition: P
  /** `` when the partition is /config itself, else the folder inside it. */
  readonly directory: '' | typeof INSIDE_DATA
}

type Spec = Pick<PartitionSpec, 'role' | 'mount'>

/** The partition of a layout that holds /config; null when nothing of it can. */
export function configHome<P extends Spec>(partitions: readonly P[]): ConfigHome<P> | null {
  const own = partitions.find(({ role }) => role === 'config')
  if (own) return { partition: own, directory: '' }
  const data = partitions.find(({ role }) => role === 'data')
  return data ? { partition: data, directory: INSIDE_DATA } : null
}

/** What a partition of these roles is called, so that it is found again on a disk, whose table knows no roles. */
export const HOME_NAMES: Readonly<Partial<Record<PartitionRole, readonly string[]>>> = {
  config: ['CONFIG'],
  data: ['MSP-DATA', 'DATA'],
}

/** The same on a disk, by the names of its partitions. */
export function configHomeByName<E extends { readonly name: string }>(entries: readonly E[]): ConfigHome<E> | null {
  const named = (role: PartitionRole) => {
    for (const name of HOME_NAMES[role] ?? []) {
      const found = entries.find((entry) => entry.name.toUpperCase() === name)
      if (found) return found
    }
    return null
  }
  const own = named('config')
  if (own) return { partition: own, directory: '' }
  const data = named('data')
  return data ? { partition: data, directory: INSIDE_DATA } : null
}

/** Path on the appliance that must be bound to /config; null where the partition is mounted there. */
export function boundConfig(partitions: readonly Spec[]): string | null {
  const home = configHome(partitions)
  return home?.directory && home.partition.mount ? `${home.partition.mount}/${home.directory}` : null
}

/** Folder in which the device's programs keep their state: the data partition, never the root. Null without one. */
export function stateDir(partitions: readonly Spec[]): string | null {
  const mount = partitions.find(({ role }) => role === 'data')?.mount
  if (mount === undefined) return null
  return mount === UPSTREAM_STATE ? mount : `${mount}/${STATE_FOLDER}`
}

/** The state folder as a folder of the data partition; null when it is the partition itself, or when there is none. */
export function stateFolder(partitions: readonly Spec[]): string | null {
  return stateDir(partitions)?.endsWith(`/${STATE_FOLDER}`) ? STATE_FOLDER : null
}
