// What a system image says of itself, in bytes that its signature covers: /etc/twinslot/image.json. Who it is, and which
// disk it expects. Bytes <-> model is format/image-facts.ts.
import { boundConfig, CONFIG_DIR, configHome, stateDir } from './config-home.ts'
import type { FilesystemKind, Layout } from './layout.ts'

export interface ImageMount {
  /** Name in the partition table. */
  readonly partition: string
  readonly path: string
  readonly filesystem: FilesystemKind
  readonly encryption: 'luks2' | null
}

/** The disk that an image with our programs expects. */
export interface ImageDisk {
  /** Name of the layout that it was built for. */
  readonly layout: string
  readonly mounts: readonly ImageMount[]
  /** Name of the partition that holds /config, and the folder of the appliance that is bound there, if any. */
  readonly config: { readonly partition: string; readonly bound: string | null }
  readonly stateDir: string
  readonly configDir: string
  /** File systems that its kernel and initial RAM disk mount. */
  readonly filesystems: readonly FilesystemKind[]
}

export interface ImageFacts {
  readonly product: string
  readonly version: string
  readonly counter: number
  /** DMI product names; empty means any. */
  readonly hardware: readonly string[]
  /** Null: an image that says nothing of disks. */
  readonly disk: ImageDisk | null
}

/** What an image for this layout has to expect; null for a layout with nowhere to keep state or configuration. */
export function diskOf(layout: Layout, filesystems: readonly FilesystemKind[]): ImageDisk | null {
  const state = stateDir(layout.partitions)
  const home = configHome(layout.partitions)
  if (state === null || !home) return null
  return {
    layout: layout.name,
    mounts: layout.partitions.flatMap(({ name, mount, filesystem, encryption }) =>
      mount === undefined ? [] : [{ partition: name, path: mount, filesystem, encryption: encryption ?? null }],
    ),
    config: { partition: home.partition.name, bound: boundConfig(layout.partitions) },
    stateDir: state,
    configDir: CONFIG_DIR,
    filesystems,
  }
}
