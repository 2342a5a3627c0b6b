// The real runner as pkexec starts it for an ordinary user: root, their id in PKEXEC_UID, and its own places in a mount
// namespace, so that neither this machine's lists nor its journals are read or changed.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FromRunner, ToRunner } from '#contract/runner.ts'
import { findTool } from '#node/os/run-tool.ts'

const REPO = join(import.meta.dirname, '../..')
export const NOBODY = 65_534
const LIMIT_MS = 120_000

export interface OwnPlaces {
  /** Stands for /etc/twinslot-runner. */
  readonly lists: string
  /** Stands for /var/lib. */
  readonly state: string
}

/** What is missing here, for a skipped test; null when nothing is. */
export async function noElevation(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root, to act for somebody else'
  for (const tool of ['unshare', 'setpriv']) if (!(await findTool(tool))) return `needs ${tool}`
  return null
}

/** Makes stand-ins for the runner's own places below `folder`, which only root can open. */
export function makeOwnPlaces(folder: string): OwnPlaces & { readonly etc: string } {
  const etc = join(folder, 'etc')
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.includes('/ssl/certs/') })
  const lists = join(etc, 'twinslot-runner')
  const state = join(folder, 'var-lib')
  for (const each of [lists, state]) mkdirSync(each, { recursive: true, mode: 0o755 })
  return { etc, lists, state }
}

export interface Elevated {
  readonly etc: string
  readonly state: string
  /** What PKEXEC_UID says; the person who asks. */
  readonly uid?: string
  /** More than pkexec would leave in the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The program below the repository, and its arguments. */
  readonly program?: readonly string[]
}

export interface Conversation {
  readonly said: readonly FromRunner[]
  /** Everything that came out, for looking for what must not. */
  readonly text: string
  readonly exit: number | null
}

const INSIDE = 'mount --bind "$1" /etc && mount --bind "$2" /var/lib && shift 2 && exec "$@"'

/** Sends the lines one after the other, each when the one before was answered; `next` may answer another one from what was said. */
export async function converse(
  { etc, state, uid = String(NOBODY), env = {}, program = ['host/runner/main.ts'] }: Elevated,
  first: ToRunner | string,
  next: (said: FromRunner) => ToRunner | null = () => null,
): Promise<Conversation> {
  const [script, ...args] = program
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', join(REPO, script), ...args]
  const child = spawn('unshare', ['--mount', 'sh', '-euc', INSIDE, 'sh', etc, state, ...node], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    cwd: '/',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      PKEXEC_UID: uid,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...env,
    },
  })
  const said: FromRunner[] = []
  let text = ''
  const send = (line: ToRunner | string) => {
    if (typeof line === 'string') child.stdin.end(line)
    else child.stdin.write(`${JSON.stringify(line)}\n`)
  }
  child.stdin.on('error', () => {})
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  send(first)
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`
    if (!line.startsWith('{"say"')) continue
    const message = JSON.parse(line) as FromRunner
    if (message.say === 'event') continue
    said.push(message)
    const answer = message.say === 'hello' ? null : next(message)
    if (answer) send(answer)
    else if (message.say !== 'hello') child.stdin.end()
  }
  return { said, text, exit: await ended }
}
