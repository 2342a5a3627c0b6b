// One unit as a person provisions it, whole commands as processes: against dd with cmp, etcher-sdk, and zstd in pipes; and on a disk
// that the kernel limits to the rates of an eMMC, against what such a disk cannot do faster.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MIB } from '#base/bytes.ts'
import { type Bench, makeBlank, NO_TABLE, prepareJob, timed, twinslot } from './batch-rows.ts'
import { type LoopDisk, loopDisk } from './disks.ts'
import { counted, median, type Sample, shell, type Variant } from './measure.ts'
import { against, interleaved, type Row, type Settings } from './rows.ts'
import { ddCmp, etcher, zstdDdCmp } from './variants.ts'

const RATES = { write: 120e6, read: 250e6 }
/** cgroup v1; where only v2 is mounted the rows on a limited disk are left out. */
const BLKIO = '/sys/fs/cgroup/blkio'

const provision = (bench: Bench, device: string): Variant => ({
  name: 'twinslot provision',
  verifies: true,
  run: () => counted([device], () => timed(twinslot, ['provision', device, ...bench.words], bench.state)),
})

/** With the start of its process and the loading of its modules, as ours has. */
function wholeEtcher(bench: Bench, device: string, sdk: string): Variant {
  const inside = etcher({ ...NO_TABLE, image: bench.image }, [device], sdk, true)
  return { ...inside, name: 'etcher-sdk (whole process)' }
}

export async function unit(settings: Settings): Promise<Row[]> {
  return [await stored(settings), await packed(settings), ...(await onLimitedDisk(settings))]
}

const sizeText = ({ shrink }: Settings) => `${Math.round(500 / shrink)} MiB`

async function stored(settings: Settings): Promise<Row> {
  const bench = prepareJob(settings)
  using disk = loopDisk(settings.folder, 'unit.img', bench.size)
  const input = { ...NO_TABLE, image: bench.image, size: statSync(bench.image).size }
  const variants = [provision(bench, disk.device), ddCmp(input, disk.device)]
  if (settings.etcher) variants.push(wholeEtcher(bench, disk.device, settings.etcher))
  const samples = await interleaved(variants, settings.rounds, () => makeBlank([disk.device]))
  return {
    title: `one unit, whole command, ${sizeText(settings)} dense release, stored`,
    samples,
    targets: [
      ...against(samples, 'twinslot provision', 'etcher-sdk', 1),
      ...against(samples, 'twinslot provision', 'dd + cmp', 1.3),
      { text: 'resident MiB against 160', ratio: peakOf(samples) / 160, limit: 1 },
    ],
    remarks: [
      'The peers write the system image alone: no signature, marks, file systems, boot files or partition table.',
    ],
  }
}

const peakOf = (samples: Row['samples']): number => median(samples[0].all.map(({ peakMiB }) => peakMiB ?? 0))

async function packed(settings: Settings): Promise<Row> {
  const bench = prepareJob(settings, 'system')
  const zstd = `${bench.image}.zst`
  execFileSync('zstd', ['-3', '-q', '-f', bench.image, '-o', zstd])
  using disk = loopDisk(settings.folder, 'unit.img', bench.size)
  const peer = zstdDdCmp(zstd, statSync(bench.image).size, disk.device)
  const variants = [provision(bench, disk.device), peer]
  const samples = await interleaved(variants, settings.rounds, () => makeBlank([disk.device]))
  return {
    title: `one unit, whole command, ${sizeText(settings)} release of programs, zstd`,
    samples,
    targets: against(samples, 'twinslot provision', 'zstd|dd', 0.6),
    remarks: [],
  }
}

interface Limit extends Disposable {
  /** The words before a command that runs under the limit. */
  readonly under: readonly string[]
}

function limit({ device }: LoopDisk, { write, read } = RATES): Limit {
  const group = join(BLKIO, `twinslot-bench-${process.pid}`)
  mkdirSync(group)
  const number = readFileSync(`/sys/class/block/${basename(device)}/dev`, 'utf8').trim()
  writeFileSync(join(group, 'blkio.throttle.write_bps_device'), `${number} ${write}`)
  writeFileSync(join(group, 'blkio.throttle.read_bps_device'), `${number} ${read}`)
  const line = 'echo $$ > "$0/cgroup.procs"; exec "$@"'
  return { under: ['sh', '-c', line, group], [Symbol.dispose]: () => rmdirSync(group) }
}

/** A command of ours under the limit. */
const under = ({ under }: Limit, name: string, args: readonly string[], bench: Bench, device: string): Variant => ({
  name,
  verifies: true,
  run: () => counted([device], () => timed(under[0], [...under.slice(1), twinslot, ...args], bench.state)),
})

const ideal = ({ writtenBytes, readBytes }: Sample): number => writtenBytes / RATES.write + readBytes / RATES.read

async function onLimitedDisk(settings: Settings): Promise<Row[]> {
  if (!existsSync(join(BLKIO, 'blkio.throttle.write_bps_device'))) return []
  const bench = prepareJob(settings)
  using disk = loopDisk(settings.folder, 'unit.img', bench.size)
  using rates = limit(disk)
  const { device } = disk
  const image = statSync(bench.image).size
  const once = image / RATES.write + image / RATES.read
  const whole = under(rates, 'twinslot provision', ['provision', device, ...bench.words], bench, device)
  const samples = await interleaved([whole], settings.rounds, () => makeBlank([device]))
  const seconds = median(samples[0].all.map((one) => one.seconds))
  const moved = median(samples[0].all.map(ideal))
  const words = bench.words.slice(2)
  const flash = ['flash', device, '--slot', 'B', ...words]
  const flashes = [
    under(rates, 'twinslot flash, everything', flash, bench, device),
    under(rates, 'twinslot flash --changed-only', [...flash, '--changed-only'], bench, device),
  ]
  await flashes[0].run()
  const start = Math.ceil((ESP_AND_FREE + slotOf(bench)) / (4 * MIB)) + 1
  const alter = () =>
    shell(
      'for at in $(seq "$2" 10 "$3"); do dd if=/dev/urandom of="$1" bs=4M count=1 seek=$at oflag=direct conv=notrunc status=none; done',
      ...[device, String(start), String(start + Math.floor(image / (4 * MIB)) - 2)],
    )
  const again = await interleaved(flashes, settings.rounds, async () => void (await alter()))
  const remarks = ['The kernel keeps the rates (blkio.throttle) for everything that the command starts.']
  return [
    {
      title: `one unit, whole command, ${sizeText(settings)} dense release, on a disk limited to 120/250 MB/s`,
      samples,
      targets: [
        {
          text: `twinslot / (the image written once and read once = ${once.toFixed(2)} s)`,
          ratio: seconds / once,
          limit: 1.08,
        },
        {
          text: `twinslot / (all that it wrote and read, at these rates = ${moved.toFixed(2)} s)`,
          ratio: seconds / moved,
          limit: 1.08,
        },
      ],
      remarks,
    },
    {
      title: `flash of a slot with 10 % of its blocks changed, whole command, ${sizeText(settings)}, at 120/250 MB/s`,
      samples: again,
      targets: against(again, 'twinslot flash --changed-only', 'twinslot flash, everything', 0.5),
      remarks,
    },
  ]
}

const ESP_AND_FREE = 65 * MIB
const slotOf = ({ size }: Bench): number => (size - 264 * MIB) / 2
