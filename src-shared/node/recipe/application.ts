// Step 4: the application, and the device's programs, are copied into the tree: owned by root, with rights that do not
// depend on the builder. No path leaves the tree, also not by a symbolic link that a package brought.
import { chmod, copyFile, lchown, lstat, mkdir, readdir, readlink, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError, throwIfAborted } from '#base/errors.ts'
import { reasonOf } from '../os/os-errors.ts'
import type { BuildRoom } from './room.ts'

export interface CopyRequest {
  /** A file or folder of the builder. */
  readonly from: string
  /** Absolute path in the image. */
  readonly to: string
  /** Rights of files; by default 755 for what anybody may execute and 644 for the rest. Folders have 755. */
  readonly mode?: number
  /** For messages: the key of the recipe. */
  readonly key: string
}

/**
 * Copies a file or folder; files that are there are replaced. Answers how many files and links were copied.
 * Throws `recipe.input-missing`, `recipe.link-in-path`.
 */
export async function copyIn({ tree, signal }: BuildRoom, request: CopyRequest): Promise<number> {
  const { from, to, key, mode } = request
  try {
    await lstat(from)
  } catch (error) {
    throw new EngineError('recipe.input-missing', { key, path: from, reason: reasonOf(error) }, { cause: error })
  }
  let count = 0
  const copy = async (source: string, path: string): Promise<void> => {
    throwIfAborted(signal)
    const target = join(tree, path)
    const found = await lstat(source)
    if (found.isDirectory()) {
      await makeFolders(tree, path)
      for (const name of (await readdir(source)).sort()) await copy(join(source, name), `${path}/${name}`)
      return
    }
    await makeFolders(tree, dirname(path))
    const there = await lstat(target).catch(() => null)
    if (there?.isDirectory())
      throw new EngineError('recipe.input-missing', { key, path, reason: 'it is a folder there' })
    await rm(target, { force: true })
    if (found.isSymbolicLink()) {
      await symlink(await readlink(source), target)
      await lchown(target, 0, 0)
    } else if (found.isFile()) {
      await copyFile(source, target)
      await lchown(target, 0, 0)
      await chmod(target, mode ?? (found.mode & 0o111 ? 0o755 : 0o644))
    } else {
      throw new EngineError('recipe.input-missing', {
        key,
        path: source,
        reason: 'it is neither file, folder nor link',
      })
    }
    count++
  }
  await copy(from, to.replace(/\/+$/, '') || '/')
  return count
}

/** Makes the folders of a path of the image, and refuses to follow a link. */
async function makeFolders(tree: string, path: string): Promise<void> {
  let folder = ''
  for (const part of path.split('/').filter(Boolean)) {
    folder += `/${part}`
    const found = await lstat(join(tree, folder)).catch(() => null)
    if (found?.isDirectory()) continue
    if (found?.isSymbolicLink()) throw new EngineError('recipe.link-in-path', { path, link: folder })
    if (found)
      throw new EngineError('recipe.input-missing', { key: 'application', path: folder, reason: 'it is a file there' })
    await mkdir(join(tree, folder))
    await chmod(join(tree, folder), 0o755)
    await lchown(join(tree, folder), 0, 0)
  }
}

/** Refuses a folder of device programs that is missing, empty of them, or given although none are wanted. */
export async function checkPrograms(wanted: boolean, folder: string | null): Promise<void> {
  const refuse = (found: string) => new EngineError('recipe.programs', { wanted: String(wanted), found })
  if (!wanted && folder !== null) throw refuse('--programs was given')
  if (!wanted) return
  if (folder === null) throw refuse('no --programs was given')
  const bundle = await stat(join(folder, 'usr/lib/twinslot/twinslot-device.mjs')).catch(() => null)
  if (!bundle?.isFile()) throw refuse(`${folder} has no usr/lib/twinslot/twinslot-device.mjs`)
}
