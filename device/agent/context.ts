// What the parts of the agent share while it runs.
import { type EngineError, isEngineError } from '#base/errors.ts'
import type { Appliance, ServerSettings } from '../ports.ts'
import type { UpdateCycle } from '../update/cycle-types.ts'
import { type FleetApi, isNotForUs } from './api-client.ts'
import type { HostFacts } from './check-in.ts'
import type { LedgerStore } from './order-ledger.ts'
import type { Outcome } from './orders.ts'
import type { Peace } from './peace.ts'
import type { Remarks } from './remarks.ts'

export interface AgentParts {
  readonly appliance: Appliance
  /** The cycle for this appliance, which the agent has given ears: what is put into the outbox is sent at once. */
  createCycle(appliance: Appliance): UpdateCycle
  connect(server: ServerSettings): FleetApi
  host(): HostFacts
  /** Puts a new key into config.yaml, durably. */
  persistKey(key: string): Promise<void>
  /** Trusted keys of orders. @throws EngineError `order.keys-malformed`, `settings.*` */
  orderKeys(): Promise<readonly string[]>
  /** When these programs were built: a clock before it is wrong. */
  readonly builtAt: Date
  /** Between 0 and 1, for the spread of polls. */
  random(): number
  /** For the journal; never with secrets. */
  note(line: string): void
}

export interface AgentContext extends AgentParts {
  readonly cycle: UpdateCycle
  readonly ledger: LedgerStore
  readonly remarks: Remarks
  /** Updates that ended in this process. */
  readonly seen: Map<string, Outcome>
  readonly signal: AbortSignal
  /** An update was accepted, or the one under way has another window. */
  begun(): void
  /** Sends what waits in the outbox, and follows what the server says to it. */
  deliver(signal: AbortSignal): Promise<void>
  readonly peace: Peace
  /** One call at a time: nothing is asked while a check-in may be changing the key. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly away: boolean; readonly error: EngineError }

/** One thing out of a round; its failure is said once and does not keep the others from happening. */
export async function attempt<T>(remarks: Remarks, topic: string, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await work()
    remarks.clear(topic)
    return { done: true, value }
  } catch (error) {
    if (!isEngineError(error)) throw error
    if (error.code !== 'job.cancelled') remarks.say(topic, error)
    return { done: false, away: !isNotForUs(error), error }
  }
}

/** Runs one after the other what is given to it. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {
      // Whoever asked for it gets the error; the next one has its turn all the same.
    })
    return mine
  }
}
