// The end of the promise: a disk that was provisioned through the window boots under UEFI firmware in QEMU.
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { buildDemoImage, DEMO_TOOLS } from '../../device/image/demo/build.ts'
import { missingOf } from '../../src-shared/node/run-tool.ts'
import { startVm, vmsCannotRun } from '../../src-shared/testing/vm.ts'
import { type Fixtures, openFixtures } from './fixtures.ts'
import { askToStart, en, endOfJob, planProvision, typeAndStart } from './hands.ts'
import { cannotRun, openStation, type Station } from './open-console.ts'

const UP_MS = 240_000
let it: Fixtures
let station: Station
let reason: string | null = null
before(async () => {
  const missing = await missingOf([...DEMO_TOOLS, 'grub-mkimage', 'mke2fs'])
  reason =
    cannotRun() ?? (missing.length > 0 ? `needs ${missing.map(({ tool }) => tool).join(', ')}` : await vmsCannotRun())
  if (reason) return
  it = await openFixtures()
  const { room } = it
  const system = room.path('system.img')
  await buildDemoImage({ version: '3.2.1', behaviour: 'good', outFile: system })
  const made = await room.run(['release', 'boot-files', '--out', room.path('real-boot')])
  assert.equal(made.exit, 0, made.stderr)
  const release = await room.makeRelease('boots', ['--version', '3.2.1', '--boot', room.path('real-boot')], system)
  station = await openStation({ data: room.path('data'), trust: it.trust, releases: [release], disks: ['T640'] })
})
after(async () => {
  await station?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})

test('a disk that was provisioned through the window boots slot A', async (t: TestContext) => {
  if (reason) return t.skip(reason)
  {
    await using window = await station.open()
    await planProvision(window.page, { units: ['T640'], image: 'boots.twinslot' })
    await askToStart(window.page)
    await typeAndStart(window.page, 'T640')
    assert.equal(await endOfJob(window.page), en('state.verified'))
  }
  await using vm = await startVm({ diskPath: station.disk('T640'), attach: 'ahci', memory: 768 })
  await vm.waitFor(/booting slot A \(not counted\)/, UP_MS)
  await vm.waitFor(/twinslot: slot=A version=3\.2\.1/, UP_MS)
})
