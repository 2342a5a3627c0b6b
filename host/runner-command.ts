// How a runner is started: as it is where the rights suffice (root, or a target that this user may write), else through
// pkexec on Linux. This is the browser host's choice; the desktop app's is elevation.ts.
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { cleanEnvironment } from '#node/os/clean-environment.ts'
import type { RunnerCommand } from './runner-client.ts'

/** The program without elevation: `node host/runner/main.ts` in a checkout, one file in a package. */
export interface RunnerProgram {
  readonly command: string
  readonly args: readonly string[]
}

export interface RunnerChoice {
  readonly platform: NodeJS.Platform
  /** Effective user id; null where there is none. */
  readonly uid: number | null
  readonly mayWrite: boolean
}

/** Little is young in a runner, and memory that is collected late adds up with each unit (docs/adr/0061). */
export const SMALL_YOUNG = '--max-semi-space-size=1'

/** For checkouts: Node runs the source. */
export const developmentRunner = (): RunnerProgram => ({
  command: process.execPath,
  args: [SMALL_YOUNG, new URL('./runner/main.ts', import.meta.url).pathname],
})

/** Compiled modules from where this program takes its own: it trusts them already, and the start is quicker. */
const sameCache = (): NodeJS.ProcessEnv => {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

/** Choice by its arguments alone, for tests; `env` is what the console itself was started with. */
export function runnerCommand(
  program: RunnerProgram,
  { platform, uid, mayWrite }: RunnerChoice,
  env: NodeJS.ProcessEnv,
): RunnerCommand {
  const clean = cleanEnvironment(env)
  if (uid === 0 || mayWrite || platform !== 'linux') return { ...program, env: { ...clean, ...sameCache() } }
  // pkexec wants absolute paths. Without an agent it asks in the terminal in which the console was started.
  return { command: 'pkexec', args: [program.command, ...program.args], env: clean, asks: true }
}

const mayWriteTo = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )

/** For `Host.runnerFor`: looks at the target, then chooses. */
export const runnerFor =
  (program: RunnerProgram, env: NodeJS.ProcessEnv = process.env) =>
  async (target: string): Promise<RunnerCommand> =>
    runnerCommand(
      program,
      { platform: process.platform, uid: process.geteuid?.() ?? null, mayWrite: await mayWriteTo(target) },
      env,
    )
