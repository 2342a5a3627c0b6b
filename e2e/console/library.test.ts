// Images, Trust, Reports, Diagnostics and Settings as a technician uses them: real renderer, real host, real signatures.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { wordsOfFingerprint } from '#base/fingerprint-words.ts'
import { finished, startProvision } from './calls.ts'
import { button, choice, en } from './hands.ts'
import { axeFindings } from './look.ts'
import { browserOnly, consoleSpec } from './spec.ts'
import { goTo } from './station.ts'

const spec = consoleSpec({
  releases: async (it) => [it.one, await it.two(), it.damaged()],
  disks: ['unit-1', 'unit-2'],
  settings: { assistive: true },
})
const { skip } = spec

/** The card of an image, by the name of its file. */
const card = (page: Page, file: string) => page.locator('.image-card').filter({ hasText: file })

test('an image that was damaged after it was signed is found out when it is taken in, and stays so after Verify now', {
  skip,
}, async () => {
  await using window = await spec.station.open({}, 'images')
  const { page } = window
  const damaged = card(page, 'damaged.twinslot')
  await damaged.getByText(en('images.checkedNot')).waitFor()
  assert.match(await damaged.locator('.problem').innerText(), /write\.source-mismatch/)
  await button(damaged, en('images.verify'), false).click()
  await damaged.getByText(en('images.state.checking')).waitFor({ state: 'detached' })
  await damaged.getByText(en('images.checkedNot')).waitFor()
  const good = card(page, 'two.twinslot')
  await button(good, en('images.verify'), false).click()
  await good.getByText(en('images.state.verified')).waitFor()
})

test('a pinned image cannot be removed; unpinned it can, after a question', { skip }, async () => {
  await using window = await spec.station.open({}, 'images')
  const { page } = window
  const two = card(page, 'two.twinslot')
  const remove = button(two, en('action.remove'), false)
  await button(two, en('images.pin'), false).click()
  await two.getByText(en('images.removePinned')).waitFor()
  assert.ok(await remove.isDisabled())
  await two.getByRole('button', { name: en('images.unpin') }).click()
  await two.getByText(en('images.removePinned')).waitFor({ state: 'detached' })
  await remove.click()
  const question = page.getByRole('alertdialog')
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  assert.equal(await two.count(), 1, 'Esc must not remove it')
  await remove.click()
  await button(question, en('action.remove')).click()
  await two.waitFor({ state: 'detached' })
})

test('the browser offers what lies in the folder, chooses nothing, and takes in what was chosen', {
  skip: browserOnly('the desktop app opens a dialog of the system'),
}, async () => {
  copyFileSync(spec.it.one, join(spec.station.offered, 'brought.twinslot'))
  await using window = await spec.station.open({}, 'images')
  const { page } = window
  await button(page, en('images.import')).click()
  const dialog = page.getByRole('dialog')
  const take = button(dialog, en('images.importNow'))
  await choice(dialog, 'brought.twinslot').waitFor()
  assert.ok(await take.isDisabled())
  assert.equal(await dialog.locator('.choice[data-selected]').count(), 0)
  await choice(dialog, 'brought.twinslot').click()
  await take.click()
  await dialog.waitFor({ state: 'detached' })
  await card(page, 'brought.twinslot').getByText(en('images.state.verified')).waitFor()
})

test('a dictated fingerprint is compared letter by letter', { skip }, async () => {
  const [{ fingerprint }] = (await spec.station.view()).keys
  await using window = await spec.station.open({}, 'trust')
  const { page } = window
  await button(page, en('trust.compare'), false).click()
  const field = page.getByRole('textbox', { name: en('trust.compareTyped') })
  await field.fill(fingerprint.toLowerCase().replace(/(.{4})/g, '$1 '))
  await page.getByText(en('trust.compareEqual')).waitFor()
  await field.fill(`${fingerprint.slice(0, -1)}${fingerprint.endsWith('0') ? '1' : '0'}`)
  await page.getByText(en('trust.compareDiffers', { group: fingerprint.length / 4 })).waitFor()
})

test('the same fingerprint is compared in words, a wrong one is named by its place, and there is a code to scan', {
  skip,
}, async () => {
  const [{ fingerprint }] = (await spec.station.view()).keys
  const words = wordsOfFingerprint(fingerprint)
  await using window = await spec.station.open({}, 'trust')
  const { page } = window
  await button(page, en('trust.compare'), false).click()
  await page.getByRole('tab', { name: en('trust.compareWords') }).click()
  const field = page.getByRole('textbox', { name: en('trust.compareTypedWords') })
  await field.fill(words.join(' '))
  await page.getByText(en('trust.compareEqual')).waitFor()
  await field.fill(words.with(4, words[5]).join(' '))
  await page.getByText(en('trust.compareWord.misplaced', { place: 5, group: 3, word: words[5] })).waitFor()
  await page.getByRole('tab', { name: en('trust.compareCode') }).click()
  await page.getByRole('img', { name: en('trust.compareCodeLabel') }).waitFor()
  assert.deepEqual(await axeFindings(page), [])
})

test('without its key every image becomes unusable at once, and usable again with it', { skip }, async () => {
  await using window = await spec.station.open({}, 'trust')
  const { page } = window
  await button(page, en('action.remove'), false).click()
  const question = page.getByRole('alertdialog')
  await question.getByText('one.twinslot').waitFor()
  await question.getByText(en('trust.removeLast')).waitFor()
  await button(question, en('action.remove')).click()
  await page.getByRole('heading', { name: en('trust.emptyTitle') }).waitFor()
  await goTo(page, 'images')
  await card(page, 'one.twinslot').getByText(en('images.signature.none')).waitFor()
  await goTo(page, 'trust')
  await button(page, en('trust.import')).click()
  await page.getByRole('textbox', { name: en('trust.armored') }).fill(readFileSync(spec.it.trust, 'utf8'))
  await button(page, en('trust.importNow')).click()
  await page.getByText(en('trust.imported', { count: 1 })).waitFor()
  await goTo(page, 'images')
  await card(page, 'one.twinslot').getByText(en('images.state.verified')).waitFor()
})

test('a secret key is refused as a key to trust', { skip }, async () => {
  await using window = await spec.station.open({}, 'trust')
  const { page } = window
  await button(page, en('trust.import')).click()
  await page.getByRole('textbox', { name: en('trust.armored') }).fill(readFileSync(spec.it.room.secret, 'utf8'))
  await button(page, en('trust.importNow')).click()
  await page.getByText('trust.keyring-secret').waitFor()
  assert.equal((await spec.station.view()).keys.length, 1)
})

test('the language holds at once, with its direction; so does the theme', { skip }, async () => {
  await using window = await spec.station.open({}, 'settings')
  const { page } = window
  await button(page, en('settings.language'), false).click()
  await page.getByRole('option', { name: 'العربية' }).click()
  await page.locator('html[dir="rtl"][lang="ar"]').waitFor()
  await page.locator('.select-button').first().click()
  await page.getByRole('option', { name: 'English' }).click()
  await page.locator('html[dir="ltr"][lang="en"]').waitFor()
  await choice(page, en('settings.theme.dark')).click()
  await page.locator('html[data-theme="dark"]').waitFor()
  await choice(page, en('settings.theme.system')).click()
  await page.locator('html:not([data-theme])').waitFor()
})

test('a serial number goes on the never-touch list once, and off again', { skip }, async () => {
  await using window = await spec.station.open({}, 'settings')
  const { page } = window
  const field = page.getByRole('textbox', { name: en('settings.serial') })
  await field.fill(' WD-WX41E77N0P3Q ')
  await field.press('Enter')
  await page.locator('.serial-list li').waitFor()
  assert.deepEqual((await spec.station.view()).settings.neverTouch, ['WD-WX41E77N0P3Q'])
  await field.fill('wd-wx41e77n0p3q')
  await button(page, en('settings.addSerial')).click()
  await page.getByText(en('settings.serialKnown')).waitFor()
  await button(page, en('settings.removeSerial', { serial: 'WD-WX41E77N0P3Q' })).click()
  await page.getByText(en('settings.neverTouchNone')).waitFor()
})

test('the self-test names what it found, and the support bundle is shown before it is saved as shown', {
  skip,
}, async () => {
  await using window = await spec.station.open({}, 'diagnostics')
  const { page } = window
  const save = button(page, en('diagnostics.save'))
  assert.ok(await save.isDisabled())
  await button(page, en('diagnostics.run')).click()
  await page.getByRole('rowheader', { name: en('diagnostics.test.Runner') }).waitFor()
  await button(page, en('diagnostics.preview')).click()
  const shown = page.locator('.bundle-text pre')
  await shown.waitFor()
  const saved = await spec.station.saved(page, () => save.click())
  assert.equal(readFileSync(saved.path, 'utf8'), await shown.textContent())
  await choice(page, en('diagnostics.addresses')).click()
  await shown.waitFor({ state: 'detached' })
  assert.ok(await save.isDisabled(), 'what was asked for now was not shown yet')
})

test('a certificate that this station did not sign is not genuine', { skip }, async () => {
  await using window = await spec.station.open({}, 'reports')
  const { page } = window
  await page.getByRole('heading', { name: en('reports.emptyTitle') }).waitFor()
  await button(page, en('reports.verify')).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: en('reports.verifyReport') }).fill('{"schema":"twinslot-certificate/1"}')
  const signature = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n'
  await dialog.getByRole('textbox', { name: en('reports.verifySignature') }).fill(signature)
  await button(dialog, en('reports.verifyNow')).click()
  await dialog.getByText(en('reports.verifyBad')).waitFor()
  assert.equal(await dialog.getByText(en('reports.verifyGood')).count(), 0)
})

test('the own certificate is genuine; with one changed letter it is not', { skip }, async () => {
  const { station } = spec
  await finished(station, await startProvision(station, ['unit-1', 'unit-2']))
  const [{ token: report }] = (await station.view()).reports
  const json = await station.call('report.get', { report, as: 'json' })
  const signature = await station.call('report.get', { report, as: 'signature' })
  await using window = await spec.station.open({}, 'reports')
  const { page } = window
  await button(page, en('reports.verify')).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[type=file]').setInputFiles([
    { name: 'b.asc', mimeType: 'text/plain', buffer: Buffer.from(signature.text) },
    { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(json.text) },
  ])
  const verify = button(dialog, en('reports.verifyNow'))
  await verify.click()
  await dialog.getByText(en('reports.verifyGood')).waitFor()
  const field = dialog.getByRole('textbox', { name: en('reports.verifyReport') })
  assert.equal(await field.inputValue(), json.text)
  await field.fill(json.text.replace('"verified"', '"Verified"'))
  assert.equal(await dialog.getByText(en('reports.verifyGood')).count(), 0, 'the old answer is gone')
  await verify.click()
  await dialog.getByText(en('reports.verifyBad')).waitFor()
})

test('rows for a spreadsheet: those that are selected, else those that are shown; with a byte order mark on request', {
  skip,
}, async () => {
  await using window = await spec.station.open({}, 'reports')
  const { page } = window
  await page.getByRole('searchbox').fill('unit-1')
  await button(page, en('reports.csv', { count: 1 })).waitFor()
  await page.getByRole('searchbox').fill('')
  await page.locator('.table-row .row-check').first().click()
  await button(page, en('reports.csv', { count: 1 })).click()
  const dialog = page.getByRole('dialog')
  await choice(dialog, en('reports.bom')).click()
  const saved = await spec.station.saved(page, () => button(dialog, en('action.save')).click())
  const lines = readFileSync(saved.path, 'utf8').split('\r\n')
  assert.equal(lines.length, 3, 'head, one row, and nothing after the last line break')
  assert.ok(lines[0].startsWith('\ufeff'))
})

test('a certificate and a label are shown in frames that run nothing', { skip }, async () => {
  const [{ token, unit }] = (await spec.station.view()).reports
  await using window = await spec.station.open({}, `reports/${token}`)
  const { page } = window
  const frame = page.frameLocator('iframe.page-certificate')
  await frame.locator('h1').waitFor()
  const sandbox = await page.locator('iframe.page-certificate').getAttribute('sandbox')
  assert.ok(sandbox && !sandbox.includes('allow-scripts'))
  await page.keyboard.press('Escape')
  await button(page, en('reports.actionsOf', { unit })).click()
  await page.getByRole('menuitem', { name: en('reports.label') }).click()
  await page.frameLocator('iframe.page-label').locator('svg').waitFor()
})
