// What a certificate says about the station itself: system, clock, whether the clock is kept by a time service. Asked once
// per console, with a time limit; what cannot be known is null.
import { arch, hostname, platform, release } from 'node:os'
import { findTool, runTool } from '#node/os/run-tool.ts'

export interface StationFacts {
  readonly host: string
  readonly system: string
  readonly architecture: string
  readonly zone: string
  readonly clock: { readonly source: string; readonly synchronized: boolean | null }
}

const ASK_MS = 3000

export async function stationFacts(): Promise<StationFacts> {
  return {
    host: hostname(),
    system: `${platform()} ${release()}`,
    architecture: arch(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    clock: { source: 'system clock', synchronized: await clockSynchronized() },
  }
}

/** By systemd's time service or one that it knows of; null where nobody can tell. */
export async function clockSynchronized(): Promise<boolean | null> {
  if (!(await findTool('timedatectl'))) return null
  try {
    const args = ['show', '--property=NTPSynchronized', '--value']
    const { code, stdout } = await runTool('timedatectl', args, { timeoutMs: ASK_MS })
    const word = stdout.trim()
    return code === 0 && (word === 'yes' || word === 'no') ? word === 'yes' : null
  } catch {
    // No time service answers (a container, another init system): then it is not known.
    return null
  }
}
