// Confirmed jobs, run together: the first unit of a batch goes first, then at most a few at once; after two failures for
// one cause, or a first unit that failed, nothing new starts until somebody says so. One report per unit. What is confirmed while a
// batch with the same wish runs joins it: a further unit, or a failed one again.
import { randomBytes } from 'node:crypto'
import { EngineError, isEngineError } from '#base/errors.ts'
import type { Cause } from '#contract/causes.ts'
import { jobEvent } from '#contract/job-events.ts'
import { beginJob, type JobSays, type JobState, reduceJob } from '#contract/job-view.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { BatchView, Problem, Token, UnitJobView } from '#contract/views.ts'
import type { Report } from '#engine/run-plan.ts'
import type { Bench, Host, Reports } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { expectedFor } from './confirm.ts'
import { diagnose } from './diagnosis.ts'
import type { Session } from './sessions.ts'
import { whoHolds } from './who-holds.ts'

/** Units that are written at once: they share one reading of the release, and the computer's buses. */
const AT_ONCE = 8
/** Units that a batch is named after. */
const NAMED = 3
/** Failures for one cause after which a person is asked. */
const SAME_CAUSE = 2

type Failed = Extract<JobSays, { type: 'failed' }>
type Outcome = Failed | Extract<JobSays, { type: 'finished' }>

interface Job {
  readonly session: Session
  state: JobState
  cancelled: boolean
}

interface Batch {
  readonly token: Token
  jobs: readonly Job[]
  /** It began with several units: the first tries what the others wait for. */
  readonly firstAlone: boolean
  paused: boolean
  asks: Cause | null
  /** Failures counted per cause since the last time somebody was asked. */
  failures: Map<Cause, number>
  stopped: boolean
}

export interface Batches {
  start(sessions: readonly Session[]): Token
  stopJob(job: Token): void
  pause(batch: Token): void
  continue(batch: Token): void
  stop(batch: Token): void
  views(): readonly BatchView[]
  /** True while anything writes: quitting asks, sleep is inhibited. */
  busy(): boolean
  /** What keeps this unit: a job that writes to it, or one that waits for its turn; null when none does. */
  keeps(unit: Token): 'a job writes to it' | 'a job waits for it' | null
}

export function openBatches(
  host: Host,
  bench: Pick<Bench, 'hold' | 'refresh' | 'began' | 'ended'>,
  reports: Pick<Reports, 'save'>,
): Batches {
  const batches = new Map<Token, Batch>()

  const tellBatch = (batch: Batch): void => host.tell({ type: 'batch', batch: viewOf(batch) })
  const find = (token: Token): Batch => {
    const batch = batches.get(token)
    if (!batch) throw new EngineError('host.unknown-token', { what: 'batch' })
    return batch
  }
  const findJob = (token: Token): [Batch, Job] => {
    for (const batch of batches.values())
      for (const job of batch.jobs) if (job.state.view.job === token) return [batch, job]
    throw new EngineError('host.unknown-token', { what: 'job' })
  }

  const say = (batch: Batch, job: Job, said: JobSays): void => {
    const before = job.state
    job.state = reduceJob(before, said, host.clock.now())
    if (said.type !== 'progress') {
      tellBatch(batch)
      return
    }
    const { job: token, stage, state, doneBytes, totalBytes, remaining, limit, curve } = job.state.view
    const rate = curve === before.view.curve ? null : (curve.at(-1) ?? null)
    host.tell({ type: 'progress', job: token, patch: { stage, state, doneBytes, totalBytes, remaining, limit, rate } })
  }

  const run = async (batch: Batch, job: Job): Promise<void> => {
    const { session } = job
    const { runner, plan, unit } = session
    using _held = bench.hold(unit.view.token)
    say(batch, job, { type: 'started' })
    let outcome: Outcome
    let letGo = false
    try {
      await bench.began(unit.view.token, session.job)
      runner.send({ verb: 'apply', plan: plan.id })
      letGo = true
      const answer = await runner.answer((event) => {
        const parsed = jobEvent.safeParse(event)
        if (parsed.success) say(batch, job, parsed.data)
        else host.log(`runner: an event of another shape: ${parsed.error.issues[0].message}`)
      })
      outcome = await outcomeOf(session, answer)
    } catch (error) {
      outcome = failure(session, problemOf(goneOr(session, error)), letGo, null)
    } finally {
      await runner[Symbol.asyncDispose]()
    }
    // A unit that went while its job waited is known to no bench: the job ends all the same.
    await bench
      .ended(unit.view.token, endOf(session, outcome))
      .catch((error: unknown) => host.log(`bench: ${problemOf(error).message}`))
    // In one go: no view asks about a failure that it does not show.
    if (outcome.type === 'failed') countFailure(batch, job, outcome)
    say(batch, job, outcome)
  }

  type Answer = Awaited<ReturnType<Session['runner']['answer']>>
  const outcomeOf = async (session: Session, answer: Answer): Promise<Outcome> => {
    if (answer.say === 'done')
      return { type: 'finished', report: await reports.save(session.unit, answer.report as Report) }
    if (answer.say !== 'failed') {
      const problem = problemOf(new EngineError('runner.protocol', { problem: `"${answer.say}" instead of "done"` }))
      return failure(session, problem, true, null)
    }
    const report = answer.report === null ? null : await reports.save(session.unit, answer.report as Report)
    return failure(session, await withHolder(session, answer.problems[0]), answer.written, report)
  }

  const failure = (session: Session, problem: Problem, written: boolean, report: Token | null): Outcome => ({
    type: 'failed',
    diagnosis: diagnose(problem, written, session.job, session.unit.view.recovery),
    report,
  })

  const countFailure = (batch: Batch, job: Job, { diagnosis }: Failed): void => {
    if (diagnosis.cause === 'stopped') return
    const count = (batch.failures.get(diagnosis.cause) ?? 0) + 1
    batch.failures.set(diagnosis.cause, count)
    const waiting = batch.jobs.some(({ state }) => state.view.state === 'ready')
    if (waiting && (count >= SAME_CAUSE || job === batch.jobs[0])) batch.asks = diagnosis.cause
  }

  /** Starts what may start now; called whenever something changed. */
  const advance = (batch: Batch): void => {
    if (batch.paused || batch.asks !== null || batch.stopped) return
    const running = batch.jobs.filter(({ state }) => isRunning(state.view)).length
    const firstDone = !batch.firstAlone || !isOpen(batch.jobs[0].state.view)
    const room = firstDone ? AT_ONCE - running : 1 - running
    const next = batch.jobs.filter(({ state, cancelled }) => state.view.state === 'ready' && !cancelled).slice(0, room)
    for (const job of next)
      run(batch, job)
        .catch((error: unknown) => host.log(`job: ${problemOf(error).message}`))
        .finally(() => {
          advance(batch)
          tellBatch(batch)
          // The next unit does not wait until this one was looked at.
          bench
            .refresh(job.session.unit.view.token)
            .catch((error: unknown) => host.log(`bench: ${problemOf(error).message}`))
        })
  }

  /** A job that never started: its runner goes, nothing was written. */
  const drop = (batch: Batch, job: Job): void => {
    job.cancelled = true
    const problem = problemOf(new EngineError('job.cancelled'))
    say(batch, job, failure(job.session, problem, false, null))
    endRunner(job.session).catch((error: unknown) => host.log(problemOf(error).message))
  }

  const stopOne = (batch: Batch, job: Job): void => {
    if (job.state.view.state === 'ready') drop(batch, job)
    else if (isRunning(job.state.view)) cancelRunning(job)
  }

  /** One whose runner is gone is told so by its own answer. */
  const cancelRunning = ({ session: { runner } }: Job): void => {
    try {
      runner.send({ verb: 'cancel' })
    } catch (error) {
      if (!isEngineError(error, 'runner.died', 'runner.protocol')) throw error
    }
  }

  /** A job that waits cannot begin without the runner that planned it. */
  const endWithRunner = (batch: Batch, job: Job): void => {
    job.session.runner.gone.then(({ code }) => {
      if (job.state.view.state !== 'ready') return
      job.cancelled = true
      const reason = `it has ended (${code}) before it was this unit's turn`
      say(batch, job, failure(job.session, problemOf(new EngineError('runner.closed', { reason })), false, null))
      endRunner(job.session).catch((error: unknown) => host.log(problemOf(error).message))
    })
  }

  const begin = (firstAlone: boolean): Batch => {
    const token = randomBytes(16).toString('hex')
    const batch: Batch = {
      ...{ token, firstAlone, jobs: [], paused: false, asks: null },
      ...{ failures: new Map(), stopped: false },
    }
    batches.set(token, batch)
    return batch
  }

  return {
    start(sessions) {
      const batch = [...batches.values()].find((each) => mayJoin(each, sessions)) ?? begin(sessions.length > 1)
      const jobs = sessions.map((session) => ({
        session,
        cancelled: false,
        state: beginJob(jobView(batch.token, session)),
      }))
      batch.jobs = withJobs(batch.jobs, jobs)
      tellBatch(batch)
      advance(batch)
      for (const job of jobs) endWithRunner(batch, job)
      return batch.token
    },
    stopJob(token) {
      const [batch, job] = findJob(token)
      stopOne(batch, job)
      advance(batch)
      tellBatch(batch)
    },
    pause(token) {
      const batch = find(token)
      batch.paused = true
      tellBatch(batch)
    },
    continue(token) {
      const batch = find(token)
      batch.paused = false
      batch.asks = null
      batch.failures = new Map()
      advance(batch)
      tellBatch(batch)
    },
    stop(token) {
      const batch = find(token)
      batch.stopped = true
      batch.asks = null
      for (const job of batch.jobs) stopOne(batch, job)
      tellBatch(batch)
    },
    views: () => [...batches.values()].map(viewOf),
    busy: () => [...batches.values()].some(({ jobs }) => jobs.some(({ state }) => isRunning(state.view))),
    keeps(unit) {
      const open = [...batches.values()].flatMap(({ jobs }) => jobs.map(({ state }) => state.view).filter(isOpen))
      const mine = open.filter((view) => view.unit === unit)
      if (mine.length === 0) return null
      return mine.some(isRunning) ? 'a job writes to it' : 'a job waits for it'
    },
  }
}

/** What is wished, whoever wishes it for which disk; only of jobs that read a release together. */
function wishOf({ job }: Session): string | null {
  if (job.kind !== 'provision' && job.kind !== 'flash') return null
  const own: Partial<RunnerJob> = { target: '', at: '', by: '' }
  return JSON.stringify({ ...job, ...own })
}

const mayJoin = ({ jobs, stopped }: Batch, sessions: readonly Session[]): boolean =>
  !stopped &&
  jobs.some(({ state }) => isOpen(state.view)) &&
  sessions.every((session) => wishOf(session) !== null && wishOf(session) === wishOf(jobs[0].session))

/** A unit that is done again takes the place of its earlier job, so that a batch says of each unit what is so now. */
function withJobs(before: readonly Job[], more: readonly Job[]): readonly Job[] {
  const all = [...before]
  for (const job of more) {
    const { key } = job.session.unit.view
    const at = all.findIndex(({ session, state }) => session.unit.view.key === key && !isOpen(state.view))
    if (at < 0) all.push(job)
    else all[at] = job
  }
  return all
}

/** A unit that went while its job waited for its turn is told as a disk that is not there. */
const goneOr = ({ unit }: Session, error: unknown): unknown =>
  isEngineError(error, 'host.unknown-token') ? new EngineError('disk.not-found', { disk: unit.view.path }) : error

/** What became of the disk, for whoever looks at it later. */
function endOf({ plan }: Session, outcome: Outcome): Parameters<Bench['ended']>[1] {
  const images = plan.steps.flatMap((step) => (step.type === 'write-image' ? [[step.slot, step.sha256] as const] : []))
  if (outcome.type === 'finished') return { outcome: 'done', written: true, proven: Object.fromEntries(images) }
  const { cause, written } = outcome.diagnosis
  return { outcome: cause === 'stopped' ? 'stopped' : 'failed', written, proven: {} }
}

/** Its input ends, and so does it. */
async function endRunner({ runner }: Session): Promise<void> {
  await runner[Symbol.asyncDispose]()
}

const isRunning = ({ startedAt, endedAt }: UnitJobView): boolean => startedAt !== null && endedAt === null
const isOpen = ({ endedAt }: UnitJobView): boolean => endedAt === null

function viewOf(batch: Batch): BatchView {
  const jobs = batch.jobs.map(({ state }) => state.view)
  const [first] = jobs
  const state = !jobs.some(isOpen)
    ? 'done'
    : batch.asks !== null
      ? 'asks'
      : batch.paused
        ? 'paused'
        : batch.firstAlone && isOpen(first)
          ? 'first-unit'
          : 'running'
  return {
    batch: batch.token,
    title: titleOf(batch.jobs.map(({ session }) => expectedFor(session))),
    state,
    cause: batch.asks,
    jobs,
  }
}

const KINDS = { provision: 'provision', flash: 'flash', slot: 'slot', repair: 'repair', restore: 'restore' } as const

/** Names of units, the same in every language: what stands on a tile that is read from afar, and in a notification. */
function titleOf(names: readonly string[]): string {
  const more = names.length - NAMED
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} +${more}` : names.join(', ')
}

const jobView = (batch: Token, session: Session): UnitJobView => ({
  job: randomBytes(16).toString('hex'),
  batch,
  unit: session.unit.view.token,
  unitKey: session.unit.view.key,
  title: expectedFor(session),
  kind: KINDS[session.job.kind],
  state: 'ready',
  stage: 'identify',
  steps: session.view.steps.map((text) => ({ text, state: 'waiting' })),
  doneBytes: 0,
  totalBytes: session.view.bytes,
  curve: [],
  startedAt: null,
  endedAt: null,
  remaining: null,
  limit: null,
  diagnosis: null,
  report: null,
})

/** Adds the name of the process that holds a busy disk, as far as it can be seen. */
async function withHolder(session: Session, problem: Problem): Promise<Problem> {
  if (problem.code !== 'disk.busy' && problem.code !== 'disk.in-use') return problem
  const holders = await whoHolds(session.unit.disk.path)
  return holders.length > 0 ? { ...problem, details: { ...problem.details, holder: holders.join(', ') } } : problem
}
