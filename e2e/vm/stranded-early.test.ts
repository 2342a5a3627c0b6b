// Starts that end before a service manager could do anything about it: the first program is a shell that waits for a person
// while the hardware watchdog is fed, and there is no first program at all. The deadline of the initial RAM disk ends the
// one, a kernel panic the other; the boot loader has counted. However slow the machine is: the deadline is short only from
// where the shell has said its words (that it also fires untouched: src-shared/node/recipe/initrd.test.ts).
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  busyboxPath,
  cachedInitrd,
  DEFAULT_CACHE,
  IMAGE_TOOLS,
  installBoot,
  installBusybox,
  makeSquashfs,
} from '#device/image/parts.ts'
import { factoryState } from '#model/boot-state.ts'
import { makeBootFiles } from '#node/boot/boot-files.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { kernelPackage } from '#node/recipe/kernel-package.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { DISK_TOOLS, makeBootDisk } from './boot-disk.ts'
import { withoutMenu } from './no-menu.ts'

const UP = 600_000
/** Seconds: a product's, and one that the shell asks for. */
const DEADLINE = 900
const SHORT = 10
let folder = ''
let reason: string | null = null
const path = (name: string) => join(folder, name)

/** A slot image whose first program is this shell script, or that has none, and then no deadline that could be first. */
async function makeSlot(name: string, init: string | null): Promise<string> {
  const [kernel, busybox, tree] = [await kernelPackage(DEFAULT_CACHE), await busyboxPath(), path(`${name}-tree`)]
  for (const each of ['bin', 'dev', 'proc', 'run', 'sys', 'tmp', 'sbin'])
    await mkdir(join(tree, each), { recursive: true })
  await installBusybox(tree, busybox)
  if (init !== null) {
    await writeFile(join(tree, 'sbin/init'), init)
    await chmod(join(tree, 'sbin/init'), 0o755)
  }
  const deadline = init === null ? null : DEADLINE
  await installBoot(tree, kernel.vmlinuz, await cachedInitrd(DEFAULT_CACHE, kernel, busybox, deadline, folder))
  await makeSquashfs(tree, path(`${name}.img`))
  return path(`${name}.img`)
}

before(async () => {
  const missing = await missingOf([...DISK_TOOLS, ...IMAGE_TOOLS])
  reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (!reason) folder = await mkdtemp(join(tmpdir(), 'twinslot-early-'))
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const SHELL = `#!/bin/sh
export PATH=/bin
exec </dev/console >/dev/console 2>&1
watchdog -t 3 /dev/watchdog
echo 'appliance: a shell, and the watchdog is fed'
touch /x /bin/x || echo 'appliance: the root is read-only'
touch /tmp/x && echo 'appliance: /tmp is writable'
echo ${SHORT} >/run/twinslot-deadline
exec sh
`

test('a start that drops to a shell ends at the deadline, one without a first program in a panic; both restart', async (t) => {
  if (reason) return t.skip(reason)
  const state = { ...factoryState('A'), wanted: 'B', trying: 'B', left: 1 } as const
  const slots = { A: await makeSlot('none', null), B: await makeSlot('shell', SHELL) }
  await makeBootDisk(path('disk.img'), { ...slots, state, bootFiles: await makeBootFiles(await withoutMenu()) })
  await using vm = await startVm({ diskPath: path('disk.img'), attach: 'virtio', watchdog: true })
  await vm.waitFor(/booting slot B \(counted, 0 tries left\)/, UP)
  await vm.waitFor(/a shell, and the watchdog is fed/, UP)
  await vm.waitFor(/the root is read-only[\s\S]*\/tmp is writable/, UP)
  await vm.waitFor(/no verdict within 10 s, restarting/, UP)
  await vm.waitFor(/slot B has used up its tries/, UP)
  await vm.waitFor(/booting slot A/, UP)
  await vm.waitFor(/Kernel panic/, UP)
  await vm.waitFor(/Welcome to GRUB/, UP)
  assert.equal(vm.serial().match(/Welcome to GRUB/g)?.length, 3)
})
