// Whole starts of an appliance under systemd that go wrong in ways which wait for a person, or for nothing: each ends in a
// restart that the boot loader has counted, and three of them on the other slot. A confirmed slot without its data lives on,
// degraded, and says so. Its root is read-only but for the listed places.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { makeProgramsTree } from '../../device/image/programs-tree.ts'
import { DEFAULT_LAYOUT } from '../../src-shared/model/layouts.ts'
import { hostSources, sourcesFor } from '../../src-shared/node/recipe/apt-sources.ts'
import { missingOf, requireTool } from '../../src-shared/node/run-tool.ts'
import { startVm, type Vm, vmsCannotRun } from '../../src-shared/testing/vm.ts'
import { twinslot } from '../cli/twinslot.ts'
import { inspect } from '../device/disk.ts'
import { strandedRecipe, type WrongTurn } from './stranded-appliance.ts'

const UP = 300_000
const TOOLS = ['mmdebstrap', 'apt-get', 'dpkg-deb', 'mksquashfs', 'busybox', 'cpio', 'zstd', 'depmod', 'grub-mkimage']
let room = ''
let needs: string | null = null
const path = (name: string): string => join(room, name)

async function run(...args: string[]): Promise<void> {
  const env = { TWINSLOT_STATE: path('station'), SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) + 60) }
  const { result, exit } = await twinslot(args, { env, timeoutMs: 420_000 })
  assert.equal(exit, 0, `${args.join(' ')}: ${JSON.stringify(result)}`)
}

before(async () => {
  const [missing] = await missingOf(TOOLS)
  if (missing) needs = `needs ${missing.tool}`
  if (process.getuid?.() !== 0) needs = 'needs root'
  if (sourcesFor('bookworm', await hostSources()).length === 0) needs = 'needs package sources with Debian 12'
  needs ??= await vmsCannotRun()
  if (needs) return
  room = mkdtempSync(join(tmpdir(), 'twinslot-stranded-'))
  const buildDate = new Date('2026-01-01')
  await makeProgramsTree({ outDir: path('programs'), layout: DEFAULT_LAYOUT, version: '0.1.0', buildDate })
  await run('key', 'create', '--name', 'Test', '--secret', path('key.asc'), '--public', path('trust.asc'))
  await run('release', 'boot-files', '--out', path('boot'))
  const recipe = await strandedRecipe(room)
  const made = ['--programs', path('programs'), '--boot', path('boot'), '--sign-key', path('key.asc')]
  await run('image', 'build', recipe, '--out', path('out'), ...made)
  const release = ['--release', join(path('out'), 'debian-appliance-0.1.0.twinslot'), '--trust', path('trust.asc')]
  await run('provision', path('disk.img'), '--create', '8GB', '--slots', 'both', ...release, '--yes')
})
after(() => {
  if (room) rmSync(room, { recursive: true, force: true })
})

interface Story {
  readonly disk: string
  readonly vm: Vm
  [Symbol.asyncDispose](): PromiseLike<void>
}

/** Slot B, good for nothing yet, is on trial; what its starts do is said by tries left. */
async function onTrial(
  t: TestContext,
  name: string,
  turns: Readonly<Record<string, WrongTurn>>,
): Promise<Story | null> {
  if (needs) {
    t.skip(needs)
    return null
  }
  const disk = path(`${name}.img`)
  await requireTool('cp', ['--sparse=always', path('disk.img'), disk], { timeoutMs: 60_000 })
  await run('slot', 'default', disk, 'B', '--yes')
  const serialNumber = Object.entries(turns)
    .map(([start, turn]) => `${start}:${turn}`)
    .join('+')
  const vm = await startVm({
    diskPath: disk,
    attach: 'virtio',
    memory: 1024,
    network: true,
    watchdog: true,
    serialNumber,
  })
  return { disk, vm, [Symbol.asyncDispose]: () => vm[Symbol.asyncDispose]() }
}

const counted = (left: number) => new RegExp(`booting slot B \\(counted, ${left} tries left\\)`)

/** What systemd or the initial RAM disk says when a start ends in such a way. */
const ENDS: Readonly<Record<Exclude<WrongTurn, 'boot' | 'var-lib-msp'>, RegExp>> = {
  emergency: /ends in a mode that waits for a person; restarting/,
  rescue: /ends in a mode that waits for a person; restarting/,
  stuck: /no verdict within 5 s, restarting/,
  crash: /Caught <SEGV>/,
  gate: /the gate could not decide; restarting/,
}

async function goesWrong(vm: Vm, left: number, turn: keyof typeof ENDS): Promise<void> {
  await vm.waitFor(counted(left), UP)
  await vm.waitFor(new RegExp(`goes wrong: ${turn}`), UP)
  await vm.waitFor(ENDS[turn], UP)
}

test('emergency mode, a job that never ends while the watchdog is fed, and a killed gate each cost a try; then the other slot starts', async (t) => {
  await using story = await onTrial(t, 'one', { B2: 'emergency', B1: 'stuck', B0: 'gate' })
  if (!story) return
  const { vm, disk } = story
  await goesWrong(vm, 2, 'emergency')
  await goesWrong(vm, 1, 'stuck')
  await goesWrong(vm, 0, 'gate')
  await vm.waitFor(/slot B has used up its tries/, UP)
  await vm.waitFor(/booting slot A/, UP)
  await vm.kill()
  assert.equal((await inspect(disk)).slots.B.verdict, 'Bad')
})

test('rescue mode, a service manager that crashes, and a release that cannot mount the data partition each cost a try; the confirmed slot lives on without it, degraded', async (t) => {
  await using story = await onTrial(t, 'two', { B2: 'rescue', B1: 'crash', B0: 'var-lib-msp', A: 'var-lib-msp' })
  if (!story) return
  const { vm, disk } = story
  await goesWrong(vm, 2, 'rescue')
  await goesWrong(vm, 1, 'crash')
  await vm.waitFor(counted(0), UP)
  await vm.waitFor(/partition MSP-DATA is not mounted at \/var\/lib\/msp/, UP)
  await vm.waitFor(/booting slot A/, UP)
  await vm.waitFor(/appliance: looked/, UP)
  const said = vm.serial().split('booting slot A')[1]
  assert.match(said, /status: ! Degraded: MSP-DATA is not mounted at \/var\/lib\/msp/)
  assert.match(said, /the deadline is stopped/)
  assert.match(said, /failed units: var-lib-msp\.mount/)
  // The root, while we are here.
  assert.match(said, /wrote to the root: 1/)
  assert.doesNotMatch(said, /cannot write/)
  assert.match(said, /root: squashfs ro,nosuid,nodev/)
  assert.match(said, /disk: \/dev\/vda1 \/dev\/vda2/)
  assert.match(said, /machine-id: 33/)
  await vm.kill()
  const { slots, boot } = await inspect(disk)
  assert.deepEqual([slots.A.verdict, slots.B.verdict, boot.next.slot], ['Good', 'Bad', 'A'])
})
