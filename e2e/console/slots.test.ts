// Slots and recovery of a detached disk, through the window: repair that keeps data, boot once, roll back, restore /config,
// the doctor, the certificate. What was written is judged by the command line and by tools of others.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  closeSync,
  cpSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findTool, requireTool } from '../../src-shared/node/run-tool.ts'
import { openWindow } from './browser.ts'
import { type Fixtures, openFixtures } from './fixtures.ts'
import * as hands from './hands.ts'
import { cannotRun, goTo, openStation, type Station, until } from './open-console.ts'

const { en, button } = hands
let it: Fixtures
let station: Station
let page: Page
const reason = cannotRun()
before(async () => {
  if (reason) return
  it = await openFixtures()
  const releases = [it.one, await it.two()]
  const data = it.room.path('data')
  station = await openStation({ data, trust: it.trust, releases, disks: ['T640'], settings: { assistive: true } })
  cpSync(
    it.configFolder('shop-17', { version: '2\n', 'network.yaml': 'hostname: shop-17\n' }),
    join(station.offered, 'shop-17'),
    {
      recursive: true,
    },
  )
  page = (await station.open()).page
  await hands.planProvision(page, { units: ['T640'], image: 'one.twinslot' })
  await hands.askToStart(page)
  await hands.typeAndStart(page, 'T640')
  assert.equal(await hands.endOfJob(page), en('state.verified'))
  await until(async () => (await station.unit('T640')).recovery !== null)
})
after(async () => {
  await station?.[Symbol.asyncDispose]()
  await it?.[Symbol.asyncDispose]()
})
function skipped(t: TestContext): boolean {
  if (reason) t.skip(reason)
  return reason !== null
}

interface Partition {
  readonly offset: number
  readonly size: number
}

async function partition(role: string): Promise<Partition> {
  const found = (await station.unit('T640')).partitions.find((each) => each.role === role)
  assert.ok(found, role)
  return found
}

/** Of the first bytes of a partition, holes included: images are small, and a file system begins in front. */
async function digestOf({ offset, size }: Partition, most = 64e6): Promise<string> {
  const hash = createHash('sha256')
  const end = offset + Math.min(size, most) - 1
  for await (const chunk of createReadStream(station.disk('T640'), { start: offset, end })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const slots = async () =>
  (await it.room.run(['slot', 'list', station.disk('T640')])).result.slots as Readonly<
    Record<
      'A' | 'B',
      { readonly verdict: string; readonly record?: { readonly content?: { readonly version?: string } } }
    >
  >

async function confirmed(): Promise<void> {
  await hands.typeAndStart(page, 'T640')
  const word = await hands.endOfJob(page)
  assert.equal(word, en('state.verified'), (await hands.fourLines(page)).join('\n'))
}

test('Repair slots writes slot B, and leaves slot A and the data partition as they were, byte by byte', async (t) => {
  if (skipped(t)) return
  const [a, data] = [await partition('slot-a'), await partition('data')]
  const before = [await digestOf(a), await digestOf(data)]
  await hands.planRepair(page, 'T640', 'two.twinslot', 'B')
  await hands.askToStart(page)
  await confirmed()
  assert.deepEqual([await digestOf(a), await digestOf(data)], before)
  assert.equal((await slots()).B.record?.content?.version, '2.0.0')
  const two = it.room.path('two.twinslot')
  const { exit } = await it.room.run([
    'verify',
    station.disk('T640'),
    '--slot',
    'B',
    '--release',
    two,
    '--trust',
    it.trust,
  ])
  assert.equal(exit, 0)
})

test('Boot once tries slot B for one boot; slot A stays the default', async (t) => {
  if (skipped(t)) return
  await hands.openSlots(page, 'T640')
  await button(hands.slotCard(page, 'B'), en('verb.bootOnce')).click()
  await confirmed()
  await until(async () => (await station.unit('T640')).recovery?.bootsNext?.slot === 'B')
  const unit = await station.unit('T640')
  assert.equal(unit.recovery?.bootsNext?.spare, 'A')
})

test('Make default, then back: a rollback on a detached disk, each step read back and in the history', async (t) => {
  if (skipped(t)) return
  for (const slot of ['B', 'A'] as const) {
    await hands.openSlots(page, 'T640')
    await button(hands.slotCard(page, slot), en('verb.makeDefault')).click()
    await confirmed()
    await hands.openSlots(page, 'T640')
    await hands.slotCard(page, slot).getByText(en('badge.bootsNext'), { exact: true }).waitFor()
  }
  const { recovery } = await station.unit('T640')
  assert.equal(recovery?.bootsNext?.slot, 'A')
  assert.ok((recovery?.history.length ?? 0) >= 4, `${recovery?.history.length} rows of history`)
})

test('the digests of both slots are read on request; a changed byte in slot B is found and said', async (t) => {
  if (skipped(t)) return
  await hands.openSlots(page, 'T640')
  await button(page, en('slots.checkNow')).click()
  for (const slot of ['A', 'B'] as const)
    await hands.slotCard(page, slot).getByText(en('slots.checked.equal'), { exact: true }).waitFor()
  const { offset } = await partition('slot-b')
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  const at = Number(/seek=(\d+)/.exec(readme)?.[1])
  assert.ok(at > offset && at < offset + 1e6, 'the quick tour damages what lies in slot B')
  flipByte(station.disk('T640'), at)
  await button(page, en('slots.checkNow')).click()
  await hands.slotCard(page, 'B').getByText(en('slots.checked.differs'), { exact: true }).waitFor()
  await hands.slotCard(page, 'A').getByText(en('slots.checked.equal'), { exact: true }).waitFor()
  await button(hands.slotCard(page, 'B'), en('verb.makeDefault')).click()
  await hands.typeAndStart(page, 'T640')
  assert.equal(await hands.endOfJob(page), en('state.failed'))
  assert.equal((await hands.fourLines(page))[2], en('safe.untouched'))
})

test('Restore config replaces the files of /config and leaves both slots as they were', async (t) => {
  if (skipped(t)) return
  const [a, b] = [await partition('slot-a'), await partition('slot-b')]
  const before = [await digestOf(a), await digestOf(b)]
  await goTo(page, 'config')
  await button(page, en('config.openFolder')).click()
  await page.getByRole('option', { name: 'network.yaml' }).click()
  await page.getByRole('textbox', { name: 'network.yaml' }).fill('hostname: shop-18\n')
  await page.getByText(en('config.kept')).waitFor()
  await page.getByRole('button', { name: en('config.restoreUnit') }).click()
  await page.getByRole('option', { name: 'T640' }).click()
  await button(page, en('verb.restore')).click()
  await confirmed()
  assert.deepEqual([await digestOf(a), await digestOf(b)], before)
  const data = await partition('data')
  const debugfs = await requireTool(
    'debugfs',
    ['-R', 'cat /config/network.yaml', `${station.disk('T640')}?offset=${data.offset}`],
    {
      timeoutMs: 20_000,
    },
  )
  assert.match(debugfs.stdout, /hostname: shop-18/)
})

test('the doctor finds a damaged boot counter and repairs it; the disk is in order afterwards', async (t) => {
  if (skipped(t)) return
  const { offset } = await partition('esp')
  const onEsp = ['-i', `${station.disk('T640')}@@${offset}`]
  const broken = it.room.path('grubenv')
  writeFileSync(broken, Buffer.alloc(1024, 0xff))
  await requireTool('mcopy', [...onEsp, '-o', broken, '::/grubenv'], { timeoutMs: 20_000 })
  await hands.openSlots(page, 'T640')
  await button(page, en('slots.repair.environment')).click()
  await confirmed()
  await hands.openSlots(page, 'T640')
  await page.getByText(en('slots.noDamage')).waitFor()
  const { stdout } = await requireTool('mcopy', [...onEsp, '-n', '::/grubenv', '-'], { timeoutMs: 20_000 })
  assert.match(stdout, /^# GRUB Environment Block/)
})

test('the certificate of a job opens, is signed so that gpg agrees, and prints to one page', async (t) => {
  if (skipped(t)) return
  if (!(await findTool('gpg'))) return t.skip('needs gpg')
  await goTo(page, 'reports')
  const menu = button(page, en('reports.actionsOf', { unit: 'T640' }), false).first()
  const save = async (item: 'reports.saveJson' | 'reports.saveSignature' | 'reports.saveKey' | 'reports.saveHtml') => {
    await menu.click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: en(item) }).click(),
    ])
    const path = it.room.path(file.suggestedFilename())
    await file.saveAs(path)
    return path
  }
  const [json, signature, key] = [
    await save('reports.saveJson'),
    await save('reports.saveSignature'),
    await save('reports.saveKey'),
  ]
  const home = mkdtempSync(it.room.path('gpg-'))
  const gpg = (...args: string[]) => requireTool('gpg', ['--homedir', home, '--batch', ...args], { timeoutMs: 30_000 })
  await gpg('--import', key)
  const { stderr } = await gpg('--verify', signature, json)
  assert.match(stderr, /Good signature/)
  await button(page, en('reports.viewOf', { unit: 'T640' }), false)
    .first()
    .click()
  const frame = page.getByRole('dialog').frameLocator('iframe')
  await frame.getByRole('heading').first().waitFor()
  await page.keyboard.press('Escape')
  const html = await save('reports.saveHtml')
  await using print = await openWindow()
  await print.page.goto(`file://${html}`)
  const pdf = await print.page.pdf({ format: 'A4', preferCSSPageSize: true })
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length, 1)
})

/** As a failing medium does. */
function flipByte(path: string, at: number): void {
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  writeSync(file, Buffer.of(byte[0] ^ 1), 0, 1, at)
  closeSync(file)
}
