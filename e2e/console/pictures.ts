// `npm run pictures`: the pictures of docs/images/console-*.png, taken of the real console on virtual disks, so that README and
// guide show what there is. Fails when a picture would be larger than the repository wants.
import { rmSync, statSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { makeSystemImage } from '../cli/bench-room.ts'
import { openBrowserStation } from './browser-station.ts'
import { finished, startProvision } from './calls.ts'
import { type Fixtures, openFixtures } from './fixtures.ts'
import { askToStart, button, confirmation, en, planProvision, planRepair, tile, typeAndStart } from './hands.ts'
import { goTo, type Station, until } from './station.ts'

const SIZE = { width: 1320, height: 800 }
const OUT = join(import.meta.dirname, '..', '..', 'docs', 'images')
const MOST_BYTES = 190_000
const UNITS = ['T640-0417', 'T640-0418', 'T640-0419', 'T640-0420'] as const
/** A little slower than a file is, so that there is something to see. */
const SLOW = { delayMs: 30 }
const FAULTS = {
  'T640-0418.img': { delayMs: 90 },
  'T640-0419.img': { ...SLOW, vanishAtWrite: 45 },
  'T640-0420.img': { delayMs: 130 },
}

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement?.blur?.()')
  await page.mouse.move(0, 0)
  await page.waitForTimeout(300)
  const path = join(OUT, `console-${name}.png`)
  await page.screenshot({ path })
  const { size } = statSync(path)
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}`)
  process.stdout.write(`console-${name}.png: ${Math.round(size / 1000)} kB\n`)
}

async function release(it: Fixtures, name: string, version: string, counter: string): Promise<string> {
  const system = makeSystemImage(it.room.path(''), name, 60e6)
  const product = ['--product', 'hypernet', '--boot', it.room.path('boot')]
  return await it.room.makeRelease(name, ['--version', version, '--counter', counter, ...product], system)
}

async function open(it: Fixtures, data: string): Promise<Station> {
  const config = { version: '2\n', 'network.yaml': 'hostname: shop-17\ndns:\n  - 10.17.0.1\n', 'tls.key': 'secret\n' }
  const releases = [
    await release(it, 'hypernet-2.4.0', '2.4.0', '240'),
    await release(it, 'hypernet-2.4.1', '2.4.1', '241'),
  ]
  const settings = { assistive: true }
  const station = await openBrowserStation({
    data,
    trust: it.trust,
    releases,
    disks: [...UNITS, 'spare'],
    faults: FAULTS,
    settings,
  })
  await cp(it.configFolder('shop-17', config), join(station.offered, 'shop-17'), { recursive: true })
  return station
}

async function run(station: Station, page: Page): Promise<void> {
  await planProvision(page, { units: UNITS, image: 'hypernet-2.4.0', slots: 'A' })
  await take(page, 'review')
  await askToStart(page, 4)
  await confirmation(page).getByRole('textbox').fill('4')
  await typeAndStart(page, '4', 4)
  await tile(page, 'T640-0419').getByText(en('state.failed'), { exact: true }).waitFor({ timeout: 120_000 })
  await tile(page, 'T640-0419').click()
  await page.setViewportSize({ width: SIZE.width, height: 1140 })
  await take(page, 'run')
  await page.setViewportSize(SIZE)
  const { batches } = await station.view()
  await goTo(page, 'bench')
  await take(page, 'bench')
  await finished(station, batches[0].batch)
}

async function slots(station: Station, page: Page): Promise<void> {
  const unit = 'T640-0417'
  await planRepair(page, unit, 'hypernet-2.4.1', 'B')
  await askToStart(page)
  await typeAndStart(page, unit)
  await until(async () => (await station.unit(unit)).recovery?.slots.B.version === '2.4.1')
  const { key } = await station.unit(unit)
  await goTo(page, `slots/${encodeURIComponent(key)}`)
  await button(page, en('verb.makeDefault')).nth(1).click()
  await confirmation(page).getByRole('textbox').fill(unit)
  await take(page, 'confirm')
  await typeAndStart(page, unit)
  await until(async () => (await station.unit(unit)).recovery?.bootsNext?.slot === 'B')
  await page.emulateMedia({ colorScheme: 'dark' })
  await goTo(page, `slots/${encodeURIComponent(key)}`)
  await button(page, en('slots.checkNow')).click()
  await page.getByText(en('slots.checked.equal'), { exact: true }).nth(1).waitFor()
  await page.evaluate("document.querySelector('#main').scrollTo(0, 0)")
  await take(page, 'slots')
  await page.emulateMedia({ colorScheme: 'light' })
}

async function rest(station: Station, page: Page): Promise<void> {
  await goTo(page, 'config')
  await button(page, en('config.openFolder')).click()
  await page.getByRole('option', { name: 'network.yaml' }).click()
  await take(page, 'config')
  const { reports } = await station.view()
  const done = reports.find(({ outcome, what }) => outcome === 'done' && what.kind === 'provision')
  await goTo(page, `reports/${done?.token}`)
  await page.getByRole('dialog').frameLocator('iframe').getByRole('heading').first().waitFor()
  await take(page, 'certificate')
}

const data = join(tmpdir(), 'twinslot')
await mkdir(OUT, { recursive: true })
rmSync(data, { recursive: true, force: true })
const it = await openFixtures()
try {
  await using station = await open(it, data)
  const { page } = await station.open({ viewport: SIZE })
  await finished(station, await startProvision(station, ['spare'], { image: 'hypernet-2.4.0.twinslot' }))
  await run(station, page)
  await slots(station, page)
  await rest(station, page)
} finally {
  await it[Symbol.asyncDispose]()
  rmSync(data, { recursive: true, force: true })
}
