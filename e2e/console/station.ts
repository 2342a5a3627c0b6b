// The console as a spec has it in its hands, whichever window shows it: calls, events, windows, what was saved. Two kinds:
// browser-station.ts (Chromium on a host in this process) and e2e/electron/desktop-station.ts (the desktop app).

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { ConsoleAnswers, ConsoleCall, ConsoleEvent, ConsoleParams, HostMessage } from '#contract/console.ts'
import type { StationView, UnitView } from '#contract/views.ts'
import type { Consent } from '#host/consent.ts'
import type { Console } from '#host/console.ts'
import { offeredFolder } from '#host/web/browser-host.ts'
import type { WebHost } from '#host/web/server.ts'
import type { Faults } from '#testing/faults.ts'
import type { Look, Window } from './browser.ts'

export interface StationOptions {
  /** Folder of its data; made when it is not there. */
  readonly data: string
  /** Armored key ring, releases and config folders that lie ready. */
  readonly trust?: string
  readonly releases?: readonly string[]
  /** Names of blank virtual disks on the bench. */
  readonly disks?: readonly string[]
  /** Faults of disks, by the name of their file. */
  readonly faults?: Readonly<Record<string, Faults>>
  readonly settings?: ConsoleParams<'settings.change'>
  /** The person outside of the page; agrees when nothing is said. Browser only. */
  readonly consent?: Consent
}

export const DISK_SIZE = 16e9

/** What a technician finds where the download went. */
export interface Saved {
  readonly name: string
  readonly path: string
}

export type Call = <C extends ConsoleCall>(call: C, params: ConsoleParams<C>) => Promise<ConsoleAnswers[C]>

/** The value of an answer. @throws Error with the code of its problem */
export function answered<C extends ConsoleCall>(call: C, answer: HostMessage): ConsoleAnswers[C] {
  if ('ok' in answer && answer.ok) return answer.value as ConsoleAnswers[C]
  throw new Error(`${call}: ${JSON.stringify('ok' in answer && !answer.ok ? answer.problem : answer)}`)
}

/** The folder, and what can be asked with calls alone. */
export interface StationCalls {
  readonly data: string
  /** What lies here is offered by the choice of files. */
  readonly offered: string
  call: Call
  view(): Promise<StationView>
  unit(name: string): Promise<UnitView>
  /** Path of a virtual disk. */
  disk(name: string): string
}

export interface Station extends StationCalls, AsyncDisposable {
  /** Hears the host's events. */
  listen(listener: (event: ConsoleEvent) => void): Disposable
  /** A fresh window at this screen; the desktop app has but one, so the last must have been disposed. */
  open(look?: Look, screen?: string): Promise<Window>
  /** What is saved when somebody presses that. */
  saved(page: Page, press: () => Promise<void>): Promise<Saved>
  /** The browser host itself, for what only it has. @throws Error on the desktop */
  readonly host: { readonly console: Console; readonly web: WebHost }
}

export function stationCalls(data: string, call: Call): StationCalls {
  const view = () => call('station.get', {})
  const disk = (name: string) => join(data, 'virtual', `${name}.img`)
  return {
    data,
    offered: offeredFolder(data),
    call,
    view,
    disk,
    async unit(name) {
      const { bench } = await view()
      const found = bench.units.find(({ key }) => key === `file ${disk(name)}`)
      if (!found) throw new Error(`no unit ${name} on the bench`)
      return found
    },
  }
}

/** @throws Error when a page complained: errors, exceptions, violations of the content security policy. */
export function judgeComplaints(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Error(`pages complained:\n${complaints.join('\n')}`)
}

export const drawn = (page: Page): Promise<void> => page.locator('#main h1').first().waitFor()

/** Shows a screen and waits until its heading is there. */
export async function goTo(page: Page, screen: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${screen}`)}`)
  await drawn(page)
}

const POLL_MS = 50
const LIMIT_MS = 30_000

/** Waits for something that the host knows a little later: a bench is looked at again after each job. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${check}`)
    await delay(POLL_MS)
  }
}
