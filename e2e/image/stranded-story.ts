// Makes an appliance under systemd whose slot B goes wrong at each start as it is told, and starts it in a virtual machine. The
// image is built once a test file, by the real recipe.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { makeProgramsTree } from '#device/image/programs-tree.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { writeBootFiles } from '#node/boot/boot-files.ts'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { hostSources, sourcesFor } from '#node/recipe/apt-sources.ts'
import { startVm, type Vm, vmsCannotRun } from '#testing/vm.ts'
import { twinslot } from '../cli/twinslot.ts'
import { withoutMenu } from '../vm/no-menu.ts'
import { strandedRecipe, type WrongTurn } from './stranded-appliance.ts'

export const UP = 300_000
const TOOLS = ['mmdebstrap', 'apt-get', 'dpkg-deb', 'mksquashfs', 'busybox', 'cpio', 'zstd', 'depmod', 'grub-mkimage']
let room = ''
let needs: string | null = null
const path = (name: string): string => join(room, name)

async function run(...args: string[]): Promise<void> {
  const env = { TWINSLOT_STATE: path('station'), SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) + 60) }
  const { result, exit } = await twinslot(args, { env, timeoutMs: 420_000 })
  assert.equal(exit, 0, `${args.join(' ')}: ${JSON.stringify(result)}`)
}

/** Hooks of a test file: builds before its tests, removes everything after them. */
export function strandedAppliance(): void {
  before(build)
  after(() => {
    if (room) rmSync(room, { recursive: true, force: true })
  })
}

async function build(): Promise<void> {
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
  await writeBootFiles(path('boot'), await withoutMenu())
  const recipe = await strandedRecipe(room)
  const made = ['--programs', path('programs'), '--boot', path('boot'), '--sign-key', path('key.asc')]
  await run('image', 'build', recipe, '--out', path('out'), ...made)
  const release = ['--release', join(path('out'), 'debian-appliance-0.1.0.twinslot'), '--trust', path('trust.asc')]
  await run('provision', path('disk.img'), '--create', '8GB', '--slots', 'both', ...release, '--yes')
}

interface Story {
  readonly disk: string
  readonly vm: Vm
  [Symbol.asyncDispose](): PromiseLike<void>
}

/** Slot B, good for nothing yet, is on trial; what its starts do is said by tries left. */
export async function onTrial(
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

export const counted = (left: number) => new RegExp(`booting slot B \\(counted, ${left} tries left\\)`)

/** What systemd or the initial RAM disk says when a start ends in such a way. */
const ENDS: Readonly<Record<Exclude<WrongTurn, 'boot' | 'var-lib-msp'>, RegExp>> = {
  emergency: /ends in a mode that waits for a person; restarting/,
  rescue: /ends in a mode that waits for a person; restarting/,
  stuck: /no verdict within 5 s, restarting/,
  crash: /Caught <SEGV>/,
  gate: /the gate could not decide; restarting/,
}

export async function goesWrong(vm: Vm, left: number, turn: keyof typeof ENDS): Promise<void> {
  await vm.waitFor(counted(left), UP)
  await vm.waitFor(new RegExp(`goes wrong: ${turn}`), UP)
  await vm.waitFor(ENDS[turn], UP)
}
