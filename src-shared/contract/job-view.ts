// The one reducer of a job: what it said so far -> what is drawn. The host runs it on the runner's events, the tests replay
// it. Time is an argument. Progress of the whole job is in bytes to write plus bytes to read back.
import type { StepText } from '#model/plan-text.ts'
import type { WireJobEvent } from './job-events.ts'
import type { Stage, UnitJobView } from './views.ts'

export type JobSays =
  | WireJobEvent
  | { readonly type: 'started' }
  | { readonly type: 'finished'; readonly report: string | null }
  | {
      readonly type: 'failed'
      readonly diagnosis: NonNullable<UnitJobView['diagnosis']>
      readonly report: string | null
    }
  | { readonly type: 'needs-you' }

/** What the reducer keeps beside the view: bytes done in earlier steps and phases, and marks for the rates. */
export interface JobState {
  readonly view: UnitJobView
  readonly before: number
  readonly phase: string
  readonly markAt: number
  readonly markBytes: number
}

const CURVE_LENGTH = 120
const SECOND = 1000
/** "Measuring" lasts this long. */
const MEASURE_MS = 3000

export const beginJob = (view: UnitJobView): JobState => ({ view, before: 0, phase: '', markAt: 0, markBytes: 0 })

/** What a step is part of, as people see it. */
const STAGE_OF: Readonly<Record<StepText['kind'], Stage>> = {
  wipe: 'erase',
  'write-slot': 'write',
  'write-slot-changed': 'write',
  'make-esp': 'boot-files',
  'make-filesystem': 'config',
  'probe-disk': 'erase',
  'check-disk': 'check',
  'write-table': 'table',
  'table-from-primary': 'table',
  'table-from-backup': 'table',
  'check-slot': 'check',
  'identify-slot': 'check',
  'identify-slots': 'check',
  'revive-slot': 'check',
  'revive-slots': 'check',
  'record-incomplete': 'boot-files',
  'record-slot': 'boot-files',
  'write-record': 'boot-files',
  'boot-once': 'boot-files',
  'boot-trial': 'boot-files',
  'boot-good': 'boot-files',
  'mark-good': 'boot-files',
  'mark-bad': 'boot-files',
  'reset-tries': 'boot-files',
  'write-selection': 'boot-files',
  'write-environment': 'boot-files',
  'write-environment-copy': 'boot-files',
  'put-boot-files': 'boot-files',
  'keep-config': 'config',
  'replace-files': 'config',
}

/** Not part of the whole (host/jobs/plan-bytes.ts): what they write is not in the plan. */
const UNCOUNTED: ReadonlySet<StepText['kind'] | undefined> = new Set([
  'wipe',
  'probe-disk',
  'make-filesystem',
  'make-esp',
  'check-disk',
] as const)

const PHASE_STAGE = { write: 'write', flush: 'flush', 'read-back': 'read-back', authenticate: 'identify' } as const

export function reduceJob(state: JobState, said: JobSays, at: Date): JobState {
  const { view } = state
  switch (said.type) {
    case 'started':
      return with_(state, { state: 'writing', stage: 'identify', startedAt: at.toISOString() }, at)
    case 'step-started':
      return startStep(state, said.step)
    case 'progress':
      return progress(state, said, at)
    case 'step-done':
      return {
        ...state,
        phase: '',
        before: view.doneBytes,
        view: { ...view, limit: null, steps: mark(view.steps, said.step, 'done') },
      }
    case 'warning':
      return state
    case 'needs-you':
      return { ...state, view: { ...view, state: 'needs-you' } }
    case 'finished':
      return {
        ...state,
        view: {
          ...view,
          state: 'verified',
          stage: 'done',
          doneBytes: view.totalBytes,
          remaining: 0,
          limit: null,
          endedAt: at.toISOString(),
          report: said.report,
        },
      }
    case 'failed': {
      const stopped = said.diagnosis.cause === 'stopped'
      return {
        ...state,
        view: {
          ...view,
          state: stopped ? 'stopped' : 'failed',
          remaining: null,
          limit: null,
          endedAt: at.toISOString(),
          diagnosis: said.diagnosis,
          report: said.report,
          steps: view.steps.map((step) => (step.state === 'running' ? { ...step, state: 'failed' } : step)),
        },
      }
    }
  }
}

const with_ = (state: JobState, change: Partial<UnitJobView>, at: Date): JobState => ({
  ...state,
  markAt: at.getTime(),
  view: { ...state.view, ...change },
})

function startStep(state: JobState, step: number): JobState {
  const { view } = state
  if (step === 0) return { ...state, phase: '', view: { ...view, stage: 'identify' } }
  const known = view.steps.at(step - 1)
  const stage = known ? STAGE_OF[known.text.kind] : 'identify'
  return { ...state, phase: '', view: { ...view, stage, state: 'writing', steps: mark(view.steps, step, 'running') } }
}

const mark = (steps: UnitJobView['steps'], step: number, state: UnitJobView['steps'][number]['state']) =>
  steps.map((each, index) => (index === step - 1 ? { ...each, state } : each))

function progress(state: JobState, said: Extract<WireJobEvent, { type: 'progress' }>, at: Date): JobState {
  const { view } = state
  const stage = PHASE_STAGE[said.phase]
  if (said.step === 0) return { ...state, view: { ...view, stage } }
  // A phase that begins again (write, then read back) adds to what the earlier ones did.
  const before = said.phase === state.phase ? state.before : view.doneBytes
  const known = view.steps.at(said.step - 1)
  const counted = (said.phase === 'write' || said.phase === 'read-back') && !UNCOUNTED.has(known?.text.kind)
  // The partition table comes after all that is counted: everything is done only when the job has ended.
  const most = Math.max(0, view.totalBytes - 1)
  const done = counted ? Math.min(most, Math.max(view.doneBytes, before + said.doneBytes)) : view.doneBytes
  const now = at.getTime()
  const next = { ...state, before, phase: said.phase }
  const shown: UnitJobView = {
    ...view,
    stage,
    state: said.phase === 'read-back' ? 'reading-back' : 'writing',
    doneBytes: done,
    limit: said.limit ?? null,
  }
  if (now - state.markAt < SECOND) return { ...next, view: shown }
  const rate = Math.max(0, ((done - state.markBytes) * SECOND) / (now - state.markAt))
  const curve = [...view.curve, Math.round(rate)].slice(-CURVE_LENGTH)
  return { ...next, markAt: now, markBytes: done, view: { ...shown, curve, remaining: remaining(shown, curve, now) } }
}

/** Seconds, from the mean of the last ten values; null while measuring or standing still. */
function remaining(view: UnitJobView, curve: readonly number[], now: number): number | null {
  if (!view.startedAt || now - Date.parse(view.startedAt) < MEASURE_MS) return null
  const recent = curve.slice(-10)
  const rate = recent.reduce((sum, value) => sum + value, 0) / recent.length
  return rate > 0 ? Math.ceil((view.totalBytes - view.doneBytes) / rate) : null
}
