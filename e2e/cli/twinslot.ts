// Runs the real command as scripts do: `bin/twinslot ... --json`, events and result parsed, exit code kept.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { noteCodes } from '#testing/noted-codes.ts'

export const REPO = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = fileURLToPath(new URL('../../bin/twinslot', import.meta.url))

export interface Row {
  readonly type: string
  readonly [field: string]: unknown
}

export interface Finding {
  /** Of several disks, the one that it speaks against. */
  readonly disk?: string
  readonly code: string
  readonly message: string
  readonly remedy: string
}

export interface Result extends Row {
  readonly ok: boolean
  readonly code: string
  readonly written?: boolean
  readonly account?: string
  readonly findings?: readonly Finding[]
}

export interface Run {
  readonly exit: number | null
  readonly events: readonly Row[]
  readonly result: Result
  readonly stderr: string
}

interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Called for each event while the command runs; may signal the child. */
  readonly onEvent?: (event: Row, child: { kill(signal: NodeJS.Signals): boolean }) => void
  readonly timeoutMs?: number
}

const environment = (env: Options['env']) => ({ ...process.env, NO_COLOR: '1', ...env })

/** Every command ends with exactly one result line; anything else is the test's failure. */
export function twinslot(args: readonly string[], options: Options = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(COMMAND, [...args, '--json'], {
      env: environment(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    })
    const rows: Row[] = []
    let rest = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        noteCodes(line)
        const row = JSON.parse(line) as Row
        rows.push(row)
        options.onEvent?.(row, child)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (exit) => {
      const results = rows.filter((row) => row.type === 'result')
      if (results.length !== 1 || rows.at(-1) !== results[0] || rest !== '')
        return reject(new Error(`no single result line at the end of twinslot ${args.join(' ')}\n${stderr}`))
      resolve({ exit, events: rows.slice(0, -1), result: results[0] as Result, stderr })
    })
  })
}

/** Runs it for people: what they would see. */
export function twinslotText(
  args: readonly string[],
  input = '',
): Promise<{ exit: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(COMMAND, args, { env: environment({}), timeout: 120_000 })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, out, err }))
    child.stdin.end(input)
  })
}
