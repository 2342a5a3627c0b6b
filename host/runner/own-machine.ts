// The computer that this program runs on, as its firmware and kernel tell it, but only where it is the unit itself: a recovery
// system on the appliance, working on a drive that is built in. On a bench this is the bench's own computer, and says nothing.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '#contract/certificate.ts'
import type { DiskInfo } from '#model/disk.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'

/** Part of an appliance's signed system image (docs/format/device.md), or of a recovery stick (docs/console-guide.md); of no bench. */
const MARKS = ['etc/twinslot/device.yaml', 'etc/systemd/system/twinslot-kiosk.service'] as const
const BUILT_IN: readonly DiskInfo['bus'][] = ['ata', 'nvme', 'mmc', 'scsi', 'virtio']
/** What makers leave in fields that they did not fill in. */
const FILLER =
  /^(|none|n\/?a|not (specified|applicable|available)|to be filled by o\.?e\.?m\.?|default string|system (serial number|product name)|0+|1234567890?|x+)$/i

/** Null on a bench, and for a drive that is not built in. Never throws; some fields need root. */
export async function ownMachine(
  { bus, removable }: Pick<DiskInfo, 'bus' | 'removable'>,
  root = '/',
): Promise<Machine | null> {
  if (removable || !BUILT_IN.includes(bus)) return null
  const found = await Promise.all(MARKS.map((mark) => stat(join(root, mark)).catch(() => null)))
  if (!found.some((mark) => mark?.isFile())) return null
  const text = (path: string): Promise<string> => readBoundedText(join(root, path)).catch(() => '')
  const dmi = async (name: string): Promise<string | null> => {
    const value = (await text(`sys/class/dmi/id/${name}`)).trim()
    return FILLER.test(value) ? null : value.slice(0, 200)
  }
  const kilobytes = Number(/^MemTotal:\s+(\d+) kB/m.exec(await text('proc/meminfo'))?.[1])
  return {
    product: await dmi('product_name'),
    serial: (await dmi('product_serial')) ?? (await dmi('chassis_serial')),
    macAddresses: await macAddresses(root),
    biosVendor: await dmi('bios_vendor'),
    biosVersion: await dmi('bios_version'),
    cpuModel:
      /^model name\s*:\s*(.+)$/m
        .exec(await text('proc/cpuinfo'))?.[1]
        .trim()
        .slice(0, 200) ?? null,
    memoryGb: kilobytes > 0 ? Math.round((kilobytes * 1024) / 1e7) / 100 : null,
  }
}

/** Of network cards that are hardware, in the order of their names. */
async function macAddresses(root: string): Promise<string[]> {
  const folder = join(root, 'sys/class/net')
  const found: string[] = []
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    // Bridges, tunnels and the like have no device behind them.
    if (!(await stat(join(folder, name, 'device')).catch(() => null))) continue
    const address = (await readBoundedText(join(folder, name, 'address')).catch(() => '')).trim().toLowerCase()
    if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address) && address !== '00:00:00:00:00:00') found.push(address)
  }
  return found.slice(0, 64)
}
