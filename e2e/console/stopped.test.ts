// What goes wrong at a bench, through the window: a job that is stopped half-way, a disk that disappears or is full, a release
// that was damaged or is for something else, a disk that was changed between confirmation and the first write.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Cause } from '../../src-shared/contract/causes.ts'
import { damage, type Fixtures, openFixtures } from './fixtures.ts'
import * as hands from './hands.ts'
import { cannotRun, openStation, type Station } from './open-console.ts'

const { en, button } = hands
let it: Fixtures
let station: Station
let page: Page
const reason = cannotRun()
/** Slow enough to be stopped by hand; gone, and full, at a certain point. */
const FAULTS = {
  'slow.img': { delayMs: 15 },
  'leaves.img': { vanishAtWrite: 12 },
  'full.img': { fullAt: 400_000_000 },
}
before(async () => {
  if (reason) return
  it = await openFixtures()
  const names = ['slow', 'leaves', 'full', 'swapped', 'never']
  const releases = [it.one, await it.other(), await it.two()]
  station = await openStation({
    data: it.room.path('data'),
    trust: it.trust,
    releases,
    disks: names,
    faults: FAULTS,
    settings: { assistive: true },
  })
  page = (await station.open()).page
})
after(async () => {
  await station?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})
function skipped(t: TestContext): boolean {
  if (reason) t.skip(reason)
  return reason !== null
}

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

test('a job that is stopped half-way says what is safe now, and the same job again ends verified', async (t) => {
  if (skipped(t)) return
  await provision('slow')
  await page.locator('.tile-writing, .tile-reading-back').first().waitFor()
  await button(page, en('run.stopUnit')).click()
  await button(page.getByRole('alertdialog'), en('run.stopUnit')).click()
  assert.equal(await hands.endOfJob(page), en('state.stopped'))
  await assertDiagnosis('stopped', 'does-not-boot')
  const inspected = await it.room.run(['inspect', station.disk('slow')])
  assert.notEqual((inspected.result as { slots?: unknown }).slots, undefined)
  await provision('slow')
  assert.equal(await hands.endOfJob(page), en('state.verified'))
})

const BREAKS: readonly (readonly [what: string, disk: string, cause: Cause])[] = [
  ['a disk that disappears half-way', 'leaves', 'cable'],
  ['a disk that has no more room', 'full', 'disk-full'],
]
for (const [what, disk, cause] of BREAKS)
  test(`${what}: four lines say what stopped, what is known, what is safe, what to do; it does not boot`, async (t) => {
    if (skipped(t)) return
    await provision(disk)
    assert.equal(await hands.endOfJob(page), en('state.failed'))
    await assertDiagnosis(cause, 'does-not-boot')
    const row = hands.row(page, disk)
    await page.evaluate("location.hash = '#/bench'")
    await row.getByText(en('state.failed'), { exact: true }).waitFor()
  })

test('a disk that somebody changed between confirmation and the first write is not written', async (t) => {
  if (skipped(t)) return
  await hands.planProvision(page, { units: ['swapped'], image: 'one.twinslot' })
  await hands.askToStart(page)
  await hands.confirmation(page).getByRole('textbox').fill('swapped')
  writeFileSync(station.disk('swapped'), Buffer.alloc(4096, 0x55), { flag: 'r+' })
  const before = await digestOf(station.disk('swapped'))
  await button(hands.confirmation(page), en('confirm.start', { count: 1 })).click()
  assert.equal(await hands.endOfJob(page), en('state.failed'))
  await assertDiagnosis('changed', 'untouched')
  assert.equal(await digestOf(station.disk('swapped')), before)
})

test('a release that is damaged in the library is refused before a plan is made; the reason is on the screen', async (t) => {
  if (skipped(t)) return
  const image = join(station.data, 'images', 'two.twinslot')
  damage(image)
  const before = await digestOf(station.disk('never'))
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
  assert.equal(await digestOf(station.disk('never')), before)
})

test('a release of another product is refused for the disk of an appliance, and nothing is written', async (t) => {
  if (skipped(t)) return
  const before = await digestOf(station.disk('slow'))
  await hands.planRepair(page, 'slow', 'other.twinslot', 'B')
  await page.locator('.problem-list').getByText('release.wrong-product', { exact: true }).waitFor()
  assert.equal(await button(page, en('provision.start', { count: 1 })).count(), 0)
  assert.equal(await digestOf(station.disk('slow')), before)
})
