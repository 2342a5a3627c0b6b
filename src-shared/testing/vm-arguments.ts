// What a test's virtual PC is made of, as QEMU's arguments: the machine with its devices, and where their files and
// sockets are. The machine is the same wherever those are.
export const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
export const FIRMWARE_VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd'
export const QEMU = 'qemu-system-x86_64'

export type Attachment = 'ahci' | 'nvme' | 'usb' | 'virtio'

export interface MachineOptions {
  /** Emulated by default; vm-acceleration.ts says what is possible. */
  readonly acceleration?: 'kvm' | 'tcg'
  readonly attach: Attachment
  /** MiB, default 512. */
  readonly memory?: number
  /** Throw the guest's writes away when the machine ends. */
  readonly snapshot?: boolean
  /** A second disk on another bus, for instance a copy of the first. */
  readonly second?: { readonly attach: Attachment }
  /** Serial number of the computer, which the guest reads in /sys/class/dmi/id/product_serial: tells a test image what to do. */
  readonly serialNumber?: string
  /** A network card; the guest sees this computer's 127.0.0.1 as 10.0.2.2. */
  readonly network?: boolean
  /** A hardware watchdog (i6300esb) that resets the machine. */
  readonly watchdog?: boolean
  /** A second serial port, on which a guest that is made for it offers a shell (device/image/minimal). */
  readonly shell?: boolean
}

/** Paths, all of them in a folder of the machine except those of disks. */
export interface MachinePlaces {
  readonly disk: string
  readonly second: string
  readonly variables: string
  /** Socket for a person's monitor, and one that somebody listens on for the machine's own reports. */
  readonly monitor: string
  readonly reports: string
  readonly shell: string
}

/** Boots from the disk with the lowest number. */
const device = (attach: Attachment, number: 0 | 1): readonly string[] => {
  const rest = `id=disk${number},drive=${number === 0 ? 'disk' : 'second'},serial=TWINSLOT${number},bootindex=${number}`
  const bus = ['-device', 'qemu-xhci,id=xhci']
  return {
    ahci: ['-device', `ide-hd,${rest},bus=ide.${number}`],
    nvme: ['-device', `nvme,${rest}`],
    usb: [...bus, '-device', `usb-storage,${rest},bus=xhci.0`],
    virtio: ['-device', `virtio-blk-pci,${rest}`],
  }[attach]
}

/** The console is standard output. */
export const machineArguments = (options: MachineOptions, places: MachinePlaces): readonly string[] => [
  // The plainest processor is the quickest to emulate, by a quarter.
  ...[
    '-machine',
    'q35',
    '-accel',
    options.acceleration ?? 'tcg',
    '-cpu',
    'qemu64',
    '-smp',
    '1',
    '-m',
    String(options.memory ?? 512),
  ],
  ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio'],
  ...['-monitor', `unix:${places.monitor},server=on,wait=off`, '-qmp', `unix:${places.reports}`],
  ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE}`],
  ...['-drive', `if=pflash,format=raw,unit=1,file=${places.variables}`],
  ...['-drive', `if=none,id=disk,format=raw,file=${places.disk}${options.snapshot ? ',snapshot=on' : ''}`],
  ...device(options.attach, 0),
  ...(options.second
    ? ['-drive', `if=none,id=second,format=raw,file=${places.second}`, ...device(options.second.attach, 1)]
    : []),
  ...(options.serialNumber ? ['-smbios', `type=1,serial=${options.serialNumber}`] : []),
  // Without its option ROM the firmware does not try to boot from the network.
  ...(options.network ? ['-netdev', 'user,id=net0', '-device', 'virtio-net-pci,netdev=net0,romfile='] : []),
  ...(options.shell ? ['-serial', `unix:${places.shell},server=on,wait=off`] : []),
  ...(options.watchdog ? ['-device', 'i6300esb', '-action', 'watchdog=reset'] : []),
  // A state that was saved while the machine was held goes on by itself.
  ...['-global', 'migration.store-global-state=off'],
]
