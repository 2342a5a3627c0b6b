// The initial RAM disk of a slot: drivers with their dependencies, the list in loading order, busybox, and a script that
// starts the deadline and finds the slot by partition GUID. The same kernel and busybox give the same bytes.
import { chmod, copyFile, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { makeFolder } from '../os/make-folder.ts'
import { findTool, requireTool, toolMissing } from '../os/run-tool.ts'
import { type KernelPackage, moduleOrder } from './kernel-package.ts'

const LIMIT_MS = 5 * 60_000

/** In the order of loading; what they need is added (boot-state notes in docs/format/esp.md). */
export const INITRD_MODULES: readonly string[] = `squashfs loop crc32c_generic nls_cp437 nls_ascii nls_utf8 vfat
  ext4 xfs sd_mod ahci nvme virtio_pci virtio_blk virtio_scsi virtio_net xhci-pci ehci-pci usb-storage uas sdhci-pci mmc_block
  e1000 e1000e r8169 sp5100_tco i6300esb dm-mod dm-verity`.split(/\s+/)

const PACKED: Readonly<Record<string, string>> = { '.xz': 'xz', '.zst': 'zstd', '.gz': 'gzip' }

/** The script that becomes /init. */
export const INITRD_INIT = join(import.meta.dirname, 'initrd-init')

/** The list of writable places for images that bring none. */
export const WRITABLE_PLACES = join(import.meta.dirname, 'writable-places')

/** Files whose change makes another initial RAM disk: for keys of caches. */
export const INITRD_SOURCES: readonly string[] = ['initrd.ts', 'kernel-package.ts']
  .map((name) => join(import.meta.dirname, name))
  .concat(INITRD_INIT, WRITABLE_PLACES)

/**
 * Seconds from the start of the initial RAM disk to the gate's verdict. The slowest start that is none to worry about: 90 s
 * for a partition, 120 s for the network, 420 s for the gate (msp-health-gate.service), and the system's own start.
 */
export const DEADLINE_SECONDS = 900

export interface InitrdOptions {
  readonly kernel: Pick<KernelPackage, 'release' | 'tree'>
  /** Default INITRD_MODULES. Each must exist, or be built in, else `boot.kernel-module`. */
  readonly modules?: readonly string[]
  /** Seconds until a start without verdict is ended; null for a system without gate, which nobody could ever confirm. */
  readonly deadline: number | null
  /** The static busybox; found on the PATH by default. */
  readonly busybox?: string
  /** A folder that does not exist yet; removed afterwards. */
  readonly work: string
  readonly out: string
  readonly signal?: AbortSignal
}

/** Writes one zstd cpio archive. Throws `tool.*`, `boot.kernel-module`, `job.cancelled`. */
export async function buildInitrd(options: InitrdOptions): Promise<void> {
  const { kernel, work, out, signal, deadline, modules = INITRD_MODULES } = options
  const busybox = options.busybox ?? (await findTool('busybox'))
  if (!busybox) throw toolMissing('busybox')
  const tree = join(work, 'tree')
  const run = (name: string, args: readonly string[], cwd?: string, input?: string) =>
    requireTool(name, args, { timeoutMs: LIMIT_MS, signal, ...(cwd && { cwd }), ...(input !== undefined && { input }) })
  try {
    const folder = join('lib', 'modules', kernel.release)
    const order: string[] = []
    for (const path of await moduleOrder(kernel.tree, modules)) {
      const copy = join(tree, folder, path)
      await copyTo(join(kernel.tree, path), copy, 0o644)
      // busybox loads plain modules only; some distributions pack them.
      const packer = PACKED[extname(path)]
      if (packer) await run(packer, ['-q', '-d', '-f', ...(packer === 'zstd' ? ['--rm'] : []), copy])
      order.push(packer ? path.slice(0, -extname(path).length) : path)
    }
    for (const name of ['modules.builtin', 'modules.order'])
      await copyTo(join(kernel.tree, name), join(tree, folder, name), 0o644)
    await run('depmod', ['-b', tree, kernel.release])
    await writeFile(join(tree, 'lib/modules/list'), order.map((path) => `/${join(folder, path)}\n`).join(''))
    await copyTo(INITRD_INIT, join(tree, 'init'), 0o755)
    await copyTo(WRITABLE_PLACES, join(tree, 'etc/writable-places'), 0o644)
    if (deadline !== null) await writeFile(join(tree, 'etc/deadline'), `${deadline}\n`)
    await copyTo(await realpath(busybox), join(tree, 'bin/busybox'), 0o755)
    await mkdir(join(tree, 'sbin'))
    // The kernel itself calls this path.
    await symlink('/bin/busybox', join(tree, 'sbin/modprobe'))
    // Rights, times and order fixed, whatever the builder's own are.
    await run('chmod', ['-R', 'u=rwX,go=rX', tree])
    const touch = ['.', '-mindepth', '1', '-exec', 'touch', '-h', '-d', '@0', '{}', '+', '-print']
    const { stdout } = await run('find', touch, tree)
    const names = stdout.trim().split('\n').sort().join('\n')
    const archive = join(work, 'initrd.cpio')
    const format = ['-o', '-H', 'newc', '-R', '0:0', '--reproducible', '--quiet', '-O', archive]
    await run('cpio', format, tree, `${names}\n`)
    await run('zstd', ['-q', '-10', '-T1', '--rm', archive, '-o', out])
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function copyTo(from: string, to: string, mode: number): Promise<void> {
  await makeFolder(dirname(to))
  await copyFile(from, to)
  await chmod(to, mode)
}
