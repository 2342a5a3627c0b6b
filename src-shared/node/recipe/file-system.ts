// Step 7, second half: the tree as one image, byte for byte the same for the same tree: fixed times, ids and order.
// squashfs is what GRUB reads best; ext4 is for boot loaders that want it, and is as large as its content.
import { createHash } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { EngineError } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { openFileSource } from '../os/file-source.ts'
import { checkSlotContent } from '../release/content-check.ts'
import { type BuildRoom, mustRun } from './room.ts'

const LIMIT_MS = 30 * 60_000
const SLOT_UNIT = 4096

export interface ImageRequest {
  readonly kind: BuildConfig['filesystem']
  readonly compression: BuildConfig['compression']
  /** Bytes of a slot. */
  readonly slotSize: number
  readonly out: string
}

/** Bytes of the image. Throws `recipe.too-large`, `recipe.disk-full`, `tool.*`. */
export async function makeImage(room: BuildRoom, request: ImageRequest): Promise<number> {
  const { kind, slotSize, out } = request
  // Times of the tree's own files: tar archives and ext4 keep them, squashfs is told separately.
  await mustRun(room, 'find', [room.tree, '-depth', '-exec', 'touch', '-h', '-d', `@${room.epoch}`, '{}', '+'], {
    timeoutMs: LIMIT_MS,
  })
  await (kind === 'squashfs' ? makeSquashfs(room, request) : makeExt4(room, request))
  const { size } = await stat(out)
  if (size > slotSize) {
    const largest = await largestFolders(room)
    throw new EngineError('recipe.too-large', { found: size, limit: slotSize, excess: size - slotSize, largest })
  }
  return size
}

/** Kernel and initrd stay as they are inside squashfs: GRUB reads them twice, and its gzip is slow. */
export const BOOT_AS_IS = ['-action', 'uncompressed@pathname(boot/kernel)||pathname(boot/initrd)'] as const

async function makeSquashfs(room: BuildRoom, { compression, out }: ImageRequest): Promise<void> {
  const time = String(room.epoch)
  const fixed = [
    '-all-time',
    time,
    '-mkfs-time',
    time,
    '-noappend',
    '-no-progress',
    '-quiet',
    '-no-exports',
    ...BOOT_AS_IS,
  ]
  // mksquashfs refuses its own options when the environment names a time as well.
  const env = { SOURCE_DATE_EPOCH: '' }
  await mustRun(room, 'mksquashfs', [room.tree, out, '-comp', compression, ...fixed], { timeoutMs: LIMIT_MS, env })
}

/** A GUID out of what the image is: the same recipe has the same. */
function fixedGuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

async function makeExt4(room: BuildRoom, { out }: ImageRequest): Promise<void> {
  const count = (args: readonly string[]) => mustRun(room, 'du', ['-s', ...args, room.tree], { timeoutMs: LIMIT_MS })
  const bytes = Number((await count(['-B4096'])).stdout.split('\t')[0]) * SLOT_UNIT
  const files = Number((await count(['--inodes'])).stdout.split('\t')[0])
  const size = Math.ceil((bytes * 1.06 + files * 300 + 8e6) / SLOT_UNIT) * SLOT_UNIT
  const guid = fixedGuid(`ext4 ${room.epoch}`)
  const options = `hash_seed=${guid},root_owner=0:0,nodiscard,lazy_itable_init=0`
  const inodes = files + 64
  const head = ['-q', '-F', '-t', 'ext4', '-b', String(SLOT_UNIT), '-I', '256', '-N', String(inodes), '-m', '0']
  const rest = ['-U', guid, '-E', options, '-O', EXT4_FEATURES, '-d', room.tree, out, String(size / SLOT_UNIT)]
  // A configuration of its own: distributions differ in what they call ext4.
  const config = join(room.work, 'mke2fs.conf')
  await writeFile(config, '[fs_types]\n ext4 = {\n }\n small = {\n }\n')
  const env = { E2FSPROGS_FAKE_TIME: String(room.epoch), MKE2FS_CONFIG: config }
  await mustRun(room, 'mke2fs', [...head, ...rest], { timeoutMs: LIMIT_MS, env })
  await fixChangeTimes(room, out, inodes, env)
}

/** Read by every kernel since 4.0, and by GRUB. */
export const EXT4_FEATURES =
  'none,filetype,ext_attr,extent,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize'

/** mke2fs copies the tree's change times, which nobody can set; they are rewritten in the image. */
async function fixChangeTimes(
  room: BuildRoom,
  image: string,
  inodes: number,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { stdout } = await mustRun(room, 'dumpe2fs', ['-h', image], { timeoutMs: LIMIT_MS, env })
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(stdout)?.[1])
  const used = number('Inode count') - number('Free inodes')
  const rows: string[] = []
  // mke2fs hands out inodes in order, so those in use are the first ones; 1 to 10 belong to the file system itself.
  for (let inode = 2; inode <= Math.min(used, inodes); inode++)
    if (inode === 2 || inode > 10)
      rows.push(
        `sif <${inode}> ctime @${room.epoch}`,
        `sif <${inode}> ctime_extra 0`,
        `sif <${inode}> atime @${room.epoch}`,
      )
  const input = `${rows.join('\n')}\n`
  const outcome = await mustRun(room, 'debugfs', ['-w', '-f', '-', image], { timeoutMs: LIMIT_MS, env, input })
  const complaint = outcome.stderr.split('\n').find((row) => row !== '' && !row.startsWith('debugfs '))
  if (complaint) throw new EngineError('tool.failed', { tool: 'debugfs', code: 0, stderr: complaint })
}

/** `/usr/lib 120 MB, ...`: where the room went. */
async function largestFolders(room: BuildRoom): Promise<string> {
  const { stdout } = await mustRun(room, 'du', ['-x', '-k', '--max-depth=3', '.'], {
    timeoutMs: LIMIT_MS,
    cwd: room.tree,
  })
  const rows = stdout.split('\n').map((row) => row.split('\t'))
  return rows
    .filter(([size, path]) => size && path && path !== '.')
    .sort(([a], [b]) => Number(b) - Number(a))
    .slice(0, 5)
    .map(([size, path]) => `${path.slice(1)} ${formatBytes(Number(size) * 1024)}`)
    .join(', ')
}

/** Reads the image back as the engine does before it starts a slot. Throws `image.*`. */
export async function checkImage(path: string, size: number): Promise<void> {
  await using source = await openFileSource(path)
  await checkSlotContent((offset, target) => source.read(offset, target), size)
}
