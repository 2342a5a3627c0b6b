// A rollout: which appliance may have the update when, and how it ends. Names and words are the fleet's (interop 4.3). Pure:
// the time is an argument, and every rule is decided from what the rollout and its appliances' rows say.
//
// The rules (docs/format/fleet.md has them for people): a stage opens when the delay of the stage before it is over and at
// least one appliance has succeeded; an appliance that is off holds nobody up. Failures pause it, never roll anybody back.
import { toIsoTime } from '#model/iso-time.ts'
import { UPDATE_STATUSES, type UpdateStatus } from '#model/update.ts'

export const ROLLOUT_STATUSES = ['pending', 'in_progress', 'paused', 'completed', 'failed', 'cancelled'] as const
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number]

export const ROLLOUT_STRATEGIES = ['immediate', 'staged', 'canary', 'manual'] as const
export type RolloutStrategy = (typeof ROLLOUT_STRATEGIES)[number]

export interface RolloutStage {
  /** Of all appliances, those of the stages before it included: 1 to 100, growing. */
  readonly percent: number
  /** Hours after its opening before the next stage may open. */
  readonly delay_hours: number
}

export const DEFAULT_STAGES: readonly RolloutStage[] = [
  { percent: 5, delay_hours: 24 },
  { percent: 25, delay_hours: 24 },
  { percent: 100, delay_hours: 0 },
]

export interface Rollout {
  readonly strategy: RolloutStrategy
  readonly status: RolloutStatus
  readonly stages: readonly RolloutStage[]
  /** Index of the last opened stage. */
  readonly current_stage: number
  readonly failure_threshold_percent: number
  /** ISO 8601 UTC, as the other times. */
  readonly started_at: string
  /** Our addition: when `current_stage` opened; its delay is counted from here, pauses included. */
  readonly stage_opened_at: string
  readonly paused_at: string | null
  readonly completed_at: string | null
  /** Our addition: failures that were there when a person resumed it; only further ones pause it again. */
  readonly failures_accepted: number
}

/** One appliance in a rollout (`appliance_updates`). */
export interface RolloutRow {
  readonly appliance_id: string
  readonly stage_assigned: number
  readonly status: UpdateStatus
}

export interface RolloutState {
  readonly rollout: Rollout
  readonly rows: readonly RolloutRow[]
}

export interface RolloutWish {
  readonly strategy?: RolloutStrategy
  readonly stages?: readonly RolloutStage[]
  readonly failure_threshold_percent?: number
  /** In the order in which they get the update. */
  readonly appliances: readonly string[]
}

const HOUR_MS = 3_600_000
const ENDED: readonly UpdateStatus[] = ['succeeded', 'failed', 'rolled_back']
/** Statuses in which an appliance is still told what to install. */
const OFFERED: readonly UpdateStatus[] = ['notified', 'downloading', 'ready']

const isEnded = ({ status }: RolloutRow): boolean => ENDED.includes(status)
const isFailure = ({ status }: RolloutRow): boolean => status === 'failed' || status === 'rolled_back'

/** What is wrong with a list of stages, as a sentence; null when nothing is. */
export function stagesProblem(stages: readonly RolloutStage[]): string | null {
  if (stages.length === 0) return 'a rollout has at least one stage'
  for (const [index, { percent, delay_hours }] of stages.entries()) {
    if (!Number.isFinite(percent) || percent < 1 || percent > 100) return `stage ${index + 1}: percent is 1 to 100`
    if (!Number.isFinite(delay_hours) || delay_hours < 0) return `stage ${index + 1}: delay_hours is 0 or more`
    if (index > 0 && percent <= stages[index - 1].percent)
      return `stage ${index + 1}: percent grows from stage to stage`
  }
  return null
}

/** Opens the first stage. Stages must be in order (`stagesProblem`); `immediate` has one. */
export function startRollout(wish: RolloutWish, now: Date): RolloutState {
  const strategy = wish.strategy ?? 'staged'
  const stages = strategy === 'immediate' ? [{ percent: 100, delay_hours: 0 }] : (wish.stages ?? DEFAULT_STAGES)
  const at = toIsoTime(now)
  const rows = assignStages(wish.appliances, stages)
  const rollout: Rollout = {
    ...{ strategy, status: 'in_progress', stages, current_stage: 0 },
    failure_threshold_percent: wish.failure_threshold_percent ?? 10,
    ...{ started_at: at, stage_opened_at: at, paused_at: null, completed_at: null, failures_accepted: 0 },
  }
  return { rollout, rows: notified(rows, 0) }
}

/** Percents are rounded up, so that the first stage has somebody; appliances beyond the last percent are left out. */
function assignStages(appliances: readonly string[], stages: readonly RolloutStage[]): RolloutRow[] {
  const ends = stages.map(({ percent }) => Math.ceil((appliances.length * percent) / 100))
  return appliances.flatMap((appliance_id, place) => {
    const stage_assigned = ends.findIndex((end) => place < end)
    return stage_assigned < 0 ? [] : [{ appliance_id, stage_assigned, status: 'pending' as const }]
  })
}

const notified = (rows: readonly RolloutRow[], stage: number): RolloutRow[] =>
  rows.map((row) => (row.status === 'pending' && row.stage_assigned <= stage ? { ...row, status: 'notified' } : row))

export interface RolloutProgress {
  readonly total: number
  readonly succeeded: number
  readonly failed: number
  readonly rolled_back: number
  readonly pending: number
  readonly in_progress: number
  /** Percent of those that ended; 0 while nobody has. */
  readonly success_rate: number
}

export function progressOf(rows: readonly RolloutRow[]): RolloutProgress {
  const count = (status: UpdateStatus) => rows.filter((row) => row.status === status).length
  const [succeeded, failed, rolled_back] = [count('succeeded'), count('failed'), count('rolled_back')]
  const [total, pending, ended] = [rows.length, count('pending'), succeeded + failed + rolled_back]
  const success_rate = ended === 0 ? 0 : Math.round((succeeded * 1000) / ended) / 10
  return { total, succeeded, failed, rolled_back, pending, in_progress: total - ended - pending, success_rate }
}

/** What is to be done with it at a time. */
export type RolloutStep =
  /** Nothing. `until`: when its delay is over; null when time alone changes nothing. */
  | { readonly step: 'stay'; readonly until: Date | null }
  | { readonly step: 'open'; readonly stage: number }
  /** The failure threshold is reached. A person resumes or cancels it. */
  | { readonly step: 'pause' }
  /** Everybody has succeeded. */
  | { readonly step: 'complete' }
  /** Everybody has ended, and not everybody has succeeded. */
  | { readonly step: 'fail' }

const STAY: RolloutStep = { step: 'stay', until: null }

/** Only a rollout `in_progress` changes by itself. Failures count over all that ended, `rolled_back` among them. */
export function nextStep({ rollout, rows }: RolloutState, now: Date): RolloutStep {
  if (rollout.status !== 'in_progress') return STAY
  const ended = rows.filter(isEnded).length
  const failures = rows.filter(isFailure).length
  if (ended === rows.length) return { step: failures === 0 ? 'complete' : 'fail' }
  const isNew = failures > rollout.failures_accepted
  if (isNew && failures * 100 >= rollout.failure_threshold_percent * ended) return { step: 'pause' }
  const stage = rollout.current_stage + 1
  if (rollout.strategy === 'manual' || stage >= rollout.stages.length) return STAY
  const { delay_hours } = rollout.stages[rollout.current_stage]
  const opens = new Date(Date.parse(rollout.stage_opened_at) + delay_hours * HOUR_MS)
  if (now < opens) return { step: 'stay', until: opens }
  // Nobody has shown that it works: a delay that passed over appliances that are off is no proof.
  return rows.some(({ status }) => status === 'succeeded') ? { step: 'open', stage } : STAY
}

/** Does everything that is due. An opened stage counts its own delay from `now`, so at most one opens with a delay. */
export function advanced(state: RolloutState, now: Date): RolloutState {
  const next = nextStep(state, now)
  switch (next.step) {
    case 'stay':
      return state
    case 'open':
      return advanced(withStage(state, next.stage, now), now)
    case 'pause':
      return paused(state, now) ?? state
    case 'complete':
    case 'fail': {
      const status = next.step === 'complete' ? 'completed' : 'failed'
      return { ...state, rollout: { ...state.rollout, status, completed_at: toIsoTime(now) } }
    }
  }
}

const withStage = ({ rollout, rows }: RolloutState, stage: number, now: Date): RolloutState => ({
  rollout: { ...rollout, current_stage: stage, stage_opened_at: toIsoTime(now) },
  rows: notified(rows, stage),
})

/** A person opens the next stage before its time; null when there is none or it is not in progress. */
export function advancedByHand(state: RolloutState, now: Date): RolloutState | null {
  const stage = state.rollout.current_stage + 1
  if (state.rollout.status !== 'in_progress' || stage >= state.rollout.stages.length) return null
  return withStage(state, stage, now)
}

/** Null when it is not in progress. */
export const paused = (state: RolloutState, now: Date): RolloutState | null =>
  state.rollout.status === 'in_progress'
    ? { ...state, rollout: { ...state.rollout, status: 'paused', paused_at: toIsoTime(now) } }
    : null

/** A person goes on in spite of the failures so far. Null when it is not paused. */
export function resumed({ rollout, rows }: RolloutState): RolloutState | null {
  if (rollout.status !== 'paused') return null
  const failures_accepted = rows.filter(isFailure).length
  return { rollout: { ...rollout, status: 'in_progress', paused_at: null, failures_accepted }, rows }
}

/** Null when it is over. */
export const cancelled = (state: RolloutState, now: Date): RolloutState | null =>
  ['pending', 'in_progress', 'paused'].includes(state.rollout.status)
    ? { ...state, rollout: { ...state.rollout, status: 'cancelled', completed_at: toIsoTime(now) } }
    : null

/** Has the rollout reached the appliance, and does it go on? */
export const isReached = ({ rollout, rows }: RolloutState, applianceId: string): boolean =>
  rollout.status === 'in_progress' &&
  rows.some((row) => row.appliance_id === applianceId && row.stage_assigned <= rollout.current_stage)

/** Is the appliance told to install it now (`pending-update`)? */
export const isOffered = (state: RolloutState, applianceId: string): boolean =>
  isReached(state, applianceId) &&
  state.rows.some((row) => row.appliance_id === applianceId && OFFERED.includes(row.status))

/**
 * The appliance reports a status. Taken as long as its row has not ended, also while the rollout is paused or failed: late
 * failures count. Of a cancelled one only from the restart on; before, null (404) tells the appliance to give it up.
 */
export function reported(state: RolloutState, applianceId: string, status: UpdateStatus): RolloutState | null {
  const row = state.rows.find(({ appliance_id }) => appliance_id === applianceId)
  if (!row || isEnded(row)) return null
  const isLate = UPDATE_STATUSES.indexOf(status) >= UPDATE_STATUSES.indexOf('rebooting')
  if (state.rollout.status === 'cancelled' && !isLate) return null
  return { ...state, rows: state.rows.map((each) => (each === row ? { ...row, status } : each)) }
}
