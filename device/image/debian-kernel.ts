// Debian's full-flavour kernel: the package, unpacked once under .cache (not installed), and the order in which
// a list of its modules loads.
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { requireTool } from '../../src-shared/node/run-tool.ts'

const CACHE = join(dirname(dirname(import.meta.dirname)), '.cache')
const MINUTE = 60_000

export interface KernelPackage {
  /** For example `linux-image-6.1.0-56-amd64`. */
  readonly name: string
  readonly vmlinuz: string
  /** Folder with `kernel/` and `modules.dep`. */
  readonly tree: string
}

export async function kernelPackage(): Promise<KernelPackage> {
  const { stdout } = await requireTool('apt-cache', ['depends', 'linux-image-amd64'], { timeoutMs: MINUTE })
  const name = /Depends: (linux-image-\S+-amd64)/.exec(stdout)?.[1]
  if (!name) throw new Error('the package lists know no linux-image-amd64')
  const release = name.replace('linux-image-', '')
  const folder = join(CACHE, 'kernel', name)
  if (!(await stat(folder).catch(() => null))) await unpack(name, release, folder)
  return { name, vmlinuz: join(folder, 'boot', `vmlinuz-${release}`), tree: join(folder, 'lib', 'modules', release) }
}

async function unpack(name: string, release: string, folder: string): Promise<void> {
  const work = `${folder}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  await requireTool('apt-get', ['download', name], { timeoutMs: 10 * MINUTE, cwd: work })
  const archive = (await readdir(work)).find((file) => file.endsWith('.deb'))
  if (!archive) throw new Error(`apt-get download ${name} brought no package`)
  await requireTool('dpkg-deb', ['-x', archive, '.'], { timeoutMs: 5 * MINUTE, cwd: work })
  await rm(join(work, archive))
  await requireTool('depmod', ['-b', work, release], { timeoutMs: MINUTE })
  await rename(work, folder)
}

/** Paths of the named modules and of what they need, dependencies first. Names the kernel has built in are left out. */
export async function moduleOrder(tree: string, names: readonly string[]): Promise<string[]> {
  const rows = (await readFile(join(tree, 'modules.dep'), 'utf8')).trim().split('\n')
  const needs = new Map<string, readonly string[]>()
  const places = new Map<string, string>()
  const plain = (text: string) => basename(text, '.ko').replaceAll('-', '_')
  for (const row of rows) {
    const [path, rest = ''] = row.split(':')
    // modules.dep lists dependencies in reverse order of loading.
    needs.set(plain(path), rest.trim().split(/\s+/).filter(Boolean).reverse())
    places.set(plain(path), path)
  }
  const builtin = await readFile(join(tree, 'modules.builtin'), 'utf8')
  const order = new Set<string>()
  for (const name of names) {
    const path = places.get(plain(name))
    if (path) for (const each of [...(needs.get(plain(name)) ?? []), path]) order.add(each)
    else if (!builtin.split('\n').some((row) => plain(row) === plain(name))) throw new Error(`no kernel module ${name}`)
  }
  return [...order].map((path) => join(tree, path))
}
