// The console in Chromium: the real host in this process on a data folder of its own, the real built renderer, the real
// runner, virtual disks.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildRenderer } from '#build/build-renderer.ts'
import { REPO } from '#build/bundle.ts'
import type { Consent } from '#host/consent.ts'
import { type Console, openConsole } from '#host/console.ts'
import { chooseFrom } from '#host/files.ts'
import { developmentRunner } from '#host/runner-command.ts'
import { offeredFolder } from '#host/web/browser-host.ts'
import { openWebHost } from '#host/web/server.ts'
import { openWindow, type Window } from './browser.ts'
import {
  type Call,
  DISK_SIZE,
  drawn,
  goTo,
  judgeComplaints,
  type Station,
  type StationOptions,
  stationCalls,
} from './station.ts'

const { signal } = new AbortController()
/** The person at the terminal, who agrees. */
const YES: Consent = { change: async () => null, write: null }

/** Loaded into a runner that shall meet the faults of its disks. */
export const FAULTS_IN_FILES = join(import.meta.dirname, 'faults-in-files.ts')

export const faultsForRunner = (faults: StationOptions['faults']) => ({ TWINSLOT_TEST_FAULTS: JSON.stringify(faults) })

const caller =
  ({ calls }: Console): Call =>
  (call, params) =>
    calls[call](params, signal)

/** The host alone, its folder filled with what the options say. */
export async function openHost(options: StationOptions): Promise<Console> {
  const { data, faults = {} } = options
  const runner = developmentRunner()
  const hooks = Object.keys(faults).length > 0 ? ['--import', FAULTS_IN_FILES] : []
  const env = { ...process.env, ...faultsForRunner(faults) }
  const offered = offeredFolder(data)
  mkdirSync(offered, { recursive: true, mode: 0o700 })
  const console = await openConsole({
    dataDir: data,
    kind: 'browser',
    version: '0.1.0',
    chooser: chooseFrom([offered]),
    consent: options.consent ?? YES,
    runnerFor: async () => ({ command: runner.command, args: [...hooks, ...runner.args], env }),
    // Disks of the machine that the tests run on are none of their business.
    listDisks: async () => ({ disks: [], notes: [] }),
  })
  const call = caller(console)
  await call('settings.change', { operator: 'Ada Lovelace', ...options.settings })
  if (options.trust) await call('trust.import', { armored: readFileSync(options.trust, 'utf8') })
  const known = await call('station.get', {})
  for (const release of options.releases ?? [])
    if (!known.images.some(({ name }) => name === basename(release))) await importImage(call, offered, release)
  for (const name of options.disks ?? [])
    if (!existsSync(join(data, 'virtual', `${name}.img`))) await call('bench.create-virtual', { name, size: DISK_SIZE })
  return console
}

async function importImage(call: Call, offered: string, release: string): Promise<void> {
  const name = basename(release)
  copyFileSync(release, join(offered, name))
  const { choices } = await call('file.choose', { purpose: 'image' })
  const choice = choices.find((each) => each.name === name)
  if (!choice) throw new Error(`${name} is not offered`)
  await call('image.import', { file: choice.file })
}

export async function openBrowserStation(options: StationOptions): Promise<Station> {
  const { folder } = await buildRenderer(REPO)
  const console = await openHost(options)
  const web = await openWebHost({ endpoint: console.endpoint, assets: folder, log: console.log })
  const windows: Window[] = []
  return {
    ...stationCalls(options.data, caller(console)),
    host: { console, web },
    listen: (listener) => console.hub.listen(listener),
    async open(look, screen = 'bench') {
      const window = await openWindow(look)
      windows.push(window)
      await window.page.goto(web.newUrl())
      await drawn(window.page)
      await goTo(window.page, screen)
      return window
    },
    async saved(page, press) {
      const [download] = await Promise.all([page.waitForEvent('download'), press()])
      return { name: download.suggestedFilename(), path: await download.path() }
    },
    async [Symbol.asyncDispose]() {
      for (const window of windows) await window[Symbol.asyncDispose]()
      await web[Symbol.asyncDispose]()
      await console[Symbol.asyncDispose]()
      judgeComplaints(windows.flatMap(({ complaints }) => complaints))
    },
  }
}
