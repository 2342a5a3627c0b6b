// Stands in for Electron's runtime where there is none, so that main process and preload script as they are packed meet the
// built renderer in a window: they run in this process with fake-electron.ts for `electron`, the window is Chromium's, and its
// address twinslot://console is https://console.invalid. Nothing about Electron itself is proved by it: not its sandbox, its
// isolation, its protocol, its dialogs, nor its fuses.
import { EventEmitter, once } from 'node:events'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInThisContext } from 'node:vm'
import type { BrowserContext, Download, Page, Route } from 'playwright-core'
import * as fake from '#testing/fake-electron.ts'
import { openPlainContext } from '../console/browser.ts'
import type { DesktopApp, Plain } from './open-desktop.ts'

const INSIDE = 'twinslot://console'
const OUTSIDE = 'https://console.invalid'
const inside = (url: string): string => url.replace(OUTSIDE, INSIDE)
const outside = (url: string): string => url.replace(INSIDE, OUTSIDE)

/** What the page sees of the preload script; frames inside the page get nothing. */
const BRIDGE = `if (window === top) {
  const listeners = []
  window.told = (message) => { for (const listener of listeners) listener(message) }
  window.twinslot = Object.freeze({
    call: (message) => window.asked(message),
    onMessage: (listener) => { listeners.push(listener) },
  })
}`

/** The functions of electron/preload.ts, as it puts them on a window. */
interface Bridge {
  call(message: unknown): Promise<unknown>
  onMessage(listener: (message: unknown) => void): void
}

let launched = false

/** Starts the app of this folder in this process; once per process, because a main process is. */
export async function launchStandIn(app: string, env: Readonly<Record<string, string>>): Promise<DesktopApp> {
  if (launched) throw new Error('the main process runs already')
  launched = true
  Object.assign(process.env, env)
  const context = await openPlainContext()
  const page = await context.newPage()
  const hooks = registerHooks({
    resolve: (specifier, from, next) =>
      specifier === 'electron' ? { url: fake.HREF, shortCircuit: true } : next(specifier, from),
  })
  createRequire(import.meta.url)(join(app, 'preload.cjs'))
  await import(pathToFileURL(join(app, 'main.mjs')).href)
  hooks.deregister()
  await putBridge(context, page)
  await context.route('**/*', serve)
  page.on('download', (download) => void passDownload(download))
  const shown = new Promise<void>((resolve) => {
    fake.stage.load = async (url) => {
      await page.goto(outside(url))
      resolve()
    }
  })
  const left = once(fake.app, 'test-exit')
  fake.becomeReady()
  await Promise.race([shown, left.then(() => Promise.reject(new Error(fake.log.join('\n'))))])
  return {
    // As source text, like Playwright's: what main is told cannot reach into the test.
    evaluate: async (inMain, arg) => await runInThisContext(`(${inMain})`)(fake, structuredClone<Plain>(arg)),
    firstWindow: async () => page,
    windows: () => context.pages(),
    async close() {
      fake.app.emit('before-quit', { preventDefault() {} })
      await left
      await context.close()
    },
  }
}

async function putBridge(context: BrowserContext, page: Page): Promise<void> {
  const bridge = fake.exposed.get('twinslot') as Bridge
  fake.ipcRenderer.invoke = async (channel, message) => {
    const answer = fake.handlers.get(channel)
    const senderFrame = { url: inside(page.url()), parent: null }
    return await answer?.({ sender: { id: 1 }, senderFrame }, structuredClone(message))
  }
  // A page that is being left hears no more, here as there.
  bridge.onMessage((message) => void page.evaluate(`window.told(${JSON.stringify(message)})`).catch(() => {}))
  await context.exposeFunction('asked', (message: unknown) => bridge.call(message))
  await context.addInitScript(BRIDGE)
  page.on('request', (request) => {
    if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return
    fake.windows[0].webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
  })
}

/** Every request: judged by main's guard, answered by main's protocol. */
async function serve(route: Route): Promise<void> {
  const request = route.request()
  const url = inside(request.url())
  let denied = false
  fake.session.judge({ url }, ({ cancel }) => {
    denied = cancel
  })
  const answer = denied ? undefined : fake.served.get('twinslot')?.(new Request(url, { method: request.method() }))
  if (!answer) return await route.abort()
  const body = Buffer.from(await answer.arrayBuffer())
  await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body })
}

async function passDownload(download: Download): Promise<void> {
  let path: string | null = null
  const item = Object.assign(new EventEmitter(), {
    getURL: () => inside(download.url()),
    getFilename: () => download.suggestedFilename(),
    setSaveDialogOptions() {},
    setSavePath(to: string) {
      path = to
    },
  })
  const event = {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
  }
  fake.session.defaultSession.emit('will-download', event, item)
  if (path === null || event.defaultPrevented) return await download.cancel()
  await download.saveAs(path)
  item.emit('done', {}, 'completed')
}
