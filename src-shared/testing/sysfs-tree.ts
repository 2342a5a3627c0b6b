// Builds a small /sys, /proc and /dev in a temporary folder, in the shape that Linux gives them, for inventory tests.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SystemRoots } from '#node/disk/sysfs-disk.ts'

type Attributes = Readonly<Record<string, string | Uint8Array>>

export interface FakeDisk {
  /** Folder below /sys/devices, e.g. `pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda`. */
  readonly link: string
  /** `major:minor` */
  readonly dev: string
  /** Bytes. */
  readonly size: number
  /** By name; `../x` reaches folders above, e.g. the USB device. */
  readonly attributes?: Attributes
  /** `device` link target relative to the disk's folder (default `../..`). */
  readonly device?: string
  /** Partitions by kernel name -> `major:minor`. */
  readonly partitions?: Readonly<Record<string, string>>
  /** Names of devices this one is made of; their `holders` are filled in as well. */
  readonly slaves?: readonly string[]
}

export interface FakeSystem extends Disposable {
  readonly roots: SystemRoots
  addDisk(disk: FakeDisk): void
  addBtrfs(uuid: string, ...members: string[]): void
  /** Lines `major:minor mountpoint type source [options]`. */
  setMounts(...lines: string[]): void
  setSwaps(...lines: string[]): void
}

export function fakeSystem(): FakeSystem {
  const base = mkdtempSync(join(tmpdir(), 'twinslot-sysfs-'))
  const roots = { sys: join(base, 'sys'), proc: join(base, 'proc'), dev: join(base, 'dev') }
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? `${content}\n` : content)
  }
  for (const folder of [join(roots.sys, 'block'), join(roots.proc, 'self'), roots.dev])
    mkdirSync(folder, { recursive: true })
  const folders = new Map<string, string>()

  const system: FakeSystem = {
    roots,
    addDisk({ link, dev, size, attributes, device = '../..', partitions, slaves }) {
      const folder = join(roots.sys, 'devices', link)
      const name = link.slice(link.lastIndexOf('/') + 1)
      folders.set(name, folder)
      const standard = { dev, size: String(size / 512), ro: '0', removable: '0', 'queue/logical_block_size': '512' }
      mkdirSync(folder, { recursive: true })
      if (!link.startsWith('virtual/')) symlinkSync(device, join(folder, 'device'))
      for (const [key, value] of Object.entries({ ...standard, ...attributes })) {
        const real = key.startsWith('device/') ? join(folder, device, key.slice(7)) : join(folder, key)
        put(real, value)
      }
      for (const [part, number] of Object.entries(partitions ?? {})) {
        put(join(folder, part, 'partition'), /\d+$/.exec(part)?.[0] ?? '1')
        put(join(folder, part, 'dev'), number)
        folders.set(part, join(folder, part))
      }
      for (const slave of slaves ?? []) {
        const below = folders.get(slave)
        if (!below) throw new Error(`add ${slave} before ${name}`)
        mkdirSync(join(folder, 'slaves'), { recursive: true })
        mkdirSync(join(below, 'holders'), { recursive: true })
        symlinkSync(below, join(folder, 'slaves', slave))
        symlinkSync(folder, join(below, 'holders', name))
      }
      symlinkSync(folder, join(roots.sys, 'block', name))
    },
    addBtrfs(uuid, ...members) {
      for (const member of members) put(join(roots.sys, 'fs/btrfs', uuid, 'devices', member), '')
    },
    setMounts(...lines) {
      const text = lines.map((line, index) => {
        const [device, mountPoint, type, source, options = 'rw'] = line.split(' ')
        return `${index + 20} 1 ${device} / ${mountPoint} rw,relatime shared:1 - ${type} ${source} ${options}`
      })
      put(join(roots.proc, 'self/mountinfo'), text.join('\n'))
    },
    setSwaps(...lines) {
      put(join(roots.proc, 'swaps'), ['Filename\tType\tSize\tUsed\tPriority', ...lines].join('\n'))
    },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  }
  system.setMounts()
  return system
}

/** SCSI page 0x80 with a serial number. */
export function vpdPage(serial: string): Uint8Array {
  const text = Buffer.from(serial, 'latin1')
  return Buffer.concat([Buffer.from([0, 0x80, 0, text.length]), text])
}
