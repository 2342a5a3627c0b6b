// Loaded into a runner (`node --import`): disk image files whose name has a plan of faults misbehave as it says, everything
// else is the real program. TWINSLOT_TEST_FAULTS is JSON: file name -> faults (src-shared/testing/faults.ts).
import { registerHooks } from 'node:module'

const SHIM = new URL('./faulty-file-device.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const isDevice = found.url.endsWith('/src-shared/node/disk/file-device.ts')
    return isDevice && context.parentURL !== SHIM ? { ...found, url: SHIM } : found
  },
})
