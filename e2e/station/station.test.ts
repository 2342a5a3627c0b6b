// The command line on a real station: a Linux guest with Node, a system disk and one disk of each kind. One machine
// serves all scenarios, in this order. What was written is judged by QEMU's counters, the guest's kernel and its tools.
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Run } from '../cli/twinslot.ts'
import { type Bench, MEDIUM, openBench, SD_SIZE, SMALL } from './bench.ts'
import { COMMAND, type GuestOptions, twinslotIn } from './guest-command.ts'
import { missingForStation } from './image.ts'

const RELEASE = ['--release', '/run/release/station.twinslot', '--trust', '/run/release/trust.asc']

/** Bytes of the image that are under way when the disk is pulled. */
const PULLED_AT = 8_000_000

interface Disk {
  readonly path: string
  readonly bus: string
  readonly identity: { readonly serial: string | null; readonly size: number; readonly busPath: string }
  readonly system: boolean
  readonly offered: boolean
  readonly reasons: readonly { readonly code: string }[]
  readonly content: string
}

let bench: Bench
let missing: readonly string[] = []
/** By serial number, as `twinslot disks` listed them first. */
const disks = new Map<string, Disk>()
/** Where the pulled disk came back. */
let again = ''

before(async () => {
  missing = await missingForStation()
  if (missing.length === 0) bench = await openBench()
})
after(async () => {
  await bench?.[Symbol.asyncDispose]()
})

/** A test on the station; skipped with the names of what is missing here. */
const onStation = (name: string, scenario: () => Promise<void>) =>
  test(name, async (t) => {
    if (missing.length > 0) return t.skip(`needs ${missing.join(', ')}`)
    await scenario()
  })

const twinslot = (args: readonly string[], options?: GuestOptions): Promise<Run> =>
  twinslotIn(bench.station, args, options)
const provision = (disk: string, ...more: string[]) => twinslot(['provision', disk, ...RELEASE, '--yes', ...more])

async function listDisks(): Promise<readonly Disk[]> {
  const { exit, result, stderr } = await twinslot(['disks'])
  assert.equal(exit, 0, `${JSON.stringify(result)}\n${stderr}`)
  return result.disks as readonly Disk[]
}

const nodeOf = (serial: string): string => {
  const disk = disks.get(serial)
  assert.ok(disk, `no disk with serial ${serial}`)
  return disk.path
}

async function shell(command: string): Promise<string> {
  const { stdout, stderr, code } = await bench.station.run(command)
  assert.equal(code, 0, `${command}\n${stdout}\n${stderr}`)
  return stdout
}

const codesOf = (disk: Disk | undefined) => disk?.reasons.map((reason) => reason.code) ?? []

onStation('disks names every disk by bus, size and identity', async () => {
  for (const disk of await listDisks()) disks.set(disk.identity.serial ?? disk.path, disk)
  const seen = (serial: string) => {
    const disk = disks.get(serial)
    return (
      disk && [disk.path.replace(/^\/dev\/(sd|vd|nvme|mmcblk).*/, '$1'), disk.bus, disk.identity.size, disk.content]
    )
  }
  assert.deepEqual(seen('USB-STICK-0001'), ['sd', 'usb', MEDIUM, 'blank'])
  assert.deepEqual(seen('USB-STICK-0002'), ['sd', 'usb', MEDIUM, 'blank'])
  assert.deepEqual(seen('SATA-0001'), ['sd', 'ata', MEDIUM, 'blank'])
  assert.deepEqual(seen('NVME-0001'), ['nvme', 'nvme', MEDIUM, 'blank'])
  assert.deepEqual(seen('0xdeadbeef'), ['mmcblk', 'mmc', SD_SIZE, 'blank'])
  assert.deepEqual(seen('SMALL'), ['vd', 'virtio', SMALL, 'blank'])
  for (const serial of ['USB-STICK-0001', 'USB-STICK-0002', 'SATA-0001', 'NVME-0001', '0xdeadbeef'])
    assert.deepEqual([serial, disks.get(serial)?.offered, codesOf(disks.get(serial))], [serial, true, []])
  const paths = [...disks.values()].map((disk) => disk.identity.busPath)
  assert.equal(new Set(paths).size, paths.length, 'two disks with the same place')
  assert.match(disks.get('USB-STICK-0002')?.identity.busPath ?? '', /usb-0:2:/)
})

onStation(
  'disks refuses the system disk, mounted ones, a read-only one and one that is too small, each with its reason',
  async () => {
    assert.deepEqual([disks.get('SYSTEM')?.system, disks.get('SYSTEM')?.offered], [true, false])
    assert.ok(codesOf(disks.get('SYSTEM')).includes('disk.system'))
    assert.ok(codesOf(disks.get('DATA')).includes('disk.mounted'))
    assert.deepEqual(codesOf(disks.get('SOURCES')).slice(0, 2), ['disk.mounted', 'disk.read-only'])
    assert.deepEqual(codesOf(disks.get('SMALL')), ['disk.too-small'])
  },
)

onStation('active swap makes a disk a system disk, and only as long as it is active', async () => {
  const disk = nodeOf('SATA-0001')
  await shell(`sgdisk --new=1:2048:+64M ${disk} && partx --update ${disk} && mkswap ${disk}1 && swapon ${disk}1`)
  const swapping = (await listDisks()).find((each) => each.path === disk)
  assert.deepEqual([swapping?.system, codesOf(swapping)], [true, ['disk.system']])
  await shell(`swapoff ${disk}1`)
})

onStation('provision refuses the system disk and a mounted disk, and writes nothing', async () => {
  const cases = [
    ['system', nodeOf('SYSTEM'), 'disk.system'],
    ['data', nodeOf('DATA'), 'disk.mounted'],
    ['data', `${nodeOf('DATA')}1`, 'disk.is-partition'],
    ['small', nodeOf('SMALL'), 'layout.disk-too-small'],
  ] as const
  for (const [id, disk, code] of cases) {
    const before = await bench.writes(id)
    const { exit, result } = await provision(disk)
    assert.deepEqual([disk, exit, result.code, result.written], [disk, 3, code, false], JSON.stringify(result))
    assert.equal(await bench.writes(id), before, `${disk} was written`)
  }
})

onStation('inspect of a blank NVMe and a blank SD card says so', async () => {
  for (const serial of ['NVME-0001', '0xdeadbeef']) {
    const { exit, result } = await twinslot(['inspect', nodeOf(serial)])
    assert.deepEqual([exit, result.content, result.findings], [0, 'blank', []])
  }
})

onStation('provision --plan of a USB disk writes nothing', async () => {
  const { exit, result } = await provision(nodeOf('USB-STICK-0001'), '--plan')
  assert.equal(exit, 0, JSON.stringify(result))
  assert.equal(await bench.writes('usb'), 0)
})

onStation('provision of a USB disk: afterwards the kernel sees the partitions and mounts them', async () => {
  const disk = nodeOf('USB-STICK-0001')
  const { exit, result, stderr } = await provision(disk)
  assert.equal(exit, 0, `${JSON.stringify(result)}\n${stderr}`)
  const name = disk.replace('/dev/', '')
  const seen = (await shell('cat /proc/partitions')).match(new RegExp(`${name}\\d`, 'g'))
  assert.deepEqual(
    seen,
    [1, 2, 3, 4].map((number) => `${name}${number}`),
  )
  assert.match(await shell(`sgdisk -v ${disk}`), /No problems found/)
  await shell('mkdir -p /mnt/esp /mnt/slot /mnt/appliance')
  await shell(`fsck.vfat -n ${disk}1 && mount -t vfat -o ro ${disk}1 /mnt/esp`)
  assert.equal(await shell('cat /mnt/esp/ab_state'), 'set active_partition="A"\n')
  assert.ok((await shell('ls /mnt/esp/EFI/BOOT')).includes('BOOTX64.EFI'))
  await shell(`mount -t squashfs -o ro ${disk}2 /mnt/slot`)
  assert.deepEqual((await shell('ls /mnt/slot/boot')).trim().split('\n'), ['initrd', 'kernel'])
  await shell(`e2fsck -fn ${disk}4 && mount -t ext4 -o ro ${disk}4 /mnt/appliance`)
  assert.ok((await shell('ls /mnt/appliance')).includes('config'))
  await shell('umount /mnt/esp /mnt/slot /mnt/appliance')
})

onStation('the provisioned USB disk tells its story', async () => {
  const { exit, result } = await twinslot(['slot', 'list', nodeOf('USB-STICK-0001')])
  assert.equal(exit, 0)
  const slots = result.slots as Record<string, { verdict: string }>
  assert.deepEqual([slots.A.verdict, slots.B.verdict], ['Good', 'Empty'])
})

onStation('a disk pulled out while it is written ends with exit code 7 and a true account', async () => {
  const disk = nodeOf('USB-STICK-0002')
  const imageSize = await bench.imageSize()
  let pulled: Promise<unknown> | null = null
  const { exit, result, events } = await twinslot(['provision', disk, ...RELEASE, '--yes'], {
    onEvent(event) {
      const inImage = event.type === 'progress' && event.phase === 'write' && event.totalBytes === imageSize
      if (inImage && Number(event.doneBytes) > PULLED_AT)
        pulled ??= bench.station.monitor('device_del', { id: 'dev-slow' })
    },
  })
  assert.ok(pulled, `nothing was under way: ${JSON.stringify(result)}`)
  await pulled
  assert.deepEqual(
    [exit, result.code, result.ok, result.written],
    [7, 'disk.lost', false, true],
    JSON.stringify(result),
  )
  assert.match(result.account ?? '', /MB were written .* 2 of 7 steps were done; it stopped in "Write slot A/)
  assert.match(String(result.stepUnderWay), /^Write slot A/)
  const report = JSON.parse(await shell(`cat ${result.report}`))
  assert.deepEqual([report.outcome, report.error.code, report.steps.length], ['failed', 'disk.lost', 2])
  const claimed = Number(result.bytesWritten)
  const held = await bench.allocated('slow.img')
  // The image goes over some of the marks: those bytes are written twice, and held once.
  const marks = report.steps[1].evidence.bytesWritten
  const least = claimed - marks
  assert.ok(
    least > PULLED_AT / 2 && least <= held,
    `claims ${claimed} bytes, ${marks} of marks; the medium holds ${held}`,
  )
  const started = events.filter((event) => event.type === 'step-started').length
  const done = events.filter((event) => event.type === 'step-done').length
  assert.equal(started, done + 1, 'the step under way was not finished')
  await using medium = await open(bench.path('slow.img'))
  const head = Buffer.alloc(1024)
  await medium.read(head, 0, head.length, 0)
  const signatures = [head.readUInt16BE(510) === 0x55aa, head.toString('latin1', 512, 520) === 'EFI PART']
  assert.deepEqual(signatures, [false, false], 'a half-written disk must have no partition table')
})

onStation('plugged in again, the same command continues and ends well', async () => {
  await plugIn('again', 'slow.img', 'USB-STICK-0002')
  await shell('until ls -d /sys/bus/usb/devices/2-2/2-2:*/host*/target*/*/block/sd*; do usleep 200000; done')
  const listed = await listDisks()
  const disk = listed.find((each) => each.identity.serial === 'USB-STICK-0002')
  assert.ok(disk?.offered)
  again = disk.path
  const sata = listed.find((each) => each.identity.serial === 'SATA-0001')
  assert.deepEqual([sata?.system, sata?.offered, sata?.content], [false, true, 'gpt'], 'its swap is off')
  const { exit, result } = await provision(disk.path)
  assert.deepEqual([exit, result.resumed], [0, true], JSON.stringify(result))
  assert.match(await shell(`sgdisk -v ${disk.path}`), /No problems found/)
  assert.match(await shell('cat /proc/partitions'), new RegExp(`${disk.path.replace('/dev/', '')}4`))
})

onStation(
  'another disk at the same place between question and answer is refused, and nothing is written to it',
  async () => {
    const there =
      'grep -qs USB-OTHER-9999 /sys/bus/usb/devices/2-2/serial && ls -d /sys/bus/usb/devices/2-2/2-2:*/host*/target*/*/block/sd*'
    const answer = `(until ${there}; do usleep 200000; done >/dev/null 2>&1; printf 'K-0002\\n'; until [ -e /run/ended ]; do usleep 200000; done)`
    const command = `${COMMAND} provision ${again} ${RELEASE.join(' ')}; code=$?; touch /run/ended; exit $code`
    let swapped: Promise<void> | null = null
    const seen = await bench.station.run(`${answer} | script -qec '${command}' /dev/null`, {
      timeoutMs: 120_000,
      onText(text) {
        if (text.includes('Type the last six characters')) swapped ??= swap()
      },
    })
    assert.ok(swapped, seen.stdout)
    await swapped
    assert.match(seen.stdout, /plan\.(disk-)?changed/)
    assert.equal(seen.code, 3, seen.stdout)
    assert.match(seen.stdout, /Nothing was written/)
    assert.equal(await bench.allocated('other.img'), 0)
  },
)

async function swap(): Promise<void> {
  await bench.station.monitor('device_del', { id: 'dev-again' })
  await plugIn('other', 'other.img', 'USB-OTHER-9999')
}

/** Attaches a medium at the second USB port. */
async function plugIn(id: string, name: string, serial: string): Promise<void> {
  const file = { driver: 'file', filename: bench.path(name) }
  await bench.station.monitor('blockdev-add', { 'node-name': id, driver: 'raw', file })
  const device = { driver: 'usb-storage', id: `dev-${id}`, drive: id, serial, bus: 'xhci.0', port: '2' }
  await bench.station.monitor('device_add', device)
}
