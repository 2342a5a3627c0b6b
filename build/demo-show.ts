// How the demo shows itself: titles, the commands it runs as a person would type them, and the guest's serial console.
import { spawn } from 'node:child_process'
import { join, relative } from 'node:path'

/** The firmware's and the boot loader's decisions and what our own programs say; the menu's drawing is left out. */
const WORTH_SHOWING = /^(BdsDxe: starting|Welcome to GRUB|twinslot:|\S+: OK$|Kernel panic)/

export interface Show {
  readonly json: boolean
  title(text: string): void
  line(text: string): void
  /** A line of the guest's serial console. */
  serial(line: string): void
}

export function show(json: boolean): Show {
  const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const print = (type: string, text: string, human: string) =>
    process.stdout.write(json ? `${JSON.stringify({ type, text })}\n` : `${human}\n`)
  return {
    json,
    title: (text) => print('demo-title', text, `\n${paint(1, text)}`),
    line: (text) => print('demo-line', text, `  ${text}`),
    serial: (line) => {
      const text = line.trim()
      if (WORTH_SHOWING.test(text)) print('demo-serial', text, paint(2, `  | ${text}`))
    },
  }
}

/** Runs `bin/twinslot` with this terminal, or with its JSON lines passed on as events; answers the exit code. */
export function runCommand(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  say: Show,
): Promise<number> {
  const shown = args.map((arg) => (arg.startsWith(root) ? relative(process.cwd(), arg) : arg))
  say.line(`$ bin/twinslot ${shown.join(' ')}`)
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'bin', 'twinslot'), say.json ? [...args, '--json'] : args, {
      env: { ...process.env, ...env },
      stdio: ['inherit', say.json ? 'pipe' : 'inherit', 'inherit'],
      timeout: 600_000,
    })
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = JSON.parse(line)
        // The demo's own result must be the only one: a command's result becomes an event.
        const type = event.type === 'result' ? 'command-result' : event.type
        process.stdout.write(`${JSON.stringify({ ...event, type, command: args[0] })}\n`)
      }
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
