// `npm start`: the console, ready to try. Builds the renderer, makes the demo release, puts it with its key, a virtual T640
// and a sample config folder into the console's data folder (var/console, or $TWINSLOT_DATA), then opens the desktop app
// where Electron's runtime is present, else the browser host; where a console works with that folder already, that one.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { explain, isEngineError } from '#base/errors.ts'
import { terminalLine } from '#base/foreign-text.ts'
import { claimDataFolder } from '#host/one-console.ts'
import { runBrowserHost } from '#host/web/browser-host.ts'
import { addressBehind, doorOf } from '#host/web/door.ts'
import { prepareKiosk } from '#host/web/kiosk.ts'
import { terminalConsent } from '#host/web/terminal-consent.ts'
import { readWordFile } from '#node/os/word-file.ts'
import { MAX_KEYRING_SIZE } from '#trust/keyring.ts'
import { buildRenderer } from './build-renderer.ts'
import { fetchElectronRuntime, noWindow, thisSession } from './electron-runtime.ts'

const ROOT = join(import.meta.dirname, '..')
const DATA = process.env.TWINSLOT_DATA ?? join(ROOT, 'var', 'console')
/** Key and releases of the demo; a data folder of one's own has its own. */
const BENCH = process.env.TWINSLOT_DATA ? join(DATA, 'demo') : join(ROOT, 'var', 'bench')
const FETCH_LIMIT_MS = 300_000

const USAGE = `npm start -- [--web | --kiosk] [--port N] [--no-open] [--no-demo]
  --web       the console in a browser, also where the desktop app could run
  --kiosk     the same in full screen, in Chromium; both end together
  --port N    port of the browser host on 127.0.0.1 (default: any free one)
  --no-open   print the address, open nothing
  --trust KEYS  trust the keys of this file from now on (browser host)
  --no-demo   put no demo release and no virtual disk into the console`

/** @throws TypeError what is wrong with them, in words */
function readOptions() {
  const { values } = parseArgs({
    options: {
      web: { type: 'boolean', default: false },
      kiosk: { type: 'boolean', default: false },
      port: { type: 'string' },
      trust: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      'no-demo': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new TypeError(`--port ${values.port}: a port is a number up to 65535`)
  return { ...values, port }
}

const utf8Text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const say = (line: string): void => void process.stdout.write(`${terminalLine(line, false)}\n`)

/** The desktop app's runtime, fetched by Electron if need be; a session that could not show it downloads nothing. */
async function desktop(): Promise<{ readonly binary: string; readonly reason: string }> {
  const reason = noWindow()
  return reason === null ? await fetchElectronRuntime(FETCH_LIMIT_MS) : { binary: '', reason }
}

const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** That no browser could be opened is no failure: the address is printed. */
function openBrowser(page: string): void {
  const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const child = spawn(program, [page], { stdio: 'ignore', detached: true })
  child.on('error', () => say(`(${program} is not here: open the address yourself.)`))
  // Windows' explorer ends with 1 when all is well.
  if (program !== 'explorer')
    child.on('exit', (code) => code && say(`(${program} could open no browser: open the address yourself.)`))
  child.unref()
}

/** Over SSH the printed address is the other computer's: how it is reached from the one in front of the person. */
function sayHowOverSsh(address: string): void {
  // client address, its port, server address, its port
  const [, , server, sshPort] = (process.env.SSH_CONNECTION ?? '').split(' ')
  if (!server || hasDisplay()) return
  const { port } = new URL(address)
  const at = `${sshPort === '22' ? '' : `-p ${sshPort} `}${userInfo().username}@${server}`
  say(`This is an SSH session. On your own computer: ssh -N -L ${port}:127.0.0.1:${port} ${at}`)
  say('Leave that running and open the address there.')
}

/** Runs the desktop app in this terminal; answers its exit code. */
async function runDesktop(binary: string): Promise<number> {
  const { APP, assembleDesktop } = await import('./assemble-desktop.ts')
  await assembleDesktop()
  const child = spawn(binary, [APP], {
    stdio: 'inherit',
    env: { ...process.env, TWINSLOT_DATA: DATA },
  })
  process.on('SIGINT', () => child.kill('SIGINT'))
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** What a newcomer tries. Without it the console still starts. */
async function addDemo(version: string): Promise<void> {
  const [{ makeDemoRelease }, { show }, { seedConsole }] = await Promise.all([
    import('./demo-release.ts'),
    import('./demo-show.ts'),
    import('./seed-console.ts'),
  ])
  try {
    const demo = await makeDemoRelease(ROOT, BENCH, show(false), true)
    const added = await seedConsole(DATA, version, demo)
    if (added) say('Put the demo releases, their key, a virtual T640 and a config folder into the console.')
  } catch (error) {
    if (!isEngineError(error)) throw error
    const { message, remedy } = explain(error)
    say(`The demo release could not be made, so the console starts without it: ${message} ${remedy}`)
  }
}

/** Prepares the data folder; false when another console works with it, which is left alone then. */
async function prepare(demo: () => Promise<void>): Promise<boolean> {
  try {
    await using _alone = await claimDataFolder(DATA)
    await demo()
    return true
  } catch (error) {
    if (isEngineError(error, 'host.running')) return false
    throw error
  }
}

/** A window of the console that runs already; false when that is no browser host. */
async function openRunning(opened: (page: string, address: string) => void): Promise<boolean> {
  const address = await addressBehind(DATA)
  if (address === null) return false
  say(`The console is running already. A further window of it is at ${address}`)
  opened(doorOf(DATA), address)
  return true
}

async function start(options: ReturnType<typeof readOptions>): Promise<number> {
  const kiosk = options.kiosk ? await prepareKiosk(thisSession()) : undefined
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const { folder: assets, built } = await buildRenderer(ROOT)
  if (built) say('Built the console.')
  const opened = (page: string, address: string): void => {
    sayHowOverSsh(address)
    if (!options['no-open'] && !kiosk && hasDisplay()) openBrowser(page)
  }
  const alone = await prepare(async () => {
    if (!options['no-demo']) await addDemo(version)
  })
  if (!alone && !kiosk && (await openRunning(opened))) return 0
  if (!options.web && !kiosk) {
    const { binary, reason } = await desktop()
    // A system may have the runtime and still lack a library of it, or forbid its sandbox.
    const code = binary === '' ? null : await runDesktop(binary)
    if (code === 0) return 0
    say(`The console opens in a browser: ${code === null ? reason : `the desktop app ended with exit code ${code}`}.`)
  }
  const onInterrupt = (ask: () => void): void => {
    process.on('SIGINT', ask)
    // Whoever shuts the computer down does not ask twice: the job is stopped at its next safe point.
    process.on('SIGTERM', () => {
      ask()
      ask()
    })
  }
  await runBrowserHost({
    dataDir: DATA,
    version,
    assets,
    port: options.port,
    say,
    opened,
    openKiosk: kiosk,
    consent: process.stdin.isTTY && !kiosk ? terminalConsent({ input: process.stdin, say }) : undefined,
    trust: options.trust === undefined ? undefined : utf8Text(await readWordFile(options.trust, MAX_KEYRING_SIZE)),
    onInterrupt,
  })
  return 0
}

async function main(): Promise<number> {
  const complain = (text: string): void => void process.stderr.write(`npm start: ${text}\n`)
  let options: ReturnType<typeof readOptions>
  try {
    options = readOptions()
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (options.help) {
    say(USAGE)
    return 0
  }
  try {
    return await start(options)
  } catch (error) {
    complain(isEngineError(error) ? Object.values(explain(error)).join(' ') : String(error))
    return 1
  }
}

process.exitCode = await main()
