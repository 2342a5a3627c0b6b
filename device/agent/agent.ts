// The loop of the appliance's agent: a round with the server, again after the poll interval. The update under way is driven
// beside it, so that a long download hears of its cancellation. Ends within a second after it was told to, at any point.
import { setTimeout as delay } from 'node:timers/promises'
import { explain } from '#base/errors.ts'
import type { ReadSettings } from '../ports.ts'
import { whyNoServer } from '../settings-check.ts'
import { type AgentContext, type AgentParts, attempt, createTurns } from './context.ts'
import type { Ended } from './driver.ts'
import { createDriver } from './driver.ts'
import { createLedgerStore } from './order-ledger.ts'
import type { Outcome } from './orders.ts'
import { createPeace } from './peace.ts'
import { createRemarks, type Remarks } from './remarks.ts'
import { deliverReports, sharedOutbox, withEars } from './reports.ts'
import { createRound } from './round.ts'

const SECOND = 1000
const LONGEST_MS = 3_600_000
const UNCLAIMED_MS = 60_000
/** The process ends this long after it was told to, whatever still hangs. */
const GRACE_MS = 800

/** Milliseconds until the next round: the poll interval, doubled for each failed round, at most an hour, spread. */
export function pauseAfter(failures: number, pollSeconds: number, random: number): number {
  const wanted = pollSeconds * SECOND * 2 ** Math.min(failures, 12)
  return Math.round(Math.min(LONGEST_MS, wanted) * (failures === 0 ? 0.9 + random / 5 : 0.75 + random / 4))
}

/** Waits that something else can end: `wake` ends the present one, or the next when none is under way. */
function createNaps(sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>, signal: AbortSignal) {
  let woken = false
  let stop = () => {}
  return {
    wake() {
      woken = true
      stop()
    },
    async nap(milliseconds: number): Promise<void> {
      const own = new AbortController()
      stop = () => own.abort()
      signal.addEventListener('abort', stop, { once: true })
      if (!woken && !signal.aborted) await sleep(milliseconds, own.signal)
      signal.removeEventListener('abort', stop)
      woken = false
    },
  }
}

/**
 * Runs until the signal is aborted. An error that ends one of its loops ends all of them, so that the process ends with a
 * code and is started again. @throws bugs, and errors of the disk that the state is on
 */
export async function runAgent(parts: AgentParts, told: AbortSignal): Promise<void> {
  const broken = new AbortController()
  try {
    await runLoops(parts, AbortSignal.any([told, broken.signal]))
  } finally {
    broken.abort()
  }
}

async function runLoops(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const { note } = parts
  const remarks = createRemarks(note)
  const alone = createTurns()
  const seen = new Map<string, Outcome>()
  const rounds = createNaps(parts.appliance.sleep, signal)
  const reports = createNaps(parts.appliance.sleep, signal)
  const peace = createPeace(parts.appliance.clock)
  const outbox = sharedOutbox({ ...parts.appliance, remarks, peace, alone, heard: reports.wake })
  const deliver = (within: AbortSignal) => deliverReports(appliance, cycle, within)
  const appliance = withEars(parts.appliance, outbox, deliver)
  const cycle = parts.createCycle(appliance)
  const driver = createDriver({
    ...{ cycle, clock: appliance.clock, sleep: appliance.sleep, note },
    async ended(state: Ended) {
      const { update_id: updateId } = state.record
      const message = state.state === 'failed' ? explain(state.finding).message : state.reason
      seen.set(updateId, { updateId, status: state.state, message })
      rounds.wake()
    },
  })
  const ledger = createLedgerStore(appliance.paths.state, (found) => remarks.say('ledger', explain(found).message))
  const context: AgentContext = {
    ...{
      ...parts,
      appliance,
      cycle,
      ledger,
      remarks,
      seen,
      signal,
      deliver,
      alone,
      peace,
    },
    begun: driver.wake,
  }

  const everyRound = async () => {
    while (!signal.aborted) await rounds.nap(await oneRound())
  }
  const round = createRound(context)
  let failures = 0
  const oneRound = async (): Promise<number> => {
    // Woken before its time.
    if (peace.left() > 0) return peace.left()
    const read = await attempt(remarks, 'settings file', () => appliance.readable())
    if (!read.done) return UNCLAIMED_MS
    const { server } = read.value.settings
    saySettings(read.value, remarks)
    if (!server) {
      if (read.value.findings.length > 0) return UNCLAIMED_MS
      await attempt(remarks, 'settings file', async () =>
        remarks.say('server', await whyNoServer(parts.appliance.paths)),
      )
      return UNCLAIMED_MS
    }
    remarks.clear('server')
    // A file may be cut just now, and be whole in a second: that is a failed round, not the end of all rounds.
    const done = await attempt(remarks, 'round', () => round(read.value, server))
    failures = done.done && done.value ? 0 : failures + 1
    return Math.max(peace.left(), pauseAfter(failures, server.pollSeconds, parts.random()))
  }
  const everyReport = async () => {
    while (!signal.aborted) {
      await reports.nap(LONGEST_MS)
      if (!signal.aborted) await attempt(remarks, 'reports', () => deliver(signal))
    }
  }
  await untilOver([everyRound(), everyReport(), driver.run(signal)], signal)
}

/** A mistake in one file keeps updates from going on (they rest on all of them), not the appliance from its server. */
function saySettings({ findings }: ReadSettings, remarks: Remarks): void {
  if (findings.length === 0) {
    remarks.clear('settings', 'The settings files are in order again.')
    return
  }
  const [first, ...more] = findings.map((found) => explain(found).message)
  const others = more.length > 0 ? ` (and ${more.length} more: "hypernet-admin validate-config")` : ''
  remarks.say('settings', `${first}${others} Until it is corrected nothing is installed or restarted.`)
}

/** All of them, or what is left of them a moment after the signal. */
async function untilOver(works: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const told = new Promise<void>((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
  const grace = told.then(() =>
    delay(GRACE_MS, undefined, { signal: over.signal }).catch(() => {
      // Everything has ended before the time was up.
    }),
  )
  await Promise.race([Promise.all(works).finally(() => over.abort()), grace])
}
