// The built-in probes: each looks at one thing once, within its time, and answers what it saw. A probe never changes
// anything and sends no credentials; it throws EngineError when it cannot look, which counts as "failed".
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { explain } from '#base/errors.ts'
import type { BuiltInProbe, ProbeResult } from '#model/health.ts'
import { builtinLayout } from '#model/layouts.ts'
import { openHttp } from '#node/http/http-client.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import type { DevicePaths, ServerSettings } from '../ports.ts'
import { validateConfig, whyNoServer } from '../settings-check.ts'
import { type ExpectedMounts, mountProblems, mountsOfLayout } from './mount-check.ts'
import { parseProbes } from './probe-list.ts'

export interface ProbeContext {
  readonly paths: DevicePaths
  readonly server: ServerSettings | null
  readonly signal: AbortSignal
  /** Between two tries of a service that is not up yet; ends early with the signal. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Told each result as it comes. */
  onResult?(name: string, result: ProbeResult): void
}

export interface Look {
  readonly passed: boolean
  readonly error?: string
  readonly usage_percent?: number
}

interface Attempt {
  readonly options: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly context: ProbeContext
  readonly signal: AbortSignal
}

const passed: Look = { passed: true }
const failed = (error: string): Look => ({ passed: false, error })

/** One look of a built-in probe. */
export const look = (probe: BuiltInProbe, attempt: Attempt): Promise<Look> => PROBES[probe](attempt)

const PROBES: Readonly<Record<BuiltInProbe, (attempt: Attempt) => Promise<Look>>> = {
  async network(attempt) {
    const { context, options } = attempt
    const path = typeof options.path === 'string' ? options.path : '/health'
    if (typeof options.url === 'string') return answers200(options.url, {}, attempt)
    if (!context.server) return failed(explain(await whyNoServer(context.paths)).message)
    return answers200(`${context.server.endpoint}${path}`, context.server, attempt)
  },
  api: (attempt) => answers200(text(attempt, 'url') ?? 'http://localhost:8000/health', {}, attempt),
  ntp: clockIsSynchronized,
  async disk(attempt) {
    const { blocks, bfree, bavail } = await statfs(text(attempt, 'path') ?? attempt.context.paths.state)
    const used = blocks - bfree
    // As df counts: what only root may still use is not free.
    const percent = used + bavail === 0 ? 100 : Math.ceil((100 * used) / (used + bavail))
    const limit = typeof attempt.options.limit_percent === 'number' ? attempt.options.limit_percent : 90
    if (percent < limit) return { ...passed, usage_percent: percent }
    return { ...failed(`${percent} % used; must be below ${limit} %`), usage_percent: percent }
  },
  async mounts(attempt) {
    const layout = builtinLayout(text(attempt, 'layout') ?? '')
    const own = (attempt.options.mounts ?? {}) as ExpectedMounts
    const expected = { ...(layout && mountsOfLayout(layout)), ...own }
    const problems = mountProblems(await readBoundedText(join(attempt.context.paths.proc, 'self/mountinfo')), expected)
    return problems.length === 0 ? passed : failed(problems.join('; '))
  },
  async config({ context: { paths } }) {
    const { findings } = await validateConfig(paths, parseProbes)
    return findings.length === 0 ? passed : failed(findings.map((found) => explain(found).message).join(' '))
  },
  async database(attempt) {
    const flags = { host: '--host', port: '--port', user: '--username', database: '--dbname' }
    const args = Object.entries(flags).flatMap(([key, flag]) =>
      attempt.options[key] === undefined ? [] : [`${flag}=${attempt.options[key]}`],
    )
    const seconds = Math.max(1, Math.floor(attempt.timeoutMs / 1000))
    return runCommand(['pg_isready', ...args, `--timeout=${seconds}`], attempt)
  },
  async agent(attempt) {
    const unit = text(attempt, 'unit') ?? 'twinslot-agent.service'
    const { stdout, code } = await runTool('systemctl', ['is-active', unit], limits(attempt))
    return code === 0 ? passed : failed(`${unit} is ${stdout.trim() || 'unknown'}`)
  },
}

const text = ({ options }: Attempt, key: string): string | null =>
  typeof options[key] === 'string' ? options[key] : null

/** More than any program says to a question with the answers yes and no. */
const MAX_OUTPUT = 1024 * 1024
const limits = ({ timeoutMs, signal }: Pick<Attempt, 'timeoutMs' | 'signal'>) => ({
  timeoutMs,
  signal,
  maxOutput: MAX_OUTPUT,
})

/** Runs a program, without a shell; exit code 0 passes, otherwise its last line is the error. */
export async function runCommand(
  [program, ...args]: readonly string[],
  attempt: Pick<Attempt, 'timeoutMs' | 'signal'>,
): Promise<Look> {
  const { code, stdout, stderr } = await runTool(program, args, { ...limits(attempt), keepEnd: true, endAll: true })
  if (code === 0) return passed
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1)
  return failed(`${program} ended with ${code}${said ? `: ${said}` : ''}`)
}

async function answers200(
  url: string,
  { ca, identity }: Partial<Pick<ServerSettings, 'ca' | 'identity'>>,
  { timeoutMs, signal }: Attempt,
): Promise<Look> {
  const limits = { connectMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs, maxRedirects: 0 }
  const first = URL.parse(url)?.href
  await using response = await openHttp({ url, ca, identity, limits, signal, allow: ({ href }) => href === first })
  return response.status === 200 ? passed : failed(`${url} answered ${response.status}`)
}

/** Asks whoever keeps the time here; the first that is installed and gives an answer decides. */
async function clockIsSynchronized(attempt: Attempt): Promise<Look> {
  const unsynchronized = failed('the clock is not synchronized')
  for (const [tool, args, judge] of CLOCK_TOOLS) {
    if (!(await findTool(tool))) continue
    const { stdout, code } = await runTool(tool, args, limits(attempt))
    const answer = code === 0 ? judge(stdout) : null
    if (answer !== null) return answer ? passed : unsynchronized
  }
  return failed('no program here tells whether the clock is synchronized (timedatectl, chronyc, adjtimex)')
}

const STA_UNSYNC = 0x40
const CLOCK_TOOLS: readonly (readonly [string, readonly string[], (stdout: string) => boolean | null])[] = [
  [
    'timedatectl',
    ['show', '--property=NTPSynchronized', '--value'],
    (said) => ({ yes: true, no: false })[said.trim()] ?? null,
  ],
  // Last field of the tracking report: Normal, Insert second, Delete second, Not synchronised.
  ['chronyc', ['-c', 'tracking'], (said) => (said.includes(',') ? !/,not synchronised\s*$/i.test(said) : null)],
  [
    'adjtimex',
    ['-p'],
    (said) => {
      const status = /^\s*status:\s*(\d+)/m.exec(said)
      return status ? (Number(status[1]) & STA_UNSYNC) === 0 : null
    },
  ],
]
