// The driver waits as long as the cycle says and not longer in one piece; it neither forces an update nor drops one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, finding } from '#base/errors.ts'
import { createFakeTime } from '#testing/fake-time.ts'
import { sampleUpdate } from '#testing/gate-world.ts'
import type { CycleState, Waiting } from '../update/cycle-types.ts'
import { createDriver, type Ended } from './driver.ts'

const MINUTE = 60_000
const record = sampleUpdate({ phase: 'ready' })

/** A driver over a cycle that answers what the list says, the last for ever. */
function drive(...answers: readonly (CycleState | EngineError | Error)[]) {
  const time = createFakeTime(new Date('2026-11-22T04:00:00Z'))
  const notes: string[] = []
  const ends: Ended[] = []
  const at: number[] = []
  const stop = new AbortController()
  const driver = createDriver({
    cycle: {
      async step() {
        at.push(time.elapsed())
        const answer = answers[Math.min(at.length, answers.length) - 1]
        if (answer === undefined || answer instanceof Error) throw answer
        return answer
      },
    },
    ...{ clock: time.clock, sleep: time.sleep, note: (line: string) => void notes.push(line) },
    ended: async (state) => void ends.push(state),
  })
  const done = driver.run(stop.signal)
  const turn = () => new Promise<void>((next) => setImmediate(next))
  return {
    ...{ driver, notes, ends, at, done, turn },
    async pass(milliseconds: number) {
      const end = time.elapsed() + milliseconds
      await turn()
      while (time.wakeNext(end)) await turn()
    },
    async stop() {
      stop.abort()
      await done
    },
  }
}

const waits = (reason: Waiting['for'], until: string | null): Waiting => {
  const details = { version: '2.0', opens: String(until), now: '2026-11-22T04:00:00Z' }
  const why = finding('update.waits-window', details)
  return { state: 'waiting', record, for: reason, until: until === null ? null : new Date(until), finding: why }
}

test('defect 14: it looks at a shut window every five minutes, for as long as it is shut, and says so once', async () => {
  const world = drive(waits('window', '2026-12-24T02:00:00Z'))
  await world.pass(30 * 24 * 60 * MINUTE)
  assert.equal(world.at.length, 30 * 24 * 12 + 1)
  assert.deepEqual([world.ends, world.notes.length], [[], 1])
  await world.stop()
})

test('it is there when the time is up, and wakes early when something changed', async () => {
  const world = drive(waits('back-off', '2026-11-22T04:02:00Z'), waits('approval', null), { state: 'idle' })
  await world.pass(3 * MINUTE)
  assert.deepEqual(world.at.slice(0, 3), [0, 2 * MINUTE, 2.5 * MINUTE])
  const before = world.at.length
  world.driver.wake()
  await world.turn()
  assert.equal(world.at.length, before + 1)
  await world.stop()
})

test('a wake-up during a step is not lost', async () => {
  const world = drive({ state: 'idle' })
  world.driver.wake()
  await world.pass(0)
  assert.deepEqual(world.at, [0, 0])
  await world.stop()
})

test('ends are handed on, once each, and the next step follows at once', async () => {
  const failed = { state: 'failed', record, finding: finding('update.busy'), wire: 'UPDATE_FAILED' } as const
  const cancelled = { state: 'cancelled', record, reason: 'gone' } as const
  const world = drive(failed, cancelled, { state: 'idle' })
  await world.pass(MINUTE)
  assert.deepEqual(world.ends, [failed, cancelled])
  assert.deepEqual(world.at, [0, 0, 0])
  await world.stop()
})

test('trouble with the disk is waited out, longer each time; a bug ends the process', async () => {
  const full = new EngineError('settings.not-saved', { file: 'x', reason: 'no space left (ENOSPC)' })
  const world = drive(full, full, full, { state: 'idle' })
  await world.pass(10 * MINUTE)
  assert.deepEqual(world.at.slice(0, 4), [0, MINUTE, 3 * MINUTE, 7 * MINUTE])
  assert.equal(world.notes.length, 1)
  await world.stop()
  const bug = drive(new TypeError('a bug'))
  await assert.rejects(bug.done, TypeError)
})
