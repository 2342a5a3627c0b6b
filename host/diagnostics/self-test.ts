// The self-test: what this station needs for its work, looked at now. A row says what was seen; what could not be looked at
// is a warning that says so, never a guess.
import { constants } from 'node:fs'
import { access, readdir, readFile, statfs } from 'node:fs/promises'
import { arch, platform, release } from 'node:os'
import { join } from 'node:path'
import { formatBytes, GB } from '../../src-shared/base/bytes.ts'
import type { BenchView, ImageView, SelfTestRow } from '../../src-shared/contract/views.ts'
import { findTool, missingOf } from '../../src-shared/node/run-tool.ts'
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
}

export const THIS_SYSTEM: SelfTestSystem = {
  platform: process.platform,
  uid: process.geteuid?.() ?? null,
  proc: '/proc',
  sys: '/sys',
}

type Verdict = Omit<SelfTestRow, 'name'>

const ok = (text: string): Verdict => ({ state: 'ok', text })
const warning = (text: string): Verdict => ({ state: 'warning', text })
const failed = (text: string): Verdict => ({ state: 'failed', text })

const LEAST_NODE = 24
const LITTLE = 5 * GB
const TOO_LITTLE = GB
/** Without these no disk can be provisioned; the others are for some layouts. */
const NEEDED = ['mke2fs'] as const
const FOR_SOME = {
  'mkfs.xfs': 'layouts with XFS',
  cryptsetup: 'encrypted layouts',
  debugfs: 'restoring /config',
} as const

/** All rows, in the order in which a person would look. */
export async function selfTest(
  host: Host,
  needs: SelfTestNeeds,
  system: SelfTestSystem = THIS_SYSTEM,
): Promise<readonly SelfTestRow[]> {
  const rows: readonly (readonly [string, () => Promise<Verdict> | Verdict])[] = [
    ['System', () => systemRow()],
    ['Runner', () => runnerRow(host)],
    ['Disks', () => disksRow(needs.bench())],
    ['Permission', () => permissionRow(needs.bench(), system)],
    ['Consent', () => consentRow(system)],
    ['Tools', () => toolsRow()],
    ['Disk space', () => spaceRow(host.paths.data)],
    ['Clock', () => clockRow(host.clock.now(), needs.images())],
    ['USB', () => usbRow(needs.bench(), system)],
  ]
  return await Promise.all(
    rows.map(async ([name, look]) => {
      try {
        return { name, ...(await look()) }
      } catch (error) {
        return { name, ...failed(`This could not be looked at: ${problemOf(error).message}`) }
      }
    }),
  )
}

function systemRow(): Verdict {
  const text = `Node ${process.versions.node} on ${platform()} ${release()} ${arch()}`
  return Number(process.versions.node.split('.')[0]) >= LEAST_NODE
    ? ok(text)
    : warning(`${text}; ${LEAST_NODE} is needed`)
}

/** Without elevation: a self-test asks nobody for a password. */
async function runnerRow(host: Host): Promise<Verdict> {
  await using _runner = await startRunner(await host.runnerFor(host.paths.data))
  return ok('A runner was started and answered.')
}

function disksRow({ units, hidden, problem }: BenchView): Verdict {
  if (problem) return failed(`${problem.message} ${problem.remedy}`)
  return ok(`${units.length} on the bench, ${hidden.length} hidden.`)
}

const canWrite = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )

async function permissionRow({ units }: BenchView, { uid }: SelfTestSystem): Promise<Verdict> {
  if (uid === 0) return ok('This console runs as root; that is more than it needs.')
  const disks = units.filter(({ kind }) => kind === 'disk')
  if (disks.length === 0) return ok('No disk is attached; disk image files need no permission.')
  const writable = await Promise.all(disks.map(({ path }) => canWrite(path)))
  const count = writable.filter(Boolean).length
  return count === disks.length
    ? ok(`All ${count} disks can be written by this user.`)
    : ok(`${disks.length - count} of ${disks.length} disks need consent for each job.`)
}

/** Programs that ask a person on behalf of polkit, as the kernel names them (15 letters). */
const AGENTS =
  /^(polkit-gnome-au|polkit-kde-auth|polkit-mate-aut|lxpolkit|lxqt-policykit|xfce-polkit|ukui-polkit|pkttyagent|gnome-shell|cinnamon|hyprpolkitagent|plasmashell)/

async function consentRow({ platform, uid, proc }: SelfTestSystem): Promise<Verdict> {
  if (uid === 0) return ok('Not needed: this console runs as root.')
  if (platform !== 'linux') return ok("The system's own dialog asks before a disk is written.")
  if (!(await findTool('pkexec'))) return warning('pkexec is not installed: disks of other users cannot be written.')
  for (const entry of await readdir(proc)) {
    if (!/^\d+$/.test(entry)) continue
    // A process that has just ended has no name any more.
    const name = (await readFile(join(proc, entry, 'comm'), 'utf8').catch(() => '')).trim()
    if (AGENTS.test(name)) return ok(`pkexec is here, and ${name} can ask.`)
  }
  return warning('pkexec is here, but no polkit agent was seen: nobody may be able to answer its question.')
}

async function toolsRow(): Promise<Verdict> {
  const missing = await missingOf(NEEDED)
  if (missing.length > 0) return failed(missing.map(({ tool, remedy }) => `${tool} is missing (${remedy}).`).join(' '))
  const lacking = await missingOf(Object.keys(FOR_SOME))
  if (lacking.length === 0) return ok([...NEEDED, ...Object.keys(FOR_SOME)].join(', '))
  const purposes: Readonly<Record<string, string>> = FOR_SOME
  return warning(lacking.map(({ tool, remedy }) => `${tool} is missing, for ${purposes[tool]} (${remedy}).`).join(' '))
}

async function spaceRow(folder: string): Promise<Verdict> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const text = `${formatBytes(free)} free in the data folder.`
  if (free < TOO_LITTLE) return failed(`${text} Images and reports may not be saved.`)
  return free < LITTLE ? warning(text) : ok(text)
}

/** An image that was made later than now says that the clock is wrong; signatures are judged by the clock. */
async function clockRow(now: Date, images: readonly ImageView[]): Promise<Verdict> {
  const text = `${now.toISOString()} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`
  const newest = images.flatMap(({ created }) => created ?? []).sort((a, b) => Date.parse(b) - Date.parse(a))[0]
  if (newest !== undefined && Date.parse(newest) > now.getTime())
    return failed(`${text}: the clock is behind; an image of the library was made at ${newest}.`)
  const synchronized = await clockSynchronized()
  if (synchronized === null) return warning(`${text}; whether a time service keeps it is not known.`)
  return synchronized ? ok(`${text}, kept by a time service.`) : warning(`${text}, not kept by a time service.`)
}

async function usbRow({ units }: BenchView, { platform, sys }: SelfTestSystem): Promise<Verdict> {
  if (platform !== 'linux') return warning('The speed of USB ports cannot be seen on this system.')
  const hubs = await readdir(join(sys, 'bus/usb/devices')).catch(() => [])
  const speeds: number[] = []
  for (const hub of hubs.filter((name) => /^usb\d+$/.test(name))) {
    const speed = Number(await readFile(join(sys, 'bus/usb/devices', hub, 'speed'), 'utf8').catch(() => ''))
    if (speed > 0) speeds.push(speed)
  }
  if (speeds.length === 0) return warning('No USB controller was seen.')
  const slow: string[] = []
  for (const { attachment, path } of units) {
    const speed = attachment === 'usb' ? await usbSpeed(path, sys) : null
    if (speed !== null && speed <= 480) slow.push(`${path} with ${speed} Mbit/s`)
  }
  const fastest = `The fastest controller has ${Math.max(...speeds)} Mbit/s.`
  if (slow.length > 0) return warning(`${fastest} Slow: ${slow.join(', ')}.`)
  return Math.max(...speeds) > 480 ? ok(fastest) : warning(`${fastest} There is no USB 3.`)
}
