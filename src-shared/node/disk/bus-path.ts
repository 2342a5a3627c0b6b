// Where a disk is attached, read off its resolved sysfs path. Pure: the same path gives the same answer, so the answer is
// stable as long as the disk stays plugged in. The form follows udev's ID_PATH; it is compared, never parsed.
import type { Bus } from '#model/disk.ts'

/** `link` is the resolved `/sys/block/NAME`, e.g. `/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/.../block/sda`. */
export function busOf(link: string): Bus {
  const name = link.split('/').at(-1) ?? ''
  if (/^nvme\d/.test(name)) return 'nvme'
  if (/^mmcblk\d/.test(name)) return 'mmc'
  if (/^loop\d/.test(name)) return 'loop'
  if (/\/usb\d+\//.test(link)) return 'usb'
  if (/\/ata\d+\//.test(link)) return 'ata'
  if (/\/host\d+\/target/.test(link)) return 'scsi'
  if (/\/virtio\d+\//.test(link)) return 'virtio'
  return 'unknown'
}

/** `pci-0000:00:1f.2-ata-1`, `pci-0000:00:14.0-usb-0:1.2:1.0-scsi-0:0:0:0`, `platform-80860F14:00-mmc-0001`, ... */
export function busPathOf(link: string): string {
  const segments = link.split('/').filter((segment) => segment !== '')
  const name = segments.at(-1) ?? ''
  const parts: string[] = []
  const root = rootOf(segments)
  if (root) parts.push(root)
  const usb = segments.findLast((segment) => /^\d+-[\d.]+:\d+\.\d+$/.test(segment))
  if (usb) parts.push(`usb-0:${usb.slice(usb.indexOf('-') + 1)}`)
  const ata = segments.find((segment) => /^ata\d+$/.test(segment))
  if (ata) parts.push(`ata-${ata.slice(3)}`)
  const scsi = segments.findLast((segment) => /^\d+:\d+:\d+:\d+$/.test(segment))
  if (scsi) {
    // The host's number depends on the order of probing; the way to the host is named above.
    const [, channel, target, lun] = scsi.split(':')
    if (!ata || `${channel}${target}${lun}` !== '000') parts.push(`scsi-0:${channel}:${target}:${lun}`)
  }
  const namespace = /^nvme\d+(?:c\d+)?n(\d+)$/.exec(name)
  if (namespace) parts.push(`nvme-${namespace[1]}`)
  const card = segments.findLast((segment) => /^mmc\d+:[0-9a-f]+$/.test(segment))
  if (card) parts.push(`mmc-${card.slice(card.indexOf(':') + 1)}`)
  return parts.length > 0 ? parts.join('-') : `virtual-${name}`
}

/** The controller: the last PCI function on the way, else the platform device. */
function rootOf(segments: readonly string[]): string | null {
  const pci = segments.findLast((segment) => /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(segment))
  if (pci) return `pci-${pci}`
  const platform = segments.lastIndexOf('platform')
  if (platform >= 0 && segments[platform + 1]) return `platform-${segments[platform + 1]}`
  const subsystem = segments.find((segment) => /^nvme-subsys\d+$/.test(segment))
  return subsystem ? `virtual-${subsystem}` : null
}
