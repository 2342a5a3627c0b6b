// The desktop app's main process: puts Electron's objects into the parts of this folder and opens the console's back end
// (host/console.ts) behind them. Only wiring: rules and decisions are in the parts, where tests reach them.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, Notification, powerSaveBlocker, protocol, session } from 'electron'
import { openConsole } from '#host/console.ts'
import { elevatedRunnerFor, packagedRunner } from '#host/elevation.ts'
import { defaultDataFolder } from '#host/host-paths.ts'
import { claimDataFolder } from '#host/one-console.ts'
import { readAssets } from '#host/web/assets.ts'
import { askChange, askConsent, askQuit, type Boxes, nativeChooser } from './dialogs.ts'
import { connectWindow } from './ipc-guard.ts'
import { FIRST_PAGE, SCHEME, SCHEME_PRIVILEGES, serveRenderer } from './protocol.ts'
import { openQuitRules } from './quit.ts'
import { languageOf, nativeText, type Say } from './text.ts'
import { followSleep, openJobWatch } from './watch-jobs.ts'
import { guardContents, guardSession, windowOptions } from './window.ts'

/** Folder of this bundle: inside app.asar in a package, dist/app in a checkout. The runtime lies beside it in both. */
const HERE = import.meta.dirname
const RUNTIME = join(HERE, '..', 'runtime')

const DATA = defaultDataFolder(process.env, process.platform, homedir())

async function open(): Promise<void> {
  // A console in a browser may work with the same folder, without Electron's lock. Held until the process ends.
  await claimDataFolder(DATA)
  let language = languageOf('system', app.getPreferredSystemLanguages())
  const say: Say = (key, values) => nativeText(language, key, values)
  const window = new BrowserWindow(windowOptions(join(HERE, 'preload.cjs'), app.isPackaged))
  const boxes: Boxes = {
    open: (options) => dialog.showOpenDialog(window, options),
    message: (options) => dialog.showMessageBox(window, options),
  }
  const station = await openConsole({
    dataDir: DATA,
    kind: 'desktop',
    version: app.getVersion(),
    chooser: nativeChooser(boxes, say),
    runnerFor: elevatedRunnerFor(packagedRunner(RUNTIME), process.env),
    consent: {
      change: async (changes) =>
        (await askChange(boxes, say, changes)) ? null : 'the question was answered with Cancel',
      write: (plans) => askConsent(boxes, say, language, plans),
    },
  })
  guardSession(session.defaultSession, app.isPackaged, station.log)
  app.on('web-contents-created', (_event, contents) => guardContents(contents, station.log))
  guardContents(window.webContents, station.log)
  protocol.handle(SCHEME, serveRenderer(await readAssets(join(HERE, 'renderer'))))

  const line = connectWindow(ipcMain, window.webContents, station.endpoint, station.log)
  const sleep = followSleep(powerSaveBlocker, station.busy)
  const show = (): void => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  const watch = openJobWatch({
    sleep,
    isFocused: () => window.isFocused(),
    notify({ news, title }) {
      const note = new Notification({ title: 'Twinslot', body: say(`news.${news}`, { title }) })
      note.on('click', show)
      note.show()
    },
    // -1 takes the bar away.
    showProgress: (part) => window.setProgressBar(part ?? -1),
  })
  const follow = (chosen: Parameters<typeof languageOf>[0]): void => {
    language = languageOf(chosen, app.getPreferredSystemLanguages())
  }
  const news = station.hub.listen((event) => {
    if (event.type === 'settings') follow(event.settings.language)
    watch(event)
  })
  follow((await station.calls['station.get']({}, AbortSignal.timeout(10_000))).settings.language)

  const quit = openQuitRules({
    busy: station.busy,
    ask: () => askQuit(boxes, say),
    stopJobs: station.stopJobs,
    async close() {
      news[Symbol.dispose]()
      line[Symbol.dispose]()
      await station[Symbol.asyncDispose]()
      sleep[Symbol.dispose]()
    },
    leave: () => app.exit(0),
    log: station.log,
  })
  window.on('close', quit.requested)
  app.on('before-quit', quit.requested)
  app.on('second-instance', show)
  window.once('ready-to-show', show)
  await window.loadURL(FIRST_PAGE)
}

function start(): void {
  // Chromium's files lie with ours; so the lock below is one per data folder.
  app.setPath('userData', join(DATA, 'desktop'))
  // Two consoles would plan for the same disks: the second start shows the first window.
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([SCHEME_PRIVILEGES])
  // No menu: nothing in it would be ours, and its shortcuts would reload the page during a job.
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null)
  app
    .whenReady()
    .then(open)
    .catch((error: unknown) => {
      dialog.showErrorBox('Twinslot', error instanceof Error ? error.message : String(error))
      app.exit(1)
    })
}

start()
