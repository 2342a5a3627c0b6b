// One disk with many scenarios for GRUB: a small FAT partition with boot files for each, a few slot partitions they share,
// and an ESP whose GRUB runs the product's decide.cfg over all of them in one start of the firmware.
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BootFiles } from '#format/boot-state.ts'
import { type BootFile, ESP_PATH } from '#model/boot-state.ts'
import { BOOT_LOADER, GRUB_FORMS, makeBootLoader } from '#node/boot/boot-files.ts'
import { requireTool, runTool } from '#node/os/run-tool.ts'
import { makeSlot, SLOT_KINDS, type SlotKind } from './fake-slot.ts'

const MIB = 1024 * 1024
const MINUTE = 60_000
/** Partition numbers: 1 is the ESP, slots from 2, scenarios from here. */
const FIRST_SCENARIO = 2 + SLOT_KINDS.length
const ESP_MIB = 36

export interface Scenario {
  readonly name: string
  readonly files: BootFiles
  readonly slots: { readonly A: SlotKind; readonly B: SlotKind }
  /** Starts of the machine, one after the other. */
  readonly starts: number
}

/** At most this many scenarios fit into one partition table of 128 entries. */
export const MAX_SCENARIOS = 128 - FIRST_SCENARIO

const offsetOf = (partition: number): number => (partition === 1 ? 1 : ESP_MIB + partition - 1) * MIB
const mtools = (disk: string, partition: number) => ['-i', `${disk}@@${offsetOf(partition)}`]

/** A start; in the rescue menu, whose pause is over at once here, nobody comes. */
const START = [
  'if twinslot_prepare; then true; else',
  '  echo "twinslot: rescue"',
  '  if twinslot_anew; then true; fi',
  'fi',
].join('\n')

/** GRUB's script: every scenario, every start; the machine powers off at the end. */
function script(scenarios: readonly Scenario[]): string {
  const device = (partition: number) => `$disk,gpt${partition}`
  const rows = scenarios.flatMap(({ slots, starts }, index) => [
    `set esp="${device(FIRST_SCENARIO + index)}"`,
    `set slot_a="${device(2 + SLOT_KINDS.indexOf(slots.A))}"`,
    `set slot_b="${device(2 + SLOT_KINDS.indexOf(slots.B))}"`,
    `echo "scenario ${index}"`,
    ...Array.from({ length: starts }, () => START),
  ])
  // GRUB 2.06 corrupts its memory when kernels are loaded some ten times without being started. Here only the files are
  // opened and digested; loading for real is tested by e2e/vm/full-boot.test.ts.
  const head = [
    // Drawing and scrolling a screen costs more than all the decisions, in emulation.
    'serial --unit=0 --speed=115200',
    'terminal_output serial',
    'function linux { true; }',
    'function initrd { true; }',
    `regexp --set=1:disk '^\\(([^,]+),' "$cmdpath"`,
    `set twinslot_forms="${GRUB_FORMS}"`,
    'source (memdisk)/decide.cfg',
  ]
  return [...head, ...rows, 'echo "all scenarios done"', 'halt', ''].join('\n')
}

async function mkfs(disk: string, partition: number, mib: number, bits: 12 | 32): Promise<void> {
  const args = ['-F', String(bits), '--offset', String(offsetOf(partition) / 512), '-s', '1', '-h', '0']
  await requireTool('mkfs.vfat', [...args, disk, String(mib * 1024)], { timeoutMs: MINUTE })
}

/** Builds the disk; `folder` is scratch space. */
export async function buildDecisionDisk(disk: string, folder: string, scenarios: readonly Scenario[]): Promise<void> {
  if (scenarios.length > MAX_SCENARIOS) throw new Error(`${scenarios.length} scenarios, ${MAX_SCENARIOS} fit`)
  const partitions = FIRST_SCENARIO + scenarios.length - 1
  await using file = await open(disk, 'w+')
  await file.truncate(offsetOf(partitions + 2))
  await mkfs(disk, 1, ESP_MIB, 32)
  const loader = join(folder, 'BOOTX64.EFI')
  await writeFile(loader, await makeBootLoader({ mainConfig: script(scenarios), withoutModules: ['linux'] }))
  await requireTool('mmd', [...mtools(disk, 1), '::/EFI', '::/EFI/BOOT'], { timeoutMs: MINUTE })
  await requireTool('mcopy', [...mtools(disk, 1), loader, `::/${BOOT_LOADER}`], { timeoutMs: MINUTE })
  for (const [index, kind] of SLOT_KINDS.entries()) {
    const bytes = await makeSlot(kind, folder)
    if (bytes) await file.write(bytes, 0, bytes.length, offsetOf(2 + index))
  }
  for (const [index, { files }] of scenarios.entries()) {
    const partition = FIRST_SCENARIO + index
    await mkfs(disk, partition, 1, 12)
    const tree = join(folder, `scenario-${index}`)
    await mkdir(join(tree, 'twinslot'), { recursive: true })
    const names: BootFile[] = ['ab_state', 'grubenv', 'grubenv2', 'good']
    for (const name of names) {
      const bytes = files[name]
      if (bytes) await writeFile(join(tree, ESP_PATH[name]), bytes)
    }
    const inside = [join(tree, 'twinslot'), ...names.filter((name) => !ESP_PATH[name].includes('/') && files[name])]
    const sources = inside.map((name) => (name.startsWith('/') ? name : join(tree, ESP_PATH[name as BootFile])))
    await requireTool('mcopy', ['-s', ...mtools(disk, partition), ...sources, '::/'], { timeoutMs: MINUTE })
    await rm(tree, { recursive: true })
  }
  const entries = Array.from({ length: partitions }, (_, index) => {
    const number = index + 1
    const last = (offsetOf(number + 1) - MIB) / 512 + (number === 1 ? 0 : 2047)
    return [
      `--new=${number}:${offsetOf(number) / 512}:${last}`,
      `--typecode=${number}:${number === 1 ? 'ef00' : '8300'}`,
    ]
  })
  // After the file systems: mkfs.vfat clears the table.
  await requireTool('sgdisk', ['-a', '1', ...entries.flat(), disk], { timeoutMs: MINUTE })
}

/** The boot files of a scenario as they are on the disk now. */
export async function readScenario(disk: string, index: number, folder: string): Promise<BootFiles> {
  const read = async (name: BootFile): Promise<Uint8Array | null> => {
    const target = join(folder, 'after', `${index}-${name}`)
    await mkdir(dirname(target), { recursive: true })
    const from = [...mtools(disk, FIRST_SCENARIO + index), '-n', `::/${ESP_PATH[name]}`, target]
    const { code } = await runTool('mcopy', from, { timeoutMs: MINUTE })
    if (code !== 0) return null
    await using file = await open(target)
    return await file.readFile()
  }
  return {
    ab_state: await read('ab_state'),
    grubenv: await read('grubenv'),
    grubenv2: await read('grubenv2'),
    good: await read('good'),
  }
}
