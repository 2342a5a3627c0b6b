// The end of the promise: a disk that was provisioned through the window boots under UEFI firmware in QEMU.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildDemoImage, DEMO_TOOLS } from '../../device/image/demo/build.ts'
import { missingOf } from '../../src-shared/node/run-tool.ts'
import { startVm, vmsCannotRun } from '../../src-shared/testing/vm.ts'
import type { Fixtures } from './fixtures.ts'
import { askToStart, en, endOfJob, planProvision, typeAndStart } from './hands.ts'
import { cannotRun } from './open-console.ts'
import { consoleSpec } from './spec.ts'

const UP_MS = 240_000
async function whatIsMissing(): Promise<string | null> {
  const tools = await missingOf([...DEMO_TOOLS, 'grub-mkimage', 'mke2fs'])
  return tools.length > 0 ? `needs ${tools.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun()
}

/** A release that really boots. */
async function bootingRelease({ room }: Fixtures): Promise<string> {
  const system = room.path('system.img')
  await buildDemoImage({ version: '3.2.1', behaviour: 'good', outFile: system })
  const made = await room.run(['release', 'boot-files', '--out', room.path('real-boot')])
  assert.equal(made.exit, 0, made.stderr)
  return await room.makeRelease('boots', ['--version', '3.2.1', '--boot', room.path('real-boot')], system)
}

const missing = cannotRun() ?? (await whatIsMissing())
const spec = consoleSpec({ missing, releases: async (it) => [await bootingRelease(it)], disks: ['T640'] })

test('a disk that was provisioned through the window boots slot A', { skip: spec.skip }, async () => {
  {
    await using window = await spec.station.open()
    await planProvision(window.page, { units: ['T640'], image: 'boots.twinslot' })
    await askToStart(window.page)
    await typeAndStart(window.page, 'T640')
    assert.equal(await endOfJob(window.page), en('state.verified'))
  }
  await using vm = await startVm({ diskPath: spec.station.disk('T640'), attach: 'ahci', memory: 768 })
  await vm.waitFor(/booting slot A \(not counted\)/, UP_MS)
  await vm.waitFor(/twinslot: slot=A version=3\.2\.1/, UP_MS)
})
