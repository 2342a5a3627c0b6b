// Builds the demo appliance: a squashfs with Debian's kernel at /boot/kernel, an initial RAM disk with the drivers of the
// T640 and of virtual machines at /boot/initrd, and busybox. Same inputs, same bytes; kept by content key, so that a
// second call only copies. Needs Debian (apt-get download) for the kernel; everything else is in the repository.
import { createHash } from 'node:crypto'
import {
  chmod,
  copyFile,
  lutimes,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { findTool, requireTool, toolMissing } from '../../../src-shared/node/run-tool.ts'
import { type KernelPackage, kernelPackage, moduleOrder } from '../debian-kernel.ts'

export type DemoBehaviour = 'good' | 'panic' | 'hang'

export interface DemoImageOptions {
  readonly version: string
  /** What it does once it runs: stays up, panics, or hangs without confirming. */
  readonly behaviour: DemoBehaviour
  readonly cacheDir: string
  readonly outFile: string
}

/** What the running image says on its serial console. */
export const DEMO_SYSTEM = {
  booted: /twinslot: slot=([AB]) version=(\S+) kernel=(\S+) root=(\S+) esp=(\w+) data=(\w+) config=(.*)/,
} as const

export interface BootedSystem {
  readonly slot: string
  readonly version: string
  readonly kernel: string
  readonly root: string
  readonly esp: boolean
  readonly data: boolean
  /** Names in /config. */
  readonly config: readonly string[]
}

export const bootedLine = ([, slot, version, kernel, root, esp, data, config]: readonly string[]): BootedSystem => ({
  slot,
  version,
  kernel,
  root,
  esp: esp === 'yes',
  data: data === 'yes',
  config: config.trim().split(' ').filter(Boolean),
})

/** Loaded in this order; what they depend on is added. Scanning for hardware instead takes far longer in emulation. */
const MODULES =
  `squashfs overlay loop crc32c_generic ext4 vfat nls_cp437 nls_ascii nls_utf8 virtio_pci virtio_blk virtio_scsi sd_mod
  ahci nvme xhci-pci ehci-pci usb-storage uas sdhci-pci mmc_block`.split(/\s+/)
const FOLDERS = 'boot dev proc sys run tmp etc/twinslot var/lib/msp bin sbin'.split(' ')
const GUEST = join(import.meta.dirname, 'guest')
const MINUTE = 60_000
const EPOCH = new Date('2026-01-01T00:00:00Z')

/**
 * Writes the image to `outFile`.
 * @throws EngineError `tool.missing`, `tool.failed`, `tool.timeout`
 */
export async function buildDemoImage({ version, behaviour, cacheDir, outFile }: DemoImageOptions): Promise<void> {
  const kernel = await kernelPackage()
  const busybox = await findTool('busybox')
  if (!busybox) throw toolMissing('busybox')
  const key = createHash('sha256').update(JSON.stringify([kernel.name, version, behaviour]))
  for (const path of [busybox, join(GUEST, 'init'), join(GUEST, 'initrd-init'), import.meta.filename])
    key.update(await readFile(path))
  const image = join(cacheDir, `demo-${key.digest('hex').slice(0, 16)}.squashfs`)
  if (!(await stat(image).catch(() => null))) {
    const work = `${image}.${process.pid}`
    await rm(work, { recursive: true, force: true })
    try {
      await buildRoot(join(work, 'root'), join(work, 'ram'), { kernel, busybox, version, behaviour })
      await packRoot(join(work, 'root'), join(work, 'image'))
      await rename(join(work, 'image'), image)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  await copyFile(image, outFile)
}

interface Parts {
  readonly kernel: KernelPackage
  readonly busybox: string
  readonly version: string
  readonly behaviour: DemoBehaviour
}

async function buildRoot(root: string, ram: string, { kernel, busybox, version, behaviour }: Parts): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  await copyFile(kernel.vmlinuz, join(root, 'boot', 'kernel'))
  await buildInitrd(ram, join(root, 'boot', 'initrd'), kernel, busybox)
  await copyFile(busybox, join(root, 'bin', 'busybox'))
  const { stdout } = await requireTool(busybox, ['--list'], { timeoutMs: MINUTE })
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet))
  await copyFile(join(GUEST, 'init'), join(root, 'sbin', 'init'))
  await chmod(join(root, 'sbin', 'init'), 0o755)
  await writeFile(join(root, 'etc', 'twinslot', 'behaviour'), `${behaviour}\n`)
  await writeFile(join(root, 'etc', 'os-release'), `NAME="Twinslot demo"\nID=twinslot-demo\nVERSION_ID=${version}\n`)
}

async function buildInitrd(ram: string, initrd: string, kernel: KernelPackage, busybox: string): Promise<void> {
  await mkdir(join(ram, 'modules'), { recursive: true })
  await mkdir(join(ram, 'bin'))
  // The kernel starts this path to load what it misses itself.
  await mkdir(join(ram, 'sbin'))
  await copyFile(busybox, join(ram, 'bin', 'busybox'))
  await symlink('../bin/busybox', join(ram, 'sbin', 'modprobe'))
  await copyFile(join(GUEST, 'initrd-init'), join(ram, 'init'))
  await chmod(join(ram, 'init'), 0o755)
  const order = await moduleOrder(kernel.tree, MODULES)
  for (const path of order) await copyFile(path, join(ram, 'modules', basename(path)))
  await writeFile(join(ram, 'modules', 'list'), order.map((path) => `${basename(path)}\n`).join(''))
  const names = ['.', ...(await readdir(ram, { recursive: true })).sort()]
  for (const name of names) await lutimes(join(ram, name), EPOCH, EPOCH)
  const plain = join(dirname(ram), 'initrd.cpio')
  const archive = ['-o', '-H', 'newc', '--reproducible', '--owner=0:0', '--quiet', '-F', plain]
  await requireTool('cpio', archive, { timeoutMs: MINUTE, cwd: ram, input: `${names.join('\n')}\n` })
  await requireTool('zstd', ['-q', '-10', '-f', '-o', initrd, plain], { timeoutMs: MINUTE })
}

/** gzip, because that is what GRUB unpacks fastest of what it can; fixed times, one thread of order. */
async function packRoot(root: string, image: string): Promise<void> {
  const seconds = String(EPOCH.getTime() / 1000)
  const times = ['-mkfs-time', seconds, '-all-time', seconds]
  const args = [
    root,
    image,
    '-comp',
    'gzip',
    '-all-root',
    '-noappend',
    '-quiet',
    '-no-progress',
    '-no-xattrs',
    ...times,
  ]
  await requireTool('mksquashfs', args, { timeoutMs: 5 * MINUTE })
}
