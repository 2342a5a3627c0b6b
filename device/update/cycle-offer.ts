// Whether an offer may become the update under way. What is refused here was never begun: nothing is written.
import { EngineError, type Finding, finding } from '#base/errors.ts'
import { otherSlot, type Slot, slotIdentity, trialNoteOf } from '#model/slot.ts'
import { isReported, type StatusReport, type UpdateOffer, type UpdateRecord } from '#model/update.ts'
import { parseWindow } from '#model/window.ts'
import { describeFallback } from '#plan/health-gate.ts'
import type { OwnDiskView, RolledBack } from '../ports.ts'

/** Versions become names of files. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,49}$/
const ENDS: readonly string[] = ['succeeded', 'failed', 'rolled_back']

export interface OfferFacts {
  readonly view: OwnDiskView
  readonly rolledBack: readonly RolledBack[]
  /** Reports that the server has not got yet. */
  readonly unsent: readonly StatusReport[]
}

/** Everything against it, the plainest first; empty when it may begin. */
export function objections(offer: UpdateOffer, { view, rolledBack, unsent }: OfferFacts): readonly Finding[] {
  const problem = malformed(offer)
  if (problem) return [finding('update.bad-offer', { update: offer.updateId.slice(0, 80), problem })]
  const window = parseWindow(offer.window)
  if (!window.ok) return window.refusals
  const ended = unsent.find(({ update_id, status }) => update_id === offer.updateId && ENDS.includes(status))
  if (ended) return [finding('update.already-ended', { update: offer.updateId, status: ended.status })]
  if (runsAlready(view, offer))
    return [finding('update.already-installed', { version: offer.version, slot: view.running })]
  const before = failuresKnown(view, rolledBack).findLast(
    (entry) => entry.version === offer.version && !isNewWish(offer, entry),
  )
  if (before) {
    const { version, at, reason, update_id: update } = before
    return [finding('update.rolled-back-before', { version, at, reason, update })]
  }
  if (view.trialBoot !== null) return [finding('update.trial-running', { slot: view.running, boot: view.trialBoot })]
  const good = otherSlot(view.running)
  if (view.state.good === good) return [finding('update.running-unconfirmed', { slot: view.running, good })]
  return []
}

/**
 * Versions that did not prove themselves here: those on the data partition, and what the ESP says of the last fall-back and
 * of the standby slot. Either may be lost.
 */
export function failuresKnown(view: OwnDiskView, rolledBack: readonly RolledBack[]): readonly RolledBack[] {
  const { running, state, records } = view
  const { fallback } = records
  const known: RolledBack[] = []
  const standby = otherSlot(running)
  const held = records[standby]
  if (
    held.state === 'written' &&
    held.content.version &&
    (state.marks[standby] === 'bad' || state.failed === standby)
  ) {
    const { version, writtenAt: at } = held.content
    const update_id = trialNoteOf(records, standby)?.updateId ?? ''
    known.push({ version, update_id, release_digest: null, at, reason: `slot ${standby} is marked bad` })
  }
  if (fallback?.version) {
    const { version, at, updateId } = fallback
    known.push({ version, update_id: updateId ?? '', release_digest: null, at, reason: describeFallback(fallback) })
  }
  return [...known, ...rolledBack]
}

/** Came by an order that belongs to no rollout: the server never had a row for it. */
export const isOutsideRollouts = ({ offer }: UpdateRecord): boolean =>
  offer.origin === 'order' && offer.rolloutId === null

/** Has the server said that it does not have this update any more? */
export const isWithdrawn = (record: UpdateRecord, unknownUpdates: readonly string[]): boolean =>
  unknownUpdates.includes(record.update_id) && isReported(record.offer) && !isOutsideRollouts(record)

/** By what runs; else by the record's version, or by its bytes where those were written without one. */
function runsAlready({ running, records, runs }: OwnDiskView, offer: UpdateOffer): boolean {
  if (runs !== null) return runs === offer.version
  const record = records[running]
  if (record.state !== 'written') return false
  const { version, sha256 } = record.content
  return version === null ? sha256 === offer.sha256 : version === offer.version
}

/** A person (or an order, which is a person's word) asked for it after it had been rolled back. */
const isNewWish = (offer: UpdateOffer, entry: RolledBack): boolean =>
  (offer.origin === 'order' || offer.origin === 'local') && offer.updateId !== entry.update_id

function malformed(offer: UpdateOffer): string | null {
  if (offer.updateId === '' || offer.updateId.length > 200) return 'it has no usable update id'
  if (!VERSION.test(offer.version)) return 'its version is not 1 to 50 letters, digits and . _ + ~ -'
  if (offer.origin === 'local') return offer.url.startsWith('/') ? null : 'its file is not an absolute path'
  return URL.canParse(offer.url) && /^https?:\/\//i.test(offer.url) ? null : 'its address is not a URL'
}

export function recordFor(offer: UpdateOffer, view: OwnDiskView, now: Date): UpdateRecord {
  return {
    update_id: offer.updateId,
    rollout_id: offer.rolloutId,
    version: offer.version,
    ...aimedAt(otherSlot(view.running), view),
    started_at: now.toISOString(),
    phase: 'accepted',
    offer,
    release_digest: null,
    approved_at: null,
    baseline: null,
    attempts: 0,
    strikes: 0,
    retry_at: null,
    last_error: null,
    reported: null,
    failed: null,
  }
}

/** The slot that an update goes to, and what is in it before. */
export const aimedAt = (target: Slot, { records }: OwnDiskView): Pick<UpdateRecord, 'target_partition' | 'found'> => ({
  target_partition: target,
  found: slotIdentity(records[target]),
})

/** Does the target slot hold what this update wrote? A triple says no version: then its bytes have to be the ones. */
export function holdsRelease(record: UpdateRecord, view: OwnDiskView): boolean {
  const { running, runs } = view
  if (running === record.target_partition && runs !== null) return runs === record.version
  const slot = view.records[record.target_partition]
  if (slot.state !== 'written') return false
  const { version, sha256 } = slot.content
  return version === null ? [record.offer.sha256, record.release_digest].includes(sha256) : version === record.version
}

/** Written since this update began: by it, though a power cut kept it from saying so. */
export const wasFinished = (record: UpdateRecord, view: OwnDiskView): boolean =>
  holdsRelease(record, view) &&
  Boolean(record.found) &&
  record.found !== slotIdentity(view.records[record.target_partition]) &&
  !isJudgedBad(record, view)

/** Somebody, or a gate, has judged what the target slot holds. */
export const isJudgedBad = ({ target_partition: target }: UpdateRecord, { state }: OwnDiskView): boolean =>
  state.marks[target] === 'bad' || state.failed === target

/** @throws EngineError `update.slot-changed` */
export function checkHolds(record: UpdateRecord, view: OwnDiskView): void {
  if (holdsRelease(record, view)) return
  const slot = view.records[record.target_partition]
  const found = slot.state === 'written' ? (slot.content.version ?? 'an image without version') : slot.state
  throw new EngineError('update.slot-changed', { slot: record.target_partition, expected: record.version, found })
}

/** The update that is under way already; its server may have given it another window or address. */
export const isSame = (record: UpdateRecord, offer: UpdateOffer): boolean =>
  record.update_id === offer.updateId && record.version === offer.version

/** What the appliance found by itself makes room for what somebody asked for. */
export const givesWay = (record: UpdateRecord, offer: UpdateOffer): boolean =>
  record.offer.origin === 'channel' && offer.origin !== 'channel'

export const inTheWay = (record: UpdateRecord, offer: UpdateOffer): Finding =>
  finding('update.another-under-way', { expected: record.update_id, found: offer.updateId })
