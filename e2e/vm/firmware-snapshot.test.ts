// Machines start from a saved state of the firmware: what they boot is on their own disk, at each start, whatever disk the
// state was made with.
import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { firmwareSnapshot, keepState } from '#testing/firmware-snapshot.ts'
import { type Attachment, startVm, vmsCannotRun } from '#testing/vm.ts'

const MIB = 1024 * 1024
const LIMIT = { timeoutMs: 60_000 }
const UP = 180_000
/** Where a real processor runs machines, none starts from a state. */
const acceleration = 'tcg'
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
      await using vm = await startVm({ diskPath: await makeDisk(name, mebibytes), attach, acceleration })
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
  assert.notEqual(await firmwareSnapshot({ attach: 'ahci' }), one)
})

/** A folder of its own with the states of these kinds, for a test that spoils them. */
async function statesOf(name: string, kinds: readonly Attachment[]): Promise<{ folder: string; paths: string[] }> {
  const states = join(folder, name)
  await mkdir(states)
  const paths: string[] = []
  for (const attach of kinds) {
    const kept = await firmwareSnapshot({ attach })
    paths.push(join(states, basename(kept)))
    await copyFile(kept, join(states, basename(kept)))
  }
  return { folder: states, paths }
}

test('a state that is cut short or of another kind is no state: it is made anew', async (t) => {
  if (reason) return t.skip(reason)
  const { folder: states, paths } = await statesOf('spoilt', ['virtio', 'ahci'])
  const [virtio, ahci] = paths as [string, string]
  const whole = await readFile(virtio)
  await copyFile(virtio, ahci)
  assert.equal(await firmwareSnapshot({ attach: 'ahci' }, states), ahci)
  assert.ok(!whole.equals(await readFile(ahci)))
  await writeFile(virtio, whole.subarray(0, whole.length / 2))
  assert.equal(await firmwareSnapshot({ attach: 'virtio' }, states), virtio)
  assert.ok((await readFile(virtio)).length > whole.length / 2)
})

test('a machine that cannot load its state goes through all of its firmware, and says so', async (t) => {
  if (reason) return t.skip(reason)
  const { folder: states, paths } = await statesOf('refused', ['virtio'])
  // Whole and for this kind, by its seal, and yet QEMU refuses it.
  const whole = await readFile(paths[0]!)
  const cut = join(states, 'cut')
  await writeFile(cut, whole.subarray(0, whole.length / 2))
  await keepState({ attach: 'virtio' }, cut, states)
  const said = t.mock.method(console, 'log', () => {})
  await using vm = await startVm({ diskPath: await makeDisk('plain', 64), attach: 'virtio', acceleration, states })
  await vm.waitFor(/this is plain, start one/, UP)
  await vm.waitFor(/this is plain, start two/, UP)
  await vm.exited(UP)
  assert.match(
    String(said.mock.calls[0]?.arguments[0]),
    /all of its firmware: its state could not be loaded: .*load of migration failed/,
  )
})
