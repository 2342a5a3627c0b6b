// Debian's full-flavour kernel, unpacked once under the cache directory without being installed, and the order in which
// a list of its modules loads. Needs apt-get, dpkg-deb and depmod; works as an ordinary user.
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readBoundedText } from '../os/bounded-read.ts'
import { makeFolder } from '../os/make-folder.ts'
import { requireTool, runTool } from '../os/run-tool.ts'

const MINUTE = 60_000

export interface KernelPackage {
  /** For example `linux-image-6.1.0-56-amd64`. */
  readonly name: string
  /** For example `6.1.0-56-amd64`. */
  readonly release: string
  /** Path of the kernel. */
  readonly vmlinuz: string
  /** Folder with `kernel/` and `modules.dep`. */
  readonly tree: string
}

/** The kernel, from the cache or downloaded now (about 70 MB). Throws `tool.*` and `boot.kernel-unavailable`. */
export async function kernelPackage(cacheDir: string): Promise<KernelPackage> {
  const folder = join(cacheDir, 'kernel')
  const name = (await currentName()) ?? (await cachedName(folder))
  if (!name) throw new EngineError('boot.kernel-unavailable', { package: 'linux-image-amd64' })
  const release = name.replace('linux-image-', '')
  const place = join(folder, name)
  if (!(await stat(place).catch(() => null))) await unpack(name, release, place)
  const [vmlinuz, tree] = [join(place, 'boot', `vmlinuz-${release}`), join(place, 'lib', 'modules', release)]
  return { name, release, vmlinuz, tree }
}

/** What the package lists call the newest kernel; null where there are none (not Debian, or lists never fetched). */
async function currentName(): Promise<string | null> {
  try {
    const { stdout } = await runTool('apt-cache', ['depends', 'linux-image-amd64'], { timeoutMs: MINUTE })
    return /Depends: (linux-image-\S+-amd64)/.exec(stdout)?.[1] ?? null
  } catch (error) {
    if (error instanceof EngineError && error.code === 'tool.missing') return null
    throw error
  }
}

const cachedName = async (folder: string): Promise<string | null> =>
  (await readdir(folder).catch(() => []))
    .filter((name) => /^linux-image-[^/]*-amd64$/.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1) ?? null

async function unpack(name: string, release: string, folder: string): Promise<void> {
  const work = `${folder}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await makeFolder(work)
  await requireTool('apt-get', ['download', name], { timeoutMs: 10 * MINUTE, cwd: work })
  const archive = (await readdir(work)).find((file) => file.endsWith('.deb'))
  if (!archive) throw new EngineError('boot.kernel-unavailable', { package: name })
  await requireTool('dpkg-deb', ['-x', archive, '.'], { timeoutMs: 5 * MINUTE, cwd: work })
  await rm(join(work, archive))
  await requireTool('depmod', ['-b', work, release], { timeoutMs: MINUTE })
  // Another process may have been faster; its folder is as good as ours.
  await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }))
}

const plain = (text: string): string =>
  basename(text.trim())
    .replace(/\.ko(?:\.(?:xz|zst|gz))?$/, '')
    .replaceAll('-', '_')

/** Paths of each module by plain name, dependencies first. */
async function modulePaths(tree: string): Promise<Map<string, readonly string[]>> {
  const rows = (await readBoundedText(join(tree, 'modules.dep'))).trim().split('\n')
  const known = new Map<string, readonly string[]>()
  for (const row of rows) {
    const [path, rest = ''] = row.split(':')
    // modules.dep lists dependencies in reverse order of loading.
    known.set(plain(path), [...rest.trim().split(/\s+/).filter(Boolean).reverse(), path])
  }
  return known
}

const builtIn = async (tree: string): Promise<Set<string>> =>
  new Set((await readBoundedText(join(tree, 'modules.builtin'))).split('\n').map(plain))

/** Tells of a name whether the kernel has it, as a module or built in. */
export async function knownModules(tree: string): Promise<(name: string) => boolean> {
  const [paths, inside] = [await modulePaths(tree), await builtIn(tree)]
  return (name) => paths.has(plain(name)) || inside.has(plain(name))
}

/**
 * Paths below the tree of the named modules and of what they need, dependencies first. Names that the kernel has built in
 * are left out; a name that it does not know throws `boot.kernel-module`.
 */
export async function moduleOrder(tree: string, names: readonly string[]): Promise<string[]> {
  const known = await modulePaths(tree)
  const inside = await builtIn(tree)
  const order = new Set<string>()
  for (const name of names) {
    const paths = known.get(plain(name))
    if (!paths && !inside.has(plain(name))) throw new EngineError('boot.kernel-module', { module: name })
    for (const path of paths ?? []) order.add(path)
  }
  return [...order]
}
