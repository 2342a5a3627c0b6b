// Kiosk mode, as a recovery stick shows the console: Chromium in full screen with a fresh profile. Window and console end
// together, except while a job writes: then a window that was closed is opened again. Promises: Chromium keeps its sandbox,
// and no address with a token is among its arguments.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { EngineError } from '#base/errors.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { findTool, toolMissing } from '#node/os/run-tool.ts'

export interface ShownWindow {
  /** Resolves when the window is gone: null when a person closed it, else why. */
  readonly ended: Promise<string | null>
  close(): Promise<void>
}

export interface KioskSession {
  readonly platform: NodeJS.Platform
  /** Effective user id, null where there is none. */
  readonly uid: number | null
  readonly env: NodeJS.ProcessEnv
}

/** Shows a local page; `folder` gets the browser's profile, which is removed with the window. */
export type OpenKiosk = (page: string, folder: string) => Promise<ShownWindow>

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'] as const
const REOPEN_MS = 1_000
const PATIENCE_MS = 5_000
const KEPT_OUTPUT = 4_000

/** Why this session cannot show it; null when it can. */
export function noKiosk({ platform, uid, env }: KioskSession): string | null {
  if (platform !== 'linux') return `it is made for Linux, and this is ${platform}`
  if (uid === 0) return "Chromium's sandbox does not run as root"
  return env.DISPLAY || env.WAYLAND_DISPLAY ? null : 'this session has no screen'
}

export const kioskArguments = (profile: string, page: string, env: NodeJS.ProcessEnv): readonly string[] => [
  '--kiosk',
  `--user-data-dir=${profile}`,
  '--no-first-run',
  '--no-default-browser-check',
  '--noerrdialogs',
  '--password-store=basic',
  // By itself it would go through X11 wherever that is there, too.
  `--ozone-platform=${env.WAYLAND_DISPLAY ? 'wayland' : 'x11'}`,
  '--overscroll-history-navigation=0',
  '--disable-pinch',
  '--disable-extensions',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-features=Translate',
  pathToFileURL(page).href,
]

/**
 * Looks whether a kiosk can be shown at all, before anything is started.
 * @throws EngineError `host.no-kiosk`, `tool.missing`
 */
export async function prepareKiosk(session: KioskSession): Promise<OpenKiosk> {
  const reason = noKiosk(session)
  if (reason !== null) throw new EngineError('host.no-kiosk', { reason })
  for (const name of BROWSERS) {
    const program = await findTool(name)
    if (program)
      return (page, folder) => openWindow(program, (profile) => kioskArguments(profile, page, session.env), folder)
  }
  throw toolMissing(BROWSERS[0])
}

async function openWindow(
  program: string,
  argumentsFor: (profile: string) => readonly string[],
  folder: string,
): Promise<ShownWindow> {
  await makeFolder(folder, 0o700)
  const profile = await mkdtemp(join(folder, 'kiosk-'))
  // A group of its own: Ctrl-C in the terminal is for the console, which may have to finish a write first.
  const child = spawn(program, argumentsFor(profile), { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const ended = endOf(child, basename(program)).finally(() =>
    rm(profile, { recursive: true, force: true, maxRetries: 5 }),
  )
  return {
    ended,
    async close() {
      signalGroup(child, 'SIGTERM')
      const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), PATIENCE_MS)
      await ended
      clearTimeout(hard)
    },
  }
}

function endOf(child: ChildProcess, name: string): Promise<string | null> {
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`${name} could not be started (${error.message})`))
    child.on('exit', (code, signal) => {
      // What is left of the group would write into the profile while it is removed.
      signalGroup(child, 'SIGKILL')
      const last = output.trim().split('\n').at(-1) ?? ''
      const said = last === '' ? '' : `: ${last.slice(-300)}`
      resolve(code === 0 ? null : `${name} ended with ${signal ?? `exit code ${code}`}${said}`)
    })
  })
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended.
  }
}

export interface KeptWindow {
  /** Resolves when a person closed the window; rejects with `host.no-kiosk` when it broke. Never while a job writes. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** Keeps a window open until a person closes it while nothing is written. */
export function keepWindow(needs: {
  open(): Promise<ShownWindow>
  busy(): boolean
  say(line: string): void
}): KeptWindow {
  let closing = false
  let shown: ShownWindow | null = null
  const keep = async (): Promise<void> => {
    while (!closing) {
      shown = await needs.open()
      if (closing) await shown.close()
      const why = await shown.ended
      if (closing) return
      if (!needs.busy()) {
        if (why !== null) throw new EngineError('host.no-kiosk', { reason: why })
        return
      }
      needs.say('The window was closed while a job writes: it is opened again.')
      await delay(REOPEN_MS)
    }
  }
  const ended = keep()
  return {
    ended,
    async close() {
      closing = true
      await shown?.close()
      await Promise.allSettled([ended])
    },
  }
}
