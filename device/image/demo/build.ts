// Builds the demo system image: a squashfs (gzip, which GRUB reads) with Debian's kernel, an initial RAM disk that finds
// its slot by partition GUID, and a busybox userland. Cached by content; works as an ordinary user.
import { constants } from 'node:fs'
import { copyFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '#node/os/make-folder.ts'
import { type KernelPackage, kernelPackage } from '#node/recipe/kernel-package.ts'
import {
  busyboxPath,
  cachedInitrd,
  DEFAULT_CACHE,
  digestOf,
  exists,
  IMAGE_TOOLS,
  initrdKey,
  installBoot,
  installBusybox,
  makeSquashfs,
  osRelease,
  program,
} from '../parts.ts'

const HERE = import.meta.dirname

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

/** Programs that building needs. */
export const DEMO_TOOLS = IMAGE_TOOLS

const SOURCES = [join(HERE, 'build.ts'), join(HERE, 'slot-init'), join(HERE, '..', 'parts.ts')]

/** Throws `tool.*`, `boot.kernel-unavailable`, `boot.kernel-module`. The first call takes about half a minute. */
export async function buildDemoImage(options: DemoImageOptions): Promise<DemoImage> {
  const cacheDir = options.cacheDir ?? DEFAULT_CACHE
  const kernel = await kernelPackage(cacheDir)
  const busybox = await busyboxPath()
  const key = await digestOf([options.version, options.behaviour, await initrdKey(kernel, busybox, null)], SOURCES)
  const folder = join(cacheDir, 'demo')
  const kept = join(folder, `${key}.img`)
  const cached = await exists(kept)
  if (!cached) {
    const work = join(folder, `${key}.${process.pid}`)
    await rm(work, { recursive: true, force: true })
    await makeFolder(work)
    try {
      const initrd = await cachedInitrd(cacheDir, kernel, busybox, null, work)
      await assemble(options, kernel, busybox, initrd, work)
      await rename(join(work, 'system.img'), kept)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  await makeFolder(dirname(options.outFile))
  await copyFile(kept, options.outFile, constants.COPYFILE_FICLONE)
  return { path: options.outFile, size: (await stat(kept)).size, kernel: kernel.release, cached }
}

async function assemble(
  { version, behaviour }: DemoImageOptions,
  kernel: KernelPackage,
  busybox: string,
  initrd: string,
  work: string,
): Promise<void> {
  const tree = join(work, 'slot')
  for (const folder of ['bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'usr/bin', 'usr/sbin', 'var/lib/msp'])
    await makeFolder(join(tree, folder))
  await installBusybox(tree, busybox)
  await program(join(HERE, 'slot-init'), join(tree, 'sbin/init'))
  await writeFile(join(tree, 'etc/twinslot-behaviour'), `${behaviour}\n`)
  await writeFile(
    join(tree, 'etc/os-release'),
    osRelease({ NAME: 'Twinslot demo', ID: 'twinslot-demo', VERSION_ID: version }),
  )
  await installBoot(tree, kernel.vmlinuz, initrd)
  await makeSquashfs(tree, join(work, 'system.img'))
}
