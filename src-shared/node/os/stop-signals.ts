// Signals that ask a program to end: Ctrl-C, an ordered end, and the terminal that goes away (closed window, lost ssh).
// Each asks the job to come to a safe end; none kills it. Under nohup a terminal that goes away asks nothing.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Node forgets which signals were ignored when it began, so the launcher says it (bin/twinslot). */
const ignores = (name: (typeof SIGNALS)[number], env: NodeJS.ProcessEnv): boolean =>
  name === 'SIGHUP' && env.TWINSLOT_NOHUP === '1'

export interface StopSignals extends Disposable {
  readonly signal: AbortSignal
}

/** `again` is told about each further signal: the first was heard. */
export function listenForStop(again: () => void = () => {}, env: NodeJS.ProcessEnv = process.env): StopSignals {
  const abort = new AbortController()
  const stop = () => {
    if (abort.signal.aborted) again()
    abort.abort()
  }
  const nothing = () => {}
  const listeners = SIGNALS.map((name) => [name, ignores(name, env) ? nothing : stop] as const)
  for (const [name, listener] of listeners) process.on(name, listener)
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) process.off(name, listener)
    },
  }
}
