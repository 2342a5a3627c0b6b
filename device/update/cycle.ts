// One update from the offer to the restart into the new slot. Everything it decides on is on disk: any process may go on
// where another one, or a power cut, stopped. Does not judge the new slot (the gate does) and never sleeps.
import { EngineError, explain, isEngineError, throwIfAborted } from '#base/errors.ts'
import type { JobEvent } from '#engine/ports.ts'
import { isReported, type StatusReport, statusOfPhase, type UpdateOffer, type UpdateRecord } from '#model/update.ts'
import { parseWindow } from '#model/window.ts'
import type { Appliance } from '../ports.ts'
import { backOffMs, findingOf, LIMITS, LONGEST_BACK_OFF_MS, verdictOn, wireCodeOf } from './cycle-errors.ts'
import { failuresKnown, givesWay, inTheWay, isSame, objections, recordFor } from './cycle-offer.ts'
import { PHASES, type PhaseContext, reportOf, soon, waiting } from './cycle-phases.ts'
import type { Accepted, CurrentUpdate, CycleDeps, CycleState, Refused, UpdateCycle } from './cycle-types.ts'

/** Before the boot selection is touched an update can be given up without a trace. */
export const isEarly = ({ phase }: UpdateRecord): boolean => ['accepted', 'writing', 'ready'].includes(phase)

export function createCycle(appliance: Appliance, deps: CycleDeps): UpdateCycle {
  const { store, outbox, clock } = appliance
  let under: { readonly done: Promise<CycleState>; readonly stop: AbortController } | null = null
  let last: CycleState | null = null
  let progress: CurrentUpdate['progress'] = null
  const watch = watchProgress()

  const change: PhaseContext['change'] = (record, changes) =>
    deps.changeRecord(async () => {
      const now = await store.load()
      if (now?.update_id !== record.update_id) throw cancelled(record.update_id, 'its record is gone')
      const next = { ...now, ...changes }
      await store.save(next)
      return next
    })

  const forget = async (record: UpdateRecord) => {
    await deps.changeRecord(async () => {
      if ((await store.load())?.update_id === record.update_id) await store.clear()
    })
    await deps.downloads.discard()
  }

  async function accept(offer: UpdateOffer): Promise<Accepted | Refused> {
    const before = await store.load()
    if (before && isSame(before, offer)) {
      const record = await refresh(before, offer)
      return { accepted: true, record, again: true, ...(record !== before && { renewed: true }) }
    }
    const view = await appliance.disk.look()
    const found = objections(offer, { view, rolledBack: await store.rolledBack(), unsent: await outbox.list() })
    if (found[0]) return { accepted: false, findings: [found[0], ...found.slice(1)] }
    if (before && !(givesWay(before, offer) && (await cancel(before.update_id, 'an order replaced it'))))
      return { accepted: false, findings: [inTheWay(before, offer)] }
    return await deps.changeRecord(async () => {
      const meanwhile = await store.load()
      if (meanwhile) return { accepted: false, findings: [inTheWay(meanwhile, offer)] }
      const record = recordFor(offer, view, clock.now())
      await store.save(record)
      return { accepted: true, record, again: false }
    })
  }

  /** The server may have moved the window or renewed the address; what is written already stays. */
  const refresh = (record: UpdateRecord, offer: UpdateOffer): Promise<UpdateRecord> | UpdateRecord => {
    const { window, url, requireApproval } = offer
    const next = { ...record.offer, window, url, requireApproval }
    if (!isEarly(record) || JSON.stringify(next) === JSON.stringify(record.offer)) return record
    return parseWindow(window).ok ? change(record, { offer: next }) : record
  }

  async function step(signal: AbortSignal): Promise<CycleState> {
    if (under) return await under.done
    const stop = new AbortController()
    const done = steps(signal, stop.signal)
    under = { done, stop }
    try {
      last = await done
      return last
    } finally {
      under = null
      progress = null
    }
  }

  async function steps(signal: AbortSignal, stop: AbortSignal): Promise<CycleState> {
    const first = await store.load()
    if (!first) return { state: 'idle' }
    const turn = await deps.takeTurn().catch((error: unknown) => {
      if (isEngineError(error, 'update.busy')) return error
      throw error
    })
    if (turn instanceof EngineError) return waiting(first, 'turn', soon(appliance), findingOf(turn))
    await using _turn = turn
    const context: PhaseContext = { appliance, deps, signal: AbortSignal.any([signal, stop]), change, succeed, emit }
    for (;;) {
      const record = await store.load()
      if (!record) return { state: 'idle' }
      watch.attempt(record.update_id)
      const state = await phase(record, context, stop)
      if (state) return state
    }
  }

  async function phase(record: UpdateRecord, context: PhaseContext, stop: AbortSignal): Promise<CycleState | null> {
    if (record.failed) return await end(record, record.failed)
    const until = notBefore(record)
    if (until && record.last_error) return waiting(record, 'back-off', until, record.last_error)
    try {
      if (isEarly(record)) throwIfAborted(stop)
      return await PHASES[record.phase](record, context)
    } catch (error) {
      if (!isEngineError(error)) throw error
      return await meet(record, error, stop).catch((second: unknown) => {
        // The data partition does not take the record now: what is on it is still true, so the step is simply repeated.
        if (!isEngineError(second)) throw second
        return waiting(record, 'back-off', soon(appliance), second)
      })
    }
  }

  async function meet(begun: UpdateRecord, error: EngineError, stop: AbortSignal): Promise<CycleState | null> {
    const record = await store.load()
    if (!record || record.update_id !== begun.update_id)
      return { state: 'cancelled', record: begun, reason: 'its record is gone' }
    if (stop.aborted && isEarly(record)) {
      await forget(record)
      return { state: 'cancelled', record, reason: explain(stop.reason as EngineError).message }
    }
    if (error.code === 'update.cancelled' && isEarly(record)) {
      await forget(record)
      return { state: 'cancelled', record, reason: error.message }
    }
    const verdict = verdictOn(error.code)
    if (verdict === 'stop') return waiting(record, 'stopped', null, error)
    if (verdict === 'clock') return waiting(record, 'clock', soon(appliance), error)
    if (record.offer.origin === 'local') return await giveUp(record, error)
    if (verdict === 'space' || verdict === 'hold') {
      const told = await tell(record, error)
      return waiting(told, verdict === 'space' ? 'space' : 'back-off', soon(appliance), error)
    }
    const attempts = watch.gotFurther() ? 1 : record.attempts + 1
    const strikes = (record.strikes ?? 0) + (verdict === 'few' ? 1 : 0)
    if (verdict === 'final' || attempts >= LIMITS.many || strikes >= LIMITS.few) return await giveUp(record, error)
    const told = await tell(record, error)
    const until = new Date(clock.now().getTime() + backOffMs(attempts, deps.random()))
    // Content that is not what was written is written again; every other phase is simply repeated.
    const phase = isEngineError(error, 'slot.content-differs', 'update.slot-changed') ? 'writing' : record.phase
    const next = await change(told, { phase, attempts, strikes, retry_at: until.toISOString() })
    return waiting(next, 'back-off', until, error)
  }

  /** Says once what stands in the way, with the status of the phase. */
  async function tell(record: UpdateRecord, error: EngineError): Promise<UpdateRecord> {
    if (record.last_error?.code === error.code) return record
    const status = statusOfPhase(record.phase)
    if (isReported(record.offer) && record.reported === status)
      await outbox.put({
        ...reportOf(record, appliance, status),
        error_code: wireCodeOf(error.code),
        error_message: error.message,
      })
    return await change(record, { last_error: findingOf(error) })
  }

  async function giveUp(record: UpdateRecord, error: EngineError): Promise<null> {
    await change(record, { failed: { wire: wireCodeOf(error.code), finding: findingOf(error) } })
    return null
  }

  async function end(record: UpdateRecord, { wire, finding: why }: NonNullable<UpdateRecord['failed']>) {
    if (isReported(record.offer)) await outbox.put(await endReport(record, wire, explain(why).message))
    await forget(record)
    return { state: 'failed', record, finding: why, wire } as const
  }

  /** What fell back is told as that, whoever noticed it. */
  async function endReport(record: UpdateRecord, error_code: string, error_message: string): Promise<StatusReport> {
    const known = isEarly(record) ? [] : failuresKnown(await appliance.disk.look(), await store.rolledBack())
    const back = known.findLast(({ update_id }) => update_id === record.update_id)
    if (!back) return { ...reportOf(record, appliance, 'failed'), error_code, error_message }
    return { ...reportOf(record, appliance, 'rolled_back'), error_code: 'BOOT_FAILED', error_message: back.reason }
  }

  async function succeed(record: UpdateRecord): Promise<void> {
    if (isReported(record.offer)) await outbox.put(reportOf(record, appliance, 'succeeded'))
    await forget(record)
  }

  /** Null when it may be tried now; a wrong clock does not hold it up longer than any back-off lasts. */
  function notBefore({ retry_at }: UpdateRecord): Date | null {
    if (!retry_at) return null
    const wait = new Date(retry_at).getTime() - clock.now().getTime()
    return wait > 0 && wait <= LONGEST_BACK_OFF_MS ? new Date(retry_at) : null
  }

  async function approve(): Promise<boolean> {
    const record = await store.load()
    if (!record) return false
    await change(record, { approved_at: clock.now().toISOString() })
    return true
  }

  async function cancel(updateId: string, reason: string): Promise<boolean> {
    const record = await store.load()
    if (record?.update_id !== updateId || !isEarly(record)) return false
    if (under) {
      under.stop.abort(cancelled(updateId, reason))
      if ((await under.done).state === 'cancelled') return true
    }
    const now = await store.load()
    if (now?.update_id !== updateId) return true
    if (!isEarly(now)) return false
    await forget(now)
    return true
  }

  const current = async (): Promise<CurrentUpdate> => ({ record: await store.load(), last, progress })

  function emit(event: JobEvent): void {
    if (event.type === 'progress') progress = { doneBytes: event.doneBytes, totalBytes: event.totalBytes }
    watch.saw(event)
    deps.emit(event)
  }

  return { accept, step, approve, cancel, current }
}

const cancelled = (update: string, reason: string): EngineError =>
  new EngineError('update.cancelled', { update, reason })

/** How far the writing of one update got, over all attempts of this process: a bad connection is not a hopeless one. */
function watchProgress() {
  let update = ''
  let best = 0
  let now = 0
  return {
    attempt(id: string) {
      if (id !== update) best = 0
      update = id
      now = 0
    },
    saw(event: JobEvent) {
      if (event.type === 'progress' && event.phase === 'write') now = Math.max(now, event.doneBytes)
    },
    gotFurther(): boolean {
      const further = now > best
      best = Math.max(best, now)
      return further
    },
  }
}
