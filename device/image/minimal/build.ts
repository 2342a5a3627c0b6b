// The small recipe: a slot image with Debian's kernel, busybox, Node and the device's programs, which boots in some 20
// seconds of emulation. Everything that differs between releases is in /release, added to a cached image: another version
// costs a second. The same inputs give the same bytes.
import { constants } from 'node:fs'
import { chmod, copyFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BUNDLE, buildDevicePrograms, LIBRARY, PROGRAMS } from '#device/build.ts'
import { boundConfig, CONFIG_DIR } from '#model/config-home.ts'
import type { Layout } from '#model/layout.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { findTool, toolMissing } from '#node/os/run-tool.ts'
import { DEADLINE_SECONDS } from '#node/recipe/initrd.ts'
import { type KernelPackage, kernelPackage } from '#node/recipe/kernel-package.ts'
import {
  appendToSquashfs,
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
  tool,
} from '../parts.ts'
import { mountList } from '../programs-tree.ts'

const HERE = import.meta.dirname

/** Programs that building needs. */
export const MINIMAL_TOOLS = [...IMAGE_TOOLS, 'ldd'] as const

/**
 * What the release does: `good`; `bad-probe`: a critical probe fails; `no-gate`: the gate never runs and the machine
 * restarts after a while; `panic` and `hang` (nobody feeds the watchdog) before anything of ours runs, so without Node;
 * `no-kernel`: nothing that the boot loader could start.
 */
export type MinimalBehaviour = 'good' | 'bad-probe' | 'no-gate' | 'panic' | 'hang' | 'no-kernel'

export interface MinimalImageOptions {
  readonly version: string
  readonly behaviour: MinimalBehaviour
  /** Files of /etc/twinslot by path: device.yaml, keys/*.asc, order-keys, probes.yaml. */
  readonly etc: Readonly<Record<string, string>>
  /** The disks that it is for; what its /etc/twinslot says of them is made from this. */
  readonly layout?: Layout
  /** More files of /release, by path; those in bin/ are found as programs, those in www/ are served at port 8000. */
  readonly files?: Readonly<Record<string, string>>
  /** Date that the programs say they were built. */
  readonly buildDate: Date
  /** Seconds until a system whose gate has not passed restarts; default 300. */
  readonly patience?: number
  /** A root shell on the second serial port, for tests. Never in a product. */
  readonly shell?: boolean
  /** Kept between runs; `.cache` of the checkout by default. */
  readonly cacheDir?: string
  /** First module of the programs, for tests. */
  readonly entry?: string
  readonly outFile: string
}

export interface MinimalImage {
  readonly path: string
  /** Bytes; a multiple of 4096. */
  readonly size: number
}

/** Releases that end before anything of ours would run do without Node: they are small, and quick to install. */
const baseOf = (behaviour: MinimalBehaviour): 'full' | 'kernel' | 'empty' => {
  if (behaviour === 'no-kernel') return 'empty'
  return behaviour === 'panic' || behaviour === 'hang' || behaviour === 'no-gate' ? 'kernel' : 'full'
}

/** Throws `tool.*`, `boot.kernel-unavailable`, `boot.kernel-module`. The first call takes about half a minute. */
export async function buildMinimalImage(options: MinimalImageOptions): Promise<MinimalImage> {
  const cacheDir = options.cacheDir ?? DEFAULT_CACHE
  const kind = baseOf(options.behaviour)
  const work = `${options.outFile}.work`
  await rm(work, { recursive: true, force: true })
  await makeFolder(work)
  try {
    const tree = join(work, 'tree')
    await writeRelease(options, join(tree, 'release'))
    const image = join(work, 'system.img')
    if (kind === 'empty') await makeSquashfs(tree, image)
    else {
      await copyFile(await cachedBase(kind, cacheDir), image, constants.COPYFILE_FICLONE)
      await appendToSquashfs(image, join(tree, 'release'))
    }
    await rename(image, options.outFile)
    return { path: options.outFile, size: (await stat(options.outFile)).size }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What differs between releases. */
async function writeRelease(options: MinimalImageOptions, folder: string): Promise<void> {
  const { version, behaviour, etc, buildDate, entry, patience = 300 } = options
  await makeFolder(folder)
  // Without Node there is nothing to run them.
  if (baseOf(behaviour) === 'full')
    await buildDevicePrograms({ outDir: folder, version, buildDate, ...(entry && { entry }) })
  const files: Record<string, string> = {
    'os-release': osRelease({ NAME: 'Twinslot minimal', ID: 'twinslot-minimal', VERSION_ID: version }),
    behaviour: `${behaviour}\n`,
    patience: `${patience}\n`,
  }
  if (options.shell) files.shell = ''
  const layout = options.layout ?? DEFAULT_LAYOUT
  const said = { mounts: mountList(layout), partitions: partitionRows(layout), ...etc }
  for (const [path, text] of Object.entries(said)) files[`twinslot/${path}`] = text
  Object.assign(files, options.files)
  for (const [path, text] of Object.entries(files)) {
    await makeFolder(dirname(join(folder, path)))
    await writeFile(join(folder, path), text)
    if (path.startsWith('bin/')) await chmod(join(folder, path), 0o755)
  }
}

/** What slot-init mounts: partition, folder and file system; a folder that is bound as "bind", place and folder. */
function partitionRows({ partitions }: Layout): string {
  const rows = partitions.flatMap(({ role, name, mount, filesystem }) =>
    mount === undefined || role === 'esp' ? [] : [`${name} ${mount} ${filesystem}\n`],
  )
  const bound = boundConfig(partitions)
  return [...rows, ...(bound === null ? [] : [`bind ${CONFIG_DIR} ${bound}\n`])].join('')
}

const SOURCES = ['slot-init', 'udhcpc.script', 'build.ts', '../parts.ts'].map((name) => join(HERE, name))

/** The part that all releases share; `kernel` is without Node. */
async function cachedBase(kind: 'full' | 'kernel', cacheDir: string): Promise<string> {
  const kernel = await kernelPackage(cacheDir)
  const busybox = await busyboxPath()
  const key = await digestOf([kind, await initrdKey(kernel, busybox, DEADLINE_SECONDS), process.version], SOURCES)
  const kept = join(cacheDir, 'minimal', `${key}.img`)
  if (await exists(kept)) return kept
  const work = `${kept}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await makeFolder(work)
  try {
    const initrd = await cachedInitrd(cacheDir, kernel, busybox, DEADLINE_SECONDS, work)
    await assembleBase(kind, kernel, busybox, initrd, join(work, 'slot'))
    await makeSquashfs(join(work, 'slot'), join(work, 'base.img'))
    await rename(join(work, 'base.img'), kept)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const FOLDERS = [
  'bin',
  'boot',
  'cache',
  'config',
  'data',
  'dev',
  'etc/ssl/certs',
  'logs',
  'media',
  'proc',
  'run',
  'sys',
  'tmp',
  'usr/bin',
  'usr/sbin',
  'var/lib/msp',
  LIBRARY,
]

async function assembleBase(
  kind: 'full' | 'kernel',
  kernel: KernelPackage,
  busybox: string,
  initrd: string,
  tree: string,
): Promise<void> {
  for (const folder of FOLDERS) await makeFolder(join(tree, folder))
  await installBusybox(tree, busybox)
  await program(join(HERE, 'slot-init'), join(tree, 'sbin/init'))
  await program(join(HERE, 'udhcpc.script'), join(tree, 'etc/udhcpc.script'))
  await symlink('/run/resolv.conf', join(tree, 'etc/resolv.conf'))
  await writeFile(join(tree, 'etc/hosts'), '127.0.0.1 localhost\n')
  await symlink('/release/os-release', join(tree, 'etc/os-release'))
  await symlink('/release/twinslot', join(tree, 'etc/twinslot'))
  for (const path of [BUNDLE, `${LIBRARY}/program`]) await symlink(`/release/${path}`, join(tree, path))
  for (const name of PROGRAMS) await symlink('../lib/twinslot/program', join(tree, 'usr/bin', name))
  await installBoot(tree, kernel.vmlinuz, initrd)
  if (kind === 'full') await installPrograms(tree)
}

/** The Node that runs this and flock, which busybox lacks, with the libraries that their loader names. */
async function installPrograms(tree: string): Promise<void> {
  const flock = await findTool('flock')
  if (!flock) throw toolMissing('flock')
  await program(process.execPath, join(tree, LIBRARY, 'node'))
  await program(flock, join(tree, 'usr/bin/flock'))
  const { stdout } = await tool('ldd', [process.execPath, flock])
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1])
  for (const library of libraries) await program(library, join(tree, library))
}
