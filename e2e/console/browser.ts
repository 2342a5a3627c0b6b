// Chromium for the console's end-to-end tests: one process per test file, a fresh profile per window, and every complaint of
// a page (console errors, exceptions, violations of the content security policy) kept for the test to judge.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
/** Longer than anything that a small release takes, shorter than the limit of a test file. */
const PATIENCE_MS = 30_000

const program = CANDIDATES.find((path) => existsSync(path))

/** Why no page can be opened here; null when it can. */
export const noBrowser = (): string | null => (program ? null : 'needs chromium')

let running: Promise<Browser> | null = null

export async function closeBrowser(): Promise<void> {
  const browser = await running
  running = null
  await browser?.close()
}

export type Look = Omit<BrowserContextOptions, 'baseURL'>

export interface Window extends AsyncDisposable {
  readonly page: Page
  /** What the page complained about so far. */
  readonly complaints: readonly string[]
}

async function newContext(options: BrowserContextOptions): Promise<BrowserContext> {
  running ??= chromium.launch({ executablePath: program, args: ARGS })
  const context = await (await running).newContext(options)
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

/** A profile without any emulation. */
export const openPlainContext = (): Promise<BrowserContext> => newContext({ viewport: null })

/** A window in a profile of its own. English, light, 1280x800 unless the look says otherwise. */
export async function openWindow(look: Look = {}): Promise<Window> {
  const context = await newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    viewport: { width: 1280, height: 800 },
    ...look,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  listen(page, complaints)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

export function listen(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
}

/** Folder for what a person may want to look at afterwards; not in the repository. */
export const SHOTS = join(import.meta.dirname, '..', '..', 'var', 'screenshots')
