// The desktop app, end to end, where Electron's runtime is present; elsewhere every test here is counted as skipped. The specs
// of e2e/console run through it as well: see build/test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Fixtures, openFixtures } from '../console/fixtures.ts'
import { type Desktop, noDesktop, openDesktop } from './open-desktop.ts'
import { assertBridge, declineThenProvision } from './stories.ts'

const skip = noDesktop() ?? false
let it: Fixtures
let desktop: Desktop
before(async () => {
  if (skip) return
  it = await openFixtures()
  const data = it.room.path('desktop')
  desktop = await openDesktop({ data, trust: it.trust, releases: [it.one], disks: ['T640'] })
})
after(async () => {
  await desktop?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})

test('the page has a bridge of two functions and nothing of Node or Electron', { skip }, async () => {
  assert.equal(desktop.page.url().startsWith('twinslot://console/'), true)
  await assertBridge(desktop)
})

test('the page can go nowhere, open nothing and load nothing from elsewhere', { skip }, async () => {
  const { page, app } = desktop
  const before = page.url()
  const loaded = await page.evaluate(`(async () => {
    const opened = window.open('https://example.org/') !== null
    window.location.href = 'https://example.org/'
    return [opened, await fetch('https://example.org/').then(() => true, () => false)]
  })()`)
  assert.deepEqual(loaded, [false, false])
  assert.equal(page.url(), before)
  assert.equal(app.windows().length, 1)
})

test(
  'one unit: main asks before the first write; Cancel writes nothing, Start provisions, the command line agrees',
  {
    skip,
  },
  async () => await declineThenProvision(desktop, it),
)
