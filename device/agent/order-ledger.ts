// What became of each order, in `<state>/used_nonces.json`: nonces that were used up, orders that were taken, refused and
// finished, and which answers the server has not heard yet. One file, so that a power cut finds one consistent state.
import { join } from 'node:path'
import type { Finding } from '#base/errors.ts'
import { readJsonTwice, writeJsonTwice } from '#node/os/state-file.ts'

/**
 * The specification's hour: a refused order that the server still sends after it is looked at anew (somebody may have put
 * right what was wrong), an order that was carried out is answered from here at least that long.
 */
export const REMEMBERED_MS = 3_600_000
const MAX_ORDERS = 500
const MAX_NONCES = 5000

/** The body of `/complete`. */
export interface Completion {
  readonly success: boolean
  readonly result: Readonly<Record<string, string | null>>
  readonly error_message: string | null
}

export interface OrderEntry {
  readonly order_id: string
  readonly order_type: string
  readonly update_id: string | null
  readonly version: string | null
  /** accepted: its update is under way (`update_pending`); over: `completion` says how. */
  readonly state: 'accepted' | 'over'
  /** ISO 8601 UTC. */
  readonly at: string
  /** Forgotten after this time, once everything was answered. */
  readonly until: string
  /** True when there is nothing to acknowledge any more. */
  readonly acknowledged: boolean
  readonly completion: Completion | null
  /** The server heard the completion. */
  readonly reported: boolean
}

export interface NonceEntry {
  readonly order_id: string
  /** ISO 8601 UTC: end of the order's validity. */
  readonly until: string
  /** When its order was made; absent in what older programs wrote. */
  readonly created?: string
  /** begun: its handler did not end; the same order may go on (a power cut), no other one may use it. */
  readonly state: 'begun' | 'used'
}

export interface Ledger {
  readonly nonces: Readonly<Record<string, NonceEntry>>
  readonly orders: Readonly<Record<string, OrderEntry>>
  /** High-water mark: when the newest order was made whose number is forgotten; only grows. */
  readonly forgotten_up_to?: string | null
}

export interface LedgerStore {
  load(): Promise<Ledger>
  /** Durable when it returns. */
  save(ledger: Ledger): Promise<void>
}

export const EMPTY: Ledger = { nonces: {}, orders: {} }

export const ledgerPath = (state: string): string => join(state, 'used_nonces.json')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const areTexts = (value: Record<string, unknown>, ...keys: string[]): boolean =>
  keys.every((key) => typeof value[key] === 'string')

const isNonce = (value: unknown): value is NonceEntry =>
  isRecord(value) && areTexts(value, 'order_id', 'until') && ['begun', 'used'].includes(String(value.state))
const isOrder = (value: unknown): value is OrderEntry =>
  isRecord(value) &&
  areTexts(value, 'order_id', 'order_type', 'at', 'until') &&
  ['accepted', 'over'].includes(String(value.state)) &&
  (value.completion === null || isRecord(value.completion))

function parseLedger(value: unknown): Ledger | null {
  if (!isRecord(value) || !isRecord(value.nonces) || !isRecord(value.orders)) return null
  const nonces = Object.entries(value.nonces)
  const orders = Object.entries(value.orders)
  if (!nonces.every(([, entry]) => isNonce(entry)) || !orders.every(([, entry]) => isOrder(entry))) return null
  const mark = typeof value.forgotten_up_to === 'string' ? value.forgotten_up_to : null
  const entries = { nonces: Object.fromEntries(nonces), orders: Object.fromEntries(orders) }
  return { ...entries, ...(mark !== null && { forgotten_up_to: mark }) } as Ledger
}

/** The mark, not lower than before, over the orders whose numbers are given up. */
function markOf({ forgotten_up_to: mark }: Ledger, given: readonly NonceEntry[]): Pick<Ledger, 'forgotten_up_to'> {
  const times = [mark, ...given.map(({ created }) => created)].filter((time) => typeof time === 'string').sort()
  const highest = times.at(-1)
  return highest === undefined ? {} : { forgotten_up_to: highest }
}

/** The ledger of one appliance; only the agent writes it. A damaged file is set aside and told to `found`. */
export const createLedgerStore = (state: string, found: (finding: Finding) => void): LedgerStore => ({
  async load() {
    const file = await readJsonTwice(ledgerPath(state), parseLedger)
    if (file.state !== 'absent' && file.finding) found(file.finding)
    return file.state === 'present' ? file.value : EMPTY
  },
  save: (ledger) => writeJsonTwice(ledgerPath(state), pruned(ledger)),
})

const newest = <T>(entries: readonly (readonly [string, T])[], most: number, at: (entry: T) => string) =>
  entries.toSorted(([, a], [, b]) => at(a).localeCompare(at(b))).slice(-most)

/** Bounded without a clock: what is open stays, then what is the most recent. */
function pruned(ledger: Ledger): Ledger {
  const { nonces, orders } = ledger
  const kept = newest(Object.entries(nonces), MAX_NONCES, ({ until }) => until)
  const names = new Set(kept.map(([name]) => name))
  const given = Object.entries(nonces).flatMap(([name, entry]) => (names.has(name) ? [] : [entry]))
  const all = Object.entries(orders)
  const open = all.filter(([, order]) => order.state === 'accepted')
  const over = all.filter(([, order]) => order.state === 'over')
  return {
    ...markOf(ledger, given),
    nonces: Object.fromEntries(kept),
    orders: Object.fromEntries([...open, ...newest(over, MAX_ORDERS, ({ at }) => at)]),
  }
}

export const withOrder = (ledger: Ledger, order: OrderEntry): Ledger => ({
  ...ledger,
  orders: { ...ledger.orders, [order.order_id]: order },
})

export const withNonce = (ledger: Ledger, nonce: string, entry: NonceEntry): Ledger => ({
  ...ledger,
  nonces: { ...ledger.nonces, [nonce]: entry },
})

/** The handler failed: the order, made valid by whatever was missing, may come again. */
export function withoutNonce(ledger: Ledger, nonce: string): Ledger {
  const { [nonce]: _, ...nonces } = ledger.nonces
  return { ...ledger, nonces }
}

export const forgottenUpTo = ({ forgotten_up_to: mark }: Ledger): Date | null =>
  mark && !Number.isNaN(Date.parse(mark)) ? new Date(mark) : null

/** Forgets what is past its time. What the server has not heard, and what is under way, is kept whatever the clock says. */
export function forgotten(ledger: Ledger, now: Date): Ledger {
  const { nonces, orders } = ledger
  const isPast = (until: string) => Date.parse(until) <= now.getTime()
  return {
    ...markOf(
      ledger,
      Object.values(nonces).filter(({ until }) => isPast(until)),
    ),
    nonces: Object.fromEntries(Object.entries(nonces).filter(([, { until }]) => !isPast(until))),
    orders: Object.fromEntries(
      Object.entries(orders).filter(
        ([, order]) => order.state === 'accepted' || !order.reported || !isPast(order.until),
      ),
    ),
  }
}
