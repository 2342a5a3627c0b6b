// Many units as a person provisions them: whole commands, from the words to the reports, on loop devices. One command for all of
// them against a command each, and against etcher-sdk, which writes and reads back the system image alone.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MIB } from '#base/bytes.ts'
import { loopDisk } from './disks.ts'
import { prepareInput } from './inputs.ts'
import { counted, median, runProgram, shell, type Variant } from './measure.ts'
import { against, interleaved, type Row, type Settings } from './rows.ts'
import { etcher } from './variants.ts'

export const twinslot = fileURLToPath(new URL('../bin/twinslot', import.meta.url))
const RUNNER_BATCH = fileURLToPath(new URL('./runner-batch.ts', import.meta.url))
const ESP = 64 * MIB
/** Promised for each unit more (docs/adr/0061). */
const EACH_MIB = 16

export interface Bench {
  readonly image: string
  readonly words: readonly string[]
  /** What bench/runner-batch.ts is told before the disks. */
  readonly runner: readonly string[]
  readonly state: string
  /** Bytes that a disk must have. */
  readonly size: number
}

/** A signed release around a system of noise, or of programs; a layout with slots of its size, a key, boot files that nothing boots. */
export function prepareJob(
  { folder, shrink }: Pick<Settings, 'folder' | 'shrink'>,
  kind: 'dense' | 'system' = 'dense',
): Bench {
  const at = (name: string) => join(folder, name)
  const size = (500 * MIB) / shrink
  const run = (...args: string[]) => execFileSync(twinslot, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  rmSync(at('batch'), { recursive: true, force: true })
  mkdirSync(at('batch/root/boot'), { recursive: true })
  mkdirSync(at('batch/boot/EFI/BOOT'), { recursive: true })
  const noise = prepareInput(folder, kind, size)
  execFileSync('cp', [noise.image, at('batch/root/boot/kernel')])
  writeFileSync(at('batch/root/boot/initrd'), 'initrd')
  writeFileSync(at('batch/boot/EFI/BOOT/BOOTX64.EFI'), Buffer.alloc(900_000, 1))
  writeFileSync(at('batch/boot/EFI/BOOT/grub.cfg'), 'set timeout=3\n')
  const image = at('batch/system.squashfs')
  const plain = ['-comp', 'gzip', '-noD', '-noF', '-all-root', '-noappend', '-quiet', '-no-progress']
  execFileSync('mksquashfs', [at('batch/root'), image, ...plain], { stdio: 'ignore' })
  const slot = Math.ceil(size / MIB) + 20
  writeFileSync(
    at('batch/layout.yaml'),
    `name: bench
description: slots of the size of the image
partitions:
  - { role: esp, name: ESP, size: 64 MiB, filesystem: fat32, label: ESP, mount: /boot }
  - { role: slot-a, name: SLOT-A, size: ${slot} MiB, filesystem: none }
  - { role: slot-b, name: SLOT-B, size: ${slot} MiB, filesystem: none }
  - { role: data, name: MSP-DATA, size: rest, filesystem: ext4, label: MSP-DATA, mount: /var/lib/msp }
`,
  )
  run('key', 'create', '--name', 'Bench <bench@example.org>', '--secret', at('batch/key'), '--public', at('batch/keys'))
  const release = ['--system', image, '--boot', at('batch/boot'), '--key', at('batch/key')]
  const compress = ['--compress', kind === 'dense' ? 'none' : 'zstd']
  const about = ['--version', '1.0.0', '--product', 'bench', ...compress]
  run('release', 'create', ...about, ...release, '--out', at('batch/r.twinslot'))
  const words = ['--layout', at('batch/layout.yaml'), '--release', at('batch/r.twinslot'), '--trust', at('batch/keys')]
  const runner = [at('batch/r.twinslot'), at('batch/keys'), at('batch/layout.yaml'), at('batch/journal')]
  return { image, words: [...words, '--yes'], runner, state: at('batch/state'), size: ESP + 2 * slot * MIB + 200 * MIB }
}

const TIME = '/usr/bin/time'

/** Under GNU time, whose memory is that of the largest process. */
export const timed = (command: string, args: readonly string[], state: string) =>
  existsSync(TIME)
    ? runProgram(TIME, ['-f', 'TIMES %U %S %M', command, ...args], { TWINSLOT_STATE: state })
    : runProgram(command, args, { TWINSLOT_STATE: state })

const together = (bench: Bench, devices: readonly string[]): Variant => ({
  name: 'twinslot, one command',
  verifies: true,
  run: () => counted(devices, () => timed(twinslot, ['provision', ...devices, ...bench.words], bench.state)),
})

const apart = (bench: Bench, devices: readonly string[]): Variant => ({
  name: 'twinslot, a command each',
  verifies: true,
  async run() {
    const line = `for disk in ${devices.join(' ')}; do "$0" provision $disk "$@" >/dev/null & all="$all $!"; done; for one in $all; do wait $one; done`
    const note = `memory of the largest of ${devices.length} processes`
    return {
      ...(await counted(devices, () => timed('bash', ['-ec', line, twinslot, ...bench.words], bench.state))),
      ...(devices.length > 1 ? { note } : {}),
    }
  },
})

const console = (bench: Bench, devices: readonly string[]): Variant => ({
  name: "twinslot, the console's runner",
  verifies: true,
  run: () => counted(devices, () => timed(process.execPath, [RUNNER_BATCH, ...bench.runner, ...devices], bench.state)),
})

export async function batch(settings: Settings): Promise<Row[]> {
  const bench = prepareJob(settings)
  using stack = new DisposableStack()
  const disks = Array.from({ length: 8 }, (_, i) =>
    stack.use(loopDisk(settings.folder, `unit-${i}.img`, bench.size)),
  ).map(({ device }) => device)
  const rows: Row[] = []
  const peaks = new Map<number, number>()
  for (const count of [1, 4, 8]) {
    const devices = disks.slice(0, count)
    const several = count > 1 ? [apart(bench, devices), console(bench, devices)] : []
    const variants = [together(bench, devices), ...several]
    if (settings.etcher && count > 1)
      variants.push(etcher({ ...NO_TABLE, image: bench.image }, devices, settings.etcher))
    const samples = await interleaved(variants, settings.rounds, () => makeBlank(devices))
    const ours = samples[0].all.flatMap(({ peakMiB }) => peakMiB ?? [])
    if (ours.length > 0) peaks.set(count, median(ours))
    const [first, most] = [peaks.get(1), peaks.get(count)]
    const growth =
      count > 1 && first !== undefined && most !== undefined
        ? [
            {
              text: `MiB for each unit more, against ${EACH_MIB}`,
              ratio: (most - first) / (count - 1) / EACH_MIB,
              limit: 1,
            },
          ]
        : []
    rows.push({
      title: `provisioning ${count} ${count === 1 ? 'disk' : 'disks'}, whole command, ${Math.round(500 / settings.shrink)} MiB dense release`,
      samples,
      targets: [
        ...against(samples, 'twinslot, one command', 'etcher-sdk', 0.8),
        ...against(samples, "twinslot, the console's runner", 'etcher-sdk', 0.8),
        ...growth,
      ],
      remarks: ['etcher-sdk writes the system image alone: no signature, file systems, boot files or partition table.'],
    })
  }
  return rows
}

/** All zeroes: on anything else a release is checked whole before there is a plan. */
export async function makeBlank(devices: readonly string[]): Promise<void> {
  for (const device of devices)
    await shell('dd if=/dev/zero of="$1" bs=4M oflag=direct status=none || test $? -eq 1', device)
}

export const NO_TABLE = { size: 0, table: '', zstd: null }
