import { blockDeviceSuite } from './block-device-suite.ts'
import { memoryDisk } from './memory-disk.ts'

for (const sectorSize of [512, 4096]) {
  blockDeviceSuite({
    name: `memory disk, ${sectorSize} byte sectors`,
    open: async () => memoryDisk({ size: 16 * 1024 * 1024, sectorSize }),
  })
}
