// Makes ext4 and xfs file systems without mounting, without root and without touching the disk: the distribution's own
// program formats a sparse temporary file of the partition's size, and the answer says which ranges carry meaning.
//
// Why `extents` + `zeroes` are enough over a disk full of old bytes: both come from the new file system's own free-space
// map (format/usage), so every block that it believes in is either copied or made zero. That includes the whole ext4
// journal and xfs log, where old blocks with a matching sequence could be replayed. Not included: free blocks, never read
// before they are written, and ext4 inode tables marked "not initialised", which the kernel zeroes at the first mount
// (mke2fs is told `lazy_itable_init=1,nodiscard`, so it never claims to have zeroed what is only a hole here).
// The first and last MiB are zeroed where free, because other formats keep their signatures there.
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { normalise, type Span, subtract } from '#base/ranges.ts'
import { ext4UsedRanges } from '#format/usage/ext4.ts'
import { xfsUsedRanges } from '#format/usage/xfs.ts'
import { type MissingTool, missingOf, requireTool } from '../os/run-tool.ts'
import { type ContentFile, fillExt4 } from './ext4-contents.ts'

export type MadeKind = 'ext4' | 'xfs'

export interface NewFilesystem {
  readonly kind: MadeKind
  /** Bytes; a multiple of `sectorSize`. */
  readonly size: number
  readonly sectorSize: number
  readonly uuid: string
  /** ext4 at most 16, xfs at most 12 bytes; may be empty. */
  readonly label: string
  /** Every time stamp in it (ext4). */
  readonly time: Date
  /** Only ext4. Parents are made; everything belongs to root. */
  readonly directories?: readonly string[]
  readonly files?: readonly ContentFile[]
  readonly signal?: AbortSignal
  /** Where the temporary file lies (default: the system's temporary directory). */
  readonly temporaryFolder?: string
}

export interface ByteRange {
  readonly offset: number
  readonly length: number
}

export interface MadeFilesystem extends AsyncDisposable {
  /** The sparse temporary file; removed on disposal. */
  readonly path: string
  /** Ranges of it that must be copied, ascending. */
  readonly extents: readonly ByteRange[]
  /** Ranges that must read as zero on the disk, ascending; disjoint from `extents`. */
  readonly zeroes: readonly ByteRange[]
  read(offset: number, target: Uint8Array): Promise<void>
}

const MIB = 1024 * 1024
const BLOCK = 4096
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  ext4: ['mke2fs', 'debugfs'],
  xfs: ['mkfs.xfs'],
  luks2: ['cryptsetup'],
}
/** Named, so that another version's defaults (orphan_file, metadata_csum_seed) do not lock out the appliance's kernel. */
const EXT4_FEATURES =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum'

/** Programs that are not installed and that making these needs (`ext4`, `xfs`, `luks2`; others need none). */
export const missingTools = (kinds: readonly string[]): Promise<MissingTool[]> =>
  missingOf(kinds.flatMap((kind) => TOOLS[kind] ?? []))

async function format(request: NewFilesystem, path: string): Promise<void> {
  const { kind, uuid, label, signal, sectorSize } = request
  const limits = { timeoutMs: 120_000, signal }
  if (kind === 'xfs') {
    const meta = `uuid=${uuid.toLowerCase()},crc=1,finobt=1,reflink=1,rmapbt=0,bigtime=1,inobtcount=1`
    const args = ['-q', '-f', '-K', '-m', meta, '-i', 'sparse=1,nrext64=0', '-s', `size=${sectorSize}`]
    await requireTool('mkfs.xfs', [...args, ...(label ? ['-L', label] : []), path], limits)
    return
  }
  const seed = uuid.toLowerCase()
  const extended = `lazy_itable_init=1,lazy_journal_init=0,nodiscard,root_owner=0:0,hash_seed=${seed}`
  const journal = request.size >= 16 * 1024 * MIB ? ['-J', 'size=128'] : []
  const args = ['-q', '-F', '-t', 'ext4', '-b', String(BLOCK), '-I', '256', '-i', '16384', '-m', '1', '-U', seed]
  await requireTool('mke2fs', [...args, '-L', label, '-O', EXT4_FEATURES, '-E', extended, ...journal, path], {
    ...limits,
    env: { ...fixedTime(request.time), MKE2FS_CONFIG: '/dev/null' },
  })
}

/** Environment that gives e2fsprogs (all versions) our time instead of the clock's. */
export const fixedTime = (time: Date): Record<string, string> => {
  const seconds = String(Math.max(1, Math.floor(time.getTime() / 1000)))
  return { E2FSPROGS_FAKE_TIME: seconds, SOURCE_DATE_EPOCH: seconds }
}

/** Sorts what is in use into what has content and what is zero. Reads only what is in use. */
export async function classify(file: FileHandle, used: readonly Span[], size: number, signal?: AbortSignal) {
  const filled: Span[] = []
  const buffer = Buffer.alloc(4 * MIB)
  const nothing = Buffer.alloc(BLOCK)
  for (const { start, end } of used) {
    for (let at = start; at < end; at += buffer.length) {
      throwIfAborted(signal)
      const chunk = buffer.subarray(0, Math.min(buffer.length, end - at))
      await readFully(file, at, chunk)
      for (let block = 0; block < chunk.length; block += BLOCK) {
        const stop = Math.min(block + BLOCK, chunk.length)
        if (chunk.compare(nothing, 0, stop - block, block, stop) !== 0)
          filled.push({ start: at + block, end: at + stop })
      }
    }
  }
  const edges = [
    { start: 0, end: Math.min(MIB, size) },
    { start: Math.max(0, size - MIB), end: size },
  ]
  const toRanges = (spans: readonly Span[]) => spans.map(({ start, end }) => ({ offset: start, length: end - start }))
  const extents = normalise(filled)
  return { extents: toRanges(extents), zeroes: toRanges(subtract([...used, ...edges], extents)) }
}

export async function readFully(file: FileHandle, offset: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, offset + done)
    if (bytesRead === 0)
      throw new EngineError('filesystem.unreadable', {
        kind: 'temporary',
        what: 'the end of the file',
        found: offset + done,
        expected: `after ${offset + target.length}`,
      })
    done += bytesRead
  }
}

/**
 * Makes a file system aside. Takes well under a second, whatever the size.
 * Throws `tool.missing`, `tool.failed`, `tool.timeout`, `job.cancelled`, `filesystem.bad-path`, `filesystem.no-contents`,
 * `filesystem.contents-failed`, `filesystem.unreadable`. Nothing is left behind then.
 */
export async function makeFilesystem(request: NewFilesystem): Promise<MadeFilesystem> {
  const { kind, size, signal } = request
  const hasContents = (request.files?.length ?? 0) + (request.directories?.length ?? 0) > 0
  if (hasContents && kind !== 'ext4') throw new EngineError('filesystem.no-contents', { kind })
  const folder = await mkdtemp(join(request.temporaryFolder ?? tmpdir(), 'twinslot-fs-'))
  let file: FileHandle | undefined
  const dispose = async () => {
    await file?.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const path = join(folder, 'image')
    file = await open(path, 'wx+', 0o600)
    await file.truncate(size)
    await format(request, path)
    if (hasContents)
      await fillExt4({
        image: path,
        folder,
        directories: request.directories ?? [],
        files: request.files ?? [],
        env: fixedTime(request.time),
        signal,
      })
    const reader = file
    const read = (offset: number, target: Uint8Array) => readFully(reader, offset, target)
    const used = await (kind === 'ext4' ? ext4UsedRanges(read, size) : xfsUsedRanges(read, size))
    const { extents, zeroes } = await classify(file, used, size, signal)
    return { path, extents, zeroes, read, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
