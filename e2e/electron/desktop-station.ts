// The console in the desktop app, for the specs of e2e/console: calls go through the page's bridge, main's boxes are answered
// with Start and its file dialog with what lies in the offered folder, looks are put on the one window over DevTools.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import type { ConsoleEvent, HostMessage } from '#contract/console.ts'
import { type Look, listen } from '../console/browser.ts'
import {
  answered,
  type Call,
  drawn,
  goTo,
  judgeComplaints,
  type Station,
  type StationOptions,
  stationCalls,
} from '../console/station.ts'
import { type Desktop, type DesktopApp, openDesktop } from './open-desktop.ts'

const START = 1

const bridgeCall = (page: Page): Call => {
  let last = 0
  return async (call, params) => {
    last += 1
    const message = JSON.stringify({ id: last, call, params })
    return answered(call, (await page.evaluate(`window.twinslot.call(${message})`)) as HostMessage)
  }
}

/** The file dialog gives the first that fits, by name, of what lies there. */
async function chooseFirstOf(app: DesktopApp, offered: string): Promise<void> {
  await app.evaluate(
    ({ dialog }, { folder }) => {
      const { readdirSync } = process.getBuiltinModule('node:fs')
      const { join: joined } = process.getBuiltinModule('node:path')
      type Asked = { properties: string[]; filters: { extensions: string[] }[] }
      const showOpenDialog = async (_window: unknown, { properties, filters }: Asked) => {
        const folders = properties.includes('openDirectory')
        const fitting = readdirSync(`${folder}`, { withFileTypes: true })
          .filter((each) => each.isDirectory() === folders)
          .map(({ name }) => name)
          .filter((name) => folders || filters.some(({ extensions }) => extensions.some((end) => name.endsWith(end))))
        const filePaths = fitting.sort().slice(0, 1)
        return { canceled: filePaths.length === 0, filePaths: filePaths.map((name) => joined(`${folder}`, name)) }
      }
      Object.assign(dialog, { showOpenDialog })
    },
    { folder: offered },
  )
}

/** What a browser's profile would have from its start. */
async function wear(page: Page, devtools: CDPSession, look: Look): Promise<void> {
  const { colorScheme = 'light', reducedMotion = null, forcedColors = null, locale = 'en-GB' } = look
  const { width, height } = look.viewport ?? { width: 1280, height: 800 }
  const deviceScaleFactor = look.deviceScaleFactor ?? 1
  await page.emulateMedia({ colorScheme, reducedMotion, forcedColors })
  await devtools.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor, mobile: false })
  await devtools.send('Emulation.setLocaleOverride', { locale })
  const userAgent = (await page.evaluate('navigator.userAgent')) as string
  await devtools.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: locale })
}

/** Main saves the next download there, without its dialog. */
const saveNext = (app: DesktopApp, path: string): Promise<void> =>
  app.evaluate(
    ({ session }, arg) => {
      const saved = new Promise<{ name: string; state: string }>((resolve) => {
        session.defaultSession.once('will-download', (event, item) => {
          const name = item.getFilename()
          if (event.defaultPrevented) return resolve({ name, state: 'denied' })
          item.setSavePath(`${arg.path}`)
          item.once('done', (_event, state) => resolve({ name, state }))
        })
      })
      Object.assign(globalThis, { saved })
    },
    { path },
  )

export const openDesktopStation = async (options: StationOptions, kind: 'desktop' | 'stand-in'): Promise<Station> =>
  await desktopStation(await openDesktop(options, kind), options.data)

/** The app as a station; closes it with itself. */
export async function desktopStation(desktop: Desktop, data: string): Promise<Station> {
  const { app, page } = desktop
  const calls = stationCalls(data, bridgeCall(page))
  const complaints: string[] = []
  const listeners = new Set<(event: ConsoleEvent) => void>()
  listen(page, complaints)
  await desktop.answerBoxes(START)
  await chooseFirstOf(app, calls.offered)
  await page.exposeFunction('heard', (event: ConsoleEvent) => {
    for (const listener of listeners) listener(event)
  })
  const devtools = await page.context().newCDPSession(page)
  const downloads = join(data, 'saved')
  mkdirSync(downloads)
  let [taken, saves] = [false, 0]
  return {
    ...calls,
    get host(): never {
      throw new Error('the desktop app has no browser host')
    },
    listen(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
    async open(look = {}, screen = 'bench') {
      if (taken) throw new Error('the desktop app has one window')
      taken = true
      await wear(page, devtools, look)
      await page.evaluate("location.hash = ''")
      await page.reload()
      await drawn(page)
      await page.evaluate('window.twinslot.onMessage((message) => { if (message.event) window.heard(message.event) })')
      await goTo(page, screen)
      const close = async () => {
        taken = false
      }
      return { page, complaints, [Symbol.asyncDispose]: close }
    },
    async saved(_page, press) {
      saves += 1
      const path = join(downloads, `${saves}`)
      await saveNext(app, path)
      await press()
      const { name, state } = await app.evaluate(
        () => (globalThis as { saved?: Promise<{ name: string; state: string }> }).saved ?? { name: '', state: 'none' },
        {},
      )
      if (state !== 'completed') throw new Error(`${name} was not saved: ${state}`)
      return { name, path }
    },
    async [Symbol.asyncDispose]() {
      await desktop[Symbol.asyncDispose]()
      judgeComplaints(complaints)
    },
  }
}
