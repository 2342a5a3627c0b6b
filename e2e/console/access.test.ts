// Every screen for everybody: axe in both themes, the small and enlarged window, right to left, long words, reduced motion,
// forced colours. Pictures of all screens are left in var/screenshots.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { SHOTS as ALL_SHOTS } from './browser.ts'
import { finished, startProvision } from './calls.ts'
import { axeFindings, clippedTexts, coveredButtons, running, sideways, wordlessStates } from './look.ts'
import { windowKind } from './open-console.ts'
import { consoleSpec } from './spec.ts'
import { goTo } from './station.ts'
import { untranslatedTexts } from './untranslated.ts'

const spec = consoleSpec({
  releases: async (it) => [it.one, it.damaged()],
  disks: ['T640', 'leaves', 'blank'],
  faults: { 'leaves.img': { vanishAtWrite: 12 } },
  settings: { assistive: true },
  async prepare(station, it) {
    const files = { version: '2\n', 'network.yaml': 'hostname: shop-17\n', 'tls.key': 'secret\n' }
    cpSync(it.configFolder('shop-17', files), join(station.offered, 'shop-17'), { recursive: true })
    await finished(station, await startProvision(station, ['T640'], { slots: 'both' }))
    await finished(station, await startProvision(station, ['leaves']))
    mkdirSync(SHOTS, { recursive: true })
  },
})
const { skip } = spec
/** The browser's lie in the folder itself. */
const SHOTS = windowKind() === 'browser' ? ALL_SHOTS : join(ALL_SHOTS, windowKind())

/** Every screen with something on it: name, and how to get there. Language does not matter on the way. */
async function screens(): Promise<readonly (readonly [string, (page: Page) => Promise<void>])[]> {
  const { station } = spec
  const { key } = await station.unit('T640')
  const at = (screen: string) => (page: Page) => goTo(page, screen)
  const first = async (page: Page, selector: string) => page.locator(selector).first().click()
  return [
    ['bench', at('bench')],
    ['run', at('run')],
    ['provision', at('provision/provision')],
    ['repair', at('provision/repair')],
    ['slots', at(`slots/${encodeURIComponent(key)}`)],
    [
      'config',
      async (page) => {
        await goTo(page, 'config')
        await first(page, '.screen-head .actions button')
        await page.locator('.file-row').first().click()
      },
    ],
    ['images', at('images')],
    ['trust', at('trust')],
    ['reports', at('reports')],
    [
      'diagnostics',
      async (page) => {
        await goTo(page, 'diagnostics')
        await first(page, '#main button')
        await page.getByRole('row').nth(1).waitFor()
      },
    ],
    ['settings', at('settings')],
    [
      'confirm',
      async (page) => {
        await goTo(page, `slots/${encodeURIComponent(key)}`)
        await page.locator('.slot-card').nth(1).locator('.actions button').nth(1).click()
        await page.getByRole('alertdialog').getByRole('textbox').waitFor()
      },
    ],
    [
      'certificate',
      async (page) => {
        await goTo(page, `reports/${(await station.view()).reports[0].token}`)
        await page.getByRole('dialog').frameLocator('iframe').getByRole('heading').first().waitFor()
      },
    ],
  ]
}

/** Fonts, lazy screens and transitions come to rest. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(
    'Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))).then(() => 0)',
  )
}

async function leave(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('[role=dialog], [role=alertdialog]').waitFor({ state: 'detached' })
}

for (const theme of ['light', 'dark'] as const)
  test(`axe finds nothing serious on any screen, ${theme}`, { skip }, async () => {
    await using window = await spec.station.open({ colorScheme: theme, viewport: { width: 1280, height: 800 } })
    const found: string[] = []
    for (const [name, go] of await screens()) {
      await go(window.page)
      await settle(window.page)
      await window.page.screenshot({ path: join(SHOTS, `${name}-${theme}.png`) })
      found.push(...(await axeFindings(window.page)).map((line) => `${name}: ${line}`))
      found.push(...(await clippedTexts(window.page)).map((line) => `${name}: ${line}`))
      await leave(window.page)
    }
    assert.deepEqual(found, [])
  })

const SMALL = { viewport: { width: 512, height: 300 }, deviceScaleFactor: 2 }

test('1024x600 at 200 %: nothing scrolls sideways, every button can be reached', { skip }, async () => {
  await using window = await spec.station.open(SMALL)
  const found: string[] = []
  for (const [name, go] of await screens()) {
    await go(window.page)
    await settle(window.page)
    await window.page.screenshot({ path: join(SHOTS, `${name}-small.png`) })
    found.push(...(await sideways(window.page)).map((line) => `${name}: ${line}`))
    found.push(...(await coveredButtons(window.page)).map((line) => `${name}: covered: ${line}`))
    await leave(window.page)
  }
  assert.deepEqual(found, [])
})

/** What the screens of this file may show outside of a message: names, versions, codes. The desktop app knows the machine's disks. */
const DATA = [
  /^(T640|leaves|blank|one|damaged)\b/,
  /^(network\.yaml|tls\.key|version|\d+ bytes)\b/,
  /^(demo 1|Test <|Ada Lovelace|disk\.|write\.|\/dev\/|SHA-256|linux )/,
  /^[0-9A-Fa-f]{4,64} /,
]

const LANGUAGES = [
  ['Arabic', { locale: 'ar-EG' }],
  ['German', { locale: 'de-DE' }],
  ['pseudo-language', { locale: 'en-XA' }],
] as const
for (const [language, look] of LANGUAGES)
  test(`no text is cut off or leaves its box: ${language}`, { skip }, async () => {
    await using window = await spec.station.open(look)
    const { page } = window
    const direction = await page.evaluate('getComputedStyle(document.documentElement).direction')
    assert.equal(direction, language === 'Arabic' ? 'rtl' : 'ltr')
    const found: string[] = []
    for (const [name, go] of await screens()) {
      await go(page)
      await settle(page)
      await page.screenshot({ path: join(SHOTS, `${name}-${look.locale}.png`) })
      found.push(...(await clippedTexts(page)).map((line) => `${name}: ${line}`))
      found.push(...(await sideways(page)).map((line) => `${name}: ${line}`))
      // Only here is every message in brackets, so that what is not stands out.
      if (look.locale === 'en-XA')
        found.push(...(await untranslatedTexts(page, DATA)).map((line) => `${name}: untranslated: ${line}`))
      await leave(page)
    }
    assert.deepEqual(found, [])
  })

test('with reduced motion nothing moves', { skip }, async () => {
  await using window = await spec.station.open({ reducedMotion: 'reduce' })
  for (const [name, go] of await screens()) {
    await go(window.page)
    assert.deepEqual(await running(window.page), [], name)
    await leave(window.page)
  }
})

test('with forced colours every state is told by its icon and its word', { skip }, async () => {
  await using window = await spec.station.open({ forcedColors: 'active' })
  for (const [name, go] of await screens()) {
    await go(window.page)
    await settle(window.page)
    await window.page.screenshot({ path: join(SHOTS, `${name}-forced.png`) })
    assert.deepEqual(await wordlessStates(window.page), [], name)
    await leave(window.page)
  }
})
