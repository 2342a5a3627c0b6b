// The one way from this window to its host: typed calls, events, and whether the line is open. Adapters: socket.ts (browser)
// and preload.ts (desktop). Promises: a call ends, with its answer or with a CallFailed that says what to do.
import type {
  ClientMessage,
  ConsoleAnswers,
  ConsoleCall,
  ConsoleEvent,
  ConsoleParams,
  HostMessage,
} from '#contract/console.ts'
import type { Problem } from '#contract/views.ts'

/**
 * `silent`: the line is open and nothing comes, not even the host's beat. `gone`: nobody answers where the host was. `shut`: the host
 * does not let this window in, and asking again would not help.
 */
export type LinkState = 'connecting' | 'open' | 'silent' | 'lost' | 'gone' | 'shut'

/** A host that works says something each second. */
export const SILENT_AFTER_MS = 3500
export const LISTEN_EVERY_MS = 400

/** A line over which something may come. */
const isLine = (state: LinkState): boolean => state === 'open' || state === 'silent'

export interface ConsoleLink {
  call<C extends ConsoleCall>(call: C, params: ConsoleParams<C>): Promise<ConsoleAnswers[C]>
  /** @returns ends the listening */
  onEvent(listener: (event: ConsoleEvent) => void): () => void
  /** Told at once and at every change. */
  onState(listener: (state: LinkState) => void): () => void
  readonly state: LinkState
  /** When the host said something last, milliseconds since 1970; null: never. */
  readonly heardAt: number | null
}

/** What a rejected call rejects with. */
export class CallFailed extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'CallFailed'
    this.problem = problem
  }
}

export const LINE_LOST: Problem = {
  code: 'console.line-lost',
  message: 'The console program did not answer: the line to it is closed.',
  remedy: 'Wait until the console is connected again, look at what it shows, and repeat what you wanted to do.',
  details: {},
}

export const problemOfError = (error: unknown): Problem =>
  error instanceof CallFailed
    ? error.problem
    : {
        code: 'console.bug',
        message: error instanceof Error ? error.message : String(error),
        remedy: 'This is a mistake in the console. Save a support bundle under Diagnostics and report it.',
        details: {},
      }

export interface LinkCore extends ConsoleLink {
  setState(state: LinkState): void
  /** A message of the host, already parsed. */
  take(message: HostMessage): void
}

/** What both adapters share: numbers of calls, waiting answers, listeners. `send` throws when the line is closed. */
export function openLinkCore(send: (message: ClientMessage) => void, now: () => number = Date.now): LinkCore {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: CallFailed): void }>()
  const events = new Set<(event: ConsoleEvent) => void>()
  const states = new Set<(state: LinkState) => void>()
  let state: LinkState = 'connecting'
  let last = 0
  let heardAt: number | null = null
  const ask = (call: ConsoleCall, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!isLine(state)) return reject(new CallFailed(LINE_LOST))
      last += 1
      waiting.set(last, { resolve, reject })
      send({ id: last, call, params })
    })
  const setState = (next: LinkState): void => {
    if (next === state) return
    state = next
    if (next === 'open') heardAt = now()
    if (!isLine(next)) {
      for (const { reject } of waiting.values()) reject(new CallFailed(LINE_LOST))
      waiting.clear()
    }
    for (const listener of states) listener(next)
  }
  return {
    get state() {
      return state
    },
    get heardAt() {
      return heardAt
    },
    // The contract promises the answer's type for this call.
    call: <C extends ConsoleCall>(call: C, params: ConsoleParams<C>) => ask(call, params) as Promise<ConsoleAnswers[C]>,
    onEvent(listener) {
      events.add(listener)
      return () => void events.delete(listener)
    },
    onState(listener) {
      states.add(listener)
      listener(state)
      return () => void states.delete(listener)
    },
    setState,
    take(message) {
      heardAt = now()
      if (state === 'silent') setState('open')
      if ('event' in message) {
        if (message.event.type === 'beat') return
        for (const listener of events) listener(message.event)
        return
      }
      const call = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.ok) call?.resolve(message.value)
      else call?.reject(new CallFailed(message.problem))
    },
  }
}

/** Tells a host that is frozen from one that has nothing to say. The first message ends the silence. */
export function watchSilence(
  core: LinkCore,
  later: (act: () => void, milliseconds: number) => void,
  now: () => number = Date.now,
): void {
  const listen = (): void => {
    if (core.state === 'open' && core.heardAt !== null && now() - core.heardAt > SILENT_AFTER_MS)
      core.setState('silent')
    later(listen, LISTEN_EVERY_MS)
  }
  listen()
}
