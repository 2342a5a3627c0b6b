// The console as a technician has it: the real host on a data folder of its own, the real built renderer, the real runner,
// virtual disks. Browser windows of it are Chromium's; the desktop app runs where Electron's runtime is present.
// Promises: closing it fails when a page complained (errors, exceptions, violations of the content security policy).
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { buildRenderer } from '../../build/build-renderer.ts'
import { type Console, openConsole } from '../../host/console.ts'
import { chooseFrom } from '../../host/files.ts'
import { developmentRunner } from '../../host/runner-command.ts'
import { offeredFolder } from '../../host/web/browser-host.ts'
import { openWebHost, type WebHost } from '../../host/web/server.ts'
import type { StationView, UnitView } from '../../src-shared/contract/views.ts'
import type { Faults } from '../../src-shared/testing/faults.ts'
import { type Look, noBrowser, openWindow, type Window } from './browser.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { signal } = new AbortController()

export interface StationOptions {
  /** Folder of its data; made when it is not there. */
  readonly data: string
  /** Armored key ring, releases and config folders that lie ready. */
  readonly trust?: string
  readonly releases?: readonly string[]
  /** Names of blank virtual disks on the bench. */
  readonly disks?: readonly string[]
  /** Faults of disks, by the name of their file. */
  readonly faults?: Readonly<Record<string, Faults>>
  readonly settings?: Parameters<Console['calls']['settings.change']>[0]
}

export interface Station extends AsyncDisposable {
  readonly console: Console
  readonly web: WebHost
  readonly data: string
  /** What lies here is offered by the choice of files. */
  readonly offered: string
  view(): Promise<StationView>
  unit(name: string): Promise<UnitView>
  /** Path of a virtual disk. */
  disk(name: string): string
  /** A window that has gone through the front door, at this screen. */
  open(look?: Look, screen?: string): Promise<Window>
}

export const DISK_SIZE = 16e9

/** Why these tests cannot run here; null when they can. */
export const cannotRun = noBrowser

const complaintsOf = (windows: readonly Window[]): string[] => windows.flatMap(({ complaints }) => complaints)

export async function openStation(options: StationOptions): Promise<Station> {
  const { data, faults = {} } = options
  const { folder } = await buildRenderer(ROOT)
  const offered = offeredFolder(data)
  mkdirSync(offered, { recursive: true, mode: 0o700 })
  const runner = developmentRunner()
  const hooks = Object.keys(faults).length > 0 ? ['--import', join(import.meta.dirname, 'faults-in-files.ts')] : []
  const console = await openConsole({
    dataDir: data,
    kind: 'browser',
    version: '0.1.0',
    chooser: chooseFrom([offered]),
    runnerFor: async () => ({
      command: runner.command,
      args: [...hooks, ...runner.args],
      env: { ...process.env, TWINSLOT_TEST_FAULTS: JSON.stringify(faults) },
    }),
    // Disks of the machine that the tests run on are none of their business.
    listDisks: async () => ({ disks: [], notes: [] }),
  })
  const { calls } = console
  const view = () => calls['station.get']({}, signal)
  await calls['settings.change']({ operator: 'Ada Lovelace', ...options.settings }, signal)
  if (options.trust) await calls['trust.import']({ armored: readFileSync(options.trust, 'utf8') }, signal)
  const known = await view()
  for (const release of options.releases ?? [])
    if (!known.images.some(({ name }) => name === basename(release))) await importImage(console, offered, release)
  for (const name of options.disks ?? [])
    if (!existsSync(join(data, 'virtual', `${name}.img`)))
      await calls['bench.create-virtual']({ name, size: DISK_SIZE }, signal)
  const web = await openWebHost({ endpoint: console.endpoint, assets: folder, log: console.log })
  const windows: Window[] = []
  const disk = (name: string) => join(data, 'virtual', `${name}.img`)
  return {
    console,
    web,
    data,
    offered,
    view,
    disk,
    async unit(name) {
      const { bench } = await view()
      const found = bench.units.find(({ key }) => key === `file ${disk(name)}`)
      if (!found) throw new Error(`no unit ${name} on the bench`)
      return found
    },
    async open(look, screen = 'bench') {
      const window = await openWindow(look)
      windows.push(window)
      await window.page.goto(web.newUrl())
      await goTo(window.page, screen)
      return window
    },
    async [Symbol.asyncDispose]() {
      for (const window of windows) await window[Symbol.asyncDispose]()
      await web[Symbol.asyncDispose]()
      await console[Symbol.asyncDispose]()
      const complaints = complaintsOf(windows)
      if (complaints.length > 0) throw new Error(`pages complained:\n${complaints.join('\n')}`)
    },
  }
}

async function importImage(console: Console, offered: string, release: string): Promise<void> {
  const name = basename(release)
  copyFileSync(release, join(offered, name))
  const { choices } = await console.calls['file.choose']({ purpose: 'image' }, signal)
  const choice = choices.find((each) => each.name === name)
  if (!choice) throw new Error(`${name} is not offered`)
  await console.calls['image.import']({ file: choice.file }, signal)
}

/** Shows a screen and waits until its heading is there. */
export async function goTo(page: Page, screen: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${screen}`)}`)
  await page.locator('#main h1').first().waitFor()
}

const POLL_MS = 50
const LIMIT_MS = 30_000

/** Waits for something that the host knows a little later: a bench is looked at again after each job. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${check}`)
    await delay(POLL_MS)
  }
}
