// What is measured: each row is one piece of work, done by several programs in turn, round after round, so that a noisy
// machine hits them alike. The targets are those of the performance card.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GIB, MIB } from '#base/bytes.ts'
import { loopDisk } from './disks.ts'
import { prepareInput } from './inputs.ts'
import { median, type Sample, shell, type Variant } from './measure.ts'
import { rauc } from './rauc.ts'
import { bmaptool, ddCmp, etcher, makeBmap, ourCopy, soil, twinslot, zstdDdCmp } from './variants.ts'

export interface Settings {
  readonly folder: string
  readonly rounds: number
  /** Divides the sizes. */
  readonly shrink: number
  /** Folder with etcher-sdk; null when it could not be installed. */
  readonly etcher: string | null
  readonly rauc: boolean
}

export interface Target {
  readonly text: string
  readonly ratio: number
  readonly limit: number
}

export interface Row {
  readonly title: string
  readonly samples: readonly { readonly variant: Variant; readonly all: readonly Sample[] }[]
  readonly targets: readonly Target[]
  readonly remarks: readonly string[]
}

const say = (text: string) => process.stderr.write(`${text}\n`)

export async function interleaved(
  variants: readonly Variant[],
  rounds: number,
  before: () => Promise<void>,
): Promise<Row['samples']> {
  const samples = variants.map((variant) => ({ variant, all: [] as Sample[] }))
  for (let round = 0; round < rounds; round++) {
    // Every other round backwards: nobody always comes after the same one.
    for (const { variant, all } of round % 2 ? samples.toReversed() : samples) {
      if (variant.once && round > 0) continue
      await before()
      const sample = await variant.run()
      all.push(sample)
      say(`  ${variant.name}: ${sample.seconds.toFixed(2)} s`)
    }
  }
  return samples
}

/** Ratio of the medians of two variants, by the start of their names. */
export function against(samples: Row['samples'], ours: string, peer: string, limit: number): Target[] {
  const secondsOf = (name: string) =>
    samples.find(({ variant }) => variant.name.startsWith(name))?.all.map((one) => one.seconds)
  const [a, b] = [secondsOf(ours), secondsOf(peer)]
  if (!a || !b) return []
  return [{ text: `${ours} / ${peer}`, ratio: median(a) / median(b), limit }]
}

const nothing = async () => {}

export async function dense(settings: Settings): Promise<Row> {
  const input = prepareInput(settings.folder, 'dense', (1280 * MIB) / settings.shrink)
  using disk = loopDisk(settings.folder, 'target.img', input.size)
  makeBmap(input)
  const variants = [
    ddCmp(input, disk.device),
    twinslot(input, [disk.device]),
    twinslot(input, [disk.device], { inside: true }),
  ]
  if (settings.etcher) variants.push(etcher(input, [disk.device], settings.etcher))
  variants.push(bmaptool(input, disk.device, false), bmaptool(input, disk.device, true))
  if (settings.rauc) variants.push(rauc(input, disk.device, join(settings.folder, 'rauc')))
  const samples = await interleaved(variants, settings.rounds, nothing)
  return {
    title: `dense image, ${input.size / MIB} MiB of noise`,
    samples,
    targets: [
      ...against(samples, 'twinslot', 'dd + cmp', 0.95),
      ...against(samples, 'twinslot (in process)', 'etcher-sdk (in process)', 0.9),
    ],
    remarks: [],
  }
}

export async function holes(settings: Settings): Promise<Row> {
  const input = prepareInput(settings.folder, 'holes', (2 * GIB) / settings.shrink)
  using disk = loopDisk(settings.folder, 'target.img', input.size)
  makeBmap(input)
  const variants = [
    ddCmp(input, disk.device),
    twinslot(input, [disk.device]),
    bmaptool(input, disk.device, false),
    bmaptool(input, disk.device, true),
  ]
  // bmaptool leaves what was in the holes: its comparison only passes on a clean disk, so dirt comes before ours only.
  const samples = await interleaved(variants.slice(0, 2), settings.rounds, () => soil(disk.device, input.size))
  const clean = await interleaved(variants.slice(2), settings.rounds, nothing)
  return {
    title: `image with 40 % holes, ${input.size / MIB} MiB, on a disk with old data`,
    samples: [...samples, ...clean],
    targets: against(samples, 'twinslot', 'dd + cmp', 0.7),
    remarks: [
      'Before each run of dd and twinslot the holes were filled with old data in places; twinslot read them all back as zero.',
      'bmaptool skips holes without clearing them: it was given a disk that was clean already, otherwise its comparison fails.',
    ],
  }
}

export async function compressed(settings: Settings): Promise<Row> {
  const input = prepareInput(settings.folder, 'system', GIB / settings.shrink)
  if (!input.zstd) throw new Error('the system input has no zstd form')
  using disk = loopDisk(settings.folder, 'target.img', input.size)
  const variants = [zstdDdCmp(input.zstd.path, input.size, disk.device), twinslot(input, [disk.device], { zstd: true })]
  const samples = await interleaved(variants, settings.rounds, nothing)
  return {
    title: `zstd release, ${input.size / MIB} MiB of programs and libraries`,
    samples,
    targets: against(samples, 'twinslot', 'zstd|dd', 0.6),
    remarks: ['Both read the same file: independent frames of 4 MiB.'],
  }
}

export async function eight(settings: Settings): Promise<Row> {
  const input = prepareInput(settings.folder, 'dense', (512 * MIB) / settings.shrink)
  using stack = new DisposableStack()
  const devices = Array.from(
    { length: 8 },
    (_, i) => stack.use(loopDisk(settings.folder, `target-${i}.img`, input.size)).device,
  )
  const variants = [twinslot(input, devices, { inside: true })]
  if (settings.etcher) variants.push(etcher(input, devices, settings.etcher))
  const samples = await interleaved(variants, settings.rounds, nothing)
  return {
    title: `8 targets from one source, ${input.size / MIB} MiB each`,
    samples,
    targets: against(samples, 'twinslot', 'etcher-sdk', 0.8),
    remarks: ['All eight lie on one physical disk, which is the bottleneck here.'],
  }
}

export async function limited(settings: Settings): Promise<Row[]> {
  const size = (512 * MIB) / settings.shrink
  const input = prepareInput(settings.folder, 'dense', size)
  using disk = loopDisk(settings.folder, 'target.img', size)
  const rows: Row[] = []
  const wrapper = 'Rates are kept by a wrapper around the loop device (reads and writes share them), not by the kernel.'
  const job = { image: input.image, table: input.table, targets: [disk.device] }
  for (const [name, write, read] of [
    ['eMMC', 120e6, 250e6],
    ['USB SSD', 400e6, 400e6],
  ] as const) {
    const variant: Variant = {
      name: `twinslot on ${name}`,
      verifies: true,
      run: async () => ({
        ...(await ourCopy({ ...job, rates: { write, read } }, true)),
        readBytes: size,
        writtenBytes: size,
      }),
    }
    const samples = await interleaved([variant], settings.rounds, nothing)
    const ideal = size / write + size / read
    const ratio = median(samples[0].all.map((one) => one.seconds)) / ideal
    rows.push({
      title: `${size / MIB} MiB on a disk limited to ${write / 1e6}/${read / 1e6} MB/s (like a ${name})`,
      samples,
      targets: [
        { text: `twinslot / (bytes written / rate + bytes read / rate = ${ideal.toFixed(2)} s)`, ratio, limit: 1.05 },
      ],
      remarks: [wrapper],
    })
  }
  rows.push(await changedOnly(settings, disk.device, size))
  return rows
}

/** Every tenth block gets other content; then the same slot is brought there fully, and by changed blocks only. */
async function changedOnly(settings: Settings, device: string, size: number): Promise<Row> {
  const input = prepareInput(settings.folder, 'dense', size)
  const rates = { write: 120e6, read: 250e6 }
  const job = { image: input.image, table: input.table, targets: [device], rates }
  const alter = () =>
    shell(
      'for at in $(seq 1 10 $(($2 / 4194304 - 1))); do dd if=/dev/urandom of="$1" bs=4M count=1 seek=$at oflag=direct conv=notrunc status=none; done',
      device,
      String(size),
    )
  let written = 0
  const variants: Variant[] = (['full', 'changed'] as const).map((mode) => ({
    name: `twinslot, ${mode === 'full' ? 'everything' : 'changed only'}`,
    verifies: true,
    async run() {
      const ended = await ourCopy({ ...job, mode }, true)
      const { result } = ended
      if (mode === 'changed') written = result.written
      return {
        ...ended,
        readBytes: result.compared + (mode === 'full' ? size : result.written),
        writtenBytes: result.written,
      }
    },
  }))
  await ourCopy({ ...job, rates: null }, true)
  const samples = await interleaved(variants, settings.rounds, async () => void (await alter()))
  return {
    title: `reflash with 10 % of the blocks changed, ${size / MIB} MiB at 120/250 MB/s`,
    samples,
    targets: [
      { text: 'bytes written / image', ratio: written / size, limit: 0.12 },
      ...against(samples, 'twinslot, changed only', 'twinslot, everything', 0.55),
    ],
    remarks: [],
  }
}

export async function memory(settings: Settings): Promise<Row> {
  const sizes = [100 * MIB, (8 * GIB) / settings.shrink]
  // Once for nothing: fills the compile cache, without which each thread loads the TypeScript loader.
  await ourCopy({ imagined: sizes[0] }, true)
  const peaks: number[] = []
  const samples: Row['samples'][number][] = []
  for (const size of sizes) {
    const ended = await ourCopy({ imagined: size }, true)
    peaks.push(ended.result.peakMiB)
    const variant: Variant = {
      name: `twinslot, ${size / MIB} MiB`,
      verifies: true,
      run: () => Promise.reject(new Error('once')),
    }
    samples.push({ variant, all: [{ ...ended, readBytes: 0, writtenBytes: 0 }] })
  }
  return {
    title: 'memory',
    samples,
    targets: [
      { text: `resident MiB, largest of both, against 160`, ratio: Math.max(...peaks) / 160, limit: 1 },
      { text: 'large / small image', ratio: peaks[1] / peaks[0], limit: 1.15 },
    ],
    remarks: ['The image exists only as a rule and is written nowhere; decoding is not part of it, hashing is.'],
  }
}

export const hasEtcher = (folder: string): boolean =>
  existsSync(join(folder, 'node_modules', 'etcher-sdk', 'package.json'))
