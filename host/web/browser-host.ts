// The browser host as a program: opens the console, serves it on 127.0.0.1, prints the one-time address, and ends at
// Ctrl-C. While a job writes, the first Ctrl-C only says so; the second stops the job at its next safe point, then ends.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openConsole } from '../console.ts'
import { chooseFrom } from '../files.ts'
import { developmentRunner, type RunnerProgram, runnerFor } from '../runner-command.ts'
import { openWebHost } from './server.ts'

export interface BrowserHostOptions {
  readonly dataDir: string
  readonly version: string
  /** Folder with the built renderer. */
  readonly assets: string
  readonly port?: number
  readonly runner?: RunnerProgram
  readonly say: (line: string) => void
  /** Shows the address to a person; not called when there is no display. */
  readonly openBrowser?: (url: string) => void
  /** How often somebody asked to end: the program gives SIGINT and SIGTERM, tests their own. */
  readonly onInterrupt: (ask: () => void) => void
}

/** What a person puts here can be chosen in the browser, which has no dialog for files of the station. */
export const offeredFolder = (dataDir: string): string => join(dataDir, 'files')

/** Runs until somebody ends it; never while a job writes. @throws EngineError `host.no-renderer` */
export async function runBrowserHost(options: BrowserHostOptions): Promise<void> {
  const { dataDir, version, say } = options
  const offered = offeredFolder(dataDir)
  await mkdir(offered, { recursive: true, mode: 0o700 })
  await using console = await openConsole({
    dataDir,
    kind: 'browser',
    version,
    chooser: chooseFrom([offered]),
    runnerFor: runnerFor(options.runner ?? developmentRunner()),
  })
  await using web = await openWebHost({
    endpoint: console.endpoint,
    assets: options.assets,
    port: options.port,
    log: console.log,
  })
  say(`Twinslot is at ${web.url}`)
  say('The address works once; Ctrl-C ends the console.')
  options.openBrowser?.(web.url)
  await new Promise<void>((resolve) => {
    options.onInterrupt(interruptRule({ busy: console.busy, say, end: resolve }))
  })
}

/** What an interrupt does: ends at once, or, while a job writes, says so first. */
export function interruptRule(needs: { busy(): boolean; say(line: string): void; end(): void }): () => void {
  let asked = 0
  return () => {
    asked += needs.busy() ? 1 : 2
    if (asked === 1) needs.say('A job is writing. Press Ctrl-C again to stop it at its next safe point and end.')
    if (asked !== 2 && asked !== 3) return
    if (needs.busy()) needs.say('Stopping: the step under way is being brought to a safe end.')
    asked = 4
    needs.end()
  }
}
