// The desktop app's own code on every machine: main process and preload script as packed, the built renderer, host and runner,
// with a stand-in for Electron's runtime (see stand-in.ts for what that does not prove). It also tries the way on which the
// specs of e2e/console go through the real app: bridge, looks, dialogs, downloads, events.
import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noBrowser } from '../console/browser.ts'
import { type Fixtures, openFixtures } from '../console/fixtures.ts'
import { button, en } from '../console/hands.ts'
import type { Station } from '../console/station.ts'
import { desktopStation } from './desktop-station.ts'
import { type Desktop, openDesktop } from './open-desktop.ts'
import { assertBridge, declineThenProvision } from './stories.ts'

const skip = noBrowser() ?? false
let it: Fixtures
let desktop: Desktop
let station: Station
before(async () => {
  if (skip) return
  it = await openFixtures()
  const data = it.room.path('desktop')
  desktop = await openDesktop({ data, trust: it.trust, releases: [it.one], disks: ['T640'] }, 'stand-in')
  station = await desktopStation(desktop, data)
})
after(async () => {
  await station?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})

test('the packed preload script gives the page its two functions', { skip }, () => assertBridge(desktop))

test(
  'the packed main process asks before the first write: Cancel writes nothing, Start provisions, the command line agrees',
  {
    skip,
  },
  () => declineThenProvision(desktop, it),
)

test('a look is worn by the one window: language, theme, size; events are heard through the bridge', {
  skip,
}, async () => {
  const themes: string[] = []
  using _news = station.listen((event) => {
    if (event.type === 'settings') themes.push(event.settings.theme)
  })
  const viewport = { width: 900, height: 700 }
  await using window = await station.open({ locale: 'de-DE', colorScheme: 'dark', viewport }, 'settings')
  const seen = await window.page.evaluate(
    "[document.documentElement.lang, matchMedia('(prefers-color-scheme: dark)').matches, innerWidth, innerHeight]",
  )
  assert.deepEqual(seen, ['de', true, 900, 700])
  assert.equal((await station.call('settings.change', { theme: 'light' })).theme, 'light')
  await window.page.locator('html[data-theme="light"]').waitFor()
  await station.call('settings.change', { theme: 'system' })
  await window.page.locator('html:not([data-theme])').waitFor()
  assert.deepEqual(themes, ['light', 'system'])
})

test("a folder is chosen in main's dialog and opened; the support bundle is saved through main", { skip }, async () => {
  const files = { version: '2\n', 'network.yaml': 'hostname: shop-17\n' }
  cpSync(it.configFolder('shop-17', files), join(station.offered, 'shop-17'), { recursive: true })
  await using window = await station.open({}, 'config')
  const { page } = window
  await button(page, en('config.openFolder')).click()
  await page.getByRole('option', { name: 'network.yaml' }).waitFor()
  await page.evaluate("location.hash = '#/diagnostics'")
  await button(page, en('diagnostics.preview')).click()
  const shown = page.locator('.bundle-text pre')
  await shown.waitFor()
  const { name, path } = await station.saved(page, () => button(page, en('diagnostics.save')).click())
  assert.match(name, /^twinslot/)
  assert.equal(readFileSync(path, 'utf8'), await shown.textContent())
})
