// What is said of units stays true, through the window: a found difference outlives the next job, a config goes to the unit that it
// was chosen for and to no other, a range is chosen with Shift, and the focus is never nowhere.
import assert from 'node:assert/strict'
import { closeSync, cpSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededGuid } from '#base/guid.ts'
import { encodeGpt } from '#format/gpt.ts'
import { TYPE_GUID } from '#model/partition-table.ts'
import { translator } from '#renderer/text/translate.ts'
import { writesInOrder } from '#testing/gpt.ts'
import { finished, startProvision } from './calls.ts'
import { button, choice, confirmation, en, row, selectUnits, slotCard, typeAndStart } from './hands.ts'
import { openStation } from './open-console.ts'
import { consoleSpec } from './spec.ts'
import { goTo, until } from './station.ts'

const UNITS = ['unit-07', 'unit-08', 'unit-09']
const spec = consoleSpec({
  async open(it) {
    const station = await openStation({
      data: it.room.path('data'),
      trust: it.trust,
      releases: [it.one],
      disks: [...UNITS, 'torn'],
      settings: { assistive: true },
    })
    cpSync(it.configFolder('shop-17', { version: '2\n' }), join(station.offered, 'shop-17'), { recursive: true })
    return station
  },
})
const { skip } = spec

test('a slot that was found to differ is said to differ on the bench after a job that did not touch it', {
  skip,
}, async () => {
  const { station } = spec
  await finished(station, await startProvision(station, ['unit-08'], { slots: 'both' }))
  const { key, partitions } = await station.unit('unit-08')
  await using window = await station.open()
  const { page } = window
  await row(page, 'unit-08')
    .getByText(/^Verified \d/)
    .waitFor()
  const slotB = partitions.find(({ role }) => role === 'slot-b')
  assert.ok(slotB)
  writeSync(openSync(station.disk('unit-08'), 'r+'), Buffer.from('damage'), 0, 6, slotB.offset + 100_000)
  await row(page, 'unit-08')
    .getByText(/^Something wrote to it/)
    .waitFor()
  await goTo(page, `slots/${encodeURIComponent(key)}`)
  await button(page, en('slots.checkNow')).click()
  await slotCard(page, 'B').getByText(en('slots.checked.differs'), { exact: true }).waitFor()
  for (const name of [en('verb.makeDefault'), en('verb.bootOnce')])
    assert.ok(await button(page, name).nth(1).isDisabled(), `${name}: a job would fail`)
  await button(page, en('verb.makeDefault')).first().click()
  await typeAndStart(page, 'unit-08')
  await until(async () => (await station.unit('unit-08')).known.lastJob?.kind === 'slot')
  await goTo(page, 'bench')
  const unit = row(page, 'unit-08')
  await unit.getByText(/^Slot B differs since/).waitFor()
  await unit.getByText(/^Last job: .*, done/).waitFor()
  assert.equal(await unit.getByText(en('state.verified'), { exact: true }).count(), 0)
})

test('a config is chosen for one unit by its button, is in the review by name, and is not chosen for another unit', {
  skip,
}, async () => {
  await using window = await spec.station.open()
  const { page } = window
  await selectUnits(page, ['unit-07'])
  await goTo(page, 'config')
  await button(page, en('config.openFolder')).click()
  await button(page, en('config.toProvision', { count: 1 })).click()
  const steps = page.locator('.stepper')
  await steps.getByRole('button', { name: en('provision.step.image') }).click()
  await choice(page, 'one.twinslot').click()
  await steps.getByRole('button', { name: en('provision.step.layout') }).click()
  await choice(page, 'hp-t640').click()
  await steps.getByRole('button', { name: en('provision.step.config') }).click()
  assert.ok(await page.getByRole('radio', { name: /shop-17/ }).isChecked())
  await steps.getByRole('button', { name: en('provision.step.review') }).click()
  const card = page.locator('.plan-card')
  await card.getByText(/shop-17, 1 file/).waitFor()
  await card.getByText(/product .*version 1\.0\.0/).waitFor()
  await button(page, en('provision.start', { count: 1 })).click()
  await confirmation(page)
    .getByText(/shop-17, 1 file/)
    .waitFor()
  await page.keyboard.press('Escape')
  // Another unit instead.
  await steps.getByRole('button', { name: en('provision.step.units') }).click()
  await page.locator('[data-unit]', { hasText: 'unit-07' }).getByRole('checkbox').uncheck({ force: true })
  await page.locator('[data-unit]', { hasText: 'unit-09' }).getByRole('checkbox').check({ force: true })
  await steps.getByText(en('provision.missing.config-unit')).waitFor()
})

test('Shift and a click choose a range; the focus is never nowhere, and each step begins at its heading', {
  skip,
}, async () => {
  await using window = await spec.station.open()
  const { page } = window
  await row(page, 'unit-07').locator('.row-check').click()
  await row(page, 'unit-09')
    .locator('.row-check')
    .click({ modifiers: ['Shift'] })
  await page.getByText(en('bench.selected', { count: 3 }), { exact: true }).waitFor()
  await button(page, en('verb.provision')).click()
  await button(page, en('provision.nextStep', { step: en('provision.step.image') })).click()
  assert.equal(await page.evaluate('document.activeElement.id'), 'provision-step-title')
  await goTo(page, 'bench')
  await button(page, en('bench.clearSelection')).focus()
  await page.keyboard.press('Enter')
  await until(async () => (await page.evaluate('document.activeElement.tagName')) !== 'BODY')
})

test('what the bench says at a wide window it says at a narrow one, too', { skip }, async () => {
  await using window = await spec.station.open({ viewport: { width: 1024, height: 768 } })
  await window.page.getByText(en('bench.selectHint'), { exact: true }).waitFor()
})

test('two partition tables that differ stand side by side with what each would lose; the chosen one is planned, confirmed, kept', {
  skip,
}, async () => {
  const { station } = spec
  const { key } = await station.unit('torn')
  tear(station.disk('torn'))
  await using window = await station.open()
  const { page } = window
  await row(page, 'torn').getByText(en('state.needs-you'), { exact: true }).waitFor()
  await goTo(page, `slots/${encodeURIComponent(key)}`)
  const side = (name: 'primary' | 'backup') => page.getByRole('region', { name: en(`table.side.${name}`) })
  await side('primary')
    .getByText(/2: DATA/)
    .waitFor()
  await side('backup').getByText(en('table.lostNone')).waitFor()
  await button(side('backup'), en('table.keep.backup')).click()
  await typeAndStart(page, 'torn')
  await until(async () => (await station.unit('torn')).tableSides === null)
  const { partitions } = await station.unit('torn')
  assert.deepEqual(
    partitions.map(({ name }) => name),
    ['SYSTEM', 'DATA'],
  )
})

/** The primary table lacks the second partition of the backup. */
function tear(path: string): void {
  const sectors = statSync(path).size / 512
  const file = openSync(path, 'r+')
  for (const side of ['backup', 'primary'] as const) {
    const entries = [entry(1, 2048, 9999, 'SYSTEM'), entry(2, 10_000, 90_000, 'DATA')].slice(
      0,
      side === 'primary' ? 1 : 2,
    )
    const table = encodeGpt({ diskGuid: seededGuid('torn', 'disk'), sectorSize: 512, sectors, entries })
    for (const { offset, bytes } of writesInOrder(table))
      if (offset < sectors * 256 === (side === 'primary')) writeSync(file, bytes, 0, bytes.length, offset)
  }
  closeSync(file)
}

const entry = (number: number, firstLba: number, lastLba: number, name: string) => ({
  number,
  typeGuid: TYPE_GUID.linux,
  uniqueGuid: seededGuid('torn', name),
  firstLba,
  lastLba,
  attributes: '0',
  name,
})

test('on a telephone nothing of the search is cut off', { skip }, async () => {
  await using window = await spec.station.open()
  const { page } = window
  await page.setViewportSize({ width: 360, height: 740 })
  const box = await page.locator('.search').boundingBox()
  const main = await page.locator('#main').boundingBox()
  assert.ok(box && main)
  assert.ok(box.x >= main.x && box.x + box.width <= main.x + main.width, JSON.stringify({ box, main }))
})

test('a row of the bench grows with its text: no unit covers another one when the language changes', {
  skip,
}, async () => {
  const { station } = spec
  await using window = await station.open({ viewport: { width: 1024, height: 1600 } })
  const { page } = window
  for (const language of ['de', 'en'] as const) {
    await station.call('settings.change', { language })
    await page.getByRole('heading', { level: 1, name: translator(language)('nav.bench') }).waitFor()
    await until(async () => (await page.evaluate(OVERLAPPING)) === 0)
  }
})

/** How many rows end below the beginning of the next one. */
const OVERLAPPING = `(() => {
  const rows = [...document.querySelectorAll('.bench-row')].map((row) => ({
    top: row.getBoundingClientRect().top,
    bottom: Math.max(...[...row.querySelectorAll('*')].map((part) => part.getBoundingClientRect().bottom)),
  }))
  rows.sort((a, b) => a.top - b.top)
  return rows.filter(({ bottom }, at) => at + 1 < rows.length && bottom > rows[at + 1].top).length
})()`
