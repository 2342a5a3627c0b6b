// Which tests may be skipped, and why: a list of facts about a machine. On Debian as root, where the set-up installs all that
// tests need, a skip that no line here names is a failure; elsewhere skips are counted only.
import { readFileSync } from 'node:fs'

export interface AllowedSkip {
  /** The fact about the machine, for people. */
  readonly fact: string
  /** What the reason of the skip must say. */
  readonly reason: RegExp
  /** Which tests it may concern: how their `file` begins. */
  readonly file: RegExp
}

export const ALLOWED_SKIPS: readonly AllowedSkip[] = [
  {
    fact: "Electron's runtime cannot be had here",
    reason: /^the Electron [\d.]+ runtime is not on this machine$|^Electron's sandbox does not run as root$/,
    file: /^e2e\/(?:console|electron)\b/,
  },
  {
    fact: 'a test about the browser host itself has nothing to do in the desktop app',
    reason: /^only in the browser: /,
    file: /^e2e\/console \(desktop app\)$|^e2e\/console\/.* \(desktop app\)$/,
  },
  {
    fact: 'the kernel shows no partitions of loop devices',
    reason: /^this kernel shows no partitions of loop devices$/,
    file: /^e2e\/cli\//,
  },
  {
    fact: 'the tests run as root',
    reason: /^needs an ordinary user\b/,
    file: /^src-shared\/node\//,
  },
]

export interface Skip {
  readonly file: string
  readonly name: string
  readonly reason: string
}

/** Skips that no line of the list names. */
export const unlistedSkips = (
  skips: readonly Skip[],
  allowed: readonly AllowedSkip[] = ALLOWED_SKIPS,
): readonly Skip[] =>
  skips.filter((skip) => !allowed.some(({ reason, file }) => reason.test(skip.reason) && file.test(skip.file)))

/** Whether the list is binding here: the set-up could install everything. `osRelease` is /etc/os-release, null when absent. */
export const mustRunAll = (uid: number | null, osRelease: string | null): boolean =>
  uid === 0 && osRelease !== null && /^ID=debian$/m.test(osRelease)

export function osRelease(): string | null {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
