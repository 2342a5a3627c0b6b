// The desktop app, end to end, where Electron's runtime is present; elsewhere every test here is counted as skipped.
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type Fixtures, openFixtures } from '../console/fixtures.ts'
import { askToStart, button, confirmation, en, endOfJob, planProvision, typeAndStart } from '../console/hands.ts'
import { goTo } from '../console/open-console.ts'
import { type Desktop, noDesktop, openDesktop } from './open-desktop.ts'

const reason = noDesktop()
let it: Fixtures
let desktop: Desktop
before(async () => {
  if (reason) return
  it = await openFixtures()
  const data = it.room.path('desktop')
  desktop = await openDesktop({ data, trust: it.trust, releases: [it.one], disks: ['T640'] })
})
after(async () => {
  await desktop?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})
function skipped(t: TestContext): boolean {
  if (reason) t.skip(reason)
  return reason !== null
}

test('the page has a bridge of two functions and nothing of Node or Electron', async (t) => {
  if (skipped(t)) return
  const { page } = desktop
  assert.equal(new URL(page.url()).href.startsWith('twinslot://console/'), true)
  const seen = await page.evaluate(`[
    Object.keys(window.twinslot).sort(),
    ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in window),
  ]`)
  assert.deepEqual(seen, [['call', 'onMessage'], []])
})

test('the page can go nowhere, open nothing and load nothing from elsewhere', async (t) => {
  if (skipped(t)) return
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

test('one unit: main asks before the first write; Cancel writes nothing, Start provisions, the command line agrees', async (t) => {
  if (skipped(t)) return
  const { page } = desktop
  await goTo(page, 'bench')
  await planProvision(page, { units: ['T640'], image: 'one.twinslot', slots: 'both' })
  await desktop.answerBoxes(0)
  await askToStart(page)
  await confirmation(page).getByRole('textbox').fill('t640')
  await button(confirmation(page), en('confirm.start', { count: 1 })).click()
  await page.getByText('host.declined').waitFor()
  assert.match((await desktop.shownBoxes()).join('\n'), /T640/)
  await page.reload()
  await planProvision(page, { units: ['T640'], image: 'one.twinslot', slots: 'both' })
  await desktop.answerBoxes(1)
  await askToStart(page)
  await typeAndStart(page, 't640')
  assert.equal(await endOfJob(page), en('state.verified'))
  for (const slot of ['A', 'B']) {
    const options = ['--slot', slot, '--release', it.one, '--trust', it.trust]
    const { exit, result } = await it.room.run(['verify', desktop.disk('T640'), ...options])
    assert.equal(exit, 0, JSON.stringify(result))
  }
})
