// A disk and its copy on another bus: same GUIDs, same names, same file systems. The system that starts is the one of the
// disk that GRUB was started from, and everything it mounts comes from there; where nobody can tell, nothing starts.
import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { buildDemoImage, DEMO_TOOLS } from '#device/image/demo/build.ts'
import { factoryState } from '#model/boot-state.ts'
import { makeBootFiles } from '#node/boot/boot-files.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { type Attachment, startVm, vmsCannotRun } from '#testing/vm.ts'
import { DISK_TOOLS, makeBootDisk } from './boot-disk.ts'
import { withoutMenu } from './no-menu.ts'

const UP = 180_000
let folder = ''
let reason: string | null = null
const path = (name: string) => join(folder, name)

before(async () => {
  const missing = await missingOf([...DISK_TOOLS, ...DEMO_TOOLS])
  reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (reason) return
  folder = await mkdtemp(join(tmpdir(), 'twinslot-copied-'))
  await buildDemoImage({ version: '1.0.0', behaviour: 'good', outFile: path('good.img') })
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Starts from the first of two equal disks. */
async function startWithCopy(first: Attachment, second: Attachment, withMark = true) {
  const bootFiles = await makeBootFiles(await withoutMenu())
  if (!withMark) bootFiles.delete('twinslot/mark')
  await makeBootDisk(path('disk.img'), { A: path('good.img'), B: null, state: factoryState('A'), bootFiles })
  await copyFile(path('disk.img'), path('copy.img'))
  const copy = { diskPath: path('copy.img'), attach: second }
  return await startVm({ diskPath: path('disk.img'), attach: first, second: copy })
}

function skipped(t: TestContext): boolean {
  if (reason) t.skip(reason)
  return reason !== null
}

for (const [first, second, disk] of [
  ['virtio', 'ahci', 'vda'],
  // USB appears last: the copy is there long before.
  ['usb', 'virtio', 'sda'],
] as const)
  test(`started from ${first} beside a copy on ${second}, root, ESP and data are those of ${first}`, async (t) => {
    if (skipped(t)) return
    await using vm = await startWithCopy(first, second)
    const [line] = await vm.waitFor(/twinslot: slot=A .*\n/, UP)
    assert.match(line, new RegExp(`root=/dev/${disk}2 esp=/dev/${disk}1 data=/dev/${disk}4`))
  })

test('where the boot loader left no mark, two equal disks stop the start with both names', async (t) => {
  if (skipped(t)) return
  await using vm = await startWithCopy('virtio', 'ahci', false)
  await vm.waitFor(/twinslot: partition \S+ is on more than one disk: sda2 vda2\. Remove the copy\./, UP)
  await vm.waitFor(/Kernel panic/, UP)
})
