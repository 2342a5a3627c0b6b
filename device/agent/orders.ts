// What the agent does with the server's orders: opens them, hands updates to the cycle, answers. An order is carried out at
// most once and answered at least once, whatever power and network do in between (docs/format/fleet.md has the table).
import { type ErrorCode, explain, type Finding, finding, isEngineError, specOf } from '#base/errors.ts'
import type { Result } from '#base/result.ts'
import type { UpdateOffer } from '#model/update.ts'
import { claimedOrderId, type OpenedOrder } from '#trust/order.ts'
import type { Accepted, Refused } from '../update/cycle-types.ts'
import { isRollBackOf } from './offers.ts'
import {
  type Completion,
  forgotten,
  forgottenUpTo,
  type Ledger,
  type LedgerStore,
  type OrderEntry,
  REMEMBERED_MS,
  withNonce,
  withOrder,
  withoutNonce,
} from './order-ledger.ts'

/** Orders looked at in one round; the rest come again with the next. */
const MOST_AT_ONCE = 100

export interface OpenContext {
  readonly executed: ReadonlySet<string>
  readonly nonces: ReadonlySet<string>
  readonly forgottenUpTo: Date | null
}

export interface OrderParts {
  readonly ledger: LedgerStore
  readonly api: {
    acknowledge(orderId: string, signal: AbortSignal): Promise<void>
    complete(orderId: string, completion: Completion, signal: AbortSignal): Promise<void>
  }
  /** trust/order.ts with this appliance's keys, names and hosts. */
  open(received: unknown, context: OpenContext): Result<OpenedOrder>
  accept(offer: UpdateOffer): Promise<Accepted | Refused>
  /** Does the server have this update waiting for this appliance? */
  isOurs(updateId: string): Promise<'yes' | 'no' | 'cannot-tell'>
  now(): Date
  /** The clock may be wrong: then no order is refused for its age. */
  readonly clockDoubtful: boolean
  note(line: string): void
  /** An answer could not be delivered. */
  heed?(problem: Finding): void
}

/** These say "not now": the order stays pending at the server and comes again. */
const isForLater = (code: ErrorCode): boolean => specOf(code).retry === 'again'

const messageOf = (found: Finding): string => explain(found).message

const failed = (message: string, word = 'failed'): Completion => ({
  success: false,
  result: { status: word, error: message },
  error_message: message,
})

/** Takes what the server sent, then answers what it has not heard yet. */
export async function followOrders(
  received: readonly unknown[],
  parts: OrderParts,
  signal: AbortSignal,
): Promise<void> {
  const now = parts.now()
  let ledger = forgotten(await parts.ledger.load(), now)
  for (const order of received.slice(0, MOST_AT_ONCE)) {
    if (signal.aborted) return
    ledger = await takeOrder(order, ledger, parts, now)
  }
  await parts.ledger.save(ledger)
  await answerOrders(parts, signal)
}

async function takeOrder(received: unknown, ledger: Ledger, parts: OrderParts, now: Date): Promise<Ledger> {
  const claimed = claimedOrderId(received)
  if (claimed === null) {
    parts.note('An order without a usable order_id was not looked at.')
    return ledger
  }
  const known = ledger.orders[claimed]
  // The server still lists it: it did not hear the answer.
  if (known) return withOrder(ledger, { ...known, acknowledged: false, reported: false })
  const nonces = Object.entries(ledger.nonces)
  const usedUp = nonces.filter(([, entry]) => entry.state === 'used' || entry.order_id !== claimed)
  const executed = new Set(Object.keys(ledger.orders))
  const context = { executed, nonces: new Set(usedUp.map(([nonce]) => nonce)), forgottenUpTo: forgottenUpTo(ledger) }
  const opened = parts.open(received, context)
  if (!opened.ok) return refused(claimed, received, opened.refusals[0], ledger, parts, now)
  const order = opened.value
  if (order.orderId !== claimed && ledger.nonces[order.nonce]) {
    const replay = finding('order.replayed', { order: order.orderId, nonce: order.nonce })
    return refused(claimed, received, replay, ledger, parts, now)
  }
  const { updateId } = order.offer
  if (!order.addressed && order.offer.rolloutId !== null && (await parts.isOurs(updateId)) === 'no') {
    const notOurs = finding('agent.order-not-ours', { order: order.orderId, update: updateId })
    return refused(claimed, received, notOurs, ledger, parts, now)
  }
  return await carryOut(order, ledger, parts, now)
}

const typeOf = (received: unknown): string =>
  String((received as Readonly<Record<string, unknown>>).order_type ?? '').slice(0, 60)

/** Said to the server once, with the reason; or left pending when it may be possible later. */
function refused(
  orderId: string,
  received: unknown,
  found: Finding | undefined,
  ledger: Ledger,
  parts: OrderParts,
  now: Date,
): Ledger {
  const reason = found ? messageOf(found) : 'The order is refused.'
  parts.note(`Order ${orderId}: ${reason}`)
  const isAge = found?.code === 'order.expired' || found?.code === 'order.from-future'
  if (found && (isForLater(found.code) || (isAge && parts.clockDoubtful))) return ledger
  const entry = { order_id: orderId, order_type: typeOf(received), update_id: null, version: null }
  return withOrder(ledger, over(entry, failed(reason), now, new Date(now.getTime() + REMEMBERED_MS)))
}

type EntryNames = Pick<OrderEntry, 'order_id' | 'order_type' | 'update_id' | 'version'>

const over = (names: EntryNames, completion: Completion, at: Date, until: Date): OrderEntry => ({
  ...names,
  state: 'over',
  at: at.toISOString(),
  until: until.toISOString(),
  acknowledged: false,
  completion,
  reported: false,
})

/** The nonce is on disk before the cycle hears of the order, and the order before the server does. */
async function carryOut(order: OpenedOrder, before: Ledger, parts: OrderParts, now: Date): Promise<Ledger> {
  const { orderId, nonce, offer } = order
  const until = new Date(Math.max(order.expiresAt.getTime(), now.getTime() + REMEMBERED_MS))
  const names = { order_id: orderId, order_type: 'update_iso', update_id: offer.updateId, version: offer.version }
  const created = order.createdAt.toISOString()
  const nonceEntry = { order_id: orderId, until: until.toISOString(), created }
  const begun = withNonce(before, nonce, { ...nonceEntry, state: 'begun' })
  const used = withNonce(before, nonce, { ...nonceEntry, state: 'used' })
  const released = withoutNonce(before, nonce)
  await parts.ledger.save(begun)
  let answer: Accepted | Refused
  try {
    answer = await parts.accept(offer)
  } catch (error) {
    if (!isEngineError(error)) throw error
    parts.note(`Order ${orderId}: ${error.message}`)
    return released
  }
  if (answer.accepted) {
    parts.note(`Order ${orderId}: version ${offer.version} ${answer.again ? 'is under way already' : 'is accepted'}.`)
    const entry = { ...names, state: 'accepted', at: now.toISOString(), until: until.toISOString() } as const
    const ledger = withOrder(used, { ...entry, acknowledged: false, completion: null, reported: false })
    await parts.ledger.save(ledger)
    return ledger
  }
  const [found] = answer.findings
  parts.note(`Order ${orderId}: ${messageOf(found)}`)
  if (isForLater(found.code)) return released
  if (found.code === 'update.already-installed') {
    const result = { status: 'skipped', version: offer.version, message: messageOf(found) }
    return withOrder(used, over(names, { success: true, result, error_message: null }, now, until))
  }
  const again = new Date(now.getTime() + REMEMBERED_MS)
  const word = isRollBackOf(offer.updateId, found) ? 'rolled_back' : 'failed'
  return withOrder(released, over(names, failed(messageOf(found), word), now, again))
}

/** Acknowledges and completes what the server has not heard; stops at the first that cannot be delivered now. */
export async function answerOrders(
  { ledger: store, api, note, heed }: Pick<OrderParts, 'ledger' | 'api' | 'note' | 'heed'>,
  signal: AbortSignal,
): Promise<void> {
  let ledger = await store.load()
  const keep = async (order: OrderEntry) => {
    ledger = withOrder(ledger, order)
    await store.save(ledger)
  }
  try {
    for (const order of Object.values(ledger.orders)) {
      if (!order.acknowledged) await api.acknowledge(order.order_id, signal)
      const { completion } = order
      const unheard = order.state === 'over' && completion && !order.reported
      if (unheard) await api.complete(order.order_id, completion, signal)
      if (unheard || !order.acknowledged) await keep({ ...order, acknowledged: true, reported: order.state === 'over' })
    }
  } catch (error) {
    if (!isEngineError(error)) throw error
    heed?.(error)
    if (error.code !== 'job.cancelled') note(`Answers to orders wait: ${error.message}`)
  }
}

/** How an update ended, for the orders that asked for it. */
export interface Outcome {
  readonly updateId: string
  readonly status: 'succeeded' | 'failed' | 'rolled_back' | 'cancelled'
  readonly message: string
}

/** Orders whose update is over get their completion. `outcomeOf` answers null while the update is under way. */
export async function settleOrders(
  store: LedgerStore,
  outcomeOf: (order: OrderEntry) => Outcome | null,
  now: Date,
): Promise<void> {
  const before = await store.load()
  let ledger = before
  for (const order of Object.values(before.orders)) {
    const outcome = order.state === 'accepted' ? outcomeOf(order) : null
    if (!outcome) continue
    const { status, message } = outcome
    const good: Completion = { success: true, result: { status, version: order.version, message }, error_message: null }
    const completion = status === 'succeeded' ? good : failed(message, status)
    ledger = withOrder(ledger, { ...order, state: 'over', completion, reported: false, at: now.toISOString() })
  }
  if (ledger !== before) await store.save(ledger)
}
