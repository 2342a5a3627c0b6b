// The main job, visible: a virtual 16 GB T640 disk, a real bootable release signed with a key made here, the plan, the
// provisioning with live progress, the check, and a boot under UEFI firmware. `npm run demo -- --json` ends with one
// result line. Everything lies in var/bench; what took long to build is kept in .cache.
import { mkdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { formatBytes } from '#base/bytes.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { type DemoRelease, makeDemoRelease } from './demo-release.ts'
import { newestReport, reportLines } from './demo-report.ts'
import { runCommand, show } from './demo-show.ts'

const ROOT = join(import.meta.dirname, '..')
const BENCH = join(ROOT, 'var', 'bench')
const DISK = join(BENCH, 't640.img')
const DISK_SIZE = '16GB'
const BOOT_LIMIT_MS = 240_000
/** What the demo system says once it runs (device/image/demo/slot-init). */
const BOOTED = /twinslot: slot=([AB]) version=(\S+) kernel=(\S+) root=(\S+) esp=(\S+) data=(\S+)\s*\n/

const json = process.argv.includes('--json')
const here = (path: string) => relative(process.cwd(), path) || '.'

interface Booted {
  readonly slot: string
  readonly version: string
  readonly seconds: number
}

async function main(): Promise<number> {
  await mkdir(BENCH, { recursive: true })
  const say = show(json)
  say.title('1. A signed, bootable demo release')
  const demo = await makeDemoRelease(ROOT, BENCH, say)
  say.line(`release ${here(demo.release)}, trusted keys ${here(demo.trust)}`)

  say.title(`2. Provision a virtual ${DISK_SIZE} T640 disk`)
  const state = { TWINSLOT_STATE: join(BENCH, 'state') }
  // A disk image of another size, from an older version of this script, is not ours to keep.
  await rm(DISK, { force: true })
  const common = ['--release', demo.release, '--trust', demo.trust]
  const args = ['provision', DISK, '--create', DISK_SIZE, '--config', demo.config, ...common, '--yes']
  if ((await runCommand(ROOT, args, state, say)) !== 0) return finish(demo, null, 'provision')

  say.title('3. Read the slot back against the signed digests')
  if ((await runCommand(ROOT, ['verify', DISK, '--slot', 'A', ...common], state, say)) !== 0)
    return finish(demo, null, 'verify')
  if ((await runCommand(ROOT, ['slot', 'list', DISK], state, say)) !== 0) return finish(demo, null, 'slot list')

  say.title('4. Boot the disk under UEFI firmware (QEMU, OVMF, software emulation)')
  const missing = await vmsCannotRun()
  if (missing) {
    say.line(`not booted: ${missing}`)
    return finish(demo, null, null)
  }
  const booted = await boot(say)
  say.title('Done')
  say.line(`slot ${booted.slot} booted version ${booted.version} in ${booted.seconds} s`)
  return finish(demo, booted, null)
}

async function boot(say: ReturnType<typeof show>): Promise<Booted> {
  const begun = performance.now()
  await using vm = await startVm({
    diskPath: DISK,
    attach: 'ahci',
    memory: 1024,
    snapshot: true,
    onLine: (line) => say.serial(line),
  })
  const match = await vm.waitFor(BOOTED, BOOT_LIMIT_MS)
  return { slot: match[1], version: match[2], seconds: Math.round((performance.now() - begun) / 1000) }
}

async function finish(demo: DemoRelease, booted: Booted | null, failed: string | null): Promise<number> {
  const ok = failed === null
  if (json) {
    const result = { ok, code: ok ? 'done' : `demo.${failed}`, disk: DISK, release: demo.release, trust: demo.trust }
    const what = {
      booted: booted?.slot ?? null,
      version: booted?.version ?? null,
      bootSeconds: booted?.seconds ?? null,
    }
    process.stdout.write(`${JSON.stringify({ type: 'result', ...result, ...what })}\n`)
    return ok ? 0 : 1
  }
  if (!ok) {
    process.stderr.write(`The demo stopped at: ${failed}\n`)
    return 1
  }
  const newest = await newestReport(join(BENCH, 'state', 'reports'))
  if (newest) for (const line of reportLines(newest.report)) process.stdout.write(`  ${line}\n`)
  const { size } = await stat(demo.release)
  const rows = [
    ['disk', `${here(DISK)} (${DISK_SIZE}, sparse)`],
    ['release', `${here(demo.release)} (${formatBytes(size)})`],
    ['trusted keys', here(demo.trust)],
    ['signing key', here(demo.secret)],
    ['report', newest ? here(newest.file) : 'none'],
  ]
  for (const [name, value] of rows) process.stdout.write(`  ${name.padEnd(13)}${value}\n`)
  process.stdout.write(`\nTry: bin/twinslot inspect ${here(DISK)}\n`)
  return 0
}

process.exitCode = await main()
