// A console back end's surroundings for tests: a temporary folder, a clock, what was told and logged. The runner is the
// real program.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConsoleNews } from '#contract/console.ts'
import type { SettingsView } from '#contract/views.ts'
import { openChecks } from '#host/checks.ts'
import { hostPaths } from '#host/host-paths.ts'
import type { Host } from '#host/ports.ts'

const RUNNER = join(import.meta.dirname, '../../host/runner/main.ts')

export interface FakeHost extends Host, Disposable {
  readonly told: ConsoleNews[]
  readonly lines: string[]
  change(settings: Partial<SettingsView>): void
}

export function fakeHost(data: string, now: () => Date = () => new Date()): FakeHost {
  const paths = hostPaths(data)
  for (const folder of [paths.images, paths.virtual, paths.reports, paths.journal, paths.work])
    mkdirSync(folder, { recursive: true })
  const closing = new AbortController()
  const told: ConsoleNews[] = []
  const lines: string[] = []
  let settings: SettingsView = {
    language: 'en',
    theme: 'light',
    sounds: false,
    assistive: false,
    operator: 'Test',
    neverTouch: [],
  }
  return {
    paths,
    clock: { now },
    version: '0.0.0',
    kind: 'browser',
    told,
    lines,
    tell: (news) => told.push(news),
    checks: openChecks({ tell: (news) => told.push(news), signal: closing.signal }),
    settings: () => settings,
    change(patch) {
      settings = { ...settings, ...patch }
    },
    log: (line) => lines.push(line),
    runnerFor: async () => ({
      command: process.execPath,
      args: [RUNNER],
      env: { ...process.env, SUDO_UID: undefined, TWINSLOT_STATE: join(data, 'state') },
    }),
    signal: closing.signal,
    [Symbol.dispose]: () => closing.abort(),
  }
}

/** Waits until something is so; the limit only ends a test that would hang. */
export async function eventually<T>(look: () => T | null | undefined | false, limitMs = 30_000): Promise<T> {
  const end = Date.now() + limitMs
  for (;;) {
    const found = look()
    if (found) return found
    if (Date.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${look}`)
    await delay(50)
  }
}
