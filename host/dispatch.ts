// From a message that came in to the answer that goes out: shape and parameters are checked here, for every transport, and
// every failure leaves as a problem with code and remedy. Events carry one sequence number for all windows.
import { EngineError } from '#base/errors.ts'
import { foreignText } from '#base/foreign-text.ts'
import {
  CONSOLE_CALLS,
  type ConsoleCall,
  type ConsoleEvent,
  type ConsoleNews,
  clientMessage,
  type HostMessage,
} from '#contract/console.ts'
import type { Calls } from './ports.ts'
import { problemOf } from './problem.ts'

/** Their answers are whole documents: text that a person edits, or a file with a door of its own. */
const DOCUMENTS: ReadonlySet<ConsoleCall> = new Set([
  'config.open',
  'config.edit',
  'report.get',
  'report.csv',
  'diagnostics.bundle',
])

/** Longer than any name that is shown. */
const SHOWN = 4000

/** The same with every text passed through the door: what disks, keys, files and tools are called reaches a page only so. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return foreignText(value, SHOWN)
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each)]))
}

const bad = (call: string, problem: string) => new EngineError('host.bad-call', { call, problem })

/** Answers one message. Never throws; what cannot even be attributed to a call is answered with id 0. */
export async function answerMessage(
  calls: Calls<ConsoleCall>,
  message: unknown,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<HostMessage> {
  const parsed = clientMessage.safeParse(message)
  if (!parsed.success) {
    const { id } = typeof message === 'object' && message !== null ? (message as { id?: unknown }) : { id: 0 }
    const known = typeof id === 'number' && Number.isSafeInteger(id) ? id : 0
    return { id: known, ok: false, problem: problemOf(bad('?', parsed.error.issues[0].message)) }
  }
  const { id, call, params } = parsed.data
  try {
    const value = await answer(calls, call, params, signal)
    return { id, ok: true, value: DOCUMENTS.has(call) ? value : plainValue(value) }
  } catch (error) {
    const problem = problemOf(error)
    log(`${call}: ${problem.code} ${problem.message}`)
    if (problem.code === 'cli.bug' && error instanceof Error) log(error.stack ?? '')
    return { id, ok: false, problem }
  }
}

async function answer(
  calls: Calls<ConsoleCall>,
  call: ConsoleCall,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const checked = CONSOLE_CALLS[call].safeParse(params)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw bad(call, `${issue.path.join('.') || 'parameters'}: ${issue.message}`)
  }
  // The table's row and the handler have the same name, so the checked parameters are the handler's.
  const handler = calls[call] as (params: unknown, signal: AbortSignal) => Promise<unknown>
  return await handler(checked.data, signal)
}

export interface Hub {
  tell(news: ConsoleNews): void
  /** To every window that the host works. */
  beat(): void
  /** Number of the last event, for whoever takes a snapshot. */
  readonly seq: number
  listen(listener: (event: ConsoleEvent) => void): Disposable
}

export function openHub(): Hub {
  const listeners = new Set<(event: ConsoleEvent) => void>()
  let seq = 0
  return {
    get seq() {
      return seq
    },
    beat() {
      for (const listener of listeners) listener({ type: 'beat', seq })
    },
    tell(news) {
      seq += 1
      const event = { ...(plainValue(news) as ConsoleNews), seq }
      for (const listener of listeners) listener(event)
    },
    listen(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}
