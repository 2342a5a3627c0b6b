// Drives the update under way: steps the cycle, waits as long as it says, steps again. However long a window stays shut, it
// waits; it never goes ahead without one and never gives up (what an update may fail of is the cycle's own business).
import { type Finding, isEngineError } from '#base/errors.ts'
import type { Clock } from '#engine/ports.ts'
import type { CycleState, UpdateCycle, Waiting } from '../update/cycle-types.ts'
import { createRemarks } from './remarks.ts'

export type Ended = Extract<CycleState, { state: 'failed' | 'cancelled' }>

export interface DriverParts {
  readonly cycle: Pick<UpdateCycle, 'step'>
  readonly clock: Clock
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** An update ended here; the health gate's verdicts do not come this way. */
  ended(state: Ended): Promise<void>
  /** For people; the same remark is made once. */
  note(line: string): void
}

export interface Driver {
  /** Something changed: step now instead of when the time is up. */
  wake(): void
  /** Until the signal is aborted. @throws what the cycle throws for bugs */
  run(signal: AbortSignal): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND
/** Clocks are set while one waits, and people approve in another process: nobody waits longer in one piece. */
const LONGEST_NAP_MS = 5 * MINUTE
const APPROVAL_NAP_MS = 30 * SECOND
const LONGEST_TROUBLE_MS = 60 * MINUTE

const napOf = (waiting: Waiting, now: Date): number => {
  const longest = waiting.for === 'approval' || waiting.for === 'turn' ? APPROVAL_NAP_MS : LONGEST_NAP_MS
  const wanted = waiting.until ? waiting.until.getTime() - now.getTime() : longest
  return Math.min(longest, Math.max(SECOND, wanted))
}

/** One driver per cycle. */
export function createDriver({ cycle, clock, sleep, ended, note }: DriverParts): Driver {
  let woken = false
  let stopNap = () => {}
  const remarks = createRemarks(note)
  const say = (what: string | Finding, prefix = '') => remarks.say('update', what, prefix)
  const nap = async (milliseconds: number, signal: AbortSignal) => {
    if (woken || signal.aborted) return
    const own = new AbortController()
    stopNap = () => own.abort()
    signal.addEventListener('abort', stopNap, { once: true })
    await sleep(milliseconds, own.signal)
    signal.removeEventListener('abort', stopNap)
    stopNap = () => {}
  }

  /** Milliseconds until the next step. */
  async function after(state: CycleState): Promise<number> {
    switch (state.state) {
      case 'idle':
        remarks.clear('update')
        return LONGEST_NAP_MS
      case 'waiting':
        if (state.for !== 'stopped') say(state.finding, `${state.record.version}: `)
        return napOf(state, clock.now())
      case 'rebooting':
        say(`${state.record.version}: restarting into slot ${state.record.target_partition}.`)
        return MINUTE
      case 'with-gate':
        say(`${state.record.version}: the health gate judges it.`)
        return MINUTE
      case 'failed':
        say(state.finding, `${state.record.version}: failed. `)
        await ended(state)
        return 0
      case 'cancelled':
        say(`${state.record.version}: cancelled (${state.reason}).`)
        await ended(state)
        return 0
    }
  }

  return {
    wake() {
      woken = true
      stopNap()
    },
    async run(signal) {
      let trouble = 0
      while (!signal.aborted) {
        woken = false
        let pause: number
        try {
          pause = await after(await cycle.step(signal))
          trouble = 0
        } catch (error) {
          if (!isEngineError(error)) throw error
          trouble++
          say(error)
          pause = Math.min(LONGEST_TROUBLE_MS, MINUTE * 2 ** (trouble - 1))
        }
        if (pause > 0) await nap(pause, signal)
      }
    },
  }
}
