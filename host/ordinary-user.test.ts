// The console needs no root: an ordinary user provisions a virtual disk with it, gets a signed certificate, and nobody else
// can read what it keeps. The test starts itself again as that user.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { REPO } from '#e2e/cli/twinslot.ts'
import { findTool } from '#node/os/run-tool.ts'
import { buildDisk } from '#testing/builders.ts'
import { NO_SIGNAL, openConsoleBench } from '#testing/console-bench.ts'
import { NO_CONSENT } from './consent.ts'
import { openConsole } from './console.ts'
import { developmentRunner, runnerFor } from './runner-command.ts'

const USER = 65_534
const given = process.env.TWINSLOT_TEST_AS_USER

/** A disk of this machine that only root may read; nobody writes it here. Null when there is none. */
const closedDisk = (): string | null =>
  readdirSync('/sys/block')
    .filter((name) => Number(readFileSync(`/sys/block/${name}/size`, 'utf8')) > 0)
    .map((name) => `/dev/${name}`)
    .find((path) => existsSync(path) && (statSync(path).mode & 0o007) === 0) ?? null

/** What the ordinary user does; prints one line. */
async function asUser(folder: string, release: string, trust: string): Promise<void> {
  const room = { path: (name: string) => join(folder, name), release, trust } as Room
  await using bench = await openConsoleBench(room, { name: 'theirs/station', disks: 1 })
  const { jobs } = await bench.run(await bench.provision(bench.units))
  const [report] = (await bench.console.calls['station.get']({}, NO_SIGNAL)).reports
  // A disk of root's, said to be a stick: not to be read here, but offered, because a runner asks for the rights.
  const disk = buildDisk({ path: closedDisk() ?? '', bus: 'usb' })
  await using other = await openConsole({
    consent: NO_CONSENT,
    dataDir: join(folder, 'theirs/other'),
    kind: 'browser',
    version: '0',
    chooser: async () => [],
    runnerFor: runnerFor(developmentRunner()),
    listDisks: async () => ({ disks: [disk], notes: [] }),
  })
  const [closed] = (await other.calls['station.get']({}, NO_SIGNAL)).bench.units
  const offered = { content: closed.content, refusals: closed.refusals.map(({ code }) => code) }
  process.stdout.write(
    `${JSON.stringify({ uid: process.geteuid?.(), state: jobs[0].state, signed: report?.signed ?? null, offered })}\n`,
  )
}

/** What this user may not read, an ordinary user cannot run. */
function canRun(): boolean {
  try {
    execFileSync('setpriv', [`--reuid=${USER}`, '--clear-groups', `${REPO}/bin/twinslot`, '--version'], {
      timeout: 30_000,
    })
    return true
  } catch {
    return false
  }
}

if (given) {
  const { folder, release, trust } = JSON.parse(given) as Record<'folder' | 'release' | 'trust', string>
  await asUser(folder, release, trust)
} else {
  test('an ordinary user provisions a virtual disk with the console, without any elevation', async (t) => {
    if (process.getuid?.() !== 0 || !(await findTool('setpriv'))) return t.skip('needs root, to become somebody else')
    if (closedDisk() === null) return t.skip('needs a disk that only root may read')
    if (!canRun()) return t.skip('another user cannot read this checkout')
    // The test runner's own temporary folder is closed to others.
    process.env.TMPDIR = '/var/tmp'
    await using room = await openRoom()
    chmodSync(room.path('.'), 0o755)
    mkdirSync(room.path('theirs'))
    chmodSync(room.path('theirs'), 0o777)
    const work = JSON.stringify({ folder: room.path('.'), release: room.release, trust: room.trust })
    const program = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename]
    const user = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', ...program]
    const out = execFileSync('setpriv', user, {
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, HOME: room.path('theirs'), TMPDIR: room.path('theirs'), TWINSLOT_TEST_AS_USER: work },
    })
    const offered = { content: 'unreadable', refusals: [] }
    const expected = { uid: USER, state: 'verified', signed: true, offered }
    assert.deepEqual(JSON.parse(out.trim().split('\n').at(-1) ?? ''), expected)
    const data = room.path('theirs/station')
    assert.equal(statSync(data).uid, USER)
    assert.equal(statSync(data).mode & 0o077, 0)
    assert.equal(statSync(join(data, 'station-key.asc')).mode & 0o177, 0)
    assert.ok(existsSync(join(data, 'trust.asc')))
    const disk = room.path('theirs/station/disks/disk-0.img')
    const verdict = await room.run(['verify', disk, '--slot', 'A', '--release', room.release, '--trust', room.trust])
    assert.equal(verdict.exit, 0, JSON.stringify(verdict.result))
  })
}
