// Everything the command line prints. Human: text to stdout, progress and errors to stderr, colours only on a terminal.
// JSON: one object per line on stdout: events, then exactly one {"type":"result",...}.
import { exitAfter, explain, type Finding, finding, firstError, isEngineError } from '#base/errors.ts'
import { terminalJson } from '#base/foreign-text.ts'
import type { JobEvent } from '#engine/ports.ts'
import { systemFinding } from '#node/os/os-errors.ts'
import { liveRows } from '#node/terminal/live-rows.ts'
import { ProgressLine } from '#node/terminal/progress-line.ts'
import { makeStyle, type Style, wantsColours } from '#node/terminal/terminal-style.ts'
import { CLEAR_LINE, guardTerminal, oneLine } from '#node/terminal/terminal-writer.ts'

export interface Output {
  readonly json: boolean
  /** A line for people; nothing in JSON mode. */
  line(text?: string): void
  event(event: JobEvent | Readonly<Record<string, unknown>>): void
  /** The outcome of a command that worked; prints `human` to people. */
  result(fields: Readonly<Record<string, unknown>>, human?: readonly string[]): void
  /** The outcome of one that did not; returns the exit code. `account` answers "was anything written?". */
  failure(error: unknown, account: Account): number
  /** For one disk of several: what it says carries its name. */
  unit(disk: string): UnitOutput
  readonly style: Style
  /** True once a result told of a disk that was changed: that stays true, whoever reads about it. */
  readonly applied: boolean
}

/** The words about one disk of several. */
export interface UnitOutput {
  event(event: JobEvent | Readonly<Record<string, unknown>>): void
  /** It is done; `human` to people. */
  done(fields: Readonly<Record<string, unknown>>, human: readonly string[]): void
  /** It is not; answers the exit code that it would have had alone. */
  failed(error: unknown, account: Account): number
}

/** What happened to the disk before the command stopped. */
export interface Account {
  readonly written: boolean
  readonly sentence: string
  readonly facts?: Readonly<Record<string, unknown>>
}

export const NOTHING_WRITTEN: Account = { written: false, sentence: 'Nothing was written.' }

/** A finding of one disk of several says which. */
export type NamedFinding = Finding & { readonly disk?: string }

/** A refusal that was not thrown, so that refusals and failures end alike. */
export class Refused extends Error {
  readonly findings: readonly NamedFinding[]
  constructor(findings: readonly NamedFinding[]) {
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

export function findingsOf(thrown: unknown): readonly NamedFinding[] {
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
  const rows = liveRows(stderr)
  function tell(
    event: JobEvent | Readonly<Record<string, unknown>>,
    more: Readonly<Record<string, unknown>>,
    line: ProgressLine,
  ) {
    const { type, ...rest } = event
    if (type === 'progress' && (json ? stdout : stderr).behind) return
    if (json) print({ type, seq: seq++, at: now().toISOString(), ...more, ...rest })
    else line.show(event as JobEvent, now().getTime())
  }
  function fail(error: unknown, account: Account, unit: { readonly disk?: string }, type: 'result' | 'disk'): number {
    progress.clear()
    rows.clear()
    const findings = findingsOf(error)
    const exit = exitAfter(findings[0].code, account.written)
    const bug = findings[0].code === 'cli.bug'
    const log = error instanceof Error && (bug || env.TWINSLOT_DEBUG) ? `${style.dim(logOf(error))}\n` : ''
    if (json) {
      if (log) stderr.write(log)
      print({
        type,
        ...unit,
        ok: false,
        code: findings[0].code,
        exit,
        written: account.written,
        account: account.sentence,
        ...account.facts,
        findings: findings.map((each) => ({
          ...(each.disk === undefined ? {} : { disk: each.disk }),
          ...{ code: each.code, details: each.details, ...explain(each) },
        })),
      })
      return exit
    }
    const named = (disk: string | undefined) => (disk === undefined ? '' : `${oneLine(disk)}: `)
    stderr.write(`${style.bold(`${named(unit.disk)}${account.sentence}`)}\n`)
    for (const each of findings) {
      const { message, remedy } = explain(each)
      stderr.write(
        `${style.red('✗')} ${named(each.disk)}${message}\n  ${remedy}\n  ${style.dim(`code ${each.code}`)}\n`,
      )
    }
    if (log) stderr.write(log)
    return exit
  }
  return {
    json,
    style,
    get applied() {
      return applied
    },
    line(text = '') {
      if (json) return
      progress.clear()
      rows.clear()
      stdout.write(`${oneLine(text)}\n`)
    },
    event: (event) => tell(event, {}, progress),
    result(fields, human = []) {
      progress.clear()
      rows.clear()
      applied ||= fields.applied === true
      if (json) print({ type: 'result', ok: true, code: 'done', ...fields })
      else for (const text of human) stdout.write(`${oneLine(text)}\n`)
    },
    failure: (error, account) => fail(error, account, {}, 'result'),
    unit(disk) {
      const row = rows.row(disk)
      const line = new ProgressLine(row, makeStyle(!json && wantsColours(stderr, env)))
      /** What its row says while the others go on. */
      const rest = (text: string) => {
        if (!json && stderr.isTTY) row.write(`${CLEAR_LINE}${text}`)
      }
      return {
        event: (event) => tell(event, { disk }, line),
        done(fields, human) {
          line.clear()
          rows.clear()
          applied = true
          if (json) print({ type: 'disk', disk, ok: true, code: 'done', ...fields })
          else for (const text of human) stdout.write(`${oneLine(text)}\n`)
          rest('✓ done')
        },
        failed(error, account) {
          line.clear()
          applied ||= account.written
          const exit = fail(error, account, { disk }, 'disk')
          rest('✗ not done')
          return exit
        },
      }
    },
  }
}

/** Stack and causes for the log: what a maintainer needs, after the four lines for the technician. */
function logOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${logOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
