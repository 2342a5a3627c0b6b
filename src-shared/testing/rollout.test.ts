// The fleet's rules of a rollout: stages and their delays, failures, pauses, and that it comes to an end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UPDATE_STATUSES, type UpdateStatus } from '#model/update.ts'
import fc from '#testing/property.ts'
import {
  advanced,
  advancedByHand,
  cancelled,
  isOffered,
  nextStep,
  paused,
  progressOf,
  type RolloutState,
  type RolloutWish,
  reported,
  resumed,
  stagesProblem,
  startRollout,
} from './rollout.ts'

const START = Date.UTC(2026, 10, 22)
const HOUR = 3_600_000
const at = (hours: number): Date => new Date(START + hours * HOUR)
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index + 1}`)
const begin = (wish: Partial<RolloutWish> = {}): RolloutState =>
  startRollout({ appliances: names(20), failure_threshold_percent: 10, ...wish }, at(0))

/** Reports in order, each followed by what is due at `hours`. */
function report(state: RolloutState, hours: number, posts: Readonly<Record<string, UpdateStatus>>): RolloutState {
  let now = state
  for (const [name, status] of Object.entries(posts)) {
    const next = reported(now, name, status)
    assert.ok(next, `${name} ${status} was not taken`)
    now = advanced(next, at(hours))
  }
  return now
}
const everybody = (status: UpdateStatus, count = 20) => Object.fromEntries(names(count).map((name) => [name, status]))
const offeredTo = (state: RolloutState) =>
  state.rows.filter((row) => isOffered(state, row.appliance_id)).map(({ appliance_id }) => appliance_id)

test('percents count all appliances and are rounded up, so that the first stage has somebody', () => {
  assert.deepEqual(offeredTo(begin()), ['a1'])
  assert.deepEqual(offeredTo(begin({ appliances: names(3) })), ['a1'])
  const stages = [...begin({ appliances: names(41) }).rows].map(({ stage_assigned }) => stage_assigned)
  const sizes = [0, 1, 2].map((stage) => stages.filter((assigned) => assigned === stage).length)
  assert.deepEqual(sizes, [3, 8, 30])
  assert.equal(begin({ stages: [{ percent: 50, delay_hours: 0 }] }).rows.length, 10)
  assert.deepEqual(offeredTo(begin({ strategy: 'immediate' })), names(20))
})

test('defect 18: the delay of a stage is kept before the next one opens', () => {
  const one = report(begin(), 1, { a1: 'succeeded' })
  assert.deepEqual(nextStep(one, at(1)), { step: 'stay', until: at(24) })
  assert.equal(advanced(one, new Date(at(24).getTime() - 1)), one)
  const two = advanced(one, at(24))
  assert.deepEqual([two.rollout.current_stage, offeredTo(two)], [1, ['a2', 'a3', 'a4', 'a5']])
  // The second delay begins when the second stage opened, however late that was.
  const late = advanced(one, at(100))
  assert.deepEqual(nextStep(late, at(123)), { step: 'stay', until: at(124) })
  assert.equal(advanced(late, at(124)).rollout.current_stage, 2)
})

test('a delay that passed over appliances that are off proves nothing: somebody has to have succeeded', () => {
  const silent = advanced(begin(), at(1000))
  assert.deepEqual([silent.rollout.current_stage, nextStep(silent, at(1000))], [0, { step: 'stay', until: null }])
  // One of two does: the other one may be off for weeks.
  const half = advanced(report(begin({ appliances: names(40) }), 1, { a2: 'succeeded' }), at(24))
  assert.equal(half.rollout.current_stage, 1)
})

test('defect 18: a rollout is completed when everybody has succeeded, and not before', () => {
  const stages = [{ percent: 100, delay_hours: 0 }]
  const almost = report(begin({ stages }), 1, everybody('succeeded', 19))
  assert.deepEqual([almost.rollout.status, almost.rollout.completed_at], ['in_progress', null])
  const done = report(almost, 5, { a20: 'succeeded' })
  assert.deepEqual([done.rollout.status, done.rollout.completed_at], ['completed', '2026-11-22T05:00:00Z'])
  assert.equal(progressOf(done.rows).success_rate, 100)
})

test('a rollout in which everybody has ended, but not everybody well, has failed', () => {
  const stages = [{ percent: 100, delay_hours: 0 }]
  const { rollout, rows } = report(begin({ stages, failure_threshold_percent: 50 }), 1, {
    ...everybody('succeeded', 19),
    a20: 'failed',
  })
  assert.equal(rollout.status, 'failed')
  const { total, succeeded, failed, pending, success_rate } = progressOf(rows)
  assert.deepEqual([total, succeeded, failed, pending, success_rate], [20, 19, 1, 0, 95])
})

test('defect 17: what was rolled back counts as a failure, over all that ended, whatever auto_rollback says', () => {
  const stages = [{ percent: 100, delay_hours: 0 }]
  const good = report(begin({ stages }), 1, everybody('succeeded', 10))
  // 1 of 11 is below ten percent, 2 of 12 are not.
  const one = report(good, 2, { a11: 'rolled_back' })
  assert.equal(one.rollout.status, 'in_progress')
  const two = report(one, 3, { a12: 'failed' })
  assert.deepEqual([two.rollout.status, two.rollout.paused_at], ['paused', '2026-11-22T03:00:00Z'])
  assert.deepEqual(offeredTo(two), [])
  const exactly = report(begin({ stages }), 1, everybody('succeeded', 9))
  assert.equal(report(exactly, 2, { a10: 'rolled_back' }).rollout.status, 'paused')
})

test('defect 17: failures that come while it is paused, or after it failed, are taken and counted', () => {
  const stages = [{ percent: 100, delay_hours: 0 }]
  const stopped = report(begin({ stages }), 1, { a1: 'rolled_back' })
  assert.equal(stopped.rollout.status, 'paused')
  const later = report(stopped, 9, { a2: 'verifying', a3: 'failed', a4: 'failed' })
  assert.deepEqual([later.rollout.status, progressOf(later.rows).failed], ['paused', 2])
  const failed = { ...later, rollout: { ...later.rollout, status: 'failed' as const } }
  assert.equal(progressOf(report(failed, 10, { a5: 'rolled_back' }).rows).rolled_back, 2)
})

test('a person who resumes it accepts the failures so far; one more pauses it again', () => {
  const stages = [{ percent: 100, delay_hours: 0 }]
  const stopped = report(begin({ stages }), 1, { a1: 'failed' })
  const going = resumed(stopped)
  assert.ok(going)
  assert.deepEqual([going.rollout.status, going.rollout.paused_at], ['in_progress', null])
  assert.equal(advanced(going, at(50)), going)
  const better = report(going, 51, { a2: 'succeeded' })
  assert.equal(better.rollout.status, 'in_progress')
  assert.equal(report(better, 52, { a3: 'failed' }).rollout.status, 'paused')
})

test('with the strategy manual only a person opens stages; at the last one there is nothing to open', () => {
  const waiting = advanced(report(begin({ strategy: 'manual' }), 1, { a1: 'succeeded' }), at(1000))
  assert.equal(waiting.rollout.current_stage, 0)
  const second = advancedByHand(waiting, at(1001))
  assert.deepEqual(second && [second.rollout.current_stage, offeredTo(second).length], [1, 4])
  const third = second && advancedByHand(second, at(1002))
  assert.equal(third && advancedByHand(third, at(1003)), null)
  assert.equal(advancedByHand(paused(waiting, at(1)) ?? waiting, at(1)), null)
})

test('a cancelled rollout is over: who can still give the update up is told so, who has restarted is heard', () => {
  const over = cancelled(report(begin(), 1, { a1: 'ready' }), at(2))
  assert.ok(over)
  assert.deepEqual([offeredTo(over), reported(over, 'a1', 'ready')], [[], null])
  assert.equal(reported(over, 'a1', 'rolled_back')?.rows[0].status, 'rolled_back')
  assert.deepEqual([cancelled(over, at(3)), paused(over, at(3)), resumed(over)], [null, null, null])
  assert.equal(advanced(over, at(1000)), over)
})

test('an appliance that reports before its stage is open is heard, and not told to go on', () => {
  const early = reported(begin(), 'a20', 'downloading')
  assert.deepEqual(early && [offeredTo(early), early.rows[19].status], [['a1'], 'downloading'])
})

test('an appliance that has ended, or is in no stage, reports nothing any more', () => {
  const state = report(begin(), 1, { a1: 'succeeded' })
  assert.equal(reported(state, 'a1', 'failed'), null)
  assert.equal(reported(state, 'stranger', 'failed'), null)
})

test('stages that are no stages are told with their number', () => {
  const stage = (percent: number, delay_hours = 0) => ({ percent, delay_hours })
  assert.equal(stagesProblem([stage(5, 24), stage(100)]), null)
  assert.match(stagesProblem([]) ?? '', /at least one/)
  assert.match(stagesProblem([stage(0)]) ?? '', /stage 1: percent/)
  assert.match(stagesProblem([stage(101)]) ?? '', /stage 1: percent/)
  assert.match(stagesProblem([stage(50), stage(50)]) ?? '', /stage 2: percent grows/)
  assert.match(stagesProblem([stage(5), stage(9, -1)]) ?? '', /stage 2: delay_hours/)
})

/** A life of a rollout: reports, time, and people, in any order. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('report' as const), who: fc.nat(11), word: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }) },
)
const wish = fc.record({
  strategy: fc.constantFrom('staged' as const, 'canary' as const, 'manual' as const),
  stages: fc
    .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 })
    .chain((percents) =>
      fc
        .array(fc.nat(48), { minLength: percents.length, maxLength: percents.length })
        .map((delays) =>
          percents.sort((a, b) => a - b).map((percent, index) => ({ percent, delay_hours: delays[index] })),
        ),
    ),
  failure_threshold_percent: fc.integer({ min: 1, max: 100 }),
  appliances: fc.constant(names(12)),
})

test('property: no stage opens before its delay, none while paused, and it is completed only when all have succeeded', () => {
  fc.assert(
    fc.property(wish, fc.array(event, { maxLength: 60 }), (asked, events) => {
      let hours = 0
      let state = startRollout(asked, at(0))
      for (const each of events) {
        const before = state
        if (each.kind === 'wait') hours += each.hours
        else if (each.kind === 'report')
          state = reported(state, `a${each.who + 1}`, UPDATE_STATUSES[each.word]) ?? state
        else if (each.kind === 'pause') state = paused(state, at(hours)) ?? state
        else state = resumed(state) ?? state
        const stopped = state.rollout.status === 'paused'
        state = advanced(state, at(hours))
        const { rollout, rows } = state
        if (stopped) assert.equal(rollout.status, 'paused')
        if (stopped || asked.strategy === 'manual')
          assert.equal(rollout.current_stage, before.rollout.current_stage, 'opened by itself')
        for (let stage = before.rollout.current_stage; stage < rollout.current_stage; stage++) {
          const opened =
            stage === before.rollout.current_stage ? before.rollout.stage_opened_at : at(hours).toISOString()
          assert.ok(at(hours).getTime() - Date.parse(opened) >= asked.stages[stage].delay_hours * HOUR, 'too early')
        }
        if (rollout.status === 'completed') assert.ok(rows.every(({ status }) => status === 'succeeded'))
        for (const row of rows)
          if (isOffered(state, row.appliance_id)) assert.ok(row.stage_assigned <= rollout.current_stage)
        assert.deepEqual(advanced(state, at(hours)), state, 'what is due was done at once')
      }
    }),
    { numRuns: 300 },
  )
})

test('property: with everybody well and time enough, every rollout that is not manual is completed', () => {
  fc.assert(
    fc.property(wish, (asked) => {
      fc.pre(asked.strategy !== 'manual')
      let state = startRollout(asked, at(0))
      for (let hours = 0; hours <= 48 * 5 && state.rollout.status === 'in_progress'; hours++)
        for (const row of state.rows)
          if (isOffered(state, row.appliance_id))
            state = advanced(reported(state, row.appliance_id, 'succeeded') ?? state, at(hours))
          else state = advanced(state, at(hours))
      assert.equal(state.rollout.status, 'completed')
    }),
    { numRuns: 100 },
  )
})
