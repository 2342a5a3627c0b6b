// What all of the appliance's programs share: --json, --help, --version, --root, signals, the printing of results and
// errors, exit codes. People read stdout (results) and stderr (progress, errors); with --json stdout has one line.

import { EngineError, exitAfter, explain, type Finding, finding, firstError, isEngineError } from '#base/errors.ts'
import { terminalJson } from '#base/foreign-text.ts'
import type { JobEvent } from '#engine/ports.ts'
import { systemFinding } from '#node/os/os-errors.ts'
import { makeStyle, type Style, wantsColours } from '#node/terminal/terminal-style.ts'
import { guardTerminal, oneLine } from '#node/terminal/terminal-writer.ts'
import { buildInfo } from './build-info.ts'
import type { Appliance, Program } from './ports.ts'

/** An outcome that is no success, with the answer to "was anything written?". */
export class ProgramFailed extends Error {
  readonly account: string
  readonly written: boolean
  readonly findings: readonly [Finding, ...Finding[]]

  constructor(account: { readonly written: boolean; readonly sentence: string }, ...findings: [Finding, ...Finding[]]) {
    super(explain(findings[0]).message)
    this.name = 'ProgramFailed'
    this.account = account.sentence
    this.written = account.written
    this.findings = findings
  }
}

export const NOTHING_WRITTEN = { written: false, sentence: 'Nothing was written.' } as const

export interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface ProgramStart {
  readonly name: string
  readonly argv: readonly string[]
  readonly streams: Streams
  readonly signal: AbortSignal
  load(): Promise<Program>
  compose(root: string, note: (line: string) => void): Promise<Appliance>
}

interface Words {
  readonly argv: readonly string[]
  readonly json: boolean
  readonly wants: 'help' | 'version' | 'run'
  readonly root: string
}

/** Takes out what every program understands. @throws EngineError `update.usage` */
function commonWords(program: string, argv: readonly string[]): Words {
  const rest: string[] = []
  let json = false
  let wants: Words['wants'] = 'run'
  let root = '/'
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]
    if (word === '--json') json = true
    else if (word === '--help' || word === '-h') wants = 'help'
    else if (word === '--version') wants = 'version'
    else if (word === '--root') {
      const folder = argv[++at]
      if (!folder?.startsWith('/'))
        throw new EngineError('update.usage', { program, problem: '--root takes an absolute path.' })
      root = folder
    } else rest.push(word)
  }
  return { argv: rest, json, wants, root }
}

/** Runs a program; returns its exit code. */
export async function runProgram({ name, argv, streams, signal, load, compose }: ProgramStart): Promise<number> {
  const { env } = streams
  const [stdout, stderr] = [guardTerminal(streams.stdout), guardTerminal(streams.stderr)]
  let json = argv.includes('--json')
  const style = makeStyle(!json && wantsColours(stderr, env))
  const progress = await progressFor(stderr, style)
  const note = (line: string) => {
    progress.clear()
    stderr.write(`${oneLine(line)}\n`)
  }
  const print = (value: Readonly<Record<string, unknown>>, lines: readonly string[]) => {
    progress.clear()
    stdout.write(
      json ? `${terminalJson({ type: 'result', ok: true, ...value })}\n` : `${lines.map(oneLine).join('\n')}\n`,
    )
  }
  try {
    const words = commonWords(name, argv)
    json = words.json
    const program = await load()
    if (words.wants === 'help') print({ help: program.usage }, program.usage.split('\n'))
    else if (words.wants === 'version') print({ ...buildInfo }, [`${name} ${buildInfo.version}`])
    else {
      const appliance = await compose(words.root, note)
      return await program.run({
        argv: words.argv,
        json,
        signal,
        appliance,
        result: print,
        note,
        progress: (event) => progress.show(event, Date.now()),
      })
    }
    return 0
  } catch (error) {
    progress.clear()
    return printFailure(error, json, { stdout, stderr, env }, style)
  }
}

/** Ten lines a second and a bar on a terminal; starts and ends only elsewhere. */
async function progressFor(
  stderr: Streams['stderr'],
  style: Style,
): Promise<{ show(event: JobEvent, now: number): void; clear(): void }> {
  const { ProgressLine } = await import('#node/terminal/progress-line.ts')
  return new ProgressLine(stderr, style)
}

function printFailure(thrown: unknown, json: boolean, { stdout, stderr }: Streams, style: Style): number {
  const error = firstError(thrown)
  const system = systemFinding(error)
  const known = error instanceof ProgramFailed || isEngineError(error) || system !== null
  const findings: readonly Finding[] =
    error instanceof ProgramFailed
      ? error.findings
      : isEngineError(error)
        ? [error]
        : [system ?? finding('cli.bug', { reason: error instanceof Error ? error.message : String(error) })]
  const exit = exitAfter(findings[0].code, error instanceof ProgramFailed && error.written)
  if (!known && error instanceof Error) stderr.write(`${error.stack ?? error.message}\n`)
  const account = error instanceof ProgramFailed ? { written: error.written, account: error.account } : {}
  if (json) {
    const all = findings.map((each) => ({ code: each.code, details: each.details, ...explain(each) }))
    const value = { type: 'result', ok: false, code: findings[0].code, exit, ...account, findings: all }
    stdout.write(`${terminalJson(value)}\n`)
    return exit
  }
  if (error instanceof ProgramFailed) stderr.write(`${style.bold(error.account)}\n`)
  for (const each of findings) {
    const { message, remedy } = explain(each)
    stderr.write(`${style.red('✗')} ${oneLine(message)}\n  ${oneLine(remedy)}\n  ${style.dim(`code ${each.code}`)}\n`)
  }
  return exit
}
