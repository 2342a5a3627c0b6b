// Where a system image is built, and the two ways of running programs there: with a clean environment on the builder, and
// inside the tree in namespaces of its own, which leave no mount and no process behind, however they end.
import { join } from 'node:path'
import { EngineError, isEngineError } from '#base/errors.ts'
import { errnoOf } from '../os/os-errors.ts'
import { findTool, runTool, type ToolOutcome, toolMissing } from '../os/run-tool.ts'

export interface BuildRoom {
  /** Folder of everything that is removed at the end; `tree` is inside. */
  readonly work: string
  /** Root of the system that is being built. */
  readonly tree: string
  /** SOURCE_DATE_EPOCH: every time in the image. */
  readonly epoch: number
  readonly signal?: AbortSignal
}

export interface RunOptions {
  readonly timeoutMs: number
  /** Added to the clean environment; an empty text takes a variable out. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

const assignments = (variables: Readonly<Record<string, string>>): string[] =>
  Object.entries(variables)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)

function cleanEnvironment({ work, epoch }: BuildRoom, more: RunOptions['env']): string[] {
  const proxies = PROXIES.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []))
  return assignments({
    PATH,
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: work,
    DEBIAN_FRONTEND: 'noninteractive',
    SOURCE_DATE_EPOCH: String(epoch),
    ...Object.fromEntries(proxies),
    ...more,
  })
}

/** Rights of new files do not depend on who builds. */
const UMASK = ['sh', '-c', 'umask 022; exec "$@"', 'sh']

/** `recipe.disk-full` for what a full disk looks like; other errors stay as they are. */
export function spaceError(error: unknown, folder: string): unknown {
  const full = isEngineError(error)
    ? /No space left on device|ENOSPC/.test(`${error.details.stderr ?? ''} ${error.details.reason ?? ''}`)
    : errnoOf(error) === 'ENOSPC'
  return full ? new EngineError('recipe.disk-full', { folder }, { cause: error }) : error
}

/** Runs a program of the builder and answers any exit code. Throws `tool.missing`, `tool.timeout`, `job.cancelled`. */
export async function runClean(
  room: BuildRoom,
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<ToolOutcome> {
  const path = await findTool(command)
  if (!path) throw toolMissing(command)
  const { timeoutMs, env, cwd, input } = options
  const words = ['-i', ...cleanEnvironment(room, env), ...UMASK, path, ...args]
  return await runTool('env', words, { timeoutMs, cwd, input, signal: room.signal })
}

/** Like runClean; an exit code other than 0 throws `tool.failed`, or `recipe.disk-full`. */
export async function mustRun(
  room: BuildRoom,
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<ToolOutcome> {
  return succeeded(command, await runClean(room, command, args, options), room)
}

export function succeeded(tool: string, outcome: ToolOutcome, room: BuildRoom): ToolOutcome {
  if (outcome.code === 0) return outcome
  throw spaceError(new EngineError('tool.failed', { tool, code: outcome.code, stderr: lastWords(outcome) }), room.work)
}

/** The end of what a program said, errors of apt and dpkg first. */
export function lastWords({ stdout, stderr }: ToolOutcome): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => /^(?:E|dpkg|ERROR|error|fatal)\b|No space left/.test(line))
  return (errors.length > 0 ? errors : lines).slice(-4).join(' | ').slice(-800) || 'no message'
}

// $1 is the tree; the rest is the program. An overlay in memory takes what is written when nothing may stay.
const MOUNTS = `set -e
umask 022
root=$1
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
shift
`
const OVERLAY = `set -e
mkdir -p overlay
mount -t tmpfs tmpfs overlay
mkdir overlay/upper overlay/work overlay/root
mount -t overlay -o lowerdir=tree,upperdir=overlay/upper,workdir=overlay/work overlay overlay/root
`

export interface TreeOptions extends RunOptions {
  /** Without it the program sees no network at all. */
  readonly network?: boolean
  /** Nothing that it writes stays in the tree. */
  readonly discard?: boolean
  /** Run a program of the builder beside the tree, with the tree's own mounts. */
  readonly outside?: boolean
}

/** Runs a program inside the tree (chroot) and answers any exit code. Throws as runClean does. */
export async function inTree(room: BuildRoom, argv: readonly string[], options: TreeOptions): Promise<ToolOutcome> {
  const { network = false, discard = false, outside = false, timeoutMs, env, input } = options
  const root = discard ? join(room.work, 'overlay/root') : room.tree
  const enter = outside ? 'exec "$@"' : 'exec chroot "$root" "$@"'
  const script = `${discard ? OVERLAY : ''}${MOUNTS}${enter}`
  const spaces = ['--mount', '--pid', '--fork', '--kill-child', ...(network ? [] : ['--net'])]
  // Also for apt beside the tree: its children are scripts inside, which know no folder of the builder.
  const inside = { TMPDIR: '/tmp', ...env }
  const words = [...spaces, 'sh', '-c', script, 'sh', root, ...argv]
  return await runClean(room, 'unshare', words, { timeoutMs, env: inside, cwd: room.work, input })
}
