// Runs the command on a real terminal (a pty made by `script` of util-linux) and types answers.
import { spawn, spawnSync } from 'node:child_process'
import { REPO } from './twinslot.ts'

export interface TerminalRun {
  readonly exit: number | null
  /** Everything that appeared on the terminal, control characters included. */
  readonly screen: string
}

/** When `prompt` appears, `answer` is typed (Enter included by the caller); a function may do something first. */
export interface Answer {
  readonly prompt: string
  readonly answer: string | (() => string | Promise<string>)
}

export const hasTerminal = (): boolean =>
  process.platform === 'linux' && spawnSync('script', ['--version'], { timeout: 10_000 }).status === 0

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export function onTerminal(
  args: readonly string[],
  answers: readonly Answer[],
  env: Readonly<Record<string, string>>,
): Promise<TerminalRun> {
  return new Promise((resolve, reject) => {
    const command = [`${REPO}/bin/twinslot`, ...args].map(quote).join(' ')
    const { NO_COLOR: _unset, ...rest } = process.env
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...rest, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
    })
    let screen = ''
    let next = 0
    let looked = 0
    const type = async ({ answer }: Answer) => {
      child.stdin.write(typeof answer === 'string' ? answer : await answer())
    }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      screen += chunk
      const waiting = answers[next]
      const at = waiting ? screen.indexOf(waiting.prompt, looked) : -1
      if (!waiting || at < 0) return
      looked = at + waiting.prompt.length
      next++
      type(waiting).catch(reject)
    })
    child.stdin.on('error', () => {
      // The command ended before it read everything; its exit code tells the story.
    })
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, screen }))
  })
}
