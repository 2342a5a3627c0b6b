// Small squashfs slots for tests of GRUB's decision: a file that passes GRUB's checks of a Linux kernel but is none, and
// every way in which a slot can be unusable.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireTool } from '#node/os/run-tool.ts'

/** What a slot partition holds. Only the first and the last of them load. */
export const SLOT_KINDS = [
  'good',
  'empty',
  'no-kernel',
  'no-initrd',
  'zeroed-tables',
  'bad-digest',
  'not-a-kernel',
  'good-xz',
] as const
export type SlotKind = (typeof SLOT_KINDS)[number]

export const loads = (kind: SlotKind): boolean => kind === 'good' || kind === 'good-xz'

/** The header of Linux's x86 boot protocol 2.12 (Documentation/arch/x86/boot.rst) and a PE stub's magic, no code. */
export function fakeKernel(): Buffer {
  const kernel = Buffer.alloc(64 * 1024)
  kernel.writeUInt8(1, 0x1f1) // setup_sects
  kernel.writeUInt16LE(0xaa55, 0x1fe)
  kernel.writeUInt16LE(0x66eb, 0x200) // jump: the header ends at 0x268
  kernel.write('HdrS', 0x202, 'latin1')
  kernel.writeUInt16LE(0x020c, 0x206)
  kernel.writeUInt8(0x01, 0x211) // loaded high
  kernel.writeUInt32LE(0x7fffffff, 0x22c) // highest address of the initrd
  kernel.writeUInt32LE(0x1000, 0x230) // alignment
  kernel.writeUInt8(1, 0x234) // relocatable
  kernel.writeUInt8(12, 0x235)
  kernel.writeUInt16LE(0x0f, 0x236)
  kernel.writeUInt32LE(2047, 0x238) // command line
  kernel.writeBigUInt64LE(0x1000000n, 0x258)
  kernel.writeUInt32LE(0x20000, 0x260) // memory while starting: little
  return kernel
}

/** Bytes of a slot; null for a partition that stays zero. */
export async function makeSlot(kind: SlotKind, folder: string): Promise<Buffer | null> {
  if (kind === 'empty') return null
  const [tree, image] = [join(folder, `tree-${kind}`), join(folder, `${kind}.squashfs`)]
  await mkdir(join(tree, 'boot'), { recursive: true })
  const kernel = kind === 'not-a-kernel' ? Buffer.alloc(65536, 'x') : fakeKernel()
  const initrd = Buffer.alloc(10_000, kind)
  const digests = [
    `${createHash('sha256').update(kernel).digest('hex')}  kernel`,
    `${createHash('sha256')
      .update(kind === 'bad-digest' ? 'other' : initrd)
      .digest('hex')}  initrd`,
  ]
  if (kind !== 'no-kernel') await writeFile(join(tree, 'boot/kernel'), kernel)
  if (kind !== 'no-initrd') await writeFile(join(tree, 'boot/initrd'), initrd)
  await writeFile(join(tree, 'boot/SHA256SUMS'), `${digests.join('\n')}\n`)
  const compression = kind === 'good-xz' ? 'xz' : 'gzip'
  const options = ['-comp', compression, '-all-root', '-noappend', '-no-progress', '-mkfs-time', '0', '-all-time', '0']
  await requireTool('mksquashfs', [tree, image, ...options], { timeoutMs: 60_000 })
  const bytes = await readFile(image)
  await rm(tree, { recursive: true })
  // The superblock of 96 bytes stays, the tables at the end do not.
  if (kind === 'zeroed-tables') bytes.fill(0, 96)
  return bytes
}
