// The ESP contents of a release: a folder becomes a FAT32 image of the smallest fitting size, the same bytes for the
// same files and time; an image file must be FAT32 already.
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { alignUp, MIB } from '#base/bytes.ts'
import { EngineError, isEngineError } from '#base/errors.ts'
import { buildFat32, type FatFile, type SparseImage } from '#format/fat32/fat32.ts'
import { readBounded } from '../os/bounded-read.ts'
import { openError } from '../os/file-source.ts'
import { errnoOf } from '../os/os-errors.ts'

const MIN_SIZE = 64 * MIB
/** An ESP of the layouts has 512 MB; larger boot files could never be written. */
const MAX_CONTENT = 480 * MIB
const SECTOR = 512
/** Fixed, so that building again gives the same bytes; the disk's own ESP gets an id of its own. */
const VOLUME_ID = 0x54574e53

const refused = (found: string, expected: string) =>
  new EngineError('release.bad-option', { option: '--boot', found, expected })

/** True for a folder. Throws `release.not-found`, `release.bad-path`, `release.unreadable`. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw openError(path, cause)
  }
}

async function listFolder(path: string): Promise<Dirent[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause) => {
    throw openError(path, cause)
  })
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Content {
  readonly files: FatFile[]
  readonly directories: string[]
  total: number
}

async function collect(root: string, folder: string, content: Content): Promise<void> {
  for (const entry of await listFolder(join(root, folder))) {
    const path = folder ? `${folder}/${entry.name}` : entry.name
    const full = join(root, path)
    if (entry.isDirectory()) {
      content.directories.push(path)
      await collect(root, path, content)
    } else if (entry.isFile()) {
      const bytes = await readBounded(full, MAX_CONTENT - content.total).catch((cause) => {
        if (errnoOf(cause) === 'EFBIG') throw refused(`a folder with more than ${MAX_CONTENT} bytes`, 'smaller')
        throw openError(full, cause)
      })
      content.total += bytes.length
      content.files.push({ path, bytes })
    } else throw refused(`a folder in which ${path} is neither file nor folder`, 'files and folders only')
  }
}

/**
 * FAT32 image of a folder's files, with `time` as the date of everything in it.
 * Throws `release.bad-option`, `release.unreadable`, and what buildFat32 throws about names.
 */
export async function buildBootImage(folder: string, time: Date): Promise<SparseImage> {
  const content: Content = { files: [], directories: [], total: 0 }
  await collect(folder, '', content)
  if (content.files.length === 0) throw refused('an empty folder', 'a folder with boot files')
  const clusters = content.files.reduce((sum, file) => sum + alignUp(file.bytes.length, 4096), 0)
  for (let size = Math.max(MIN_SIZE, alignUp(clusters, MIB)); ; size += MIB) {
    try {
      const { files, directories } = content
      const spec = { size, sectorSize: SECTOR, volumeId: VOLUME_ID, label: 'TWINSLOT', time, files, directories }
      return buildFat32({ ...spec, partitionOffset: 0 })
    } catch (error) {
      if (!isEngineError(error, 'fat.full') || size > 2 * MAX_CONTENT) throw error
    }
  }
}

/** The bytes of a sparse image from start to end; whatever is in no extent is zero. */
export async function* streamImage({ size, extents }: SparseImage, chunkSize = MIB): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += chunkSize) {
    const chunk = new Uint8Array(Math.min(chunkSize, size - start))
    for (const { offset, bytes } of extents) {
      const from = Math.max(offset, start)
      const to = Math.min(offset + bytes.length, start + chunk.length)
      if (from < to) chunk.set(bytes.subarray(from - offset, to - offset), from - start)
    }
    yield chunk
  }
}
