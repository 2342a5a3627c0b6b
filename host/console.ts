// The console's back end in one piece: settings, files, trust, images, bench, jobs, recovery, config, reports and
// diagnostics over one data folder. Both hosts (desktop, browser) put their windows on it through `endpoint`.
import { arch, platform, release } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError } from '#base/errors.ts'
import type { ConsoleCall } from '#contract/console.ts'
import type { LayoutView, StationView } from '#contract/views.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { type KernelLine, readKernelLine } from '#node/boot/kernel-line.ts'
import type { listDisks } from '#node/disk/inventory.ts'
import { SYSTEM_ROOTS } from '#node/disk/sysfs-disk.ts'
import { minimumDiskSize } from '#plan/layout.ts'
import { openBench } from './bench/bench.ts'
import { openChecks } from './checks.ts'
import { clearWork, openDrafts } from './config/drafts.ts'
import { type Consent, withConsent } from './consent.ts'
import { openDiagnostics } from './diagnostics/diagnostics.ts'
import { answerMessage, type Hub, openHub } from './dispatch.ts'
import { type Chooser, openFiles } from './files.ts'
import { openHostLog } from './host-log.ts'
import { hostPaths, makeFolders } from './host-paths.ts'
import { openJobs } from './jobs/jobs.ts'
import { openImageLibrary } from './library/image-library.ts'
import { openTrustList } from './library/trust-list.ts'
import type { Calls, Host } from './ports.ts'
import { openRecovery } from './recovery/recovery.ts'
import { openReports } from './reports/reports.ts'
import { openSettings } from './settings.ts'
import { sourceCommit } from './source-commit.ts'
import type { Endpoint } from './web/lines.ts'

export interface ConsoleOptions {
  readonly dataDir: string
  readonly kind: StationView['host']
  readonly version: string
  /** Commit of the source; without it, what source-commit.ts finds. */
  readonly commit?: string | null
  readonly chooser: Chooser
  readonly runnerFor: Host['runnerFor']
  /** Who is asked outside of the page; see consent.ts. */
  readonly consent: Consent
  readonly now?: () => Date
  /** Gets the log's lines as they come. */
  readonly echo?: (line: string) => void
  /** Replaced in tests. */
  readonly listDisks?: typeof listDisks
}

export interface Console extends AsyncDisposable {
  readonly calls: Calls<ConsoleCall>
  readonly hub: Hub
  readonly endpoint: Endpoint
  /** True while anything is written: quitting asks, sleep is inhibited. */
  busy(): boolean
  /** Stops every job at its next safe point and waits for that. */
  stopJobs(): Promise<void>
  log(line: string): void
}

/** A job that was told to stop brings its step to a safe end; this long is waited for it. */
const STOP_MS = 60_000
/** Windows say within 5 s when this stays away. */
const BEAT_MS = 1000

const LAYOUTS: readonly LayoutView[] = Object.values(BUILT_IN_LAYOUTS).map((layout) => ({
  name: layout.name,
  description: layout.description,
  minimum: minimumDiskSize(layout),
}))

/** Only Linux says at boot which slot runs; a console somewhere else runs from no appliance. */
function ownKernelLine(): KernelLine | null {
  try {
    return platform() === 'linux' ? readKernelLine(SYSTEM_ROOTS.proc) : null
  } catch (error) {
    if (isEngineError(error, 'own.disk-unknown')) return null
    throw error
  }
}

/** Opens everything; the data folder is made when it is not there. Closing it stops what still runs. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  const now = options.now ?? (() => new Date())
  const paths = hostPaths(options.dataDir)
  await makeFolders(paths)
  const hub = openHub()
  const closing = new AbortController()
  const settings = await openSettings(paths.settings)
  const hostLog = openHostLog(now, options.echo)
  const checks = openChecks({ tell: (news) => hub.tell(news), signal: closing.signal })
  const host: Host = {
    paths,
    clock: { now },
    version: options.version,
    kind: options.kind,
    tell: (news) => hub.tell(news),
    checks,
    settings: () => settings.get(),
    log: (line) => hostLog.add(line),
    runnerFor: options.runnerFor,
    signal: closing.signal,
  }
  const files = openFiles(options.chooser)
  const trust = openTrustList(host, () => {
    images.recheck().catch((error: unknown) => host.log(`images: ${String(error)}`))
  })
  const images = await openImageLibrary(host, { trust, files })
  const commit = options.commit === undefined ? await sourceCommit() : options.commit
  const reports = await openReports(host, { commit, images: images.view })
  const bench = await openBench(host, {
    signerNames: () => trust.names(),
    history: reports.history,
    files,
    listDisks: options.listDisks,
    kernelLine: ownKernelLine(),
  })
  await clearWork(paths.work, bench.neededFolders())
  const drafts = openDrafts(host, { bench, files })
  const jobs = openJobs(host, { bench, images, reports, drafts })
  const recovery = openRecovery(host, { planAll: jobs.planAll, drafts, images })

  const beats = setInterval(() => hub.beat(), BEAT_MS)
  beats.unref()
  closing.signal.addEventListener('abort', () => clearInterval(beats), { once: true })

  const diagnostics = openDiagnostics(host, {
    lines: hostLog.lines,
    bench: bench.view,
    batches: jobs.batches.views,
    reports: reports.newest,
    images: images.view,
  })

  const station = async (): Promise<StationView> => {
    const keys = await trust.view()
    // Everything below is taken in one go, without a pause in which an event could come between.
    return {
      seq: hub.seq,
      version: options.version,
      host: options.kind,
      platform: `${platform()} ${release()} ${arch()}`,
      settings: settings.get(),
      bench: bench.view(),
      images: images.view(),
      keys,
      layouts: LAYOUTS,
      batches: jobs.batches.views(),
      reports: reports.view(),
      reportsUnread: reports.unread,
      checks: checks.views(),
    }
  }

  const calls: Calls<ConsoleCall> = {
    'station.get': station,
    ...settings.calls(host),
    ...files.calls,
    ...trust.calls,
    ...images.calls,
    ...bench.calls,
    ...checks.calls,
    ...jobs.calls,
    ...reports.calls,
    ...drafts.calls,
    ...recovery.calls,
    ...diagnostics.calls,
  }

  const stopJobs = async (): Promise<void> => {
    for (const { batch, state } of jobs.batches.views()) if (state !== 'done') jobs.batches.stop(batch)
    const end = now().getTime() + STOP_MS
    while (jobs.batches.busy() && now().getTime() < end) await delay(50)
  }

  const ungated: Endpoint = {
    answer: (message, signal) => answerMessage(calls, message, signal, host.log),
    listen: (listener) => hub.listen(listener),
  }

  return {
    calls,
    hub,
    endpoint: withConsent(ungated, settings.get, options.consent),
    busy: () => jobs.batches.busy(),
    stopJobs,
    log: host.log,
    async [Symbol.asyncDispose]() {
      await stopJobs()
      closing.abort()
      await clearWork(paths.work, bench.neededFolders())
    },
  }
}
