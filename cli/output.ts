// Everything the command line prints. Human: text to stdout, progress and errors to stderr, colours only on a terminal.
// JSON: one object per line on stdout: events, then exactly one {"type":"result",...}.
import { exitAfter, explain, type Finding, finding, firstError, isEngineError } from '#base/errors.ts'
import { terminalJson } from '#base/foreign-text.ts'
import type { JobEvent } from '#engine/ports.ts'
import { systemFinding } from '#node/os/os-errors.ts'
import { ProgressLine } from '#node/terminal/progress-line.ts'
import { makeStyle, type Style, wantsColours } from '#node/terminal/terminal-style.ts'
import { guardTerminal, oneLine } from '#node/terminal/terminal-writer.ts'

export interface Output {
  readonly json: boolean
  /** A line for people; nothing in JSON mode. */
  line(text?: string): void
  event(event: JobEvent | Readonly<Record<string, unknown>>): void
  /** The outcome of a command that worked; prints `human` to people. */
  result(fields: Readonly<Record<string, unknown>>, human?: readonly string[]): void
  /** The outcome of one that did not; returns the exit code. `account` answers "was anything written?". */
  failure(error: unknown, account: Account): number
  readonly style: Style
  /** True once a result told of a disk that was changed: that stays true, whoever reads about it. */
  readonly applied: boolean
}

/** What happened to the disk before the command stopped. */
export interface Account {
  readonly written: boolean
  readonly sentence: string
  readonly facts?: Readonly<Record<string, unknown>>
}

export const NOTHING_WRITTEN: Account = { written: false, sentence: 'Nothing was written.' }

/** A refusal that was not thrown, so that refusals and failures end alike. */
export class Refused extends Error {
  readonly findings: readonly Finding[]
  constructor(findings: readonly Finding[]) {
    super(findings.map((each) => explain(each).message).join(' '))
    this.name = 'Refused'
    this.findings = findings
  }
}

/** Throws `Refused` for the refusals of a Result, else its value. */
export function orRefuse<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusals: readonly Finding[] },
): T {
  if (!result.ok) throw new Refused(result.refusals)
  return result.value
}

export function findingsOf(thrown: unknown): readonly Finding[] {
  const error = firstError(thrown)
  if (error instanceof Refused) return error.findings
  if (isEngineError(error)) return [error]
  const system = systemFinding(error)
  if (system) return [system]
  return [finding('cli.bug', { reason: error instanceof Error ? error.message : String(error) })]
}

interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly behind?: boolean }
  readonly stderr: {
    write(text: string): unknown
    readonly isTTY?: boolean
    readonly behind?: boolean
    readonly columns?: number
  }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
}

export function makeOutput(json: boolean, streams: Streams): Output {
  const { env, now } = streams
  const [stdout, stderr] = [guardTerminal(streams.stdout), guardTerminal(streams.stderr)]
  const style = makeStyle(!json && wantsColours(stdout, env))
  const progress = new ProgressLine(stderr, makeStyle(!json && wantsColours(stderr, env)))
  let seq = 0
  let applied = false
  const print = (object: Readonly<Record<string, unknown>>) => stdout.write(`${terminalJson(object)}\n`)
  return {
    json,
    style,
    get applied() {
      return applied
    },
    line(text = '') {
      if (json) return
      progress.clear()
      stdout.write(`${oneLine(text)}\n`)
    },
    event(event) {
      const { type, ...rest } = event
      if (type === 'progress' && (json ? stdout : stderr).behind) return
      if (json) print({ type, seq: seq++, at: now().toISOString(), ...rest })
      else progress.show(event as JobEvent, now().getTime())
    },
    result(fields, human = []) {
      progress.clear()
      applied ||= fields.applied === true
      if (json) print({ type: 'result', ok: true, code: 'done', ...fields })
      else for (const text of human) stdout.write(`${oneLine(text)}\n`)
    },
    failure(error, account) {
      progress.clear()
      const findings = findingsOf(error)
      const exit = exitAfter(findings[0].code, account.written)
      const bug = findings[0].code === 'cli.bug'
      const log = error instanceof Error && (bug || env.TWINSLOT_DEBUG) ? `${style.dim(logOf(error))}\n` : ''
      if (json) {
        if (log) stderr.write(log)
        print({
          type: 'result',
          ok: false,
          code: findings[0].code,
          exit,
          written: account.written,
          account: account.sentence,
          ...account.facts,
          findings: findings.map((each) => ({ code: each.code, details: each.details, ...explain(each) })),
        })
        return exit
      }
      stderr.write(`${style.bold(account.sentence)}\n`)
      for (const each of findings) {
        const { message, remedy } = explain(each)
        stderr.write(`${style.red('✗')} ${message}\n  ${remedy}\n  ${style.dim(`code ${each.code}`)}\n`)
      }
      if (log) stderr.write(log)
      return exit
    },
  }
}

/** Stack and causes for the log: what a maintainer needs, after the four lines for the technician. */
function logOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${logOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
