// `npm start`: the console, ready to try. Builds the renderer, makes the demo release, puts it with its key, a virtual T640
// and a sample config folder into the console's data folder (var/console, or $TWINSLOT_DATA), then opens the desktop app
// where Electron's runtime is present, else the browser host. Options: --web, --port N, --no-open.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runBrowserHost } from '../host/web/browser-host.ts'
import { explain, isEngineError } from '../src-shared/base/errors.ts'
import { buildRenderer } from './build-renderer.ts'
import { makeDemoRelease } from './demo-release.ts'
import { show } from './demo-show.ts'
import { fetchElectronRuntime, noWindow } from './electron-runtime.ts'
import { seedConsole } from './seed-console.ts'

const ROOT = join(import.meta.dirname, '..')
const BENCH = join(ROOT, 'var', 'bench')
const FETCH_LIMIT_MS = 300_000

const USAGE = `npm start -- [--web] [--port N] [--no-open]
  --web       the console in a browser, also where the desktop app could run
  --port N    port of the browser host on 127.0.0.1 (default: any free one)
  --no-open   print the address, open nothing`

function options() {
  const { values } = parseArgs({
    options: {
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new TypeError(`--port ${values.port}: a port is a number up to 65535`)
  return { ...values, port }
}

/** The desktop app's runtime, fetched by Electron if need be; a session that could not show it downloads nothing. */
async function desktop(): Promise<{ readonly binary: string; readonly reason: string }> {
  const reason = noWindow()
  return reason === null ? await fetchElectronRuntime(FETCH_LIMIT_MS) : { binary: '', reason }
}

const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

function openBrowser(url: string): void {
  const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const child = spawn(program, [url], { stdio: 'ignore', detached: true })
  // The address is printed; that no browser could be opened is no failure.
  child.on('error', () => process.stdout.write(`  (${program} is not here: open the address yourself)\n`))
  child.unref()
}

/** Runs the desktop app in this terminal; answers its exit code. */
async function runDesktop(binary: string, dataDir: string): Promise<number> {
  const { APP, assembleDesktop } = await import('./assemble-desktop.ts')
  await assembleDesktop()
  const child = spawn(binary, [APP], {
    stdio: 'inherit',
    env: { ...process.env, TWINSLOT_DATA: dataDir },
  })
  process.on('SIGINT', () => child.kill('SIGINT'))
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

async function main(): Promise<number> {
  const { web, port, help, 'no-open': quiet } = options()
  if (help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const { folder: assets, built } = await buildRenderer(ROOT)
  if (built) say('Built the console.')
  const dataDir = process.env.TWINSLOT_DATA ?? join(ROOT, 'var', 'console')
  try {
    const demo = await makeDemoRelease(ROOT, BENCH, show(false), true)
    const added = await seedConsole(dataDir, version, demo)
    if (added) say('Put the demo release, its key, a virtual T640 and a config folder into the console.')
  } catch (error) {
    if (!isEngineError(error)) throw error
    const { message, remedy } = explain(error)
    say(`The demo release could not be made, so the console starts without it: ${message} ${remedy}`)
  }
  if (!web) {
    const { binary, reason } = await desktop()
    // A system may have the runtime and still lack a library of it, or forbid its sandbox.
    const code = binary === '' ? null : await runDesktop(binary, dataDir)
    if (code === 0) return 0
    say(`The console opens in a browser: ${code === null ? reason : `the desktop app ended with exit code ${code}`}.`)
  }
  await runBrowserHost({
    dataDir,
    version,
    assets,
    port,
    say,
    openBrowser: quiet || !hasDisplay() ? undefined : openBrowser,
    onInterrupt: (ask) => {
      process.on('SIGINT', ask)
      process.on('SIGTERM', ask)
    },
  })
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  const text = isEngineError(error) ? Object.values(explain(error)).join(' ') : String(error)
  process.stderr.write(`npm start: ${text}\n`)
  process.exitCode = 1
}
