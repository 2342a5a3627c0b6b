// A small appliance disk made with foreign tools only (sgdisk, mkfs.vfat, mtools, mke2fs), for tests of booting that do
// not depend on provisioning.
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encodeAbState } from '#format/ab-state.ts'
import { encodeGoodNote } from '#format/boot-start.ts'
import { encodeBootEnv } from '#format/boot-state.ts'
import { type BootState, ESP_PATH } from '#model/boot-state.ts'
import { requireTool } from '#node/os/run-tool.ts'

const MIB = 1024 * 1024
const MINUTE = 60_000
const ESP_MIB = 40
const SLOT_MIB = 48
const DATA_MIB = 16

/** Programs that making such a disk needs. */
export const DISK_TOOLS = ['grub-mkimage', 'mksquashfs', 'mkfs.vfat', 'mcopy', 'sgdisk', 'mke2fs']

export interface BootDiskContent {
  /** Path of the image in each slot; null leaves the slot zero. */
  readonly A: string | null
  readonly B: string | null
  readonly state: BootState
  /** Files of the ESP, see makeBootFiles. */
  readonly bootFiles: ReadonlyMap<string, Uint8Array>
}

const START = { esp: 1, A: 1 + ESP_MIB, B: 1 + ESP_MIB + SLOT_MIB, data: 1 + ESP_MIB + 2 * SLOT_MIB }
const END = START.data + DATA_MIB
const onEsp = (disk: string) => ['-i', `${disk}@@${START.esp * MIB}`]

export async function makeBootDisk(disk: string, content: BootDiskContent): Promise<void> {
  const { A, B, state, bootFiles } = content
  await using file = await open(disk, 'w+')
  await file.truncate((END + 1) * MIB)
  for (const [slot, path] of [['A', A] as const, ['B', B] as const]) {
    const bytes = path ? await readFile(path) : null
    if (bytes && bytes.length > SLOT_MIB * MIB) throw new Error(`${path} is larger than a test slot`)
    if (bytes) await file.write(bytes, 0, bytes.length, START[slot] * MIB)
  }
  const fat = ['-F', '32', '--offset', String(START.esp * 2048), '-s', '1', '-n', 'ESP']
  await requireTool('mkfs.vfat', [...fat, disk, String(ESP_MIB * 1024)], { timeoutMs: MINUTE })
  const ext4 = ['-q', '-F', '-t', 'ext4', '-L', 'MSP-DATA', '-E', `offset=${START.data * MIB}`]
  await requireTool('mke2fs', [...ext4, disk, `${DATA_MIB * 1024}k`], { timeoutMs: MINUTE })

  const tree = await mkdtemp(`${disk}-esp-`)
  const env = encodeBootEnv(state, null)
  const ours = new Map<string, Uint8Array>([
    ...bootFiles,
    [ESP_PATH.ab_state, encodeAbState(state.wanted ?? 'A')],
    [ESP_PATH.grubenv, env],
    [ESP_PATH.grubenv2, env],
    [ESP_PATH.good, encodeGoodNote(state.good)],
  ])
  for (const [path, bytes] of ours) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), bytes)
  }
  const tops = [...new Set([...ours.keys()].map((path) => join(tree, path.split('/')[0])))]
  await requireTool('mcopy', ['-s', ...onEsp(disk), ...tops, '::/'], { timeoutMs: MINUTE })
  await rm(tree, { recursive: true })

  const parts = [
    { name: 'ESP', from: START.esp, to: START.A, type: 'ef00' },
    { name: 'SLOT-A', from: START.A, to: START.B, type: '8300' },
    { name: 'SLOT-B', from: START.B, to: START.data, type: '8300' },
    { name: 'DATA', from: START.data, to: END, type: '8300' },
  ]
  const entries = parts.flatMap(({ name, from, to, type }, index) => [
    `--new=${index + 1}:${from * 2048}:${to * 2048 - 1}`,
    `--change-name=${index + 1}:${name}`,
    `--typecode=${index + 1}:${type}`,
  ])
  // After the file systems: mkfs.vfat clears the table.
  await requireTool('sgdisk', [...entries, disk], { timeoutMs: MINUTE })
}
