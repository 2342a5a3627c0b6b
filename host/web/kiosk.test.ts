// Kiosk mode with a program in Chromium's place that notes what it was started with: which command line there would be, who
// ends whom, and what is said when it cannot be. The real Chromium comes through the same door in e2e/console/tour.test.ts.
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isEngineError } from '#base/errors.ts'
import { eventually } from '#testing/fake-host.ts'
import { visit } from '#testing/web-visitor.ts'
import { runBrowserHost } from './browser-host.ts'
import { addressBehind, doorOf } from './door.ts'
import { type KioskSession, keepWindow, noKiosk, prepareKiosk, type ShownWindow } from './kiosk.ts'

const root = mkdtempSync(join(tmpdir(), 'twinslot-kiosk-'))
const PATH = process.env.PATH
after(() => rmSync(root, { recursive: true, force: true }))
afterEach(() => {
  process.env.PATH = PATH
})

const SESSION: KioskSession = { platform: 'linux', uid: 1000, env: { DISPLAY: ':0' } }
const assets = join(root, 'assets')
mkdirSync(assets)
writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Twinslot</title>')

/** A `chromium` on the PATH that notes its number and arguments, then does as `script` says. */
function fakeChromium(name: string, script: string): { readonly folder: string; notes(): string[] } {
  const folder = join(root, name)
  mkdirSync(folder)
  const notes = join(folder, 'notes')
  const program = join(folder, 'chromium')
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$$" "$@" >"${notes}"\n${script}\n`)
  chmodSync(program, 0o755)
  process.env.PATH = `${folder}:${PATH}`
  const whole = (lines: string[]): string[] => (lines.some((line) => line.startsWith('file:')) ? lines : [])
  return { folder, notes: () => whole(existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []) }
}

const alive = (pid: number): boolean => existsSync(`/proc/${pid}`)

/** A browser host in kiosk mode; `ask` is Ctrl-C. */
async function kioskHost(dataDir: string) {
  const said: string[] = []
  let ask = () => {}
  const ended = runBrowserHost({
    dataDir,
    version: '0',
    assets,
    say: (line) => said.push(line),
    openKiosk: await prepareKiosk(SESSION),
    onInterrupt: (interrupt) => {
      ask = interrupt
    },
  })
  ended.catch(() => {})
  return { said, ask: () => ask(), ended }
}

const codeOf = async (promise: Promise<unknown>): Promise<readonly [string, string]> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(isEngineError(error), String(error))
  return [error.code, error.message]
}

test('Chromium gets a fresh profile and a page that only its user may read, and no token among its arguments', async () => {
  const { notes } = fakeChromium('arguments', 'exec sleep 60')
  const data = join(root, 'arguments-data')
  const host = await kioskHost(data)
  const [pid, ...args] = await eventually(() => notes().length > 0 && notes())
  assert.deepEqual(args.slice(0, 1), ['--kiosk'])
  assert.ok(!args.includes('--no-sandbox'))
  assert.ok(args.includes('--ozone-platform=x11'), 'the session of this test has an X11 screen')
  const address = await addressBehind(data)
  const token = new URL(address ?? '').hash.slice(1)
  assert.ok(token.length > 20)
  assert.ok(!args.join(' ').includes(token) && !args.join(' ').includes('http'), args.join(' '))
  assert.equal(fileURLToPath(args.at(-1) ?? ''), doorOf(data))
  assert.equal(statSync(doorOf(data)).mode & 0o777, 0o600)
  const profile = args.find((arg) => arg.startsWith('--user-data-dir='))?.slice('--user-data-dir='.length) ?? ''
  assert.equal(statSync(profile).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(profile), [])
  // Who comes in uses the address up; the door leads to a new one then.
  assert.ok(await visit(address ?? ''))
  const next = await eventually(() => {
    const page = readFileSync(doorOf(data), 'utf8')
    return !page.includes(token) && page
  })
  assert.match(next, /http:\/\/127\.0\.0\.1:\d+\/enter#/)
  assert.ok(alive(Number(pid)))
  assert.doesNotMatch(host.said.join(), /http/, 'a service has a journal')
  host.ask()
  await host.ended
  assert.ok(!alive(Number(pid)), 'the window ends with the console')
  assert.ok(!existsSync(profile) && !existsSync(doorOf(data)))
})

test('the console ends when its window is closed', async () => {
  const { folder, notes } = fakeChromium('closed', `while [ ! -e "$0.close" ]; do sleep 0.05; done`)
  const host = await kioskHost(join(root, 'closed-data'))
  await eventually(() => notes().length > 0)
  writeFileSync(join(folder, 'chromium.close'), '')
  await host.ended
})

test('a browser that breaks off is a failure with its own last words', async () => {
  fakeChromium('broken', `echo noise >&2; echo 'Missing X server or $DISPLAY' >&2; exit 1`)
  const host = await kioskHost(join(root, 'broken-data'))
  const [code, message] = await codeOf(host.ended)
  assert.equal(code, 'host.no-kiosk')
  assert.match(message, /chromium ended with exit code 1: Missing X server or \$DISPLAY\.$/)
})

test('what is missing is said in one line: Chromium, a screen, an ordinary user', async () => {
  process.env.PATH = join(root, 'nothing')
  const [code, message] = await codeOf(prepareKiosk(SESSION))
  assert.deepEqual([code, message], ['tool.missing', 'The program chromium is needed and was not found.'])
  assert.match(noKiosk({ ...SESSION, uid: 0 }) ?? '', /does not run as root/)
  assert.match(noKiosk({ ...SESSION, env: {} }) ?? '', /no screen/)
  assert.match(noKiosk({ ...SESSION, platform: 'win32' }) ?? '', /made for Linux/)
  assert.equal(noKiosk({ ...SESSION, env: { WAYLAND_DISPLAY: 'wayland-0' } }), null)
  const [none] = await codeOf(prepareKiosk({ ...SESSION, env: {} }))
  assert.equal(none, 'host.no-kiosk')
})

test('a window that is closed while a job writes is opened again; when nothing is written it ends the console', async () => {
  const said: string[] = []
  let busy = true
  let opened = 0
  const open = async (): Promise<ShownWindow> => {
    opened += 1
    if (opened === 2) busy = false
    return { ended: Promise.resolve(opened === 1 ? 'it crashed' : null), close: async () => {} }
  }
  await keepWindow({ open, busy: () => busy, say: (line) => said.push(line) }).ended
  assert.equal(opened, 2)
  assert.deepEqual(said, ['The window was closed while a job writes: it is opened again.'])
})
