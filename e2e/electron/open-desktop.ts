// The desktop app as a technician has it: Electron's real runtime with the app that build/assemble-desktop.ts makes, on a data
// folder that was filled before. Main's own boxes are answered here, because no page can answer them.
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { APP, assembleDesktop } from '../../build/assemble-desktop.ts'
import { desktopRuntime } from '../../build/electron-runtime.ts'
import { openStation, type StationOptions } from '../console/open-console.ts'

const LAUNCH_MS = 60_000
const PATIENCE_MS = 30_000

/** Why the desktop app cannot be opened here; null when it can. */
export function noDesktop(): string | null {
  const { present, reason } = desktopRuntime()
  return present ? null : reason
}

export interface Desktop extends AsyncDisposable {
  readonly app: ElectronApplication
  readonly page: Page
  /** Path of a virtual disk. */
  disk(name: string): string
  /** Number of the button that main's next boxes answer: 0 is the safe one. */
  answerBoxes(button: 0 | 1): Promise<void>
  /** Detail texts of the boxes that main has shown since `answerBoxes`. */
  shownBoxes(): Promise<readonly string[]>
}

let assembled = false

/** Fills the data folder through a host of its own, closes that, and starts the app. */
export async function openDesktop(options: StationOptions): Promise<Desktop> {
  const station = await openStation(options)
  await station[Symbol.asyncDispose]()
  if (!assembled) await assembleDesktop()
  assembled = true
  const { binary } = desktopRuntime()
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])))
  const app = await _electron.launch({
    executablePath: binary,
    args: [APP],
    env: { ...env, TWINSLOT_DATA: options.data },
    timeout: LAUNCH_MS,
  })
  const page = await app.firstWindow()
  page.setDefaultTimeout(PATIENCE_MS)
  return {
    app,
    page,
    disk: (name) => join(options.data, 'virtual', `${name}.img`),
    async answerBoxes(button) {
      await app.evaluate(({ dialog }, response) => {
        const shown: string[] = []
        const answer = async (_window: unknown, box: { detail?: string }) => {
          shown.push(box.detail ?? '')
          return { response, checkboxChecked: false }
        }
        Object.assign(dialog, { showMessageBox: answer, shown })
      }, button)
    },
    shownBoxes: () => app.evaluate(({ dialog }) => (dialog as { shown?: string[] }).shown ?? []),
    [Symbol.asyncDispose]: () => app.close(),
  }
}
