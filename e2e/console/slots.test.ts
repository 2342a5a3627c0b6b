// Slots and recovery of a detached disk, through the window: repair that keeps data, boot once, roll back, restore /config,
// the doctor, the certificate. What was written is judged by the command line and by tools of others.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
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
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { findTool, requireTool } from '#node/os/run-tool.ts'
import { openWindow } from './browser.ts'
import * as hands from './hands.ts'
import { browserOnly, consoleSpec } from './spec.ts'
import { goTo, until } from './station.ts'

const { en, button } = hands
let page: Page
const spec = consoleSpec({
  releases: async (it) => [it.one, await it.two()],
  disks: ['T640'],
  settings: { assistive: true },
  async prepare(station, it) {
    const config = it.configFolder('shop-17', { version: '2\n', 'network.yaml': 'hostname: shop-17\n' })
    cpSync(config, join(station.offered, 'shop-17'), { recursive: true })
    page = (await station.open()).page
    await hands.planProvision(page, { units: ['T640'], image: 'one.twinslot' })
    await hands.askToStart(page)
    await hands.typeAndStart(page, 'T640')
    assert.equal(await hands.endOfJob(page), en('state.verified'))
    await until(async () => (await unit()).recovery !== null)
  },
})
const { skip } = spec
/** As it is on the bench now. */
const unit = () => spec.station.unit('T640')

interface Partition {
  readonly offset: number
  readonly size: number
}

async function partition(role: string): Promise<Partition> {
  const found = (await unit()).partitions.find((each) => each.role === role)
  assert.ok(found, role)
  return found
}

/** Of the first bytes of a partition, holes included: images are small, and a file system begins in front. */
async function digestOf({ offset, size }: Partition, most = 64e6): Promise<string> {
  const hash = createHash('sha256')
  const end = offset + Math.min(size, most) - 1
  for await (const chunk of createReadStream(spec.station.disk('T640'), { start: offset, end }))
    hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const slots = async () =>
  (await spec.it.room.run(['slot', 'list', spec.station.disk('T640')])).result.slots as Readonly<
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

test('Repair slots writes slot B, and leaves slot A and the data partition as they were, byte by byte', {
  skip,
}, async () => {
  const [a, data] = [await partition('slot-a'), await partition('data')]
  const before = [await digestOf(a), await digestOf(data)]
  await hands.planRepair(page, 'T640', 'two.twinslot', 'B')
  await hands.askToStart(page)
  await confirmed()
  assert.deepEqual([await digestOf(a), await digestOf(data)], before)
  assert.equal((await slots()).B.record?.content?.version, '2.0.0')
  const { room, trust } = spec.it
  const release = ['--release', room.path('two.twinslot'), '--trust', trust]
  const { exit } = await room.run(['verify', spec.station.disk('T640'), '--slot', 'B', ...release])
  assert.equal(exit, 0)
})

test('Boot once tries slot B for one boot; slot A stays the default', { skip }, async () => {
  await hands.openSlots(page, 'T640')
  await button(hands.slotCard(page, 'B'), en('verb.bootOnce')).click()
  await confirmed()
  await until(async () => (await unit()).recovery?.bootsNext?.slot === 'B')
  const { recovery } = await unit()
  assert.equal(recovery?.bootsNext?.spare, 'A')
})

test('Make default, then back: a rollback on a detached disk, each step read back and in the history', {
  skip,
}, async () => {
  for (const slot of ['B', 'A'] as const) {
    await hands.openSlots(page, 'T640')
    await button(hands.slotCard(page, slot), en('verb.makeDefault')).click()
    await confirmed()
    await hands.openSlots(page, 'T640')
    await hands.slotCard(page, slot).getByText(en('badge.bootsNext'), { exact: true }).waitFor()
  }
  const { recovery } = await unit()
  assert.equal(recovery?.bootsNext?.slot, 'A')
  assert.ok((recovery?.history.length ?? 0) >= 4, `${recovery?.history.length} rows of history`)
})

test('a slot that changed is read before it is chosen, and nothing is written; once it is known to differ it is not offered', {
  skip,
}, async () => {
  await hands.openSlots(page, 'T640')
  await button(page, en('slots.checkNow')).click()
  for (const slot of ['A', 'B'] as const)
    await hands.slotCard(page, slot).getByText(en('slots.checked.equal'), { exact: true }).waitFor()
  const { offset } = await partition('slot-b')
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
  const at = Number(/seek=(\d+)/.exec(readme)?.[1])
  assert.ok(at > offset && at < offset + 1e6, 'the quick tour damages what lies in slot B')
  flipByte(spec.station.disk('T640'), at)
  await button(hands.slotCard(page, 'B'), en('verb.makeDefault')).click()
  await hands.typeAndStart(page, 'T640')
  assert.equal(await hands.endOfJob(page), en('state.failed'))
  assert.equal((await hands.fourLines(page))[2], en('safe.untouched'))

  await hands.openSlots(page, 'T640')
  await button(page, en('slots.checkNow')).click()
  const slotB = hands.slotCard(page, 'B')
  await slotB.getByText(en('slots.checked.differs'), { exact: true }).waitFor()
  await hands.slotCard(page, 'A').getByText(en('slots.checked.equal'), { exact: true }).waitFor()
  await slotB.getByText(en('slots.advice.differs'), { exact: true }).waitFor()
  for (const verb of ['verb.bootOnce', 'verb.makeDefault'] as const)
    assert.ok(await button(slotB, en(verb)).isDisabled(), `${en(verb)}: a job would fail`)
})

test('Restore config replaces the files of /config and leaves both slots as they were', { skip }, async () => {
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
    ['-R', 'cat /config/network.yaml', `${spec.station.disk('T640')}?offset=${data.offset}`],
    {
      timeoutMs: 20_000,
    },
  )
  assert.match(debugfs.stdout, /hostname: shop-18/)
})

test('the doctor finds a damaged boot counter and repairs it; the disk is in order afterwards', { skip }, async () => {
  const { offset } = await partition('esp')
  const onEsp = ['-i', `${spec.station.disk('T640')}@@${offset}`]
  const broken = spec.it.room.path('grubenv')
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

test('the certificate of a job opens, is signed so that gpg agrees, and prints to one page', {
  skip: browserOnly('Chromium prints'),
}, async (t) => {
  if (!(await findTool('gpg'))) return t.skip('needs gpg')
  const { station, it } = spec
  await goTo(page, 'reports')
  const menu = button(page, en('reports.actionsOf', { unit: 'T640' }), false).first()
  const save = async (item: 'reports.saveJson' | 'reports.saveSignature' | 'reports.saveKey' | 'reports.saveHtml') => {
    await menu.click()
    const file = await station.saved(page, () => page.getByRole('menuitem', { name: en(item) }).click())
    const path = it.room.path(file.name)
    copyFileSync(file.path, path)
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
