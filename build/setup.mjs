// First step of `npm start`, `npm test` and `npm run bench`: brings the npm packages (with Node 24 among them) and, on
// Debian or Ubuntu as root, the system packages. Plain JavaScript without imports of ours: it runs on Node 20 before
// anything is installed. Elsewhere it names the missing tools and goes on; tests count what they skip.
// Talks on stderr only, and stays silent when there is nothing to do (about 0.1 s).
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url)), '..')
const NODE_MAJOR = 24
const SECOND = 1000
const MINUTE = 60 * SECOND

/** Debian package -> what it is needed for here: a program on the PATH, or a file. */
const BASE_PACKAGES = {
  'qemu-system-x86': 'qemu-system-x86_64',
  ovmf: '/usr/share/OVMF/OVMF_CODE.fd',
  'grub-efi-amd64-bin': '/usr/lib/grub/x86_64-efi/moddep.lst',
  'grub-common': 'grub-mkimage',
  'squashfs-tools': 'mksquashfs',
  dosfstools: 'mkfs.vfat',
  mtools: 'mcopy',
  e2fsprogs: 'mke2fs',
  gdisk: 'sgdisk',
  fdisk: 'sfdisk',
  xfsprogs: 'mkfs.xfs',
  'cryptsetup-bin': 'cryptsetup',
  gnupg: 'gpg',
  cpio: 'cpio',
  zstd: 'zstd',
  'xz-utils': 'xz',
  'busybox-static': 'busybox',
  kmod: 'modprobe',
  'util-linux': 'lsblk',
}

/** What each npm script needs; the group is the first argument. */
export const GROUPS = {
  default: BASE_PACKAGES,
  test: {
    ...BASE_PACKAGES,
    chromium: 'chromium',
    openssl: 'openssl',
    mmdebstrap: 'mmdebstrap',
    'libxml2-utils': 'xmllint',
    'zbar-tools': 'zbarimg',
    smartmontools: 'smartctl',
    postgresql: '/usr/lib/postgresql',
    'qemu-utils': 'qemu-img',
    systemd: 'systemd-analyze',
    'dbus-daemon': 'dbus-daemon',
    mount: 'losetup',
    git: 'git',
    python3: 'python3',
    tzdata: '/usr/share/zoneinfo/Europe/Berlin',
  },
  bench: { ...BASE_PACKAGES, 'bmap-tools': 'bmaptool', rauc: 'rauc', openssl: 'openssl' },
}

const say = (line) => process.stderr.write(`${line}\n`)
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const seconds = (since) => `${Math.max(1, Math.round((Date.now() - since) / SECOND))} s`

/** What differs between the lock file and what npm recorded as installed; empty means that nothing is to be done. */
export function lockDifferences(lock, installed) {
  return Object.entries(lock.packages).flatMap(([path, wanted]) => {
    const found = installed.packages[path]
    if (path === '' || (wanted.optional && !found)) return []
    if (found?.version === wanted.version && found.integrity === wanted.integrity) return []
    return [`${path.replace('node_modules/', '')} ${wanted.version} (installed: ${found?.version ?? 'none'})`]
  })
}

const pinnedNode = () => join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

/** npm's own record is written last, so that an interrupted installation has none. */
function npmWork() {
  const record = join(ROOT, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return ['nothing installed yet']
  if (!existsSync(pinnedNode())) return [`Node ${NODE_MAJOR} is not in node_modules`]
  return lockDifferences(readJson(join(ROOT, 'package-lock.json')), readJson(record))
}

/** Runs a program with a time limit and one progress line; answers {ok, output (last 64 KiB), reason}. */
async function run(label, command, args, { timeoutMs, env = {}, cwd = ROOT, statusFd = false }) {
  const started = Date.now()
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: pathWithoutOurs(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(statusFd ? ['pipe'] : [])],
    shell: process.platform === 'win32',
    detached: process.platform !== 'win32',
  })
  let output = ''
  let percent = ''
  const keep = (chunk) => {
    output = (output + chunk).slice(-65536)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  // apt's own progress: "dlstatus:3:12.5:Retrieving ..." while loading, "pmstatus:name:40.1:..." while installing.
  child.stdio[3]?.on('data', (chunk) => {
    const last = [...String(chunk).matchAll(/^(dl|pm)status:[^:]*:([\d.]+):/gm)].at(-1)
    if (last) percent = `: ${last[1] === 'dl' ? 'loading' : 'installing'} ${Math.round(Number(last[2]))} %`
  })
  const live = process.stderr.isTTY
  const draw = () => live && process.stderr.write(`\r\x1b[K${label}${percent} (${seconds(started)})`)
  if (live) draw()
  else say(`${label} ...`)
  const ticker = setInterval(draw, SECOND)
  let timedOut = false
  const killTree = (signal) => {
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  const limit = setTimeout(() => {
    timedOut = true
    killTree('SIGTERM')
    setTimeout(() => killTree('SIGKILL'), 5 * SECOND).unref()
  }, timeoutMs)
  const stop = () => {
    killTree('SIGTERM')
    process.exit(130)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const reason = await new Promise((done) => {
    child.on('error', (error) => done(`${command} could not be started (${error.code})`))
    child.on('close', (code, signal) => {
      if (timedOut) done(`no end after ${timeoutMs / SECOND} s`)
      else done(code === 0 ? '' : `${command} ended with ${signal ?? `exit code ${code}`}`)
    })
  })
  clearInterval(ticker)
  clearTimeout(limit)
  process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
  if (live) process.stderr.write('\r\x1b[K')
  say(`${label}: ${reason === '' ? 'done' : reason} (${seconds(started)})`)
  return { ok: reason === '', reason, output }
}

/** The PATH without our own node_modules: `npm ci` must not stand on the Node that it is about to replace. */
const pathWithoutOurs = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => resolve(folder) !== join(ROOT, 'node_modules', '.bin'))
    .join(delimiter)

async function withRetry(attempt) {
  const first = await attempt()
  if (first.ok) return first
  say('  trying once more ...')
  await sleep(3 * SECOND)
  return attempt()
}

/** Brings node_modules in line with the lock file and proves that Node 24 runs; throws with the reason. */
async function installNpmPackages(why) {
  say(`Setting up npm packages: ${why[0]}${why.length > 1 ? ` and ${why.length - 1} more` : ''}`)
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const result = await withRetry(() => run('npm packages', 'npm', args, { timeoutMs: 10 * MINUTE }))
  if (!result.ok) throw new Error(`npm ci did not succeed: ${result.reason}\n\n${result.output.trim()}`)
  if (!existsSync(pinnedNode())) {
    // Installation scripts may be switched off for this user; the one of the package `node` brings the binary.
    const cwd = join(ROOT, 'node_modules', 'node')
    await run(`Node ${NODE_MAJOR}`, 'node', ['installArchSpecificPackage.js'], { cwd, timeoutMs: 5 * MINUTE })
    rmSync(pinnedNode(), { force: true })
    if (process.platform !== 'win32') symlinkSync('../node/bin/node', pinnedNode())
  }
  const probe = spawnSync(pinnedNode(), ['--version'], {
    encoding: 'utf8',
    timeout: MINUTE,
    shell: process.platform === 'win32',
  })
  const found = probe.stdout?.trim() || probe.error?.message || probe.stderr?.trim()
  if (!found?.startsWith(`v${NODE_MAJOR}.`)) {
    throw new Error(`node_modules/.bin/node is not Node ${NODE_MAJOR}: ${found}`)
  }
}

/** Names out of `packages` that dpkg does not report as installed. */
export function missingDebianPackages(packages, dpkgOutput) {
  const installed = new Set([...dpkgOutput.matchAll(/^ii\s+([^\s:]+)/gm)].map((match) => match[1]))
  return packages.filter((name) => !installed.has(name))
}

/** Packages that apt says it cannot obtain here (another architecture or release). */
export const unobtainable = (aptOutput) =>
  [...aptOutput.matchAll(/Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/g)].map(
    (match) => match[1] ?? match[2],
  )

function queryDpkg(packages) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Abbrev} ${Package}\n', ...packages], {
    encoding: 'utf8',
    timeout: 30 * SECOND,
  })
  return query.error ? undefined : query.stdout
}

function toolPresent(probe) {
  if (probe.startsWith('/')) return existsSync(probe)
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']
  return folders.some((folder) => existsSync(join(folder, probe)))
}

/** Remembers a failed attempt, so that a machine without network is not asked again at every start. */
const attemptFile = join(ROOT, '.cache', 'setup-failed.json')
const triedLately = (missing) => {
  if (!existsSync(attemptFile)) return false
  const { at, packages } = readJson(attemptFile)
  return Date.now() - at < 60 * MINUTE && packages.join() === missing.join()
}

async function installDebianPackages(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'a', LC_ALL: 'C' }
  const options = ['-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30', '-o', 'DPkg::Lock::Timeout=300']
  const status = ['-o', 'APT::Status-Fd=3', '-o', 'Dpkg::Use-Pty=0']
  const update = () => run('Debian package lists', 'apt-get', [...options, 'update'], { env, timeoutMs: 5 * MINUTE })
  let wanted = packages
  const install = async () => {
    const args = [...options, ...status, 'install', '-y', '--no-install-recommends', ...wanted]
    const label = `${wanted.length} Debian package${wanted.length > 1 ? 's' : ''}`
    const result = await run(label, 'apt-get', args, { env, timeoutMs: 20 * MINUTE, statusFd: true })
    const absent = unobtainable(result.output)
    if (absent.length > 0) say(`  not available from this machine's package sources: ${absent.join(', ')}`)
    wanted = wanted.filter((name) => !absent.includes(name))
    return result
  }
  say(`Setting up ${packages.join(' ')}`)
  await withRetry(update)
  const result = await withRetry(install)
  if (!result.ok) say(result.output.trim().split('\n').slice(-15).join('\n'))
}

/** Says which tools are missing and how they are called on Debian. */
function reportMissing(missing, group, onDebian) {
  say('These tools are missing; what needs them is refused, or skipped and counted by the tests:')
  for (const name of missing) say(`  ${GROUPS[group][name]}   (Debian package ${name})`)
  if (onDebian) say(`Install them with: sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`)
}

/** The second stage; answers what is still missing. */
async function systemPackages(group) {
  const names = Object.keys(GROUPS[group])
  const output = process.platform === 'linux' ? queryDpkg(names) : undefined
  const onDebian = output !== undefined
  const byProbe = () => names.filter((name) => !toolPresent(GROUPS[group][name]))
  let missing = onDebian ? missingDebianPackages(names, output) : byProbe()
  if (missing.length > 0 && onDebian && process.getuid() === 0 && !triedLately(missing)) {
    await withMachineLock(() => installDebianPackages(missing))
    missing = missingDebianPackages(names, queryDpkg(names) ?? '')
    rmSync(attemptFile, { force: true })
    if (missing.length > 0) {
      mkdirSync(join(ROOT, '.cache'), { recursive: true })
      writeFileSync(attemptFile, JSON.stringify({ at: Date.now(), packages: missing }))
      say('The next start tries again after an hour, or at once when .cache/setup-failed.json is removed.')
    }
  } else if (onDebian) {
    missing = missing.filter((name) => !toolPresent(GROUPS[group][name]))
  }
  if (missing.length > 0) reportMissing(missing, group, onDebian)
}

/** flock(1) tells by it that somebody else has the lock. */
const HELD = 75

/** Root sets up the machine, in a folder that nobody else can open; everybody else their checkout only. */
function lockFile() {
  const root = process.getuid() === 0
  const folder = root ? '/run/twinslot-locks' : join(ROOT, '.cache')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(folder)
  if (root && (uid !== 0 || (mode & 0o077) !== 0))
    throw new Error(`${folder} must belong to root, and nobody else may open it: remove it`)
  return openSync(join(folder, 'setup.lock'), 'a', 0o600)
}

/** One set-up at a time. The lock is the kernel's, on an open file: a killed set-up leaves none behind, and no other user can hold it. */
async function withMachineLock(work) {
  if (process.platform !== 'linux') return work()
  const file = lockFile()
  try {
    for (let waited = 0; ; waited += 1) {
      const args = ['--exclusive', '--nonblock', '--conflict-exit-code', String(HELD), '3']
      const { status } = spawnSync('flock', args, { stdio: ['ignore', 'ignore', 'ignore', file], timeout: 30 * SECOND })
      // Without flock nobody is kept out, as on other systems.
      if (status !== HELD) return await work()
      if (waited === 0) say('Another set-up is running on this machine; waiting for it ...')
      if (waited === 1800) throw new Error('another set-up has been running for half an hour')
      await sleep(SECOND)
    }
  } finally {
    closeSync(file)
  }
}

async function main(group) {
  if (!Object.hasOwn(GROUPS, group)) throw new Error(`unknown group ${group}; use ${Object.keys(GROUPS).join(', ')}`)
  const started = Date.now()
  if (npmWork().length > 0) {
    await withMachineLock(async () => {
      const why = npmWork()
      if (why.length > 0) await installNpmPackages(why)
    })
  }
  await systemPackages(group)
  if (Date.now() - started > 3 * SECOND) say(`Twinslot is ready in ${seconds(started)}.`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  main(process.argv[2] ?? 'default').catch((error) => {
    say(`Setting up failed: ${error.message}`)
    process.exitCode = 1
  })
}
