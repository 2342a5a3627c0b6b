// Stands in for the module `electron`, so that the desktop app's main process runs under Node: it records what is done with
// Electron's objects and lets a test do what Electron would do. Tests put it in place with a module hook.
import { EventEmitter } from 'node:events'

/** For a module hook that resolves `electron` to this file. */
export const HREF = import.meta.url

/** What happened, in order. */
export const log: string[] = []

const events = new EventEmitter()
let ready: () => void = () => {}

export const app = Object.assign(events, {
  isPackaged: true,
  getVersion: () => '0.1.0',
  setPath: (name: string) => void log.push(`path ${name}`),
  getPreferredSystemLanguages: () => ['de-DE'],
  requestSingleInstanceLock: () => log.push('lock') > 0,
  enableSandbox: () => void log.push('sandbox'),
  exit: (code: number) => {
    log.push(`exit ${code}`)
    events.emit('test-exit')
  },
  whenReady: () =>
    new Promise<void>((resolve) => {
      ready = resolve
    }),
})

/** Electron is ready now. */
export const becomeReady = (): void => {
  log.push('ready')
  ready()
}

type Handler = (event: object, message: unknown) => Promise<unknown>
export const handlers = new Map<string, Handler>()
export const ipcMain = {
  handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
  removeHandler: (channel: string) => void handlers.delete(channel),
}

export const served = new Map<string, (request: Request) => Response>()
export const protocol = {
  registerSchemesAsPrivileged: ([{ scheme }]: { scheme: string }[]) => void log.push(`scheme ${scheme}`),
  handle(scheme: string, handler: (request: Request) => Response) {
    log.push(`serve ${scheme}`)
    served.set(scheme, handler)
  },
}

type RequestJudge = (details: { url: string }, answer: (response: { cancel: boolean }) => void) => void

/** Settings of the session, by the name of what sets them. */
export const guarded = new Set<string>()
const defaultSession = Object.assign(new EventEmitter(), {
  setPermissionRequestHandler: () => void guarded.add('permission request'),
  setPermissionCheckHandler: () => void guarded.add('permission check'),
  setDevicePermissionHandler: () => void guarded.add('device'),
  webRequest: {
    onBeforeRequest(judge: RequestJudge) {
      guarded.add('request')
      session.judge = judge
    },
  },
})
defaultSession.on('newListener', (event: string) => void guarded.add(event))
export const session = {
  defaultSession,
  /** What a request is judged by. */
  judge: ((_details, answer) => answer({ cancel: false })) as RequestJudge,
}

/** The renderer's side of Electron, for a preload script. */
export const exposed = new Map<string, object>()
export const contextBridge = { exposeInMainWorld: (name: string, api: object) => void exposed.set(name, api) }
const fromMain = new EventEmitter()
export const ipcRenderer = {
  on: (channel: string, listener: (event: object, message: unknown) => void) => fromMain.on(channel, listener),
  invoke: async (_channel: string, _message: unknown): Promise<unknown> => undefined,
}

/** What a window does with an address: nothing, unless somebody gives it a page. */
export const stage = { load: async (_url: string): Promise<void> => {} }

class FakeContents extends EventEmitter {
  readonly id = 1
  readonly sent: unknown[] = []
  opens = 'allow'
  isDestroyed(): boolean {
    return false
  }
  send(channel: string, message: unknown): void {
    this.sent.push(message)
    fromMain.emit(channel, {}, message)
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.opens = handler({ url: 'https://evil.example/' }).action
  }
}

export const windows: BrowserWindow[] = []
export class BrowserWindow extends EventEmitter {
  readonly webContents = new FakeContents()
  readonly options: object
  constructor(options: object) {
    super()
    this.options = options
    windows.push(this)
    log.push('window')
  }
  async loadURL(url: string): Promise<void> {
    log.push(`load ${url}`)
    await stage.load(url)
    this.emit('ready-to-show')
  }
  isMinimized(): boolean {
    return false
  }
  isFocused(): boolean {
    return true
  }
  show(): void {
    log.push('show')
  }
  restore(): void {}
  focus(): void {}
  setProgressBar(): void {}
}

export const dialog = {
  /** Number of the button that the next box answers. */
  answer: 0,
  showMessageBox: async () => ({ response: dialog.answer }),
  showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
  showErrorBox: (_title: string, text: string) => void log.push(`error ${text}`),
}
export const Menu = { setApplicationMenu: () => void log.push('no menu') }
export class Notification extends EventEmitter {
  show(): void {}
}
export const powerSaveBlocker = { start: () => 1, stop: () => true }
