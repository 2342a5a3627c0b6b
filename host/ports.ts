// What the parts of the console's back end are to each other. Each part (bench, images, trust, jobs, ...) answers its own
// calls and offers the others one small view; host/console.ts puts them together, the tests may replace any of them.

import type { ConsoleAnswers, ConsoleCall, ConsoleNews, ConsoleParams } from '#contract/console.ts'
import type { DiskNews } from '#contract/disk-facts.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { CheckView, HistoryRow, PlanConfig, SettingsView, StationView, Token, UnitView } from '#contract/views.ts'
import type { Clock } from '#engine/ports.ts'
import type { Report } from '#engine/run-plan.ts'
import type { DiskInfo } from '#model/disk.ts'
import type { TrustedKeys } from '#trust/keyring.ts'
import type { RunnerCommand } from './runner-client.ts'

/** Answers of one part; params were checked with the contract's schema. */
export type Calls<C extends ConsoleCall> = {
  readonly [K in C]: (params: ConsoleParams<K>, signal: AbortSignal) => Promise<ConsoleAnswers[K]>
}

/** Where the console keeps what it keeps; all below one folder of the user. */
export interface HostPaths {
  readonly data: string
  /** Images of the library. */
  readonly images: string
  /** Virtual disks that the console made. */
  readonly virtual: string
  readonly reports: string
  readonly journal: string
  /** The trust list: an armored key ring. */
  readonly trust: string
  /** The station's own key, which signs certificates. */
  readonly stationKey: string
  readonly settings: string
  /** What is known of disks that were on the bench. */
  readonly disks: string
  /** Config drafts and what else is made while it runs. */
  readonly work: string
}

/** A long reading that changes nothing (checks.ts). */
export interface CheckRun {
  /** Fires when somebody stops it, when its window is gone, and when the console closes. */
  readonly signal: AbortSignal
  progress(doneBytes: number, totalBytes: number): void
}

export interface Checks {
  /** `expected`: bytes, until progress says it better. @throws EngineError `host.check-running`, `job.cancelled`, what `read` throws */
  run<T>(about: Token, expected: number, caller: AbortSignal, read: (check: CheckRun) => Promise<T>): Promise<T>
  /** Does nothing when it is not read (any more). */
  stop(about: Token): void
  views(): readonly CheckView[]
  readonly calls: Calls<'check.stop'>
}

/** What every part gets. */
export interface Host {
  readonly paths: HostPaths
  readonly clock: Clock
  readonly version: string
  readonly kind: StationView['host']
  /** Tells every window. */
  tell(news: ConsoleNews): void
  settings(): SettingsView
  /** Long readings that change nothing: told to every window, stopped by any. */
  readonly checks: Checks
  /** For the support bundle and for bugs; never secrets. */
  log(line: string): void
  /** How to start a runner for this target: as it is where rights suffice, else elevated. */
  runnerFor(target: string): Promise<RunnerCommand>
  /** Ends when the console closes. */
  readonly signal: AbortSignal
}

export interface UnitEntry {
  readonly view: UnitView
  readonly disk: DiskInfo
}

export interface Bench {
  /** @throws EngineError `host.unknown-token` */
  unit(token: Token): UnitEntry
  units(): readonly UnitEntry[]
  /** Look again, soon: a job has ended, something was added. Resolves when the bench is up to date. */
  refresh(unit?: Token): Promise<void>
  /** While a job has a unit, nobody looks at its content. */
  hold(unit: Token): Disposable
  /** A job is let go from now on: written down first. @throws EngineError `settings.not-saved` */
  began(unit: Token, job: RunnerJob): Promise<void>
  ended(unit: Token, end: Omit<Extract<DiskNews, { type: 'ended' }>, 'type' | 'mark'>): Promise<void>
  /** What was asked of it and did not come to its end. */
  unfinished(unit: Token): RunnerJob | null
  /** It was planned anew, and nothing of it was left to do. */
  whole(unit: Token): Promise<void>
}

export interface ImageEntry {
  /** Path in the library, opened by the runner itself and authenticated there again. */
  readonly path: string
  readonly name: string
  readonly hasBootFiles: boolean
  readonly product: string | null
  readonly version: string | null
  /** Null where it does not say. */
  readonly hardware: readonly string[] | null
}

export interface Images {
  /** @throws EngineError `host.unknown-token`; `host.image-bad` for an image that did not pass its checks */
  image(token: Token): ImageEntry
  /** The one at this path, whatever its state; null when it is not in the library. */
  at(path: string): ImageEntry | null
}

export interface Trust {
  keys(): Promise<TrustedKeys>
}

export interface Reports {
  /** Could a report be kept now? What `save` needs is tried, and nothing stays. @throws EngineError `job.reports-unusable`, `report.station-key` */
  rehearse(): Promise<void>
  /** Saves the certificate, signed by the station's key; answers its token. Failures are told, never thrown. */
  save(unit: UnitEntry, report: Report): Promise<Token | null>
  /** What was done to this unit, newest first, for the slots screen. */
  history(unitKey: string): readonly HistoryRow[]
}

export interface ConfigDrafts {
  /** The folder that a draft token stands for. @throws EngineError `host.unknown-token`, `config.*` */
  folder(token: Token): Promise<string>
  /** The modes that its files get on a disk; here each can be read, and by nobody else. */
  modes(folder: string): [path: string, mode: number][]
  /** Where the files of this folder came from. */
  at(folder: string): PlanConfig
}

/** Files that a person chose, as tokens. */
export interface Files {
  /** @throws EngineError `host.unknown-token` */
  path(token: Token): string
}
