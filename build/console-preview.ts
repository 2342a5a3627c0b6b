// A look at the console without a host: serves the built renderer with a made-up station, over the same WebSocket messages and
// under the same content security policy. `node build/console-preview.ts [--many] [--busy] [--shots FOLDER]`; shots need Chromium.
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { WebSocketServer } from 'ws'
import type { ClientMessage, ConsoleNews, HostMessage } from '#contract/console.ts'
import type { SettingsView, StationView } from '#contract/views.ts'
import { buildManyUnits, buildProblem, buildStation } from '#renderer/testing/fixtures.ts'

const ROOT = resolve(import.meta.dirname, '../dist/renderer')
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"

export interface Preview {
  readonly address: string
  change(station: Partial<StationView>): void
  tell(news: ConsoleNews): void
  close(): void
}

export async function servePreview(start: StationView): Promise<Preview> {
  let station = start
  const server = createServer(({ url = '/' }, response) => {
    const path = normalize(new URL(url, 'http://x').pathname)
    try {
      const file = join(ROOT, path === '/' ? 'index.html' : path)
      response.setHeader('content-security-policy', POLICY)
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
      response.end(readFileSync(file))
    } catch {
      response.writeHead(404).end()
    }
  })
  const sockets = new WebSocketServer({ server, path: '/ws' })
  const send = (message: HostMessage): void => {
    for (const socket of sockets.clients) socket.send(JSON.stringify(message))
  }
  const tell = (news: ConsoleNews): void => {
    station = { ...station, seq: station.seq + 1 }
    send({ event: { ...news, seq: station.seq } })
  }
  const answer = ({ id, call, params }: ClientMessage): HostMessage => {
    if (call === 'station.get') return { id, ok: true, value: station }
    if (call === 'settings.change') {
      const settings: SettingsView = { ...station.settings, ...(params as Partial<SettingsView>) }
      station = { ...station, settings }
      tell({ type: 'settings', settings })
      return { id, ok: true, value: settings }
    }
    const problem = buildProblem({
      code: 'host.bad-call',
      message: `The preview does not answer ${call}.`,
      remedy: '',
    })
    return { id, ok: false, problem }
  }
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(JSON.stringify(answer(JSON.parse(String(data)) as ClientMessage))))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    change: (change) => {
      station = { ...station, ...change }
    },
    tell,
    close() {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
    },
  }
}

/** Ten progress events a second for every job of the first batch. */
function keepBusy(preview: Preview, { batches }: StationView): void {
  let beat = 0
  setInterval(() => {
    beat += 1
    for (const { job, totalBytes } of batches[0].jobs.filter(({ endedAt }) => endedAt === null)) {
      const doneBytes = (beat * 20_000_000) % totalBytes
      const rate = beat % 10 === 0 ? 180e6 + (beat % 70) * 1e6 : null
      tellProgress(preview, job, doneBytes, totalBytes, rate)
    }
  }, 100)
}

const tellProgress = (
  preview: Preview,
  job: string,
  doneBytes: number,
  totalBytes: number,
  rate: number | null,
): void =>
  preview.tell({
    type: 'progress',
    job,
    patch: { stage: 'write', state: 'writing', doneBytes, totalBytes, remaining: 90, limit: 'disk', rate },
  })

const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
}

const LOOKS = [
  ['en-light', { locale: 'en-GB', colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['de-dark', { locale: 'de-DE', colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['ar-light', { locale: 'ar-EG', colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['xa-small', { locale: 'en-XA', colorScheme: 'dark', viewport: { width: 512, height: 300 } }],
] as const

/** Pictures of the screens in four looks; `xa-small` is 1024x600 at 200 %. */
async function takeShots(address: string, folder: string, screens: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch(CHROMIUM)
  for (const [name, look] of LOOKS) {
    const page = await browser.newPage({ ...look, deviceScaleFactor: name === 'xa-small' ? 2 : 1 })
    page.on('console', (message) => message.type() === 'error' && console.log(`${name}: ${message.text()}`))
    page.on('pageerror', (error) => console.log(`${name}: ${error.message}`))
    for (const screen of screens) {
      await page.goto(`${address}#/${screen}`)
      await page.locator('h1').first().waitFor()
      await page.waitForTimeout(400)
      await page.screenshot({ path: join(folder, `${screen.replace(/\W/g, '-')}-${name}.png`) })
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth > window.innerWidth || document.querySelector("main").scrollWidth > document.querySelector("main").clientWidth',
      )
      if (wide) console.log(`${name}: ${screen} is wider than the window`)
    }
    await page.close()
  }
  await browser.close()
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { many: { type: 'boolean' }, busy: { type: 'boolean' }, shots: { type: 'string' } },
    allowPositionals: true,
  })
  const small = buildStation()
  const station = values.many ? { ...small, bench: { ...small.bench, units: buildManyUnits(500) } } : small
  const preview = await servePreview(station)
  if (values.busy) keepBusy(preview, station)
  if (values.shots) {
    await takeShots(preview.address, values.shots, positionals.length > 0 ? positionals : ['bench', 'run'])
    preview.close()
  } else console.log(`The preview is at ${preview.address}`)
}
