// The browser host as a program: the only console on its data folder, served on 127.0.0.1; prints the one-time address, and
// ends at Ctrl-C or, in kiosk mode, with its window. While a job writes, the first Ctrl-C only says so; the second stops the
// job at its next safe point, then ends.
import { join } from 'node:path'
import { makeFolder } from '#node/os/make-folder.ts'
import { type Consent, NO_CONSENT } from '../consent.ts'
import { openConsole } from '../console.ts'
import { chooseFrom } from '../files.ts'
import { hostPaths } from '../host-paths.ts'
import { claimDataFolder } from '../one-console.ts'
import { developmentRunner, type RunnerProgram, runnerFor } from '../runner-command.ts'
import { doorOf, openDoor } from './door.ts'
import { keepWindow, type OpenKiosk } from './kiosk.ts'
import { openWebHost } from './server.ts'
import { KIOSK_LIMITS, SESSION_LIMITS } from './sessions.ts'

export interface BrowserHostOptions {
  readonly dataDir: string
  readonly version: string
  /** Folder with the built renderer. */
  readonly assets: string
  readonly port?: number
  readonly runner?: RunnerProgram
  /** Whom to ask outside of the page; without it what guards a write cannot be changed. */
  readonly consent?: Consent
  /** Armored keys to trust, given by whoever starts the console. */
  readonly trust?: string
  readonly say: (line: string) => void
  /** It can be visited: `page` is local and leads to `address`, without a token in its own name. */
  readonly opened?: (page: string, address: string) => void
  /** Kiosk mode: the window with which the console ends. */
  readonly openKiosk?: OpenKiosk
  /** How often somebody asked to end: the program gives SIGINT and SIGTERM, tests their own. */
  readonly onInterrupt: (ask: () => void) => void
}

/** What a person puts here can be chosen in the browser, which has no dialog for files of the station. */
export const offeredFolder = (dataDir: string): string => join(dataDir, 'files')

/**
 * Runs until somebody ends it; never ends while a job writes.
 * @throws EngineError `host.running`, `host.no-renderer`, `host.port`, `host.no-kiosk`
 */
export async function runBrowserHost(options: BrowserHostOptions): Promise<void> {
  const { dataDir, version, say, openKiosk } = options
  await using _alone = await claimDataFolder(dataDir)
  await using door = await openDoor(dataDir)
  const offered = offeredFolder(dataDir)
  await makeFolder(offered, 0o700)
  await using console = await openConsole({
    dataDir,
    kind: 'browser',
    version,
    chooser: chooseFrom([offered]),
    runnerFor: runnerFor(options.runner ?? developmentRunner()),
    consent: options.consent ?? NO_CONSENT,
  })
  if (options.trust !== undefined)
    await console.calls['trust.import']({ armored: options.trust }, AbortSignal.timeout(60_000))
  await using web = await openWebHost({
    endpoint: console.endpoint,
    assets: options.assets,
    port: options.port,
    limits: openKiosk ? KIOSK_LIMITS : SESSION_LIMITS,
    onEntered: () => void door.hang(web.newUrl()).catch((error: unknown) => console.log(`door: ${String(error)}`)),
    log: console.log,
  })
  await door.hang(web.url)
  if (openKiosk) {
    // No address: what a service prints is kept in a journal that others may read.
    say('Twinslot is on the screen; it ends when its window is closed.')
  } else {
    say(`Twinslot is at ${web.url}`)
    say('The address works once; the same command prints a new one. Ctrl-C ends the console.')
  }
  options.opened?.(doorOf(dataDir), web.url)
  const { busy } = console
  const interrupted = new Promise<void>((end) => options.onInterrupt(interruptRule({ busy, say, end })))
  if (!openKiosk) return await interrupted
  const open = () => openKiosk(doorOf(dataDir), hostPaths(dataDir).work)
  const window = keepWindow({ open, busy, say })
  try {
    await Promise.race([interrupted, window.ended])
  } finally {
    await window.close()
  }
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
