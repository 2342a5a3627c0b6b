// Is this what a slot may hold, and will the boot loader find kernel and initrd in it? Answers findings, touches nothing.
import { toHex, viewOf } from '../base/bytes.ts'
import { type Finding, finding, isEngineError } from '../base/errors.ts'
import { type Result, refuse } from '../base/result.ts'
import type { ImageFacts } from '../model/image-facts.ts'
import { badFacts, decodeImageFacts, IMAGE_FACTS_LIMIT, IMAGE_FACTS_PATH } from './image-facts.ts'
import {
  checkIndexes,
  type Decompressors,
  decodeSuperblock,
  openSquashfs,
  type ReadImage,
  type Squashfs,
  type SquashfsCompression,
  SUPERBLOCK_SIZE,
} from './squashfs.ts'

export interface SlotImageReport {
  readonly kind: 'squashfs' | 'ext4' | 'unknown'
  readonly compression: SquashfsCompression | null
  /** `unchecked`: we cannot look inside (ext4, lzo), which is no refusal. */
  readonly kernel: 'present' | 'missing' | 'unchecked'
  /** What the image says of itself; absent when it does not, or when we cannot look inside. */
  readonly facts?: ImageFacts
  /** Reasons against writing or starting it; empty when there are none. */
  readonly findings: readonly Finding[]
}

/** What GRUB 2.06 unpacks (grub-core/fs/squash4.c). */
const BOOT_LOADER_READS: readonly SquashfsCompression[] = ['gzip', 'xz', 'lzo']
const WANTED = [
  { path: '/boot/kernel', code: 'image.no-kernel' },
  { path: '/boot/initrd', code: 'image.no-initrd' },
] as const
const SQUASHFS_MAGIC = 'hsqs (squashfs)'

/**
 * Looks at an image of `size` bytes. Codes of the findings: `image.not-squashfs`, `image.truncated`, `image.damaged`,
 * `image.compression-unreadable`, `image.no-kernel`, `image.no-initrd`, `image.bad-facts`. Throws only what `read` throws.
 */
export async function checkSlotImage(
  read: ReadImage,
  size: number,
  decompressors: Decompressors,
): Promise<SlotImageReport> {
  const nothing = { kind: 'unknown', compression: null, kernel: 'missing' } as const
  const head = new Uint8Array(Math.min(size, 2048))
  await read(0, head)
  if (head.length < SUPERBLOCK_SIZE)
    return { ...nothing, findings: [finding('image.truncated', { expected: SUPERBLOCK_SIZE, found: size })] }
  try {
    const superblock = decodeSuperblock(head, size)
    if (!superblock) return foreign(head, size)
    const report = { kind: 'squashfs', compression: superblock.compression, kernel: 'unchecked' } as const
    if (!BOOT_LOADER_READS.includes(superblock.compression)) {
      const details = { found: superblock.compression, expected: BOOT_LOADER_READS.join(', ') }
      return { ...report, findings: [finding('image.compression-unreadable', details)] }
    }
    await checkIndexes(read, superblock)
    if (!decompressors[superblock.compression]) return { ...report, findings: [] }
    const image = openSquashfs(read, superblock, decompressors)
    const findings: Finding[] = []
    for (const { path, code } of WANTED) {
      const entry = await image.lookup(path)
      if (entry?.type === 'file' && entry.size > 0) continue
      const found = !entry ? 'absent' : entry.type === 'file' ? 'empty' : `a ${entry.type}`
      findings.push(finding(code, { path, found }))
    }
    const kernel = findings.length === 0 ? 'present' : 'missing'
    const said = await factsIn(image)
    if (said && !said.ok) return { ...report, kernel, findings: [...findings, ...said.refusals] }
    return { ...report, kernel, ...(said && { facts: said.value }), findings }
  } catch (error) {
    if (!isEngineError(error, 'image.damaged', 'image.truncated')) throw error
    return { ...nothing, kind: 'squashfs', findings: [finding(error.code, error.details)] }
  }
}

async function factsIn(image: Squashfs): Promise<Result<ImageFacts> | null> {
  const entry = await image.lookup(IMAGE_FACTS_PATH)
  if (!entry) return null
  const bytes = await image.readFile(IMAGE_FACTS_PATH, IMAGE_FACTS_LIMIT)
  return bytes ? decodeImageFacts(bytes) : refuse(badFacts(entry.type === 'file' ? 'too large' : `a ${entry.type}`))
}

/** The second specification's slots hold ext4; anything else is refused. */
function foreign(head: Uint8Array, size: number): SlotImageReport {
  const isExt4 = head.length === 2048 && viewOf(head).getUint16(1080, true) === 0xef53
  if (!isExt4) {
    const details = { found: toHex(head.subarray(0, 4)), expected: SQUASHFS_MAGIC }
    return {
      kind: 'unknown',
      compression: null,
      kernel: 'missing',
      findings: [finding('image.not-squashfs', details)],
    }
  }
  const view = viewOf(head)
  const blockSize = 1024 * 2 ** Math.min(view.getUint32(1024 + 24, true), 6)
  const is64Bit = (view.getUint32(1024 + 96, true) & 0x80) !== 0
  const blocks = view.getUint32(1024 + 4, true) + (is64Bit ? view.getUint32(1024 + 336, true) * 2 ** 32 : 0)
  const expected = blocks * blockSize
  const findings = expected > size ? [finding('image.truncated', { expected, found: size })] : []
  return { kind: 'ext4', compression: null, kernel: 'unchecked', findings }
}
