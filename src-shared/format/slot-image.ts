// Is this what a slot may hold, and will the boot loader find kernel and initrd in it? Answers findings, touches nothing.
import { toHex, viewOf } from '#base/bytes.ts'
import { type Finding, finding, isEngineError } from '#base/errors.ts'
import { type Result, refuse } from '#base/result.ts'
import type { ImageFacts } from '#model/image-facts.ts'
import { ext4Size, openExt4 } from './ext4-file.ts'
import { badFacts, decodeImageFacts, IMAGE_FACTS_LIMIT, IMAGE_FACTS_PATH } from './image-facts.ts'
import { openSquashfs, type SquashfsEntry } from './squashfs.ts'
import {
  checkIndexes,
  type Decompressors,
  decodeSuperblock,
  type ReadImage,
  type SquashfsCompression,
  SUPERBLOCK_SIZE,
} from './squashfs-superblock.ts'

export interface SlotImageCheck {
  readonly kind: 'squashfs' | 'ext4' | 'unknown'
  readonly compression: SquashfsCompression | null
  /** Bytes of the file system from its start; absent when it does not say. What follows is nobody's. */
  readonly used?: number
  /** `unchecked`: we do not look for it (ext4) or cannot (lzo), which is no refusal. */
  readonly kernel: 'present' | 'missing' | 'unchecked'
  /** What the image says of itself, squashfs or ext4; absent when it does not, or when we cannot look inside. */
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
const SQUASHFS_MAGIC_NUMBER = 0x73717368

/**
 * Looks at an image of `size` bytes. Codes of the findings: `image.not-squashfs`, `image.truncated`, `image.damaged`,
 * `image.compression-unreadable`, `image.no-kernel`, `image.no-initrd`, `image.bad-facts`. Throws only what `read` throws.
 */
export async function checkSlotImage(
  read: ReadImage,
  size: number,
  decompressors: Decompressors,
): Promise<SlotImageCheck> {
  const nothing = { kind: 'unknown', compression: null, kernel: 'missing' } as const
  const head = new Uint8Array(Math.min(size, 2048))
  await read(0, head)
  if (head.length < SUPERBLOCK_SIZE)
    return { ...nothing, findings: [finding('image.truncated', { expected: SUPERBLOCK_SIZE, found: size })] }
  try {
    const superblock = decodeSuperblock(head, size)
    if (!superblock) return await foreign(read, head, size)
    const { compression, bytesUsed: used } = superblock
    const seen = { kind: 'squashfs', compression, used, kernel: 'unchecked' } as const
    if (!BOOT_LOADER_READS.includes(superblock.compression)) {
      const details = { found: superblock.compression, expected: BOOT_LOADER_READS.join(', ') }
      return { ...seen, findings: [finding('image.compression-unreadable', details)] }
    }
    await checkIndexes(read, superblock)
    if (!decompressors[superblock.compression]) return { ...seen, findings: [] }
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
    if (said && !said.ok) return { ...seen, kernel, findings: [...findings, ...said.refusals] }
    return { ...seen, kernel, ...(said && { facts: said.value }), findings }
  } catch (error) {
    if (!isEngineError(error, 'image.damaged', 'image.truncated')) throw error
    const kind = viewOf(head).getUint32(0, true) === SQUASHFS_MAGIC_NUMBER ? 'squashfs' : 'ext4'
    return { ...nothing, kind, findings: [finding(error.code, error.details)] }
  }
}

/** What both readers answer about a path. */
interface Look {
  lookup(path: string): Promise<SquashfsEntry | { readonly unread: string } | null>
  readFile(path: string, limit: number): Promise<Uint8Array | null>
}

async function factsIn(image: Look): Promise<Result<ImageFacts> | null> {
  const entry = await image.lookup(IMAGE_FACTS_PATH)
  if (!entry || 'unread' in entry) return null
  const bytes = await image.readFile(IMAGE_FACTS_PATH, IMAGE_FACTS_LIMIT)
  return bytes ? decodeImageFacts(bytes) : refuse(badFacts(entry.type === 'file' ? 'too large' : `a ${entry.type}`))
}

/** The second specification's slots hold ext4; anything else is refused. */
async function foreign(read: ReadImage, head: Uint8Array, size: number): Promise<SlotImageCheck> {
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
  const seen = { kind: 'ext4', compression: null, kernel: 'unchecked' } as const
  const used = ext4Size(head)
  if (used > size) return { ...seen, findings: [finding('image.truncated', { expected: used, found: size })] }
  const image = openExt4(read, head)
  const said = 'unread' in image ? null : await factsIn(image)
  if (said && !said.ok) return { ...seen, used, findings: said.refusals }
  return { ...seen, used, ...(said && { facts: said.value }), findings: [] }
}
