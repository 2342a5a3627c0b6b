// Machines start from a saved state of the firmware: what they boot is on their own disk, at each start, whatever disk the
// state was made with.
import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { firmwareSnapshot } from '#testing/firmware-snapshot.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'

const MIB = 1024 * 1024
const LIMIT = { timeoutMs: 60_000 }
const UP = 180_000
const MODULES = ['fat', 'serial', 'terminal', 'echo', 'loadenv', 'reboot', 'halt', 'test', 'normal']
let folder = ''
let reason: string | null = null

before(async () => {
  const missing = await missingOf(['grub-mkimage', 'grub-editenv', 'mkfs.vfat', 'mcopy', 'mmd'])
  reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (!reason) folder = await mkdtemp(join(tmpdir(), 'twinslot-states-'))
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Says its name at the first start and resets; says it again at the second one, and powers off. */
const script = (name: string): string => `
serial --unit=0
terminal_output serial
load_env --file ($root)/env
echo "this is ${name}, start $start"
if [ "$start" = one ]; then
  start=two
  save_env --file ($root)/env start
  reboot
fi
halt
`

async function makeDisk(name: string, mebibytes: number): Promise<string> {
  const at = (file: string) => join(folder, `${name}.${file}`)
  const disk = at('img')
  await using file = await open(disk, 'w')
  await file.truncate(mebibytes * MIB)
  await writeFile(at('cfg'), script(name))
  // The one that is built in knows no `if`.
  await writeFile(at('first'), 'normal ($root)/grub.cfg\n')
  const image = ['--format', 'x86_64-efi', '--output', at('efi'), '--prefix', '/', '--config', at('first')]
  await requireTool('grub-mkimage', [...image, ...MODULES], LIMIT)
  await requireTool('grub-editenv', [at('env'), 'create'], LIMIT)
  await requireTool('grub-editenv', [at('env'), 'set', 'start=one'], LIMIT)
  await requireTool('mkfs.vfat', ['-F', '32', disk], LIMIT)
  await requireTool('mmd', ['-i', disk, '::/EFI', '::/EFI/BOOT'], LIMIT)
  await requireTool('mcopy', ['-i', disk, at('efi'), '::/EFI/BOOT/BOOTX64.EFI'], LIMIT)
  await requireTool('mcopy', ['-i', disk, at('env'), '::/env'], LIMIT)
  await requireTool('mcopy', ['-i', disk, at('cfg'), '::/grub.cfg'], LIMIT)
  return disk
}

for (const attach of ['virtio', 'ahci', 'usb'] as const)
  test(`two disks on ${attach}, each boots what is on it, and after a reset what it wrote itself`, async (t) => {
    if (reason) return t.skip(reason)
    for (const [name, mebibytes] of [
      [`${attach}-small`, 64],
      [`${attach}-large`, 3000],
    ] as const) {
      await using vm = await startVm({ diskPath: await makeDisk(name, mebibytes), attach })
      await vm.waitFor(new RegExp(`this is ${name}, start one`), UP)
      await vm.waitFor(new RegExp(`this is ${name}, start two`), UP)
      await vm.exited(UP)
      assert.equal(vm.serial().match(/this is /g)?.length, 2)
    }
  })

test('the state is made once for a kind of machine, and another kind has another one', async (t) => {
  if (reason) return t.skip(reason)
  const one = await firmwareSnapshot({ attach: 'virtio' })
  assert.equal(await firmwareSnapshot({ attach: 'virtio' }), one)
  assert.notEqual(await firmwareSnapshot({ attach: 'virtio', memory: 768 }), one)
})
