// What the images that tests and the demo boot share: a busybox userland, the kernel's files, digests, and a squashfs with
// the same bytes for the same tree.
import { createHash } from 'node:crypto'
import { chmod, copyFile, realpath, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readBounded, sha256OfFile } from '#node/os/bounded-read.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { findTool, requireTool, toolMissing } from '#node/os/run-tool.ts'
import { BOOT_AS_IS } from '#node/recipe/file-system.ts'
import { buildInitrd, INITRD_SOURCES } from '#node/recipe/initrd.ts'
import type { KernelPackage } from '#node/recipe/kernel-package.ts'

const MINUTE = 60_000

/** Programs that the recipes need. */
export const IMAGE_TOOLS = ['busybox', 'mksquashfs', 'cpio', 'zstd', 'apt-get', 'dpkg-deb', 'depmod'] as const

/** Kept between runs: `.cache` of the checkout. */
export const DEFAULT_CACHE = join(import.meta.dirname, '..', '..', '.cache')

export const tool = (name: string, args: readonly string[], cwd?: string, input?: string) =>
  requireTool(name, args, { timeoutMs: 5 * MINUTE, ...(cwd ? { cwd } : {}), ...(input ? { input } : {}) })

/** Path of this machine's busybox. Throws `tool.missing`. */
export async function busyboxPath(): Promise<string> {
  const busybox = await findTool('busybox')
  if (!busybox) throw toolMissing('busybox')
  return await realpath(busybox)
}

export const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null

const PART_LIMIT = 256 * 1024 * 1024

/** 16 hexadecimal digits over texts and the contents of files: the name of something kept in the cache. */
export async function digestOf(texts: readonly string[], files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(texts))
  for (const file of files) hash.update(await readBounded(file, PART_LIMIT))
  return hash.digest('hex').slice(0, 16)
}

/** Changes when the initial RAM disk would: for the names of images that hold it. */
export const initrdKey = (kernel: KernelPackage, busybox: string, deadline: number | null): Promise<string> =>
  digestOf([kernel.name, String(deadline)], [...INITRD_SOURCES, busybox])

/** Path of the initial RAM disk, made now if need be; `work` is a folder for the making. */
export async function cachedInitrd(
  cacheDir: string,
  kernel: KernelPackage,
  busybox: string,
  deadline: number | null,
  work: string,
): Promise<string> {
  const folder = join(cacheDir, 'initrd')
  const kept = join(folder, await initrdKey(kernel, busybox, deadline))
  if (await exists(kept)) return kept
  await makeFolder(folder)
  const made = join(work, 'initrd')
  await buildInitrd({ kernel, busybox, deadline, work: join(work, 'initrd-work'), out: made })
  await rename(made, kept)
  return kept
}

/** Copies an executable file; its folder is made. */
export async function program(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to))
  await copyFile(from, to)
  await chmod(to, 0o755)
}

/** Busybox in `bin`, with a link for each of its programs but `init`. */
export async function installBusybox(tree: string, busybox: string): Promise<void> {
  await program(busybox, join(tree, 'bin/busybox'))
  const { stdout } = await tool(busybox, ['--list'])
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox' && applet !== 'init') await symlink('/bin/busybox', join(tree, 'bin', applet))
}

/** Kernel and initial RAM disk where GRUB looks for them, with the digests that it checks. */
export async function installBoot(tree: string, kernel: string, initrd: string): Promise<void> {
  const boot = join(tree, 'boot')
  await makeFolder(boot)
  await copyFile(kernel, join(boot, 'kernel'))
  await copyFile(initrd, join(boot, 'initrd'))
  const rows = await Promise.all(['kernel', 'initrd'].map((name) => digestRow(boot, name)))
  await writeFile(join(boot, 'SHA256SUMS'), rows.join(''))
}

/** One row of sha256sum's format. */
async function digestRow(folder: string, name: string): Promise<string> {
  return `${await sha256OfFile(join(folder, name))}  ${name}\n`
}

/** The text of an os-release file; values keep letters, digits, blanks and `._+~-`. */
export const osRelease = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}="${value.replace(/[^\w .+~-]/g, '')}"\n`)
    .join('')

/** Owner and times fixed; gzip, because GRUB 2.06 reads neither zstd nor lz4. */
const FIXED = ['-all-root', '-all-time', '0', '-no-progress', '-quiet', '-no-xattrs']

export async function makeSquashfs(tree: string, image: string): Promise<void> {
  await tool('mksquashfs', [tree, image, '-comp', 'gzip', '-mkfs-time', '0', '-noappend', ...BOOT_AS_IS, ...FIXED])
}

/** Adds a folder, under its own name, to the root of an image that makeSquashfs made. */
export async function appendToSquashfs(image: string, folder: string): Promise<void> {
  await tool('mksquashfs', [folder, image, '-keep-as-directory', '-no-recovery', '-mkfs-time', '0', ...FIXED])
}
