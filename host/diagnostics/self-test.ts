// The self-test: what this station needs for its work, looked at now. A row says what was seen; what could not be looked at
// is a warning that says so, never a guess.
import { constants } from 'node:fs'
import { access, readdir, statfs } from 'node:fs/promises'
import { arch, platform, release } from 'node:os'
import { join } from 'node:path'
import { GB } from '#base/bytes.ts'
import type { BenchView, ImageView, SelfTestRow, SelfTestText } from '#contract/views.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { findTool, type MissingTool, missingOf } from '#node/os/run-tool.ts'
import { usbSpeed } from '../bench/usb-speed.ts'
import type { Host } from '../ports.ts'
import { problemOf } from '../problem.ts'
import { clockSynchronized } from '../reports/station-facts.ts'
import { startRunner } from '../runner-client.ts'

export interface SelfTestNeeds {
  bench(): BenchView
  images(): readonly ImageView[]
}

/** The system's side; tests point it elsewhere. */
export interface SelfTestSystem {
  readonly platform: NodeJS.Platform
  readonly uid: number | null
  readonly proc: string
  readonly sys: string
  /** Bytes that may still be written into a folder. */
  free(folder: string): Promise<number>
  missing(tools: readonly string[]): Promise<readonly MissingTool[]>
}

export const THIS_SYSTEM: SelfTestSystem = {
  platform: process.platform,
  uid: process.geteuid?.() ?? null,
  proc: '/proc',
  sys: '/sys',
  async free(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  missing: missingOf,
}

type Verdict = Omit<SelfTestRow, 'name'>

const ok = (...found: SelfTestText[]): Verdict => ({ state: 'ok', found })
const warning = (...found: SelfTestText[]): Verdict => ({ state: 'warning', found })
const failed = (...found: SelfTestText[]): Verdict => ({ state: 'failed', found })

const LEAST_NODE = 24
const LITTLE = 5 * GB
const TOO_LITTLE = GB
/** Mbit/s. */
const USB2 = 480
/** Without these no disk can be provisioned; the others are for some layouts. */
const NEEDED = ['mke2fs'] as const
const FOR_SOME = {
  'mkfs.xfs': 'xfs',
  cryptsetup: 'encryption',
  debugfs: 'restore',
} as const

/** All rows, in the order in which a person would look. */
export async function selfTest(
  host: Host,
  needs: SelfTestNeeds,
  system: SelfTestSystem = THIS_SYSTEM,
): Promise<readonly SelfTestRow[]> {
  const rows: readonly (readonly [SelfTestRow['name'], () => Promise<Verdict> | Verdict])[] = [
    ['System', () => systemRow()],
    ['Runner', () => runnerRow(host)],
    ['Disks', () => disksRow(needs.bench())],
    ['Permission', () => permissionRow(needs.bench(), system)],
    ['Consent', () => consentRow(system)],
    ['Tools', () => toolsRow(system)],
    ['Disk space', () => spaceRow(host.paths.data, system)],
    ['Clock', () => clockRow(host.clock.now(), needs.images())],
    ['USB', () => usbRow(needs.bench(), system)],
  ]
  return await Promise.all(
    rows.map(async ([name, look]) => {
      try {
        return { name, ...(await look()) }
      } catch (error) {
        return { name, ...failed({ kind: 'problem', problem: problemOf(error) }) }
      }
    }),
  )
}

function systemRow(): Verdict {
  const { node } = process.versions
  const seen: SelfTestText = { kind: 'node', node, system: `${platform()} ${release()} ${arch()}` }
  return Number(node.split('.')[0]) >= LEAST_NODE ? ok(seen) : warning(seen, { kind: 'node-needed', least: LEAST_NODE })
}

/** Without elevation: a self-test asks nobody for a password. */
async function runnerRow(host: Host): Promise<Verdict> {
  await using _runner = await startRunner(await host.runnerFor(host.paths.data))
  return ok({ kind: 'runner' })
}

function disksRow({ units, hidden, problem }: BenchView): Verdict {
  if (problem) return failed({ kind: 'problem', problem })
  return ok({ kind: 'disks', count: units.length, hidden: hidden.length })
}

const canWrite = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )

async function permissionRow({ units }: BenchView, { uid }: SelfTestSystem): Promise<Verdict> {
  if (uid === 0) return ok({ kind: 'root' })
  const disks = units.filter(({ kind }) => kind === 'disk')
  if (disks.length === 0) return ok({ kind: 'no-disk' })
  const writable = await Promise.all(disks.map(({ path }) => canWrite(path)))
  const count = writable.filter(Boolean).length
  return count === disks.length
    ? ok({ kind: 'all-writable', count })
    : ok({ kind: 'consent-each', count: disks.length - count, total: disks.length })
}

/** Programs that ask a person on behalf of polkit, as the kernel names them (15 letters). */
const AGENTS =
  /^(polkit-gnome-au|polkit-kde-auth|polkit-mate-aut|lxpolkit|lxqt-policykit|xfce-polkit|ukui-polkit|pkttyagent|gnome-shell|cinnamon|hyprpolkitagent|plasmashell)/

async function consentRow({ platform, uid, proc }: SelfTestSystem): Promise<Verdict> {
  if (uid === 0) return ok({ kind: 'consent-root' })
  if (platform !== 'linux') return ok({ kind: 'consent-dialog' })
  if (!(await findTool('pkexec'))) return warning({ kind: 'no-pkexec' })
  for (const entry of await readdir(proc)) {
    if (!/^\d+$/.test(entry)) continue
    // A process that has just ended has no name any more.
    const name = (await readBoundedText(join(proc, entry, 'comm')).catch(() => '')).trim()
    if (AGENTS.test(name)) return ok({ kind: 'agent', agent: name })
  }
  return warning({ kind: 'no-agent' })
}

async function toolsRow(system: SelfTestSystem): Promise<Verdict> {
  const missing = await system.missing(NEEDED)
  if (missing.length > 0)
    return failed(...missing.map(({ tool, remedy }) => ({ kind: 'tool-missing', tool, remedy }) as const))
  const uses = Object.entries(FOR_SOME)
  const lacking = await system.missing(uses.map(([tool]) => tool))
  if (lacking.length === 0) return ok({ kind: 'tools', tools: [...NEEDED, ...uses.map(([tool]) => tool)] })
  return warning(
    ...uses.flatMap(([tool, use]): SelfTestText[] => {
      const found = lacking.find((each) => each.tool === tool)
      return found ? [{ kind: 'tool-missing-for', tool, use, remedy: found.remedy }] : []
    }),
  )
}

async function spaceRow(folder: string, system: SelfTestSystem): Promise<Verdict> {
  const free = await system.free(folder)
  const seen: SelfTestText = { kind: 'space', size: free }
  if (free < TOO_LITTLE) return failed(seen, { kind: 'space-low' })
  return free < LITTLE ? warning(seen) : ok(seen)
}

/** An image that was made later than now says that the clock is wrong; signatures are judged by the clock. */
async function clockRow(now: Date, images: readonly ImageView[]): Promise<Verdict> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const seen: SelfTestText = { kind: 'clock', at: now.toISOString(), zone }
  const newest = images.flatMap(({ created }) => created ?? []).sort((a, b) => Date.parse(b) - Date.parse(a))[0]
  if (newest !== undefined && Date.parse(newest) > now.getTime())
    return failed(seen, { kind: 'clock-behind', at: newest })
  const synchronized = await clockSynchronized()
  if (synchronized === null) return warning(seen, { kind: 'clock-unknown' })
  return synchronized ? ok(seen, { kind: 'clock-kept' }) : warning(seen, { kind: 'clock-not-kept' })
}

async function usbRow({ units }: BenchView, { platform, sys }: SelfTestSystem): Promise<Verdict> {
  if (platform !== 'linux') return warning({ kind: 'usb-unseen' })
  const hubs = await readdir(join(sys, 'bus/usb/devices')).catch(() => [])
  const speeds: number[] = []
  for (const hub of hubs.filter((name) => /^usb\d+$/.test(name))) {
    const speed = Number(await readBoundedText(join(sys, 'bus/usb/devices', hub, 'speed')).catch(() => ''))
    if (speed > 0) speeds.push(speed)
  }
  if (speeds.length === 0) return warning({ kind: 'usb-none' })
  const slow: SelfTestText[] = []
  for (const { attachment, path } of units) {
    const speed = attachment === 'usb' ? await usbSpeed(path, sys) : null
    if (speed !== null && speed <= USB2) slow.push({ kind: 'usb-slow', path, speed })
  }
  const fastest: SelfTestText = { kind: 'usb-fastest', speed: Math.max(...speeds) }
  if (slow.length > 0) return warning(fastest, ...slow)
  return fastest.speed > USB2 ? ok(fastest) : warning(fastest, { kind: 'usb-no-3' })
}
