import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { CONTENT_SECURITY_POLICY } from '#host/web/headers.ts'
import { isOurs, SCHEME_PRIVILEGES, serveRenderer } from './protocol.ts'
import {
  type GuardedContents,
  type GuardedSession,
  guardContents,
  guardSession,
  safeFileName,
  windowOptions,
} from './window.ts'

const bytes = new TextEncoder().encode('<!doctype html>')
const assets = new Map([
  ['/index.html', { type: 'text/html; charset=utf-8', bytes }],
  ['/assets/app.js', { type: 'text/javascript; charset=utf-8', bytes }],
])
const serve = serveRenderer(assets)
const get = (url: string, method = 'GET') => serve(new Request(url, { method }))

test('the renderer is served with the same strict policy as in the browser, and nothing else is served', async () => {
  const page = get('twinslot://console/')
  assert.equal(page.status, 200)
  assert.equal(await page.text(), '<!doctype html>')
  assert.equal(page.headers.get('content-security-policy'), CONTENT_SECURITY_POLICY)
  assert.match(CONTENT_SECURITY_POLICY, /default-src 'none'.*script-src 'self';/)
  assert.doesNotMatch(CONTENT_SECURITY_POLICY, /unsafe|https?:|\*/)
  assert.equal(get('twinslot://console/assets/app.js').headers.get('x-content-type-options'), 'nosniff')
  for (const path of ['main.mjs', '../main.mjs', '%2e%2e/main.mjs', 'assets/', 'assets/app.js.map', '/etc/passwd'])
    assert.equal(get(`twinslot://console/${path}`).status, 404, path)
  for (const host of ['twinslot://other/index.html', 'twinslot://console.evil/index.html', 'twinslot://console:80/'])
    assert.equal(get(host).status, 404, host)
  assert.equal(get('twinslot://console/', 'POST').status, 405)
})

test('only an address of exactly our scheme and host is ours', () => {
  assert.ok(isOurs('twinslot://console/index.html#/bench'))
  for (const url of [
    'twinslot://console.evil/',
    'twinslot://evil/?twinslot://console/',
    'twinslot://user@console/',
    'https://console/',
    'file:///twinslot://console/',
    'about:blank',
    '',
  ])
    assert.ok(!isOurs(url), url)
})

test('the scheme is a secure origin without service workers, and cannot pass by the policy', () => {
  const { privileges } = SCHEME_PRIVILEGES
  assert.deepEqual(
    [privileges.standard, privileges.secure, privileges.bypassCSP, privileges.allowServiceWorkers],
    [true, true, false, false],
  )
})

test('the window is sandboxed, isolated, without Node, and without developer tools in a package', () => {
  const { webPreferences } = windowOptions('/preload.cjs', true)
  for (const name of ['sandbox', 'contextIsolation', 'webSecurity'] as const)
    assert.equal(webPreferences[name], true, name)
  for (const name of [
    'nodeIntegration',
    'nodeIntegrationInWorker',
    'nodeIntegrationInSubFrames',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'webviewTag',
    'plugins',
    'navigateOnDragDrop',
    'devTools',
  ] as const)
    assert.equal(webPreferences[name], false, name)
  assert.equal(windowOptions('/preload.cjs', false).webPreferences.devTools, true)
})

interface Contents extends GuardedContents {
  /** Whether a thing of this kind is let through. */
  allows(event: string, details?: object): boolean
  opens(url: string): string
}

function fakeContents(): Contents {
  const events = new EventEmitter()
  let handler: Parameters<GuardedContents['setWindowOpenHandler']>[0] | undefined
  return {
    on: (event: string, heard: (...details: never[]) => void) => events.on(event, heard as (...all: unknown[]) => void),
    setWindowOpenHandler(given) {
      handler = given
    },
    allows(event, details = {}) {
      let prevented = false
      events.emit(event, { ...details, preventDefault: () => (prevented = true) })
      return !prevented
    },
    opens: (url) => handler?.({ url }).action ?? 'allow',
  }
}

test('the window goes nowhere: no foreign page, no redirection, no new window, no web view', () => {
  const contents = fakeContents()
  const log: string[] = []
  guardContents(contents, (line) => log.push(line))
  const goes = (url: string, isMainFrame = true) => contents.allows('will-frame-navigate', { url, isMainFrame })
  for (const url of [
    'https://evil.example/',
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:1',
    'twinslot://evil/',
  ])
    assert.deepEqual([goes(url), goes(url, false), contents.opens(url)], [false, false, 'deny'], url)
  assert.ok(goes('twinslot://console/index.html'))
  assert.ok(goes('blob:twinslot://console/1-2', false), 'a report in a frame')
  assert.ok(!goes('blob:twinslot://console/1-2'), 'a blob as the page itself')
  assert.ok(!goes('blob:https://evil.example/1-2', false))
  assert.equal(contents.opens('twinslot://console/'), 'deny')
  assert.ok(!contents.allows('will-redirect', { url: 'twinslot://console/' }))
  assert.ok(!contents.allows('will-attach-webview'))
  assert.ok(log.length > 10)
})

type Handlers = {
  request: Parameters<GuardedSession['setPermissionRequestHandler']>[0]
  check: Parameters<GuardedSession['setPermissionCheckHandler']>[0]
  device: () => boolean
  before: Parameters<GuardedSession['webRequest']['onBeforeRequest']>[0]
}

function fakeSession(packaged = true) {
  const handlers: Partial<Handlers> = {}
  const events = new EventEmitter()
  const session: GuardedSession = {
    setPermissionRequestHandler: (handler) => {
      handlers.request = handler
    },
    setPermissionCheckHandler: (handler) => {
      handlers.check = handler
    },
    setDevicePermissionHandler: (handler) => {
      handlers.device = handler
    },
    on: (event, listener) => events.on(event, listener),
    webRequest: {
      onBeforeRequest: (listener) => {
        handlers.before = listener
      },
    },
  }
  guardSession(session, packaged, () => {})
  const { request, check, device, before } = handlers as Handlers
  return {
    asks(permission: string, requestingUrl: string, isMainFrame = true): boolean {
      let granted: boolean | null = null
      request(null, permission, (answer) => (granted = answer), { requestingUrl, isMainFrame })
      assert.equal(check(null, permission, requestingUrl, { requestingUrl, isMainFrame }), granted)
      assert.ok(granted !== null, 'the handler must answer')
      return granted
    },
    device,
    loads(url: string): boolean {
      let cancelled = false
      before({ url }, ({ cancel }) => (cancelled = cancel))
      return !cancelled
    },
    downloads(url: string, name: string): string | null {
      let path: string | null = null
      let prevented = false
      const item = {
        getURL: () => url,
        getFilename: () => name,
        setSaveDialogOptions: ({ defaultPath }: { defaultPath: string }) => {
          path = defaultPath
        },
      }
      events.emit('will-download', { preventDefault: () => (prevented = true) }, item)
      assert.equal(prevented, path === null)
      return path
    },
  }
}

test('every permission is denied but one: our own page may put text into the clipboard', () => {
  const session = fakeSession()
  const page = 'twinslot://console/index.html'
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'usb',
    'serial',
    'hid',
    'fileSystem',
    'openExternal',
  ])
    assert.equal(session.asks(permission, page), false, permission)
  assert.equal(session.asks('clipboard-read', page), false)
  assert.equal(session.asks('clipboard-sanitized-write', page), true)
  assert.equal(session.asks('clipboard-sanitized-write', page, false), false)
  assert.equal(session.asks('clipboard-sanitized-write', 'https://evil.example/'), false)
  assert.equal(session.device(), false)
})

test('nothing is loaded from elsewhere, not even when a page finds a way around the policy', () => {
  const session = fakeSession()
  for (const url of ['twinslot://console/a.js', 'blob:twinslot://console/1', 'data:image/png;base64,'])
    assert.ok(session.loads(url))
  for (const url of [
    'https://evil.example/',
    'http://127.0.0.1/',
    'ws://127.0.0.1/',
    'file:///etc/passwd',
    'devtools://x/',
  ])
    assert.ok(!session.loads(url), url)
  assert.ok(fakeSession(false).loads('devtools://x/'), 'a checkout has developer tools')
})

test('only what our page made is saved, always by way of a dialog, and under a name that is only a name', () => {
  const session = fakeSession()
  assert.equal(session.downloads('blob:twinslot://console/1', 'report 4F2A91.html'), 'report 4F2A91.html')
  assert.equal(session.downloads('blob:twinslot://console/1', '../../.bashrc'), '_.._.bashrc')
  for (const url of ['https://evil.example/x.exe', 'blob:https://evil.example/1', 'data:text/html,x'])
    assert.equal(session.downloads(url, 'x.exe'), null, url)
  assert.equal(safeFileName('/etc/cron.d/x'), '_etc_cron.d_x')
  assert.equal(safeFileName('..'), 'twinslot')
})
