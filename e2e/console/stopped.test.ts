// What goes wrong at a bench, through the window: a job that is stopped half-way, a disk that disappears, is full or forged, a release
// that was damaged or is for something else, a disk that was changed between confirmation and the first write.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Cause } from '#contract/causes.ts'
import { damage } from './fixtures.ts'
import * as hands from './hands.ts'
import { consoleSpec } from './spec.ts'

const { en, button } = hands
let page: Page
/**
 * Slow enough to be stopped by hand; gone, and full, at a certain point; one with less room than the image, whatever it claims,
 * and one with so much that only marks tell it before something is lost to what is written far behind it.
 */
const FAULTS = {
  'slow.img': { delayMs: 15 },
  'leaves.img': { vanishAtWrite: 12 },
  'full.img': { fullAt: 400_000_000 },
  'fake.img': { realSize: 2 * 1024 * 1024 },
  'forged.img': { realSize: 4_000_000_000 },
}
const spec = consoleSpec({
  releases: async (it) => [it.one, await it.other(), await it.two()],
  disks: ['slow', 'leaves', 'full', 'fake', 'forged', 'swapped', 'never'],
  faults: FAULTS,
  settings: { assistive: true },
  async prepare(station) {
    // Only rows in view exist, and all of the bench is looked at.
    page = (await station.open({ viewport: { width: 1280, height: 2000 } })).page
  },
})
const { skip } = spec

/** The first bytes are where a disk is told from a blank one: table, ESP, start of slot A. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { end: 64e6 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function provision(unit: string): Promise<void> {
  await hands.planProvision(page, { units: [unit], image: 'one.twinslot' })
  await hands.askToStart(page)
  await hands.typeAndStart(page, unit)
}

/** What the four lines must be for a cause, in the words of the catalogue. */
async function assertDiagnosis(cause: Cause, safe: 'untouched' | 'does-not-boot'): Promise<void> {
  const lines = await hands.fourLines(page)
  assert.equal(lines.length, 4)
  assert.equal(lines[0], en(`cause.${cause}.stopped`))
  assert.ok(lines[1].includes(en(`cause.${cause}.known`)), lines[1])
  assert.equal(lines[2], en(`safe.${safe}`))
  assert.equal(lines[3], en(`cause.${cause}.next`))
}

test('a job that is stopped half-way says what is safe now, and the same job again ends verified', {
  skip,
}, async () => {
  await provision('slow')
  await page.locator('.step-done').first().waitFor()
  await button(page, en('run.stopUnit')).click()
  await button(page.getByRole('alertdialog'), en('run.stopUnit')).click()
  assert.equal(await hands.endOfJob(page), en('state.stopped'))
  await page.getByText(en('run.counts', { verified: 0, failed: 0, stopped: 1, left: 0 }), { exact: true }).waitFor()
  await assertDiagnosis('stopped', 'does-not-boot')
  const inspected = await spec.it.room.run(['inspect', spec.station.disk('slow')])
  assert.notEqual((inspected.result as { slots?: unknown }).slots, undefined)
  await provision('slow')
  assert.equal(await hands.endOfJob(page), en('state.verified'))
})

const BREAKS: readonly (readonly [what: string, disk: string, cause: Cause, code: string])[] = [
  ['a disk that disappears half-way', 'leaves', 'cable', 'disk.lost'],
  ['a disk that has no more room', 'full', 'disk-full', 'disk.full'],
  ['a disk that claims more room than it has', 'fake', 'fake-capacity', 'write.lost-afterwards'],
  ['a disk that claims three times the room that it has', 'forged', 'fake-capacity', 'write.lost-afterwards'],
]
for (const [what, disk, cause, code] of BREAKS)
  test(`${what}: four lines say what stopped, what is known, what is safe, what to do; it does not boot`, {
    skip,
  }, async () => {
    await provision(disk)
    assert.equal(await hands.endOfJob(page), en('state.failed'))
    await assertDiagnosis(cause, 'does-not-boot')
    await page.getByText(code, { exact: false }).first().waitFor({ state: 'attached' })
    const row = hands.row(page, disk)
    await page.evaluate("location.hash = '#/bench'")
    await row.getByText(en('state.needs-you'), { exact: true }).waitFor()
    await row.getByText(/^Last job: .*, failed/).waitFor()
    await row.getByRole('button', { name: en('finish.action') }).waitFor()
    assert.equal(await row.getByText(en('bench.content.blank'), { exact: true }).count(), 0)
    const { room, one, trust } = spec.it
    const slot = ['--slot', 'A', '--release', one, '--trust', trust]
    const { exit } = await room.run(['verify', spec.station.disk(disk), ...slot])
    assert.notEqual(exit, 0, 'no slot to boot is on it')
  })

test('a disk that somebody changed between confirmation and the first write is not written', { skip }, async () => {
  await hands.planProvision(page, { units: ['swapped'], image: 'one.twinslot' })
  await hands.askToStart(page)
  await hands.confirmation(page).getByRole('textbox').fill('swapped')
  writeFileSync(spec.station.disk('swapped'), Buffer.alloc(4096, 0x55), { flag: 'r+' })
  const before = await digestOf(spec.station.disk('swapped'))
  await button(hands.confirmation(page), en('confirm.start', { count: 1 })).click()
  assert.equal(await hands.endOfJob(page), en('state.failed'))
  await assertDiagnosis('changed', 'untouched')
  assert.equal(await digestOf(spec.station.disk('swapped')), before)
})

test('a release that is damaged in the library is refused before a plan is made; the reason is on the screen', {
  skip,
}, async () => {
  const image = join(spec.station.data, 'images', 'two.twinslot')
  damage(image)
  const before = await digestOf(spec.station.disk('never'))
  await hands.planProvision(page, { units: ['never'], image: 'one.twinslot' })
  await page.locator('.plan-card').waitFor()
  await button(page, en('provision.step.image'), false).first().click()
  await hands.choice(page, 'two.twinslot').click()
  await page.getByRole('button', { name: en('provision.bootLabel') }).click()
  await page.getByRole('option', { name: 'one.twinslot' }).click()
  await button(page, en('provision.step.review'), false).first().click()
  await page
    .locator('.problem-list')
    .getByText(/^(write\.source-|release\.|format\.)/)
    .first()
    .waitFor()
  assert.equal(await button(page, en('provision.start', { count: 1 })).count(), 0)
  assert.equal(await digestOf(spec.station.disk('never')), before)
})

test('a release of another product is refused for the disk of an appliance, and nothing is written', {
  skip,
}, async () => {
  const before = await digestOf(spec.station.disk('slow'))
  await hands.planRepair(page, 'slow', 'other.twinslot', 'B')
  await page.locator('.problem-list').getByText('release.wrong-product', { exact: true }).waitFor()
  assert.equal(await button(page, en('provision.start', { count: 1 })).count(), 0)
  assert.equal(await digestOf(spec.station.disk('slow')), before)
})
