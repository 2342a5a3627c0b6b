// Copies one image to devices by etcher-sdk with verification; prints seconds (without loading it), CPU and memory.
// Arguments: folder of etcher-sdk, image, devices.
const [sdkFolder, image, ...devices] = process.argv.slice(2)
const { multiWrite, sourceDestination } = require(sdkFolder)
const { execFileSync } = require('node:child_process')
const { join } = require('node:path')

// Our devices are not mounted; its unmounting add-on may have been built for another Node.
require(join(sdkFolder, 'build', 'lazy.js')).getUnmountDisk = () => async () => {}

const driveOf = (device) => ({
  device,
  raw: device,
  devicePath: null,
  displayName: device,
  description: device,
  size: Number(execFileSync('blockdev', ['--getsize64', device], { encoding: 'utf8' })),
  blockSize: 512,
  logicalBlockSize: 512,
  mountpoints: [],
  isSystem: false,
  isReadOnly: false,
})

async function main() {
  const begun = performance.now()
  const source = new sourceDestination.File({ path: image })
  const destinations = devices.map(
    (device) => new sourceDestination.BlockDevice({ drive: driveOf(device), write: true, direct: true }),
  )
  const failures = []
  const result = await multiWrite.decompressThenFlash({
    source,
    destinations,
    verify: true,
    onFail: (_destination, error) => failures.push(error),
    onProgress: () => {},
  })
  if (failures.length > 0 || result.failures.size > 0) throw failures[0] ?? new Error('etcher-sdk failed')
  const seconds = (performance.now() - begun) / 1000
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 }))
  process.exit(0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
