// Stands in for src-shared/node/disk/file-device.ts inside a runner of the tests: the same device, with the faults that
// TWINSLOT_TEST_FAULTS names for this file. See faults-in-files.ts.
import { basename } from 'node:path'
import type { BlockDevice } from '#engine/ports.ts'
import * as real from '#node/disk/file-device.ts'
import { type Faults, withFaults } from '#testing/faults.ts'

export * from '#node/disk/file-device.ts'

const planned = JSON.parse(process.env.TWINSLOT_TEST_FAULTS ?? '{}') as Readonly<Record<string, Faults>>

export async function openFileDevice(...how: Parameters<typeof real.openFileDevice>): Promise<BlockDevice> {
  const device = await real.openFileDevice(...how)
  const faults = planned[basename(how[0])]
  return faults ? withFaults(device, { ...faults }) : device
}
