// How a runner gets the rights that a disk needs, per operating system: as it is where they suffice, else through the
// system's own consent. Promises: no secret and no word of a window in the arguments, only programs by absolute path, and a
// clear refusal where the system has no way. macOS and Windows are written to their documentation and untested here.
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { cleanEnvironment } from '#node/os/clean-environment.ts'
import { findTool, runTool } from '#node/os/run-tool.ts'
import type { RunnerCommand } from './runner-client.ts'
import { type RunnerProgram, SMALL_YOUNG } from './runner-command.ts'

/** Where the package puts the runner for pkexec; build/polkit/org.twinslot.runner.policy names the same path. */
export const INSTALLED_RUNNER = '/usr/lib/twinslot/twinslot-runner'

export interface PackagedRunner {
  readonly program: RunnerProgram
  /** Asks for a password in a window of its own and prints it to sudo; macOS only. */
  readonly askpass: string
}

/** The runner in a folder that build/assemble.ts made. */
export const packagedRunner = (runtime: string, platform: NodeJS.Platform = process.platform): PackagedRunner => ({
  program: {
    command: join(runtime, platform === 'win32' ? 'node.exe' : 'node'),
    args: [SMALL_YOUNG, join(runtime, 'twinslot-runner.mjs')],
  },
  askpass: join(runtime, 'askpass'),
})

/** What the choice depends on; nothing else. */
export interface ElevationChoice {
  readonly platform: NodeJS.Platform
  /** Root, or an administrator's elevated process. */
  readonly isRoot: boolean
  readonly targetWritable: boolean
  readonly runner: PackagedRunner
  /** The wrapper of the installed package, when it is there. */
  readonly installed: string | null
  /** Absolute paths, null where missing. */
  readonly tools: { readonly pkexec: string | null; readonly sudo: string | null }
  /** True inside an AppImage: its files cannot be read by root. */
  readonly appImage: boolean
  readonly env: NodeJS.ProcessEnv
}

const none = (reason: string): EngineError => new EngineError('runner.not-started', { reason })

/**
 * Pure choice of the command that starts a runner.
 * @throws EngineError `runner.not-started` where this system has no way to the rights
 */
export function commandFor(choice: ElevationChoice): RunnerCommand {
  const { platform, runner, tools } = choice
  const env = cleanEnvironment(choice.env)
  const { command, args } = runner.program
  if (choice.isRoot || choice.targetWritable) return { command, args, env }
  if (platform === 'linux') {
    if (!tools.pkexec) throw none('pkexec is not installed (Debian package pkexec)')
    if (choice.installed) return elevated(tools.pkexec, [choice.installed], env)
    if (choice.appImage)
      throw none(`an AppImage has no ${INSTALLED_RUNNER}: install the Debian package, or start it as root`)
    return elevated(tools.pkexec, [command, ...args], env)
  }
  if (platform === 'darwin') {
    if (!tools.sudo) throw none('sudo is missing')
    return elevated(tools.sudo, ['-A', '--', command, ...args], { ...env, SUDO_ASKPASS: runner.askpass })
  }
  if (platform === 'win32') {
    if (tools.sudo) return elevated(tools.sudo, ['--inline', command, ...args], env)
    throw none('this Windows has no sudo (11, 24H2, inline mode): start Twinslot as administrator')
  }
  throw none(`there is no way to administrator rights on ${platform}`)
}

/** The system asks a person: such starts come one after the other, so that one consent serves a batch. */
const elevated = (tool: string, args: readonly string[], env: NodeJS.ProcessEnv): RunnerCommand => ({
  command: tool,
  // Without an agent pkexec would ask on a terminal that nobody sees; so it says that there is none.
  args: tool.endsWith('pkexec') ? ['--disable-internal-agent', ...args] : args,
  env,
  asks: true,
})

const can = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )

/** "High" or "System" in the integrity level of this process. */
const WINDOWS_ELEVATED = /S-1-16-(12288|16384)/

async function isAdministrator(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'win32') return process.geteuid?.() === 0
  const whoami = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'whoami.exe')
  const { stdout } = await runTool(whoami, ['/groups', '/fo', 'csv'], { timeoutMs: 10_000 })
  return WINDOWS_ELEVATED.test(stdout)
}

/** Absolute paths only: what the PATH of a desktop session offers is not asked for rights. */
async function elevationTools(platform: NodeJS.Platform): Promise<ElevationChoice['tools']> {
  if (platform === 'win32') {
    const sudo = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'sudo.exe')
    return { pkexec: null, sudo: (await can(sudo, constants.X_OK)) ? sudo : null }
  }
  if (platform === 'darwin') return { pkexec: null, sudo: '/usr/bin/sudo' }
  return { pkexec: await findTool('pkexec'), sudo: null }
}

/** For `Host.runnerFor` of the desktop: looks at the system and the target, then chooses. */
export const elevatedRunnerFor =
  (runner: PackagedRunner, env: NodeJS.ProcessEnv) =>
  async (target: string): Promise<RunnerCommand> => {
    const { platform } = process
    return commandFor({
      platform,
      isRoot: await isAdministrator(platform),
      targetWritable: platform !== 'win32' && (await can(target, constants.R_OK | constants.W_OK)),
      runner,
      installed: (await can(INSTALLED_RUNNER, constants.X_OK)) ? INSTALLED_RUNNER : null,
      tools: await elevationTools(platform),
      appImage: env.APPIMAGE !== undefined,
      env,
    })
  }
