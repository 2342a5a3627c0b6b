// The README's quick tour, walked as a newcomer does: the real program on a data folder of its own, Chromium, the command lines as
// they stand there. What is pressed and seen here must be named there, and every word that the tour puts in italics is
// used: a screen or a README that says something else turns this red.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { DEMO_TOOLS } from '#device/image/demo/build.ts'
import { doorOf } from '#host/web/door.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { eventually } from '#testing/fake-host.ts'
import { closeBrowser, openWindow } from './browser.ts'
import { choice } from './hands.ts'
import { browserOnly } from './spec.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const JOB_MS = 90_000
const START_MS = 180_000
const home = mkdtempSync(join(tmpdir(), 'twinslot-tour-'))
after(async () => {
  await closeBrowser()
  rmSync(home, { recursive: true, force: true, maxRetries: 3 })
})

interface Tour {
  /** Lines of its code blocks. */
  readonly commands: readonly string[]
  /** What it puts in italics: words on the screen. */
  readonly words: ReadonlySet<string>
  /** What it puts in code type inside sentences: names to choose or to type. */
  readonly names: ReadonlySet<string>
}

function readTour(readme: string): Tour {
  const text = readme.slice(readme.indexOf('## Quick tour'), readme.indexOf('## Commands'))
  const prose = text
    .replace(/```[\s\S]*?```/g, '')
    .replace(/!\[.*?\]\(.*?\)/g, '')
    .replace(/\*\*.*?\*\*/g, '')
  const all = (pattern: RegExp, from: string) => [...from.matchAll(pattern)].map(([, found]) => found)
  return {
    commands: all(/```\n([\s\S]*?)```/g, text).flatMap((block) => block.trim().split('\n')),
    words: new Set(all(/\*([^*]+)\*/g, prose).map((word) => word.replace(/\s+/g, ' '))),
    names: new Set(all(/`([^`]+)`/g, prose)),
  }
}

/** `npm start` without its set-up: what the script of that name ends with, on a data folder of its own. */
async function startProgram(data: string) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const path = scripts.start.split(' ').at(-1) ?? ''
  const child = spawn(process.execPath, [join(ROOT, path), '--web', '--no-open'], {
    env: { ...process.env, TWINSLOT_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const address = await eventually(() => /Twinslot is at (http:\S+)/.exec(said)?.[1], START_MS).catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    address,
    async interrupt(): Promise<number | null> {
      child.kill('SIGINT')
      return await ended
    },
    /** After a step that failed: nothing may stay behind that this test waits for. */
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A newcomer: knows the words of the tour and nothing else. */
function newcomer(page: Page, { words, names }: Tour) {
  const unused = new Set(words)
  const read = (word: string): string => {
    assert.ok(words.has(word), `the tour does not say "${word}"`)
    unused.delete(word)
    return word
  }
  const named = (name: string): string => {
    assert.ok(names.has(name), `the tour does not name "${name}"`)
    return name
  }
  const exactly = { exact: true } as const
  const pressed = (word: string) => {
    const role = page.getByRole('button', { name: read(word), ...exactly })
    return role.or(page.getByRole('link', { name: word, ...exactly })).filter({ visible: true })
  }
  /** A button that both slots have. */
  const on = (word: string, slot: 'A' | 'B') =>
    page.getByRole('region', { name: `Slot ${slot}` }).getByRole('button', { name: read(word), ...exactly })
  return {
    unused,
    press: (word: string) => pressed(word).first().click(),
    on,
    pressOn: (word: string, slot: 'A' | 'B') => on(word, slot).click(),
    see: (word: string) => page.getByText(read(word), exactly).first().waitFor({ timeout: JOB_MS }),
    choose: (name: string) => choice(page, names.has(name) ? named(name) : read(name)).click(),
    async tick(name: string): Promise<void> {
      const row = page.getByRole('row', { name: named(name) })
      await row.waitFor()
      if ((await row.getAttribute('aria-selected')) !== 'true') await row.locator('.row-check').click()
    },
    async pick(placeholder: string, name: string): Promise<void> {
      await page.getByRole('button', { name: new RegExp(read(placeholder)) }).click()
      await page.getByRole('option', { name: new RegExp(`^${named(name)}`) }).click()
    },
    /** Two seconds to read, as for everybody. */
    async confirm(typed: string): Promise<void> {
      const dialog = page.getByRole('alertdialog')
      await dialog.getByRole('textbox').fill(named(typed))
      await dialog.getByRole('button', { name: read('Start'), ...exactly }).click()
      await dialog.waitFor({ state: 'detached' })
    },
  }
}

async function walk(page: Page, tour: Tour, run: (line: RegExp) => Promise<string>): Promise<void> {
  const me = newcomer(page, tour)
  const { press, choose, confirm, see, tick } = me
  await press('Bench')
  await tick('T640.img')
  await press('Provision – erases everything')
  await press('Next: Image')
  await choose('demo-1.0.0')
  await press('Next: Layout')
  await choose('hp-t640')
  await choose('Slots A and B')
  await press('Next: Config')
  await choose('No config')
  await press('Next: Review')
  await press('Confirm and start …')
  await confirm('T640')
  await see('Verified')

  await run(/^printf .* dd /)
  const slots = async (): Promise<void> => {
    await press('Bench')
    await tick('T640.img')
    await press('Slots & recovery')
  }
  await slots()
  await press('Check digests')
  await see('Differs from the signed digest')
  await see('It differs from its digest: it will not be selected. Repair it first.')
  for (const word of ['Boot once', 'Make default']) assert.ok(await me.on(word, 'B').isDisabled(), word)

  await press('Bench')
  await tick('T640.img')
  await press('Repair slots – keeps data')
  await press('Next: Image')
  await choose('demo-1.1.0')
  await press('Next: Slot')
  await choose('Slot B')
  await press('Next: Review')
  await press('Confirm and start …')
  await confirm('T640')
  await see('Verified')

  await slots()
  for (const [word, slot] of [
    ['Boot once', 'B'],
    ['Make default', 'B'],
    ['Make default', 'A'],
  ] as const) {
    await me.pressOn(word, slot)
    await confirm('T640')
    await see('Verified')
    await slots()
    await page
      .getByRole('region', { name: `Slot ${slot}` })
      .getByText('Boots next', { exact: true })
      .waitFor()
  }

  await press('Config & restore')
  await press('Open folder …')
  await page.getByRole('textbox', { name: 'hypernet/server.yaml' }).fill('server:\n  port: 9443\n')
  await me.pick('Choose a unit', 'T640.img')
  await press('Restore config – replaces /config')
  await confirm('T640')
  await see('Verified')
  await press('Open report')
  await page.getByRole('dialog').frameLocator('iframe').getByRole('heading', { name: 'Certificate' }).waitFor()
  await page.keyboard.press('Escape')
  await press('Reports')
  await page.getByText('Restore /config').first().waitFor()

  assert.match(await run(/twinslot inspect/), /1\.1\.0/)
  await run(/twinslot verify/)
  assert.deepEqual([...me.unused], [], 'words of the tour that no step needs')
}

const skip = browserOnly('it is npm start -- --web')
test('the quick tour of the README works, word by word and line by line', { skip }, async (t) => {
  const missing = await missingOf(DEMO_TOOLS)
  if (missing.length > 0) return t.skip(`needs ${missing.map(({ tool }) => tool).join(', ')}`)
  const tour = readTour(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  assert.equal(tour.commands[0], 'npm start')
  assert.ok(tour.names.has('npm start -- --web'))

  // A checkout as the command lines expect it.
  const data = join(home, 'var', 'console')
  mkdirSync(join(home, 'bin'), { recursive: true })
  mkdirSync(join(home, 'var'))
  symlinkSync(join(ROOT, 'bin', 'twinslot'), join(home, 'bin', 'twinslot'))
  symlinkSync(join(data, 'demo'), join(home, 'var', 'bench'))
  const left = new Set(tour.commands.slice(1))
  const run = async (like: RegExp): Promise<string> => {
    const line = [...left].find((each) => like.test(each))
    assert.ok(line, `the tour has no line like ${like}`)
    left.delete(line)
    const options = { cwd: home, timeout: 60_000, env: { ...process.env, TWINSLOT_STATE: join(home, 'state') } }
    return (await promisify(execFile)('bash', ['-c', line], options)).stdout
  }

  await using program = await startProgram(data)
  await using window = await openWindow()
  await window.page.goto(program.address)
  await walk(window.page, tour, run)
  assert.deepEqual([...left], [], 'command lines of the tour that no step runs')
  // The way a browser is started: from a local page that leads to the next address.
  await using door = await openWindow()
  await door.page.goto(pathToFileURL(doorOf(data)).href)
  await door.page.getByRole('heading', { level: 1, name: 'Bench' }).waitFor()
  assert.deepEqual([...window.complaints, ...door.complaints], [])

  assert.equal(await program.interrupt(), 0)
  assert.ok(!existsSync(doorOf(data)))
  const behind = readdirSync(join(data, 'work'), { recursive: true, withFileTypes: true })
  assert.deepEqual(
    behind.filter((entry) => !entry.isDirectory()),
    [],
    'drafts may hold secrets',
  )
  await assert.rejects(fetch(program.address), 'nothing listens any more')
})
