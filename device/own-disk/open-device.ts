// Opens the appliance's own disk: not exclusively, because its partitions are mounted; directly, past every cache.
import { EngineError } from '#base/errors.ts'
import { openLinuxDevice } from '#node/disk/linux-device.ts'
import { readBlockNodes, readDisk, type SystemRoots } from '#node/disk/sysfs-disk.ts'
import type { OpenDevice } from './find.ts'

/** Devices below `roots.dev`; who they are is read from `roots.sys`, each time anew. */
export const openBelow =
  (roots: SystemRoots): OpenDevice =>
  (path, readOnly) =>
    openLinuxDevice(path, {
      readOnly,
      exclusive: false,
      async identify() {
        const name = path.slice(roots.dev.length).replace(/^\/+/, '').replaceAll('/', '!')
        const node = readBlockNodes(roots).get(name)
        if (node) return readDisk(node).identity
        throw new EngineError('disk.lost', { disk: path, operation: 'identifying', offset: 0, reason: 'it is gone' })
      },
    })
