// The whole promise: the disk that `twinslot provision` wrote boots under UEFI firmware; a flashed slot boots when it is
// made the default. All by the real command. One that panics three times: e2e/device/bench-to-appliance.test.ts.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { buildDemoImage, DEMO_TOOLS, type DemoBehaviour } from '#device/image/demo/build.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { type Attachment, startVm, vmsCannotRun } from '#testing/vm.ts'
import { twinslot } from '../cli/twinslot.ts'

const UP = 240_000
let folder = ''
let reason: string | null = null
const path = (name: string) => join(folder, name)

async function run(...args: string[]) {
  const done = await twinslot(args, { env: { TWINSLOT_STATE: path('state') } })
  assert.equal(done.exit, 0, `${args.join(' ')}: ${JSON.stringify(done.result)}\n${done.stderr}`)
  return done.result
}

async function makeRelease(version: string, counter: number, behaviour: DemoBehaviour, ...more: string[]) {
  const system = path(`system-${version}.img`)
  await buildDemoImage({ version, behaviour, outFile: system })
  const out = path(`${version}.twinslot`)
  const what = ['--version', version, '--product', 'demo', '--counter', String(counter), '--system', system]
  await run('release', 'create', ...what, '--key', path('key.asc'), '--out', out, ...more)
}

before(async () => {
  const missing = await missingOf([...DEMO_TOOLS, 'grub-mkimage', 'mke2fs'])
  reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (reason) return
  folder = await mkdtemp(join(tmpdir(), 'twinslot-provisioned-'))
  await run('key', 'create', '--name', 'Test', '--secret', path('key.asc'), '--public', path('trust.asc'))
  await run('release', 'boot-files', '--out', path('boot'))
  await makeRelease('1.0.0', 1, 'good', '--boot', path('boot'))
  await makeRelease('2.0.0', 2, 'good')
  await mkdir(path('config'))
  await writeFile(path('config/version'), '2\n')
})

after(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const disk = () => path('t640.img')
const release = (version: string) => ['--release', path(`${version}.twinslot`), '--trust', path('trust.asc')]
const boot = (attach: Attachment) => startVm({ diskPath: disk(), attach, memory: 768 })
const slots = async () =>
  (await run('slot', 'list', disk())).slots as Record<'A' | 'B', { verdict: string; triesUsed?: number }>

function skipped(t: TestContext): boolean {
  if (reason) t.skip(reason)
  return reason !== null
}

test('a provisioned 16 GB disk boots slot A on AHCI, with its ESP, data and /config', async (t) => {
  if (skipped(t)) return
  await run('provision', disk(), '--create', '16GB', '--config', path('config'), ...release('1.0.0'), '--yes')
  await using vm = await boot('ahci')
  await vm.waitFor(/booting slot A \(not counted\)/, UP)
  const [line] = await vm.waitFor(/twinslot: slot=A version=1\.0\.0 .*\n/, UP)
  assert.match(line, /root=\/dev\/sda2 esp=\/dev\/sda1 data=\/dev\/sda4/)
})

test('after flash and slot default it boots slot B on NVMe, as a counted trial that can be confirmed', async (t) => {
  if (skipped(t)) return
  await run('flash', disk(), '--slot', 'B', ...release('2.0.0'), '--yes')
  await run('slot', 'default', disk(), 'B', '--yes')
  {
    await using vm = await boot('nvme')
    await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, UP)
    await vm.waitFor(/twinslot: slot=B version=2\.0\.0 .*root=\/dev\/nvme0n1p3/, UP)
  }
  assert.deepEqual((await slots()).B.triesUsed, 1)
  await run('slot', 'good', disk(), 'B', '--yes')
  assert.equal((await slots()).B.verdict, 'Good')
})
