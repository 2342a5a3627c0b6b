// Starts a runner and talks to it over its inherited input and output: one request, or the units of a batch. Answers are
// checked with the contract's schema, too: the runner is privileged, but what it prints is still only input here. When it is gone,
// everybody who waits for a word of it is told so.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '#base/errors.ts'
import { type FromRunner, fromRunner, MAX_LINE, type ToRunner } from '#contract/runner.ts'
import { boundedJson } from '#format/bounded-json.ts'

/** How to start the runner with the rights it needs (elevation.ts decides). */
export interface RunnerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The system asks a person before it starts; see `startRunner`. */
  readonly asks?: boolean
}

type Answer = Exclude<FromRunner, { say: 'event' }>

/** What a runner says about one thing, in order. */
interface Talk {
  /**
   * The next message that is no event; events go to `onEvent` as they come.
   * @throws EngineError `runner.not-started`, `runner.died`, `runner.protocol`
   */
  answer(onEvent: (event: unknown) => void): Promise<Answer>
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
/** What is told about one unit, whose name the client puts in. */
export type ToUnit = Without<Extract<ToRunner, { verb: 'plan' | 'apply' | 'cancel' }>, 'unit'>

/** One unit of a runner; disposing of it cancels it and waits for its last word. */
export interface RunnerUnit extends Talk, AsyncDisposable {
  /** @throws EngineError `runner.died` when nobody is there to hear it */
  send(message: ToUnit): void
  /** Resolves when the runner is gone, with what it is told as. */
  readonly gone: Promise<EngineError>
}

export interface Runner extends Talk, AsyncDisposable {
  send(message: ToRunner): void
  /** A further unit of it. */
  unit(): RunnerUnit
  readonly gone: Promise<EngineError>
}

/** A runner that was asked to stop gets this long to say its last word; then it is ended. */
const GRACE_MS = 10_000
const ERROR_TEXT = 2000

let lastAsked: Promise<unknown> = Promise.resolve()

/**
 * Starts it and waits for its greeting; the person at the machine may take minutes over a password. Starts that ask come one
 * after the other: the system keeps the first consent for a while, so nobody is asked several times at once.
 */
export async function startRunner(command: RunnerCommand): Promise<Runner> {
  if (!command.asks) return await start(command)
  const mine = lastAsked.then(() => start(command))
  lastAsked = mine.catch(() => {})
  return await mine
}

/** What was said and not heard yet; once it is broken every further question is answered with the reason. */
class Heard implements Talk {
  readonly #said: Answer[] = []
  #onEvent: (event: unknown) => void = () => {}
  #broken: EngineError | null = null
  #wake = (): void => {}
  readonly #end = Promise.withResolvers<void>()
  /** Its last message was said, or will never be. */
  over = false

  hear(message: FromRunner): void {
    if (message.say === 'event') {
      this.#onEvent(message.event)
      return
    }
    this.#said.push(message)
    if (message.say === 'done' || message.say === 'failed') this.#finish()
    this.#wake()
  }

  break(error: EngineError): void {
    this.#broken ??= error
    this.#finish()
    this.#wake()
  }

  get ended(): Promise<void> {
    return this.#end.promise
  }

  #finish(): void {
    this.over = true
    this.#end.resolve()
  }

  get broken(): EngineError | null {
    return this.#broken
  }

  async answer(onEvent: (event: unknown) => void): Promise<Answer> {
    this.#onEvent = onEvent
    for (;;) {
      const said = this.#said.shift()
      if (said) return said
      if (this.#broken) throw this.#broken
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
  }
}

async function start({ command, args, env }: RunnerCommand): Promise<Runner> {
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...env } as NodeJS.ProcessEnv })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    complaint = (complaint + part).slice(-ERROR_TEXT)
  })
  // A runner that is gone cannot be written to; its end is reported by `answer`.
  child.stdin.on('error', () => {})
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const own = new Heard()
  const units = new Map<string, Heard>()
  const gone = Promise.withResolvers<EngineError>()
  let greeted = false

  const breakAll = (error: EngineError): void => {
    for (const each of [own, ...units.values()]) each.break(error)
    gone.resolve(error)
  }
  const hear = (message: FromRunner): void => {
    const name = 'unit' in message ? message.unit : undefined
    if (name !== undefined) {
      const unit = units.get(name)
      if (!unit)
        throw new EngineError('runner.protocol', { problem: `"${message.say}" of a unit that it was not given` })
      unit.hear(message)
      return
    }
    own.hear(message)
    // Its last word of all: no unit gets one of its own any more.
    if (message.say === 'failed' && units.size > 0) {
      const [{ code, details }] = message.problems
      throw new EngineError('runner.protocol', { problem: `${code} ${String(details.problem ?? '')}`.trim() })
    }
  }
  const listen = async (): Promise<void> => {
    const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
    for await (const line of lines) hear(parseAnswer(line))
    const why = [await ended, complaint.trim()].filter(Boolean).join(': ')
    throw new EngineError(greeted ? 'runner.died' : 'runner.not-started', { reason: why })
  }
  listen().catch((error: unknown) => {
    breakAll(error instanceof EngineError ? error : new EngineError('runner.protocol', { problem: String(error) }))
    // Whatever it was, nobody listens any more.
    child.stdin.end()
  })

  const write = (message: ToRunner): void => void child.stdin.write(`${JSON.stringify(message)}\n`)
  const hello = await own.answer(() => {})
  if (hello.say !== 'hello') throw new EngineError('runner.protocol', { problem: `"${hello.say}" instead of "hello"` })
  greeted = true
  let count = 0
  return {
    send: write,
    answer: (onEvent) => own.answer(onEvent),
    gone: gone.promise,
    unit() {
      count += 1
      const name = `unit-${count}`
      const heard = new Heard()
      let known = false
      if (own.broken) heard.break(own.broken)
      units.set(name, heard)
      return {
        gone: gone.promise,
        answer: (onEvent) => heard.answer(onEvent),
        send(message) {
          if (heard.broken) throw heard.broken
          known = true
          write({ ...message, unit: name })
        },
        async [Symbol.asyncDispose]() {
          if (known && !heard.over) {
            write({ verb: 'cancel', unit: name })
            // One that hangs in its disk is not waited for longer; what it says later is heard by nobody.
            const waited = new AbortController()
            const patience = delay(GRACE_MS, undefined, { ref: false, signal: waited.signal }).catch(() => {})
            await Promise.race([patience, heard.ended])
            waited.abort()
          }
          if (!known || heard.over) units.delete(name)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      // The end of its input cancels; an elevated process may not be ours to kill, so it is asked first.
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

function parseAnswer(line: string): FromRunner {
  const problem = (text: string) => new EngineError('runner.protocol', { problem: text })
  if (line.length > MAX_LINE) throw problem(`an answer of ${line.length} characters`)
  let value: unknown
  try {
    value = boundedJson(line, MAX_LINE)
  } catch (cause) {
    throw new EngineError('runner.protocol', { problem: 'an answer that is no JSON' }, { cause })
  }
  const parsed = fromRunner.safeParse(value)
  if (!parsed.success) throw problem(`an answer of another shape (${parsed.error.issues[0].message})`)
  return parsed.data
}
