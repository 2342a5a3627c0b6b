// Is Electron's runtime here, and can it open a window? The npm package `electron` brings only types and a downloader; the
// program itself is fetched on first use. Who asks: `npm start`, `npm run dist` and the end-to-end tests.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const PACKAGE = resolve(import.meta.dirname, '..', 'node_modules', 'electron')

export interface ElectronRuntime {
  readonly present: boolean
  /** One line for people; empty when present. */
  readonly reason: string
  /** Folder with the unpacked runtime, and the program in it; empty when absent. */
  readonly dist: string
  readonly binary: string
}

const absent = (reason: string): ElectronRuntime => ({ present: false, reason, dist: '', binary: '' })

/** Looks at the files only; downloads nothing. `folder` is the npm package's, for tests. */
export function electronRuntime(folder: string = PACKAGE, env: NodeJS.ProcessEnv = process.env): ElectronRuntime {
  if (!existsSync(join(folder, 'package.json'))) return absent('the npm package "electron" is not installed')
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const missing = `the Electron ${version} runtime is not on this machine`
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return absent(missing)
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist')
  const versionFile = join(dist, 'version')
  const found = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : null
  if (found === null) return absent(missing)
  if (found !== version) return absent(`${missing}: version ${found} is`)
  const binary = join(dist, readFileSync(pathFile, 'utf8'))
  return existsSync(binary) ? { present: true, reason: '', dist, binary } : absent(missing)
}

/** Can a window be opened here with this runtime? */
export interface Session {
  readonly platform: NodeJS.Platform
  /** Effective user id, null where there is none. */
  readonly uid: number | null
  readonly env: NodeJS.ProcessEnv
}

export const thisSession = (): Session => ({
  platform: process.platform,
  uid: process.geteuid?.() ?? null,
  env: process.env,
})

/** Why this session cannot show a desktop app, whatever is installed; null when it can. */
export function noWindow({ platform, uid, env }: Session = thisSession()): string | null {
  if (platform !== 'linux') return null
  // Electron's sandbox refuses root, and we do not run without the sandbox.
  if (uid === 0) return "Electron's sandbox does not run as root"
  return env.DISPLAY || env.WAYLAND_DISPLAY ? null : 'this session has no screen'
}

/** The runtime, if it is here and this session can show it; else why not. */
export function desktopRuntime(session: Session = thisSession(), runtime = electronRuntime()): ElectronRuntime {
  const reason = runtime.present ? noWindow(session) : null
  return reason === null ? runtime : absent(reason)
}

/** Lets Electron fetch its runtime, at most `limitMs` long; answers what is there afterwards, and why if it is not. */
export async function fetchElectronRuntime(limitMs: number, folder: string = PACKAGE): Promise<ElectronRuntime> {
  const before = electronRuntime(folder)
  const program = join(folder, 'install.js')
  if (before.present || !existsSync(program)) return before
  const why = await new Promise<string>((done) => {
    const child = spawn(process.execPath, [program], { stdio: 'ignore', timeout: limitMs, killSignal: 'SIGKILL' })
    child.on('error', (error) => done(error.message))
    child.on('close', (code, signal) =>
      done(signal === null ? `exit code ${code}` : `no end after ${limitMs / 1000} s`),
    )
  })
  const after = electronRuntime(folder)
  return after.present ? after : absent(`${before.reason} and could not be fetched (${why})`)
}
