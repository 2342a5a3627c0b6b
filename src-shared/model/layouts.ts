// The built-in layouts: the disks of the two specifications. Sizes are decimal, as written there (docs/adr/0004).
import { GB, MB } from '#base/bytes.ts'
import type { Layout } from './layout.ts'

const HP_T640: Layout = {
  name: 'hp-t640',
  description: 'HP T640 appliance: ESP 512 MB, slots A and B of 2 GB, the rest data (with /config inside)',
  hardware: ['HP t640 Thin Client', 'HP T640'],
  partitions: [
    { role: 'esp', name: 'ESP', size: 512 * MB, filesystem: 'fat32', label: 'ESP', mount: '/boot' },
    { role: 'slot-a', name: 'SLOT-A', size: 2 * GB, filesystem: 'none' },
    { role: 'slot-b', name: 'SLOT-B', size: 2 * GB, filesystem: 'none' },
    {
      role: 'data',
      name: 'MSP-DATA',
      size: 'rest',
      minimum: 1 * GB,
      filesystem: 'ext4',
      label: 'MSP-DATA',
      mount: '/var/lib/msp',
    },
  ],
}

const HYPERNET_SERVER: Layout = {
  name: 'hypernet-server',
  description: 'Hypernet server: ESP 512 MB, slots A and B of 25 GB, config, data, media, logs and cache',
  partitions: [
    { role: 'esp', name: 'ESP', size: 512 * MB, filesystem: 'fat32', label: 'ESP', mount: '/boot' },
    { role: 'slot-a', name: 'SLOT-A', size: 25 * GB, filesystem: 'none' },
    { role: 'slot-b', name: 'SLOT-B', size: 25 * GB, filesystem: 'none' },
    { role: 'config', name: 'CONFIG', size: 2 * GB, filesystem: 'ext4', label: 'CONFIG', mount: '/config' },
    { role: 'data', name: 'DATA', size: 200 * GB, filesystem: 'ext4', label: 'DATA', mount: '/data' },
    { role: 'media', name: 'MEDIA', size: 500 * GB, filesystem: 'xfs', label: 'MEDIA', mount: '/media' },
    { role: 'logs', name: 'LOGS', size: 100 * GB, filesystem: 'ext4', label: 'LOGS', mount: '/logs' },
    { role: 'cache', name: 'CACHE', size: 50 * GB, filesystem: 'ext4', label: 'CACHE', mount: '/cache' },
  ],
}

export const BUILT_IN_LAYOUTS = { 'hp-t640': HP_T640, 'hypernet-server': HYPERNET_SERVER } as const
export const DEFAULT_LAYOUT = HP_T640

/** The built-in layout of that name; null when there is none. */
export const builtinLayout = (name: string): Layout | null =>
  Object.values(BUILT_IN_LAYOUTS).find((layout) => layout.name === name) ?? null
