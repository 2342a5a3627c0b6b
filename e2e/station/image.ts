// Builds the station guest: kernel, initial RAM disk and system disk, once, under .cache by content key; and, on every
// run, the small read-only disk with this checkout's sources. Everything in it comes from this machine's packages.
import { createHash } from 'node:crypto'
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { kernelPackage, moduleOrder } from '#node/recipe/kernel-package.ts'

export const REPO = dirname(dirname(import.meta.dirname))
const MINUTE = 60_000
const MIB = 1024 * 1024

/** Programs that the command line calls, and those that the scenarios judge it by. */
const PROGRAMS = [
  ...['blkdiscard', 'blockdev', 'lsblk', 'partx', 'sfdisk', 'sgdisk', 'wipefs', 'findmnt', 'blkid', 'script', 'flock'],
  ...['mke2fs', 'debugfs', 'dumpe2fs', 'filefrag', 'e2fsck', 'fsck.vfat'],
]

/** In the order of loading; what they depend on is added. */
const MODULES = [
  ...['virtio_pci', 'virtio_blk', 'virtio_console', 'squashfs', 'crc32c_generic', 'ext4', 'vfat'],
  ...[
    'nls_cp437',
    'nls_ascii',
    'nls_utf8',
    'nls_iso8859-1',
    'sd_mod',
    'ahci',
    'nvme',
    'xhci-pci',
    'usb-storage',
    'uas',
  ],
  ...['sdhci-pci', 'mmc_block', 'loop', 'overlay'],
]

export interface StationImage {
  readonly kernel: string
  readonly initrd: string
  /** GPT disk whose only partition holds the guest's `/` (squashfs). */
  readonly systemDisk: string
}

const tool = (name: string, args: readonly string[], cwd?: string) =>
  requireTool(name, args, { timeoutMs: 5 * MINUTE, ...(cwd ? { cwd } : {}) })

const placeOf = async (name: string): Promise<string> => {
  const path = await findTool(name)
  if (!path) throw new Error(`the station guest needs ${name}`)
  return realpath(path)
}

/** Names of programs that are missing here; empty when the guest can be built and run. */
export async function missingForStation(): Promise<string[]> {
  const missing: string[] = []
  const ours = ['busybox', 'mksquashfs', 'cpio', 'depmod', 'dpkg-deb', 'apt-get', 'qemu-system-x86_64', 'qemu-img']
  for (const name of [...PROGRAMS, ...ours]) if (!(await findTool(name))) missing.push(name)
  return missing
}

/** The image, from the cache or built now (about 15 s plus the kernel package's download). */
export async function stationImage(): Promise<StationImage> {
  const kernel = await kernelPackage(join(REPO, '.cache'))
  const key = await cacheKey(kernel.name)
  const folder = join(REPO, '.cache', 'station', key)
  const image = {
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
    systemDisk: join(folder, 'system.img'),
  }
  if (await stat(folder).catch(() => null)) return image
  const work = `${folder}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  await copyFile(kernel.vmlinuz, join(work, 'vmlinuz'))
  await buildInitrd(join(work, 'ram'), join(work, 'initrd'), kernel)
  await buildRoot(join(work, 'root'))
  await buildSystemDisk(join(work, 'root'), join(work, 'system.img'))
  for (const spare of ['ram', 'ram.list', 'root']) await rm(join(work, spare), { recursive: true })
  await rename(work, folder).catch(async (error) => {
    // Another run was faster with the same content.
    if (!(await stat(folder).catch(() => null))) throw error
    await rm(work, { recursive: true })
  })
  await forgetOldImages(dirname(folder))
  return image
}

/** Images of earlier sources take 150 MB each; one of today may be in use by another run. */
async function forgetOldImages(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found && Date.now() - found.mtimeMs > 24 * 60 * MINUTE) await rm(path, { recursive: true, force: true })
  }
}

async function cacheKey(kernel: string): Promise<string> {
  const hash = createHash('sha256').update(kernel)
  for (const file of ['image.ts', 'guest/init', 'guest/sbin-init'])
    hash.update(await readFile(join(import.meta.dirname, file)))
  for (const path of [process.execPath, ...(await Promise.all([...PROGRAMS, 'busybox'].map(placeOf)))]) {
    const { size, mtimeMs } = await stat(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

async function buildInitrd(ram: string, initrd: string, kernel: { readonly tree: string }): Promise<void> {
  await mkdir(join(ram, 'modules'), { recursive: true })
  await mkdir(join(ram, 'bin'))
  await copyFile(await placeOf('busybox'), join(ram, 'bin', 'busybox'))
  await copyFile(join(import.meta.dirname, 'guest/init'), join(ram, 'init'))
  await chmod(join(ram, 'init'), 0o755)
  const order = await moduleOrder(kernel.tree, MODULES)
  for (const path of order) await copyFile(join(kernel.tree, path), join(ram, 'modules', basename(path)))
  await writeFile(join(ram, 'modules', 'list'), order.map((path) => `${basename(path)}\n`).join(''))
  const names = await readdir(ram, { recursive: true })
  const { stdout } = await tool('sh', [
    '-c',
    'cd "$1" && cpio --quiet -o -H newc -F "$2" < "$3" 2>&1',
    'sh',
    ram,
    initrd,
    await listFile(ram, names),
  ])
  if (stdout.trim()) throw new Error(stdout)
}

async function listFile(folder: string, names: readonly string[]): Promise<string> {
  const path = `${folder}.list`
  await writeFile(path, ['.', ...names].map((name) => `${name}\n`).join(''))
  return path
}

/** Copies a program with every shared library it names, to the same places. */
async function addProgram(root: string, path: string, place: string): Promise<void> {
  const { stdout } = await requireTool('ldd', [path], { timeoutMs: MINUTE }).catch(() => ({ stdout: '' }))
  const libraries = [...stdout.matchAll(/(\/[^\s)]+)\s+\(0x/g)].map((match) => match[1])
  for (const library of libraries) {
    const target = join(root, library.startsWith('/usr') ? library : `/usr${library}`)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(await realpath(library), target)
  }
  await mkdir(dirname(join(root, place)), { recursive: true })
  await copyFile(path, join(root, place))
  await chmod(join(root, place), 0o755)
}

async function buildRoot(root: string): Promise<void> {
  for (const folder of ['dev', 'proc', 'sys', 'run', 'tmp', 'var', 'root', 'mnt', 'etc', 'opt/twinslot'])
    await mkdir(join(root, folder), { recursive: true })
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', folder), { recursive: true })
    await symlink(`usr/${folder}`, join(root, folder))
  }
  await mkdir(join(root, 'usr/local/bin'), { recursive: true })
  await addProgram(root, process.execPath, '/usr/local/bin/node')
  for (const name of PROGRAMS) await addProgram(root, await placeOf(name), `/usr/sbin/${name}`)
  const busybox = await placeOf('busybox')
  await addProgram(root, busybox, '/usr/bin/busybox')
  const { stdout } = await tool(busybox, ['--list'])
  for (const applet of stdout.trim().split('\n')) {
    if (PROGRAMS.includes(applet) || applet === 'busybox') continue
    await symlink('busybox', join(root, 'usr/bin', applet))
  }
  await copyFile(join(import.meta.dirname, 'guest/sbin-init'), join(root, 'usr/sbin/init'))
  await chmod(join(root, 'usr/sbin/init'), 0o755)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n')
  await symlink('/proc/self/mounts', join(root, 'etc/mtab'))
  await cp('/etc/mke2fs.conf', join(root, 'etc/mke2fs.conf'))
}

/** Uncompressed: the guest's emulated processor would unpack Node's 120 MB on every start. */
async function buildSystemDisk(root: string, disk: string): Promise<void> {
  const plain = ['-noI', '-noD', '-noF', '-noX', '-all-root', '-no-progress', '-quiet']
  await tool('mksquashfs', [root, disk, ...plain, '-offset', String(MIB)])
  const end = Math.ceil((await stat(disk)).size / MIB)
  await tool('truncate', ['--size', `${end + 1}M`, disk])
  await tool('sgdisk', ['--set-alignment=2048', `--new=1:2048:${end * 2048 - 1}`, '--change-name=1:station-root', disk])
}

interface LockedPackage {
  readonly dev?: boolean
  readonly devOptional?: boolean
}

/** This checkout as the guest sees it at /opt/twinslot: sources and production packages, as a squashfs (about 1 s). */
export async function sourcesDisk(disk: string): Promise<void> {
  const text = await readFile(join(REPO, 'package-lock.json'), 'utf8')
  const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(text)
  const packages = Object.entries(lock.packages)
    .filter(([path, each]) => path !== '' && path !== 'node_modules/node' && !each.dev && !each.devOptional)
    .map(([path]) => path)
  const kept: string[] = []
  for (const path of ['bin', 'cli', 'device', 'src-shared', 'package.json', ...packages])
    if (await stat(join(REPO, path)).catch(() => null)) kept.push(path)
  // Node itself is in the image: a link stands where the package has it.
  const extra = `${disk}.extra`
  await mkdir(join(extra, 'node_modules/node/bin'), { recursive: true })
  await symlink('/usr/local/bin/node', join(extra, 'node_modules/node/bin/node'))
  const pack = 'mksquashfs - "$disk" -tar -noappend -noI -noD -noF -noX -all-root -no-progress -quiet'
  const script = `disk="$1"; extra="$2"; shift 2; tar -cf - "$@" -C "$extra" node_modules/node/bin | ${pack}`
  await tool('sh', ['-c', script, 'sh', disk, extra, ...kept], REPO)
  await rm(extra, { recursive: true })
}
