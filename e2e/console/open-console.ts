// Which window shows the console to the specs of this folder: TWINSLOT_WINDOW is `browser` (Chromium on the browser host, the
// default), `desktop` (Electron's real runtime) or `stand-in` (main process and preload script as packed, Chromium's window).
// Promises: closing a station fails when a page complained.
import { openDesktopStation } from '../electron/desktop-station.ts'
import { noDesktop } from '../electron/open-desktop.ts'
import { noBrowser } from './browser.ts'
import { openBrowserStation } from './browser-station.ts'
import type { Station, StationOptions } from './station.ts'

export type WindowKind = 'browser' | 'desktop' | 'stand-in'

const isKind = (word: string): word is WindowKind => ['browser', 'desktop', 'stand-in'].includes(word)

/** @throws Error for a word that names none */
export function windowKind(word = process.env.TWINSLOT_WINDOW || 'browser'): WindowKind {
  if (isKind(word)) return word
  throw new Error(`TWINSLOT_WINDOW=${word}: browser, desktop or stand-in`)
}

/** Why the console cannot be shown here; null when it can. */
export const cannotRun = (kind = windowKind()): string | null => (kind === 'desktop' ? noDesktop() : noBrowser())

export async function openStation(options: StationOptions, kind = windowKind()): Promise<Station> {
  return kind === 'browser' ? await openBrowserStation(options) : await openDesktopStation(options, kind)
}
