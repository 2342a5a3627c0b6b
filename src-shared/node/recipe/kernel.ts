// Kernel, drivers and initial RAM disk of an image: taken from a package without installing it, so that no image carries
// the tools that would build another initial RAM disk on the appliance.
import { chmod, copyFile, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { sha256OfFile } from '../os/bounded-read.ts'
import { makeFolder } from '../os/make-folder.ts'
import type { PackageLists } from './base.ts'
import { buildInitrd, DEADLINE_SECONDS, INITRD_MODULES } from './initrd.ts'
import { knownModules } from './kernel-package.ts'
import { type BuildRoom, mustRun } from './room.ts'

const MINUTE = 60_000

export interface Kernel {
  /** For example `6.1.0-56-amd64`. */
  readonly release: string
  readonly vmlinuz: string
  /** Folder with `kernel/` and `modules.dep`. */
  readonly tree: string
  /** `name=version` of the packages that it came in. */
  readonly packages: readonly string[]
}

const DEFAULT_PACKAGE = { debian: 'linux-image-amd64', ubuntu: 'linux-image-generic' } as const

/** The package that `kernel` of the recipe names, or the usual one of the base. */
export const kernelPackageOf = ({ kernel, base_os }: BuildConfig): string =>
  kernel.package ?? DEFAULT_PACKAGE[base_os.distribution]

/**
 * Fetches the kernel's package, and the packages of its family that it depends on, and unpacks them beside the tree.
 * Throws `recipe.no-kernel`, `tool.*`.
 */
export async function fetchKernel(room: BuildRoom, lists: PackageLists, wanted: string): Promise<Kernel> {
  const folder = join(room.work, 'kernel')
  await mkdir(folder)
  const options = { timeoutMs: 10 * MINUTE, env: { APT_CONFIG: lists.aptConfig }, cwd: folder }
  const names = await family(wanted, async (name) => {
    const { stdout } = await mustRun(room, 'apt-cache', ['depends', '--important', name], options)
    return [...stdout.matchAll(/^ {2}(?:Pre)?Depends: (\S+)$/gm)].map((match) => match[1])
  })
  await mustRun(room, 'apt-get', ['download', ...names], options)
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb')).sort()
  const packages: string[] = []
  for (const archive of archives) {
    await mustRun(room, 'dpkg-deb', ['-x', archive, 'files'], { timeoutMs: 5 * MINUTE, cwd: folder })
    const field = ['-W', '--showformat', '$' + '{Package}=$' + '{Version}', archive]
    packages.push((await mustRun(room, 'dpkg-deb', field, { timeoutMs: MINUTE, cwd: folder })).stdout.trim())
    await rm(join(folder, archive))
  }
  return await kernelIn(room, join(folder, 'files'), wanted, packages)
}

/** The package and all of the kernel's own packages below it. */
async function family(first: string, dependsOf: (name: string) => Promise<string[]>): Promise<string[]> {
  const found = new Set([first])
  for (const each of found)
    for (const name of await dependsOf(each.split('=')[0])) if (/^linux-(?:image|modules)-/.test(name)) found.add(name)
  return [...found]
}

/** The newest kernel below `files`. @throws EngineError `recipe.no-kernel` */
export async function kernelIn(
  room: BuildRoom,
  files: string,
  from: string,
  packages: readonly string[],
): Promise<Kernel> {
  const names = (await readdir(join(files, 'boot')).catch(() => [])).filter((name) => name.startsWith('vmlinuz-'))
  const newest = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (!newest) throw new EngineError('recipe.no-kernel', { package: from })
  const release = newest.slice('vmlinuz-'.length)
  // Newer packages put the drivers below /usr; depmod looks below /lib.
  if (!(await lstat(join(files, 'lib')).catch(() => null))) await symlink('usr/lib', join(files, 'lib'))
  await mustRun(room, 'depmod', ['-b', files, release], { timeoutMs: MINUTE })
  const tree = join(files, 'lib', 'modules', release)
  return { release, vmlinuz: join(files, 'boot', newest), tree, packages }
}

/**
 * Step 7, first half: /boot/kernel, /boot/initrd, /boot/SHA256SUMS and the drivers; nothing else stays in /boot. Of the
 * usual and the `needed` modules those that the kernel has are taken; answers all that there are.
 */
export async function placeKernel(
  room: BuildRoom,
  kernel: Kernel,
  config: BuildConfig['kernel'],
  needed: readonly string[] = [],
): Promise<readonly string[]> {
  const boot = join(room.tree, 'boot')
  await rm(boot, { recursive: true, force: true })
  await mkdir(boot)
  await chmod(boot, 0o755)
  await copyFile(kernel.vmlinuz, join(boot, 'kernel'))
  const known = await knownModules(kernel.tree)
  const usual = [...new Set([...INITRD_MODULES, ...needed])].filter((name) => known(name))
  const modules = [...new Set([...usual, ...config.drivers])]
  const { signal } = room
  const gate = await lstat(join(room.tree, 'usr/bin/health-gate')).catch(() => null)
  const deadline = gate ? DEADLINE_SECONDS : null
  await buildInitrd({ kernel, modules, deadline, work: join(room.work, 'initrd'), out: join(boot, 'initrd'), signal })
  const rows = await Promise.all(
    ['kernel', 'initrd'].map(async (name) => `${await sha256OfFile(join(boot, name))}  ${name}\n`),
  )
  await writeFile(join(boot, 'SHA256SUMS'), rows.join(''))
  for (const name of ['kernel', 'initrd', 'SHA256SUMS']) await chmod(join(boot, name), 0o644)
  const merged = (await lstat(join(room.tree, 'lib')).catch(() => null))?.isSymbolicLink() === true
  const folder = join(room.tree, merged ? 'usr/lib/modules' : 'lib/modules')
  await rm(folder, { recursive: true, force: true })
  if (config.modules === 'initrd') return modules
  await makeFolder(folder)
  await mustRun(room, 'cp', ['-a', kernel.tree, folder], { timeoutMs: 5 * MINUTE })
  return modules
}
