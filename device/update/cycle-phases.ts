// What is done in each phase of an update. The rule of all of them: first the next phase (or the wish) is saved, then it is
// acted on; so whatever a power cut leaves, the phase on disk says what to do again. docs/format/update.md has the table.
import { EngineError, finding, throwIfAborted } from '#base/errors.ts'
import type { JobEvent } from '#engine/ports.ts'
import { TRIES } from '#model/boot-state.ts'
import { clockTrusted } from '#model/schedule.ts'
import { otherSlot } from '#model/slot.ts'
import { isReported, type StatusReport, statusOfPhase, type UpdatePhase, type UpdateRecord } from '#model/update.ts'
import { ALWAYS, isOpen, nextOpening, parseWindow, type Window } from '#model/window.ts'
import { failuresText } from '#plan/health-gate.ts'
import type { Appliance, DeviceSettings, OwnDiskView } from '../ports.ts'
import { findingOf } from './cycle-errors.ts'
import { aimedAt, checkHolds, holdsRelease, isJudgedBad, isWithdrawn, wasFinished } from './cycle-offer.ts'
import type { CycleDeps, CycleState, Waiting, WaitReason } from './cycle-types.ts'

export interface PhaseContext {
  readonly appliance: Appliance
  readonly deps: CycleDeps
  /** Ends with the caller's signal and with a cancellation. */
  readonly signal: AbortSignal
  /** Changes the record of this update on disk; throws `update.cancelled` when it is no longer the one under way. */
  change(record: UpdateRecord, changes: Partial<UpdateRecord>): Promise<UpdateRecord>
  /** It runs and is confirmed: reported, and over. */
  succeed(record: UpdateRecord): Promise<void>
  emit(event: JobEvent): void
}

/** Null: the next phase is on disk, look again. */
type Phase = (record: UpdateRecord, context: PhaseContext) => Promise<CycleState | null>

/** A state that changes without us is looked at again after this. */
const SOON_MS = 60_000

export const waiting = (
  record: UpdateRecord,
  reason: WaitReason,
  until: Date | null,
  why: Waiting['finding'],
): Waiting => ({
  state: 'waiting',
  record,
  for: reason,
  until,
  finding: findingOf(why),
})

export const soon = (appliance: Appliance): Date => new Date(appliance.clock.now().getTime() + SOON_MS)

const accepted: Phase = async (record, context) => {
  const elsewhere = await checkTarget(record, context)
  if (elsewhere) return elsewhere === 'moved' ? null : elsewhere
  await context.deps.downloads.discard()
  await context.change(record, { phase: 'writing', attempts: 0, retry_at: null })
  return null
}

const writing: Phase = async (record, context) => {
  const { appliance, deps, signal } = context
  checkClock(context)
  const elsewhere = await checkTarget(record, context)
  if (elsewhere) return elsewhere === 'moved' ? null : elsewhere
  const now = await reported(record, context)
  const view = await appliance.disk.look()
  if (wasFinished(now, view)) {
    await context.change(now, { phase: 'ready', attempts: 0, retry_at: null, last_error: null })
    return null
  }
  const { offer } = now
  const from = offer.origin !== 'local' && isTriple(offer.url) ? await deps.downloads.fetch(offer, signal) : offer.url
  const written = await appliance.disk.writeStandby({
    from,
    version: offer.origin === 'local' ? null : offer.version,
    sha256: offer.sha256,
    allowOlder: offer.origin === 'local' ? (offer.allowOlder ?? null) : null,
    signal,
    emit: context.emit,
  })
  const fresh = { attempts: 0, retry_at: null, last_error: null }
  await context.change(now, { phase: 'ready', release_digest: written.digest, ...fresh })
  return null
}

const ready: Phase = async (record, context) => {
  const { appliance, deps, signal } = context
  const now = await reported(record, context)
  await deps.downloads.discard()
  const view = await appliance.disk.look()
  if (view.running === now.target_partition) return await bootedByHand(now, view, context)
  checkHolds(now, view)
  checkNotBad(now, view)
  if (now.offer.requireApproval && now.approved_at === null) {
    const why = finding('update.waits-approval', { version: now.version, slot: now.target_partition })
    return waiting(now, 'approval', null, why)
  }
  const settings = await appliance.settings()
  const closed = closedWindow(now, settings, context)
  if (closed) return closed
  const results = await deps.probe(settings, signal)
  throwIfAborted(signal)
  await checkWanted(now, context)
  // The probes may have taken minutes.
  const closedMeanwhile = closedWindow(now, settings, context)
  if (closedMeanwhile) return closedMeanwhile
  const baseline = Object.fromEntries(Object.entries(results).map(([name, { passed }]) => [name, passed]))
  await context.change(now, { phase: 'switching', baseline })
  return null
}

const switching: Phase = async (record, context) => {
  const { disk } = context.appliance
  const view = await disk.look()
  if (view.running === record.target_partition) return await ran(record, view, context)
  if (isTried(record, view)) return { state: 'with-gate', record }
  const closed = await closedForSwitch(record, view, context)
  if (closed) return await backToReady(record, view, context)
  checkNotBad(record, view)
  if (!isArmed(record, view)) {
    checkHolds(record, view)
    try {
      await disk.armTrial(record.target_partition, record)
    } catch (error) {
      // What counts is the boot selection, not what went wrong after it: an armed slot keeps its record.
      if (!isArmed(record, await disk.look())) throw error
    }
  }
  await context.change(record, { phase: 'rebooting' })
  return null
}

const rebooting: Phase = async (record, context) => {
  const { appliance } = context
  const view = await appliance.disk.look()
  if (view.running === record.target_partition) return await ran(record, view, context)
  if (isTried(record, view)) return { state: 'with-gate', record }
  if (!isArmed(record, view)) throw leftBehind(record, view)
  if (record.offer.origin === 'local' && record.approved_at === null) {
    const why = finding('update.waits-restart', { version: record.version, slot: record.target_partition })
    return waiting(record, 'approval', null, why)
  }
  const closed = await closedForSwitch(record, view, context)
  if (closed) return await backToReady(record, view, context)
  const now = await reported(record, context)
  try {
    await appliance.reboot(`update to version ${now.version} in slot ${now.target_partition}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const why = finding('update.reboot-failed', { reason, slot: now.target_partition })
    return waiting(now, 'back-off', soon(appliance), why)
  }
  return { state: 'rebooting', record: now }
}

const verifying: Phase = async (record, context) => {
  const view = await context.appliance.disk.look()
  if (view.running === record.target_partition) return await ran(record, view, context)
  if (isTried(record, view)) return { state: 'with-gate', record }
  throw leftBehind(record, view)
}

export const PHASES: Readonly<Record<UpdatePhase, Phase>> = {
  accepted,
  writing,
  ready,
  switching,
  rebooting,
  verifying,
}

/** Bundles are written as they come; only these need a file first. */
export const isTriple = (url: string): boolean => /\.(img|iso)$/i.test(URL.parse(url)?.pathname ?? '')

/** Puts the phase's status into the outbox once; a power cut in between repeats it, never skips it. */
async function reported(record: UpdateRecord, context: PhaseContext): Promise<UpdateRecord> {
  const status = statusOfPhase(record.phase)
  if (!isReported(record.offer) || record.reported === status) return record
  await context.appliance.outbox.put(reportOf(record, context.appliance, status))
  return await context.change(record, { reported: status })
}

export const reportOf = (
  record: UpdateRecord,
  { clock }: Pick<Appliance, 'clock'>,
  status: StatusReport['status'],
): StatusReport => ({ at: clock.now().toISOString(), update_id: record.update_id, status })

/**
 * The server may have withdrawn it while it was written: what it says to our reports is heard before anything is selected. A
 * server that cannot be reached holds nothing up. @throws EngineError `update.cancelled`
 */
async function checkWanted(record: UpdateRecord, { appliance, signal }: PhaseContext): Promise<void> {
  if (!isReported(record.offer)) return
  const { unknownUpdates } = await appliance.outbox.flush(signal)
  throwIfAborted(signal)
  if (!isWithdrawn(record, unknownUpdates)) return
  const reason = 'the server does not know it any more'
  throw new EngineError('update.cancelled', { update: record.update_id, reason })
}

/** @throws EngineError `update.clock-wrong` */
function checkClock({ appliance, deps }: PhaseContext): void {
  const now = appliance.clock.now()
  if (clockTrusted(now, deps.builtAt)) return
  throw new EngineError('update.clock-wrong', { now: now.toISOString(), built: deps.builtAt.toISOString() })
}

/** The target must be the standby slot, and what runs must be confirmed: the standby is what one would fall back to. */
async function checkTarget(record: UpdateRecord, context: PhaseContext): Promise<CycleState | 'moved' | null> {
  const view = await context.appliance.disk.look()
  if (view.running === record.target_partition) return (await bootedByHand(record, view, context)) ?? 'moved'
  const { running: slot, trialBoot: boot } = view
  if (boot !== null)
    return waiting(record, 'trial', soon(context.appliance), finding('update.trial-running', { slot, boot }))
  const { target_partition: good } = record
  if (view.state.good === good) throw new EngineError('update.running-unconfirmed', { slot, good })
  return null
}

/** Somebody started the target slot: either what it holds is the update (the gate's matter), or the slots changed places. */
async function bootedByHand(
  record: UpdateRecord,
  view: OwnDiskView,
  context: PhaseContext,
): Promise<CycleState | null> {
  if (holdsRelease(record, view)) {
    await checkNotJudged(record, view, context)
    return await ran(record, view, context)
  }
  await context.change(record, { phase: 'accepted', ...aimedAt(otherSlot(view.running), view) })
  return null
}

/**
 * The gate has its say about an update that was begun, not about one that was only accepted: where it has judged the slot
 * and neither confirmed nor left it, nobody comes to another end. @throws EngineError `update.unhealthy-here`
 */
async function checkNotJudged(
  { version }: UpdateRecord,
  { running: slot, state, trialBoot }: OwnDiskView,
  { appliance }: PhaseContext,
): Promise<void> {
  if (state.good === slot || (trialBoot !== null && trialBoot < TRIES)) return
  const memory = await appliance.gateMemory.load()
  if (memory?.slot !== slot || !memory.results || memory.bootId !== (await appliance.bootId())) return
  const reason = failuresText(memory.results) || 'it was not confirmed'
  throw new EngineError('update.unhealthy-here', { version, slot, reason })
}

/** The target slot runs: the gate judges it, unless it has (and could not say so any more), or it holds something else. */
async function ran(record: UpdateRecord, view: OwnDiskView, context: PhaseContext): Promise<CycleState | null> {
  const { running, state } = view
  if (!holdsRelease(record, view)) throw leftBehind(record, view)
  if (state.good !== running) {
    // Somebody looks at it: nothing judges it, and the next start takes the other slot.
    if ((state.wanted ?? state.good ?? running) !== running) throw leftBehind(record, view)
    return { state: 'with-gate', record }
  }
  await context.succeed(record)
  return null
}

/** Nothing will start it any more. */
function leftBehind({ version, target_partition: slot }: UpdateRecord, { running }: OwnDiskView): EngineError {
  return new EngineError('update.left-behind', { version, slot, running })
}

/** What was judged bad is not started by itself. @throws EngineError `update.slot-bad` */
function checkNotBad(record: UpdateRecord, view: OwnDiskView): void {
  const { version, target_partition: slot } = record
  if (isJudgedBad(record, view)) throw new EngineError('update.slot-bad', { version, slot })
}

function windowOf(record: UpdateRecord, settings: DeviceSettings): Window {
  if (record.offer.origin === 'local') return ALWAYS
  const window = parseWindow(record.offer.window ?? settings.window)
  if (window.ok) return window.value
  throw new EngineError(window.refusals[0].code, window.refusals[0].details)
}

function closedWindow(record: UpdateRecord, settings: DeviceSettings, context: PhaseContext): Waiting | null {
  const window = windowOf(record, settings)
  if (window.kind === 'always') return null
  checkClock(context)
  const now = context.appliance.clock.now()
  if (isOpen(window, now)) return null
  const opens = nextOpening(window, now)
  const details = { version: record.version, opens: opens.toISOString(), now: now.toISOString() }
  return waiting(record, 'window', opens, finding('update.waits-window', details))
}

/** A power cut may have taken hours: the window is asked again, also when the slot is armed already. */
async function closedForSwitch(
  record: UpdateRecord,
  view: OwnDiskView,
  context: PhaseContext,
): Promise<Waiting | null> {
  try {
    return closedWindow(record, await context.appliance.settings(), context)
  } catch (error) {
    if (error instanceof EngineError && isArmed(record, view)) await backToReady(record, view, context)
    throw error
  }
}

/** Nothing may be armed while the window is closed: the next power cycle at noon would activate the update. */
async function backToReady(record: UpdateRecord, view: OwnDiskView, context: PhaseContext): Promise<null> {
  if (isArmed(record, view)) await context.appliance.disk.confirm(view.running)
  await context.change(record, { phase: 'ready' })
  return null
}

/** Selected and not started yet. */
const isArmed = ({ target_partition: target }: UpdateRecord, { running, state }: OwnDiskView): boolean =>
  running !== target && state.wanted === target && state.trying === target && state.left === TRIES

/** It was started and is not confirmed, or the boot loader has given it up: the gate has the word. */
const isTried = ({ target_partition: target }: UpdateRecord, { state }: OwnDiskView): boolean =>
  state.failed === target || (state.wanted === target && state.trying === target && state.left < TRIES)
