// The programs that are compared, each writing the same image to the same device.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MIB } from '#base/bytes.ts'
import type { Input } from './inputs.ts'
import { counted, type Ended, runProgram, shell, type Variant } from './measure.ts'
import type { Job, OurResult } from './our-copy.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const DD = 'dd if="$1" of="$2" bs=4M oflag=direct conv=fsync,notrunc status=none'
/** The device's pages are dropped first: what cmp reads comes from the device, with the kernel's read-ahead. */
const CMP = 'blockdev --flushbufs "$2"; cmp -n "$3" "$1" "$2"'

export const ddCmp = (input: Input, device: string): Variant => ({
  name: 'dd + cmp',
  verifies: true,
  run: () => counted([device], () => shell(`${DD}; ${CMP}`, input.image, device, String(input.size))),
})

export const zstdDdCmp = (zstd: string, size: number, device: string): Variant => ({
  name: 'zstd|dd + zstd|cmp',
  verifies: true,
  run: () =>
    counted([device], () =>
      shell(
        'zstd -dcq "$1" | dd of="$2" bs=4M iflag=fullblock oflag=direct conv=fsync,notrunc status=none; blockdev --flushbufs "$2"; zstd -dcq "$1" | cmp -n "$3" - "$2"',
        zstd,
        device,
        String(size),
      ),
    ),
})

export const bmaptool = (input: Input, device: string, compare: boolean): Variant => ({
  name: compare ? 'bmaptool + cmp' : 'bmaptool',
  verifies: compare,
  once: true,
  run: () =>
    counted([device], () =>
      shell(
        `bmaptool -q copy --bmap "$1.bmap" "$1" "$2"${compare ? `; ${CMP}` : ''}`,
        input.image,
        device,
        String(input.size),
      ),
    ),
})

export const makeBmap = (input: Input): void => {
  execFileSync('bmaptool', ['-q', 'create', '-o', `${input.image}.bmap`, input.image])
}

/** Puts something into the places of zero runs, so that leaving them alone shows. */
export async function soil(device: string, size: number): Promise<void> {
  const step = 64
  for (let at = 8; at * MIB < size; at += step) {
    const args = [
      'if=/dev/zero',
      `of=${device}`,
      'bs=1M',
      'count=1',
      `seek=${at}`,
      'oflag=direct',
      'conv=notrunc',
      'status=none',
    ]
    execFileSync('bash', ['-c', 'tr "\\0" "\\252" < /dev/zero | dd iflag=fullblock "$@"', 'bench', ...args.slice(1)])
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`

function noteOf(result: OurResult): string {
  const { write, flush, readBack } = result.phases
  const slowest = write + flush >= readBack ? 'write' : 'read-back'
  const parts = [
    `write ${write.toFixed(2)} s, flush ${flush.toFixed(2)} s, read-back ${readBack.toFixed(2)} s; longest: ${slowest}`,
  ]
  if (result.skipped + result.zeroed > 0) parts.push(`zeroed ${mib(result.zeroed)}, skipped ${mib(result.skipped)}`)
  return parts.join('; ')
}

/** Runs bench/our-copy.ts; with `inside` the seconds are without the start of Node. */
export async function ourCopy(
  job: Partial<Job>,
  inside: boolean,
): Promise<Ended & { note: string; result: OurResult }> {
  const whole: Job = {
    image: '',
    table: '',
    zstdIndex: null,
    targets: [],
    mode: 'full',
    rates: null,
    imagined: null,
    ...job,
  }
  // Two requests under way for each target, and some for the source: see docs/adr/0009.
  const threads = { UV_THREADPOOL_SIZE: String(4 + 2 * (whole.targets.length - 1)) }
  const args = [here('our-copy.ts'), JSON.stringify(whole)]
  const ended = await runProgram(process.execPath, args, whole.targets.length > 1 ? threads : {})
  const result: OurResult = JSON.parse(ended.stdout)
  return {
    ...ended,
    seconds: inside ? result.seconds : ended.seconds,
    cpuSeconds: result.cpuSeconds,
    peakMiB: result.peakMiB,
    note: noteOf(result),
    result,
  }
}

export const twinslot = (
  input: Input,
  devices: readonly string[],
  options: { zstd?: boolean; inside?: boolean } = {},
): Variant => ({
  name: options.inside ? 'twinslot (in process)' : 'twinslot',
  verifies: true,
  run: () => {
    const zstd = options.zstd ? input.zstd : null
    const job = {
      image: zstd?.path ?? input.image,
      table: input.table,
      zstdIndex: zstd?.index ?? null,
      targets: devices,
    }
    return counted(devices, () => ourCopy(job, options.inside ?? false))
  },
})

/** etcher-sdk in a process of its own, timed without the loading of its modules unless `whole`. */
export const etcher = (input: Input, devices: readonly string[], sdk: string, whole = false): Variant => ({
  name: 'etcher-sdk (in process)',
  verifies: true,
  run: () =>
    counted(devices, async () => {
      const args = [here('etcher-copy.cjs'), join(sdk, 'node_modules', 'etcher-sdk'), input.image, ...devices]
      const ended = await runProgram(process.execPath, args)
      const { seconds, cpuSeconds, peakMiB } = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '{}')
      return { ...ended, ...(whole ? {} : { seconds }), cpuSeconds, peakMiB }
    }),
})
