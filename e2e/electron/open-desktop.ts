// The desktop app as a technician has it: Electron's real runtime with an app folder as build/assemble.ts packs it, on a data
// folder that was filled before. Main's own boxes are answered here, because no page can answer them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { _electron, type Page } from 'playwright-core'
import { assemble } from '#build/assemble.ts'
import { buildRenderer } from '#build/build-renderer.ts'
import { REPO } from '#build/bundle.ts'
import { desktopRuntime } from '#build/electron-runtime.ts'
import { FAULTS_IN_FILES, faultsForRunner, openHost } from '../console/browser-station.ts'
import { drawn, type StationOptions } from '../console/station.ts'
import { launchStandIn } from './stand-in.ts'

const LAUNCH_MS = 60_000
const PATIENCE_MS = 30_000

/** Why the desktop app cannot be opened here; null when it can. */
export function noDesktop(): string | null {
  const { present, reason } = desktopRuntime()
  return present ? null : reason
}

export type Plain = Readonly<Record<string, string | number>>

/** What is used of Playwright's ElectronApplication. */
export interface DesktopApp {
  evaluate<R>(inMain: (electron: typeof import('electron'), arg: Plain) => R | Promise<R>, arg: Plain): Promise<R>
  firstWindow(): Promise<Page>
  windows(): Page[]
  close(): Promise<void>
}

export interface Desktop extends AsyncDisposable {
  readonly app: DesktopApp
  readonly page: Page
  /** Path of a virtual disk. */
  disk(name: string): string
  /** Number of the button that main's next boxes answer: 0 is the safe one. */
  answerBoxes(button: 0 | 1): Promise<void>
  /** Detail texts of the boxes that main has shown since `answerBoxes`. */
  shownBoxes(): Promise<readonly string[]>
}

/** The package's folders. Faults: this copy's runner is the one of the source, with faults; no package has such a thing. */
async function assembled(faulty: boolean): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'twinslot-desktop-'))
  const { folder: renderer } = await buildRenderer(REPO)
  // The notices of the renderer's packages are all that is left out here.
  await assemble({ outDir, renderer, rendererPackages: [] })
  const programs = [FAULTS_IN_FILES, join(REPO, 'host/runner/main.ts')].map((path) => pathToFileURL(path).href)
  const runner = programs.map((url) => `await import(${JSON.stringify(url)})\n`).join('')
  if (faulty) writeFileSync(join(outDir, 'runtime', 'twinslot-runner.mjs'), runner)
  return outDir
}

const launchElectron = (app: string, env: Record<string, string>): Promise<DesktopApp> =>
  // No path of the program: with one, Playwright would attach while the app is starting, not before. The sandbox stays on.
  _electron.launch({ args: [app], env, chromiumSandbox: true, timeout: LAUNCH_MS })

/** Fills the data folder through a host of its own, closes that, and starts the app. */
export async function openDesktop(options: StationOptions, kind: 'desktop' | 'stand-in' = 'desktop'): Promise<Desktop> {
  const { data, faults = {} } = options
  const host = await openHost(options)
  await host[Symbol.asyncDispose]()
  const folder = await assembled(Object.keys(faults).length > 0)
  const inherited = Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))
  const env = { ...Object.fromEntries(inherited), TWINSLOT_DATA: data, ...faultsForRunner(faults) }
  const app = await (kind === 'desktop' ? launchElectron : launchStandIn)(join(folder, 'app'), env)
  const page = await app.firstWindow()
  page.setDefaultTimeout(PATIENCE_MS)
  await drawn(page)
  return {
    app,
    page,
    disk: (name) => join(data, 'virtual', `${name}.img`),
    async answerBoxes(button) {
      await app.evaluate(
        ({ dialog }, { response }) => {
          const shown: string[] = []
          const answer = async (_window: unknown, box: { detail?: string }) => {
            shown.push(box.detail ?? '')
            return { response, checkboxChecked: false }
          }
          Object.assign(dialog, { showMessageBox: answer, shown })
        },
        { response: button },
      )
    },
    shownBoxes: () => app.evaluate(({ dialog }) => (dialog as { shown?: string[] }).shown ?? [], {}),
    async [Symbol.asyncDispose]() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
