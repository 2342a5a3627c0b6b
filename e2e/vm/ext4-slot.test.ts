// A slot may hold ext4 instead of squashfs: GRUB reads its kernel and checks it, the initial RAM disk mounts it, and it
// boots from a disk that the real command provisioned.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildDemoImage, DEMO_TOOLS } from '#device/image/demo/build.ts'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { EXT4_FEATURES } from '#node/recipe/file-system.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { twinslot } from '../cli/twinslot.ts'

const UP = 240_000
const MINUTE = { timeoutMs: 60_000 }

test('an ext4 slot is provisioned and boots', async (t) => {
  const missing = await missingOf([...DEMO_TOOLS, 'grub-mkimage', 'mke2fs', 'unsquashfs'])
  const reason = missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
  if (reason) return t.skip(reason)
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-ext4-'))
  const path = (name: string) => join(folder, name)
  t.after(() => rm(folder, { recursive: true, force: true }))
  const run = async (...args: string[]) => {
    const done = await twinslot(args, { env: { TWINSLOT_STATE: path('state') } })
    assert.equal(done.exit, 0, `${args.join(' ')}: ${JSON.stringify(done.result)}\n${done.stderr}`)
  }
  await buildDemoImage({ version: '1.0.0', behaviour: 'good', outFile: path('demo.img') })
  await requireTool('unsquashfs', ['-q', '-n', '-d', path('tree'), path('demo.img')], MINUTE)
  const make = ['-q', '-F', '-t', 'ext4', '-O', EXT4_FEATURES, '-d', path('tree'), path('system.img'), '96M']
  await requireTool('mke2fs', make, MINUTE)
  await run('key', 'create', '--name', 'Test', '--secret', path('key.asc'), '--public', path('trust.asc'))
  await run('release', 'boot-files', '--out', path('boot'))
  const what = ['--version', '1.0.0', '--product', 'demo', '--counter', '1', '--system', path('system.img')]
  const release = ['--key', path('key.asc'), '--boot', path('boot'), '--out', path('one.twinslot')]
  await run('release', 'create', ...what, ...release)
  const trusted = ['--release', path('one.twinslot'), '--trust', path('trust.asc')]
  await run('provision', path('disk.img'), '--create', '8GB', ...trusted, '--yes')
  await using vm = await startVm({ diskPath: path('disk.img'), attach: 'virtio', memory: 768 })
  await vm.waitFor(/booting slot A \(not counted\)/, UP)
  await vm.waitFor(/twinslot: slot=A version=1\.0\.0 /, UP)
})
