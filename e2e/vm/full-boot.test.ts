// Whole starts in QEMU, from the firmware to user space of the demo system, on disks that foreign tools made: a slot whose
// kernel is damaged, and a disk on which nothing boots. provisioned.test.ts has a trial, e2e/device the fall-back stories.
import assert from 'node:assert/strict'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { buildDemoImage, DEMO_TOOLS } from '#device/image/demo/build.ts'
import { type BootState, confirm, factoryState, NO_BOOT_STATE, select } from '#model/boot-state.ts'
import { BOOT_LOADER, makeBootFiles } from '#node/boot/boot-files.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { DISK_TOOLS, makeBootDisk } from './boot-disk.ts'
import { withoutMenu } from './no-menu.ts'

const UP = 180_000
let folder = ''
let reason: string | null = null
type BootFiles = ReadonlyMap<string, Uint8Array>
let bootFiles: BootFiles = new Map()
/** With the menu, as in a product. */
let menuFiles: BootFiles = new Map()
const images = { good: '', panic: '' }

before(async () => {
  const missing = await missingOf([...DISK_TOOLS, ...DEMO_TOOLS])
  reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (reason) return
  folder = await mkdtemp(join(tmpdir(), 'twinslot-boot-'))
  bootFiles = await makeBootFiles(await withoutMenu())
  menuFiles = await makeBootFiles()
  images.good = (await buildDemoImage({ version: '1.0.0', behaviour: 'good', outFile: join(folder, 'good.img') })).path
  images.panic = (
    await buildDemoImage({ version: '2.0.0', behaviour: 'panic', outFile: join(folder, 'panic.img') })
  ).path
})

after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

async function diskWith(
  t: TestContext,
  slots: { A: string | null; B: string | null },
  state: BootState,
  files = bootFiles,
) {
  if (reason) {
    t.skip(reason)
    return null
  }
  const path = join(folder, `${t.name.replace(/\W+/g, '-').slice(0, 40)}.img`)
  await makeBootDisk(path, { ...slots, state, bootFiles: files })
  return path
}

test('on USB, a confirmed A with a damaged kernel gives way to B in the same start, which is counted: nobody has confirmed B', async (t) => {
  const disk = await diskWith(t, { A: images.panic, B: images.good }, factoryState('A'))
  if (!disk) return
  {
    // In the middle of the kernel, which lies at the front of the squashfs.
    await using file = await open(disk, 'r+')
    await file.write(Buffer.alloc(4096, 0x5a), 0, 4096, 41 * 1024 * 1024 + 4 * 1024 * 1024)
  }
  await using vm = await startVm({ diskPath: disk, attach: 'usb' })
  await vm.waitFor(/slot A has a damaged kernel/, UP)
  await vm.waitFor(/booting slot B \(counted, 2 tries left, slot A does not load\)/, UP)
  await vm.waitFor(/slot=B version=1\.0\.0/, UP)
  await vm.waitFor(/twinslot: up/, UP)
})

test('a confirmed A that panics at every start gives way to good B once its starts are used up', async (t) => {
  const both = select(confirm(factoryState('A'), 'B').after, 'A').after
  const disk = await diskWith(t, { A: images.panic, B: images.good }, { ...both, starts: 1 })
  if (!disk) return
  await using vm = await startVm({ diskPath: disk, attach: 'virtio' })
  await vm.waitFor(/booting slot A \(confirmed, 0 starts left\)/, UP)
  await vm.waitFor(/Kernel panic/, UP)
  await vm.waitFor(/slot A did not come up in six starts/, UP)
  await vm.waitFor(/booting slot B \(confirmed, 5 starts left\)/, UP)
  await vm.waitFor(/slot=B version=1\.0\.0/, UP)
})

test('when neither slot boots, the rescue menu waits and the machine does not restart', async (t) => {
  const disk = await diskWith(t, { A: null, B: null }, factoryState('A'), menuFiles)
  if (!disk) return
  await using vm = await startVm({ diskPath: disk, attach: 'virtio' })
  await vm.waitFor(/no slot boots, rescue menu/, UP)
  await vm.waitFor(/Partition A - Recovery[\s\S]*Restart/, UP)
  await delay(10_000)
  assert.equal(vm.serial().split('Welcome to GRUB').length - 1, 1)
  assert.doesNotMatch(vm.serial().split('rescue menu')[1], /executed automatically|booting slot/)
})

test('when the only slot has used up its tries, the rescue menu waits for a person and then tries it again, counted', async (t) => {
  const only = { ...NO_BOOT_STATE, wanted: 'A', trying: 'A', left: 0, failed: null, starts: 6 } as const
  if (reason) return t.skip(reason)
  // Another boot loader, whose menu waits for seconds in place of minutes.
  const loader = (await makeBootFiles({ rescuePause: 3 })).get(BOOT_LOADER)
  assert.ok(loader)
  const disk = join(folder, 'again.img')
  await makeBootDisk(disk, {
    ...{ A: images.good, B: null, state: { ...only, marks: { A: null, B: 'bad' } } },
    bootFiles: new Map([...bootFiles, [BOOT_LOADER, loader]]),
  })
  await using vm = await startVm({ diskPath: disk, attach: 'virtio' })
  await vm.waitFor(/slot A has used up its tries/, UP)
  await vm.waitFor(/no slot boots, rescue menu/, UP)
  await vm.waitFor(/the tries begin anew/, UP)
  await vm.waitFor(/booting slot A \(counted, 2 tries left\)/, UP)
  await vm.waitFor(/slot=A version=1\.0\.0/, UP)
})
