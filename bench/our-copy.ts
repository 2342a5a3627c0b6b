// One copy by the real pipeline in a process of its own, so that its memory and CPU time are its own. Argument: a Job as
// JSON; prints an OurResult as JSON.
import { readFileSync } from 'node:fs'
import { EngineError } from '#base/errors.ts'
import { blockRange } from '#engine/copy/blocks.ts'
import { copyImage } from '#engine/copy/copy-image.ts'
import type { ImageSource } from '#engine/image-source.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { ImageTable } from '#model/manifest.ts'
import { nodePace, openBlockCodec } from '#node/codec/block-codec.ts'
import { openLinuxDevice } from '#node/disk/linux-device.ts'
import { openFileSource } from '#node/os/file-source.ts'
import { type Rates, withRates } from '#testing/throttle.ts'
import { imaginedCopy } from './imagined.ts'

export interface Job {
  readonly image: string
  readonly table: string
  readonly zstdIndex: string | null
  readonly targets: readonly string[]
  readonly mode: 'full' | 'changed'
  readonly rates: Rates | null
  /** Bytes of an image that exists only as a rule, written nowhere: for memory. */
  readonly imagined: number | null
}

export interface OurResult {
  /** Without the start of Node. */
  readonly seconds: number
  readonly written: number
  readonly zeroed: number
  readonly skipped: number
  readonly readBack: number
  readonly compared: number
  readonly phases: { readonly write: number; readonly flush: number; readonly readBack: number }
  readonly cpuSeconds: number
  readonly peakMiB: number
}

async function sourceOf(job: Job): Promise<ImageSource & AsyncDisposable> {
  const table: ImageTable = JSON.parse(readFileSync(job.table, 'utf8'))
  const bytes = await openFileSource(job.image)
  const frames: number[] | null = job.zstdIndex ? JSON.parse(readFileSync(job.zstdIndex, 'utf8')) : null
  let at = 0
  const places = frames?.map((length) => {
    const offset = at
    at += length
    return { offset, length }
  })
  return {
    table,
    bytes,
    compression: frames ? 'zstd' : 'none',
    packed: false,
    stored: (index) => places?.[index] ?? blockRange(table, index),
    [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
  }
}

async function openTarget(path: string, rates: Rates | null): Promise<BlockDevice> {
  const device = await openLinuxDevice(path, {
    identify: async () => {
      throw new EngineError('disk.not-found', { disk: path })
    },
  })
  return rates ? withRates(device, rates) : device
}

async function run(job: Job): Promise<OurResult> {
  const begun = performance.now()
  await using stack = new AsyncDisposableStack()
  const codec = stack.use(openBlockCodec())
  const copy = job.imagined
    ? imaginedCopy(job.imagined)
    : {
        source: stack.use(await sourceOf(job)),
        devices: await Promise.all(job.targets.map(async (path) => stack.use(await openTarget(path, job.rates)))),
      }
  const targets = copy.devices.map((device) => ({ device, offset: 0, length: device.size }))
  const outcomes = await copyImage({ source: copy.source, targets, mode: job.mode, codec, pace: nodePace })
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.error
  const seconds = (performance.now() - begun) / 1000
  const sum = (name: keyof (typeof outcomes)[0]['counts']) => outcomes.reduce((all, one) => all + one.counts[name], 0)
  const longest = (name: keyof (typeof outcomes)[0]['seconds']) => Math.max(...outcomes.map((one) => one.seconds[name]))
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return {
    seconds,
    written: sum('written'),
    zeroed: sum('zeroed'),
    skipped: sum('skipped'),
    readBack: sum('readBack'),
    compared: sum('compared'),
    phases: { write: longest('write'), flush: longest('flush'), readBack: longest('readBack') },
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMiB: maxRSS / 1024,
  }
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))))
