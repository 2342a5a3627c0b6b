// Builds the demo system image: a squashfs (gzip, which GRUB reads) with Debian's kernel, an initial RAM disk that finds
// its slot by partition GUID, and a busybox userland. Cached by content; works as an ordinary user. What comes later (Node,
// the device's programs) is one more directory in `assemble`.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildInitrd, INITRD_SOURCES } from '../../../src-shared/node/recipe/initrd.ts'
import { type KernelPackage, kernelPackage } from '../../../src-shared/node/recipe/kernel-package.ts'
import { findTool, requireTool, toolMissing } from '../../../src-shared/node/run-tool.ts'

const HERE = import.meta.dirname
const MINUTE = 60_000

/** What the system does once it is up: stay, crash the kernel, hang silently, or switch the machine off. */
export type DemoBehaviour = 'good' | 'panic' | 'hang' | 'poweroff'

export interface DemoImageOptions {
  readonly version: string
  readonly behaviour: DemoBehaviour
  /** Kept between runs; `.cache` of the checkout by default. */
  readonly cacheDir?: string
  readonly outFile: string
}

export interface DemoImage {
  readonly path: string
  /** Bytes; a multiple of 4096. */
  readonly size: number
  /** For example `6.1.0-56-amd64`. */
  readonly kernel: string
  /** True when it was built by an earlier call. */
  readonly cached: boolean
}

export const DEFAULT_CACHE = join(HERE, '..', '..', '..', '.cache')

const tool = (name: string, args: readonly string[], cwd?: string, input?: string) =>
  requireTool(name, args, { timeoutMs: 5 * MINUTE, ...(cwd ? { cwd } : {}), ...(input ? { input } : {}) })

/** Programs that building needs. */
export const DEMO_TOOLS = ['busybox', 'mksquashfs', 'cpio', 'zstd', 'apt-get', 'dpkg-deb', 'depmod'] as const

/** Throws `tool.*`, `boot.kernel-unavailable`, `boot.kernel-module`. The first call takes about half a minute. */
export async function buildDemoImage(options: DemoImageOptions): Promise<DemoImage> {
  const cacheDir = options.cacheDir ?? DEFAULT_CACHE
  const kernel = await kernelPackage(cacheDir)
  const busybox = await findTool('busybox')
  if (!busybox) throw toolMissing('busybox')
  const key = await contentKey(options, kernel.name, busybox)
  const folder = join(cacheDir, 'demo')
  const kept = join(folder, `${key}.img`)
  const cached = (await stat(kept).catch(() => null)) !== null
  if (!cached) {
    const work = join(folder, `${key}.${process.pid}`)
    await rm(work, { recursive: true, force: true })
    await mkdir(work, { recursive: true })
    try {
      const initrd = await cachedInitrd(folder, kernel, busybox, work)
      await assemble(options, kernel, busybox, initrd, work)
      await rename(join(work, 'system.img'), kept)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  await mkdir(dirname(options.outFile), { recursive: true })
  await copyFile(kept, options.outFile, constants.COPYFILE_FICLONE)
  return { path: options.outFile, size: (await stat(kept)).size, kernel: kernel.release, cached }
}

const SOURCES = [...['build.ts', 'slot-init'].map((name) => join(HERE, name)), ...INITRD_SOURCES]

async function digestOf(texts: readonly string[], files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(texts))
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

const contentKey = ({ version, behaviour }: DemoImageOptions, kernel: string, busybox: string): Promise<string> =>
  digestOf([version, behaviour, kernel], [...SOURCES, busybox])

async function cachedInitrd(folder: string, kernel: KernelPackage, busybox: string, work: string): Promise<string> {
  const key = await digestOf([kernel.name], [...INITRD_SOURCES, busybox])
  const kept = join(folder, `initrd-${key}`)
  if (await stat(kept).catch(() => null)) return kept
  const made = join(work, 'initrd')
  await buildInitrd({ kernel, busybox, work: join(work, 'initrd-work'), out: made })
  await rename(made, kept)
  return kept
}

async function program(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
  await chmod(to, 0o755)
}

async function assemble(
  { version, behaviour }: DemoImageOptions,
  kernel: KernelPackage,
  busybox: string,
  initrd: string,
  work: string,
): Promise<void> {
  const tree = join(work, 'slot')
  for (const folder of ['boot', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'usr/bin', 'usr/sbin', 'var/lib/msp'])
    await mkdir(join(tree, folder), { recursive: true })
  await program(await realpath(busybox), join(tree, 'bin/busybox'))
  await program(join(HERE, 'slot-init'), join(tree, 'sbin/init'))
  const { stdout } = await tool(busybox, ['--list'])
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox' && applet !== 'init') await symlink('/bin/busybox', join(tree, 'bin', applet))
  await writeFile(join(tree, 'etc/twinslot-behaviour'), `${behaviour}\n`)
  const release = { NAME: 'Twinslot demo', ID: 'twinslot-demo', VERSION_ID: version }
  const rows = Object.entries(release).map(([name, value]) => `${name}="${value.replace(/[^\w .+~-]/g, '')}"\n`)
  await writeFile(join(tree, 'etc/os-release'), rows.join(''))
  await copyFile(kernel.vmlinuz, join(tree, 'boot/kernel'))
  await copyFile(initrd, join(tree, 'boot/initrd'))
  await writeFile(
    join(tree, 'boot/SHA256SUMS'),
    (await Promise.all(['kernel', 'initrd'].map((name) => digestRow(tree, name)))).join(''),
  )
  const fixed = ['-all-root', '-all-time', '0', '-mkfs-time', '0', '-noappend', '-no-progress', '-quiet', '-no-xattrs']
  await tool('mksquashfs', [tree, join(work, 'system.img'), '-comp', 'gzip', ...fixed])
}

/** One row of sha256sum's format; GRUB checks it before it loads. */
async function digestRow(tree: string, name: string): Promise<string> {
  const digest = createHash('sha256').update(await readFile(join(tree, 'boot', name)))
  return `${digest.digest('hex')}  ${name}\n`
}
