// Starts a runner and talks to it: one process per job, over its inherited input and output. Answers are checked with the
// contract's schema, too: the runner is privileged, but what it prints is still only input here.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
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

export interface Runner extends AsyncDisposable {
  send(message: ToRunner): void
  /**
   * The next message that is no event; events go to `onEvent` as they come.
   * @throws EngineError `runner.not-started`, `runner.died`, `runner.protocol`
   */
  answer(onEvent: (event: unknown) => void): Promise<Exclude<FromRunner, { say: 'event' }>>
}

/** A runner that was asked to stop gets this long to say its last word; then it is ended. */
const GRACE_MS = 10_000
const ERROR_TEXT = 2000

let lastAsked: Promise<unknown> = Promise.resolve()

/**
 * Starts it and waits for its greeting; the person at the machine may take minutes over a password. Starts that ask come one
 * after the other: the system keeps the first consent for a while, so a batch of eight asks once, not eight times at once.
 */
export async function startRunner(command: RunnerCommand): Promise<Runner> {
  if (!command.asks) return await start(command)
  const mine = lastAsked.then(() => start(command))
  lastAsked = mine.catch(() => {})
  return await mine
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
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  let greeted = false
  const next = async (): Promise<FromRunner> => {
    const { value, done } = await lines.next()
    if (!done) return parseAnswer(value)
    const why = [await ended, complaint.trim()].filter(Boolean).join(': ')
    throw new EngineError(greeted ? 'runner.died' : 'runner.not-started', { reason: why })
  }
  const hello = await next()
  if (hello.say !== 'hello') throw new EngineError('runner.protocol', { problem: `"${hello.say}" instead of "hello"` })
  greeted = true
  return {
    send(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    async answer(onEvent) {
      for (;;) {
        const message = await next()
        if (message.say !== 'event') return message
        onEvent(message.event)
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      // The end of its input cancels; an elevated process may not be ours to kill, so it is asked first.
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await gone
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
