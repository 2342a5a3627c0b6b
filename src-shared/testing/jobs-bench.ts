// Bench, config, jobs and recovery of a console as host/console.ts joins them, over one folder of a room: disks are image files,
// runners the real program, the one image is a release of the room. Opened twice over one folder it is a console that was restarted.
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ConsoleParams } from '#contract/console.ts'
import type { BatchView, Challenge, PlanAnswer, UnitView } from '#contract/views.ts'
import type { Room } from '#e2e/cli/bench-room.ts'
import type { Report } from '#engine/run-plan.ts'
import { openBench } from '#host/bench/bench.ts'
import { openDrafts } from '#host/config/drafts.ts'
import { openJobs } from '#host/jobs/jobs.ts'
import type { Reports } from '#host/ports.ts'
import { openRecovery } from '#host/recovery/recovery.ts'
import { eventually, type FakeHost, fakeHost } from './fake-host.ts'

export const JOBS_SIGNAL = new AbortController().signal
const SIZE = 300_000_000

export interface JobsBenchOptions {
  /** The one image of the library; the room's release without it. */
  readonly release?: string
  readonly now?: () => Date
  readonly reports?: Partial<Reports>
}

type Planned = readonly { readonly plan: string }[]

/** Nobody waits before a confirmation; `host.change({ assistive: false })` brings the two seconds back. */
export async function openJobsBench(room: Room, data: string, options: JobsBenchOptions = {}) {
  mkdirSync(data, { recursive: true })
  const host: FakeHost = fakeHost(data, options.now)
  host.change({ assistive: true })
  copyFileSync(room.trust, host.paths.trust)
  const saved: Report[] = []
  const reports: Reports = {
    save: async (_unit, report) => `report-${saved.push(report)}`,
    rehearse: async () => {},
    history: () => [],
    ...options.reports,
  }
  const files = { path: (token: string) => token }
  const listDisks = async () => ({ disks: [], notes: [] })
  const bench = await openBench(host, { signerNames: async () => new Map(), history: () => [], files, listDisks })
  const release = options.release ?? room.release
  const about = { product: 'demo', version: '1.0.0', hardware: ['hp-t640'] }
  const image = { path: release, name: 'release', hasBootFiles: true, ...about }
  const images = { image: () => image, at: () => image }
  const drafts = openDrafts(host, { bench, files })
  const { calls: jobs, batches, planAll } = openJobs(host, { bench, images, reports, drafts })
  const recovery = openRecovery(host, { planAll, drafts, images })
  const calls = { ...jobs, ...recovery.calls, ...drafts.calls }

  const begin = (plans: Planned): Promise<Challenge> =>
    calls['confirm.begin']({ plans: plans.map(({ plan }) => plan) }, JOBS_SIGNAL)
  const finished = (batch: string): Promise<BatchView> =>
    eventually(() => batches.views().find((view) => view.batch === batch && view.state === 'done'), 60_000)
  const addFile = (path: string): Promise<UnitView> => bench.calls['bench.add-file']({ file: path }, JOBS_SIGNAL)
  return {
    ...{ data, host, bench, drafts, batches, calls, saved, begin, finished, addFile },
    /** A blank disk image, made and put on the bench. */
    async addBlank(path: string, size = SIZE): Promise<UnitView> {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, '')
      truncateSync(path, size)
      return await addFile(path)
    },
    provision: (
      units: readonly UnitView[],
      wish: Partial<Omit<ConsoleParams<'plan.provision'>, 'units'>> = {},
    ): Promise<PlanAnswer> => {
      const usual = { image: 'i'.repeat(16), boot: null, layout: room.path('small.yaml'), slots: 'A' } as const
      const params = { ...usual, config: null, allowOlder: null, ...wish, units: units.map(({ token }) => token) }
      return calls['plan.provision'](params, JOBS_SIGNAL)
    },
    /** Confirms as asked, and answers the batch as soon as it began. */
    async start(plans: Planned): Promise<string> {
      const { challenge, expected } = await begin(plans)
      return (await calls['confirm.start']({ challenge, typed: expected }, JOBS_SIGNAL)).batch
    },
    [Symbol.dispose]: () => host[Symbol.dispose](),
  }
}

export type JobsBench = Awaited<ReturnType<typeof openJobsBench>>
