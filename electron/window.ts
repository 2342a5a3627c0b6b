// How the console's window is locked: sandboxed, isolated, and unable to go anywhere, open anything, be granted anything or
// load anything that is not ours. The rules hold for every web contents that ever comes into being, not only for the window.
import { isOurBlob, isOurs } from './protocol.ts'

/** Options of the one window. `preload` is an absolute path; developer tools exist only in a checkout. */
export const windowOptions = (preload: string, packaged: boolean) => ({
  width: 1280,
  height: 860,
  minWidth: 640,
  minHeight: 400,
  show: false,
  autoHideMenuBar: true,
  title: 'Twinslot',
  webPreferences: {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    plugins: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: !packaged,
  },
})

interface Preventable {
  preventDefault(): void
}

/** What is used of Electron's WebContents. */
export interface GuardedContents {
  on(
    event: 'will-frame-navigate',
    listener: (event: Preventable & { url: string; isMainFrame: boolean }) => void,
  ): unknown
  on(event: 'will-redirect', listener: (event: Preventable & { url: string }) => void): unknown
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void
}

type Log = (line: string) => void

const short = (url: string): string => url.slice(0, 120)

/** Nothing leads away: a page of ours may be loaded again, a frame may show a report that a page of ours made. */
export function guardContents(contents: GuardedContents, log: Log): void {
  contents.on('will-frame-navigate', (event) => {
    if (isOurs(event.url) || (!event.isMainFrame && isOurBlob(event.url))) return
    log(`window: going to ${short(event.url)} was denied`)
    event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    log(`window: a redirection to ${short(event.url)} was denied`)
    event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => {
    log('window: a web view was denied')
    event.preventDefault()
  })
  contents.setWindowOpenHandler(({ url }) => {
    log(`window: opening ${short(url)} was denied`)
    return { action: 'deny' }
  })
}

/** What is used of Electron's Session. */
export interface GuardedSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, answer: (granted: boolean) => void, details: Asker) => void,
  ): void
  setPermissionCheckHandler(
    handler: (contents: unknown, permission: string, origin: string, details: CheckAsker) => boolean,
  ): void
  setDevicePermissionHandler(handler: () => boolean): void
  on(event: 'will-download', listener: (event: Preventable, item: Download) => void): unknown
  readonly webRequest: {
    onBeforeRequest(listener: (details: { url: string }, answer: (response: { cancel: boolean }) => void) => void): void
  }
}

interface Asker {
  readonly requestingUrl: string
  readonly isMainFrame: boolean
}

interface CheckAsker {
  readonly requestingUrl?: string
  readonly isMainFrame: boolean
}

interface Download {
  getURL(): string
  getFilename(): string
  setSaveDialogOptions(options: { defaultPath: string }): void
}

/** Writing text to the clipboard is all that a page may ask for: every error and every serial has a copy button. */
const GRANTED = 'clipboard-sanitized-write'

/** A name that is only a name, whatever the page proposed. */
export const safeFileName = (name: string): string =>
  name
    .replace(/[^\w .()-]+/g, '_')
    .replace(/^[. ]+/, '')
    .slice(0, 120) || 'twinslot'

/** Permissions, devices, downloads and requests of the window's session. */
export function guardSession(session: GuardedSession, packaged: boolean, log: Log): void {
  const granted = (permission: string, { requestingUrl, isMainFrame }: CheckAsker): boolean =>
    permission === GRANTED && isMainFrame && isOurs(requestingUrl ?? '')
  session.setPermissionRequestHandler((_contents, permission, answer, details) => answer(granted(permission, details)))
  session.setPermissionCheckHandler((_contents, permission, _origin, details) => granted(permission, details))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    if (isOurBlob(item.getURL())) {
      item.setSaveDialogOptions({ defaultPath: safeFileName(item.getFilename()) })
      return
    }
    log(`window: the download of ${short(item.getURL())} was denied`)
    event.preventDefault()
  })
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const inside =
      isOurs(url) || isOurBlob(url) || url.startsWith('data:') || (!packaged && url.startsWith('devtools:'))
    if (!inside) log(`window: a request for ${short(url)} was denied`)
    answer({ cancel: !inside })
  })
}
