// Steps 1 and 2 of an image: a minimal base by mmdebstrap, then packages by the builder's apt into the tree. What cannot be
// had is found before anything is built: base, packages and pinned versions are asked for in package lists fetched first.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { BuildConfig } from '#format/build-config.ts'
import { readBoundedText } from '../os/bounded-read.ts'
import { makeFolder } from '../os/make-folder.ts'
import { findTool, type ToolOutcome, toolMissing } from '../os/run-tool.ts'
import { type AptSource, hostSources, sourceLine, sourcesFor, withoutSecrets } from './apt-sources.ts'
import { type BuildRoom, inTree, lastWords, mustRun, runClean, succeeded } from './room.ts'

const MINUTE = 60_000

/** Documents that nobody reads on an appliance; licences stay. */
const DPKG_OPTIONS = [
  ...['man', 'info', 'doc', 'locale', 'lintian', 'bug'].map((name) => `path-exclude=/usr/share/${name}/*`),
  'path-include=/usr/share/doc/*/copyright',
]

/** Package lists for a base, outside of the tree, and what was learned from them. */
export interface PackageLists {
  readonly sources: readonly AptSource[]
  /** Addresses, without secrets. */
  readonly mirrors: readonly string[]
  /** Configuration file for apt that uses these lists. */
  readonly aptConfig: string
}

/**
 * Fetches the package lists of the base. `mirror` replaces the machine's own package sources.
 * Throws `recipe.base-unavailable`, `tool.*`, `job.cancelled`.
 */
export async function fetchLists(
  room: BuildRoom,
  base: BuildConfig['base_os'],
  mirror: string | null,
): Promise<PackageLists> {
  const { suite, distribution } = base
  const components = distribution === 'ubuntu' ? ['main', 'universe'] : ['main']
  const host = await hostSources()
  const sources = mirror ? [{ uri: mirror, suite, components, signedBy: null }] : sourcesFor(suite, host)
  const unavailable = (from: string, reason: string) =>
    new EngineError('recipe.base-unavailable', { base: base.name, suite, mirror: from, reason })
  if (sources.length === 0) {
    const offered = [...new Set(host.filter((each) => each.components.includes('main')).map((each) => each.suite))]
    throw unavailable("this machine's package sources", `they offer ${offered.join(', ') || 'nothing'}`)
  }
  const mirrors = [...new Set(sources.map(({ uri }) => withoutSecrets(uri)))]
  const root = join(room.work, 'lists')
  for (const name of [
    'etc/apt/preferences.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg',
  ])
    await makeFolder(join(root, name))
  await writeFile(join(root, 'var/lib/dpkg/status'), '')
  await writeFile(join(root, 'etc/apt/sources.list'), sources.map((each) => `${sourceLine(each)}\n`).join(''))
  const aptConfig = await writeAptConfig(room, root, 'lists.conf')
  const updated = await runClean(room, 'apt-get', ['update'], { timeoutMs: 5 * MINUTE, env: { APT_CONFIG: aptConfig } })
  // apt ends with 0 although a mirror did not answer: what counts is whether the base is in the lists.
  if (updated.code !== 0 || (await versionsOf(room, aptConfig, 'base-files')).length === 0)
    throw unavailable(mirrors.join(', '), withoutSecrets(lastWords(updated)))
  return { sources, mirrors, aptConfig }
}

/** Settings of the builder's apt that decide whether a mirror can be reached and is believed. */
async function hostAptSettings(room: BuildRoom): Promise<string> {
  const { stdout } = await mustRun(room, 'apt-config', ['dump'], { timeoutMs: MINUTE })
  return stdout
    .split('\n')
    .filter((row) =>
      /^Acquire::(?:(?:https?|ftp)::\S+|Retries|Check-Valid-Until|Check-Date|Max-FutureTime) "/.test(row),
    )
    .map((row) => `${row}\n`)
    .join('')
}

async function writeAptConfig(room: BuildRoom, root: string, name: string, more = ''): Promise<string> {
  const { stdout } = await mustRun(room, 'dpkg', ['--print-architecture'], { timeoutMs: MINUTE })
  const file = join(room.work, name)
  const rows = [
    `Dir "${root}/";`,
    `Dir::State::Status "${root}/var/lib/dpkg/status";`,
    'Dir::Etc::Trusted "/etc/apt/trusted.gpg";',
    'Dir::Etc::TrustedParts "/etc/apt/trusted.gpg.d/";',
    `APT::Architecture "${stdout.trim()}";`,
    `APT::Architectures "${stdout.trim()}";`,
    'APT::Sandbox::User "root";',
    'APT::Install-Recommends "false";',
    'APT::Get::Assume-Yes "true";',
    'Acquire::Languages "none";',
    'Dpkg::Use-Pty "false";',
  ]
  await writeFile(file, `${rows.join('\n')}\n${await hostAptSettings(room)}${more}`)
  return file
}

/** Versions that the lists offer, newest first. */
async function versionsOf(room: BuildRoom, aptConfig: string, name: string): Promise<string[]> {
  const options = { timeoutMs: MINUTE, env: { APT_CONFIG: aptConfig } }
  const { stdout } = await mustRun(room, 'apt-cache', ['madison', name], options)
  const rows = stdout.split('\n').map((row) => row.split('|').map((cell) => cell.trim()))
  return [...new Set(rows.filter(([found]) => found === name).map(([, version]) => version))]
}

/** Throws `recipe.package-missing` or `recipe.wrong-pin` for the first package that cannot be had. */
export async function checkPackages(
  room: BuildRoom,
  { aptConfig }: PackageLists,
  packages: readonly string[],
  suite: string,
): Promise<void> {
  for (const wanted of packages) {
    const [name, pin] = wanted.split('=')
    const offered = await versionsOf(room, aptConfig, name)
    if (offered.length === 0) throw new EngineError('recipe.package-missing', { package: name, suite })
    if (pin !== undefined && !offered.includes(pin))
      throw new EngineError('recipe.wrong-pin', { package: name, expected: pin, offered: offered.join(', ') })
  }
}

/** Step 1: the essential packages of the base, unpacked and configured in `room.tree`. Throws `tool.*`. */
export async function makeBase(room: BuildRoom, { sources }: PackageLists, suite: string): Promise<void> {
  const settings = (await hostAptSettings(room)).split('\n').filter(Boolean)
  const args = [
    ...['--mode=root', '--variant=essential', '--format=directory', '--skip=cleanup/apt', '--quiet'],
    ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
    ...['Acquire::Languages "none"', ...settings].map((setting) => `--aptopt=${setting.replace(/;$/, '')}`),
    ...[suite, room.tree, ...sources.map(sourceLine)],
  ]
  if (!(await findTool('mmdebstrap'))) throw toolMissing('mmdebstrap')
  // Its mounts and processes end with it, also when it is killed: the tree can be removed without reaching the builder's /dev.
  const spaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const outcome = await runClean(room, 'unshare', [...spaces, 'mmdebstrap', ...args], { timeoutMs: 15 * MINUTE })
  succeeded('mmdebstrap', outcome, room)
}

/** Step 2: packages with what they depend on. Services do not start. Throws `tool.failed`, `recipe.disk-full`. */
export async function installPackages(room: BuildRoom, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return
  const more = `DPkg::Chroot-Directory "${room.tree}";\nDPkg::Options { "--force-confnew"; };\n`
  const aptConfig = await writeAptConfig(room, room.tree, 'install.conf', more)
  const policy = join(room.tree, 'usr/sbin/policy-rc.d')
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const options = { timeoutMs: 30 * MINUTE, network: true, outside: true, env: { APT_CONFIG: aptConfig } }
    const outcome: ToolOutcome = await inTree(room, ['apt-get', 'install', '--no-remove', ...packages], options)
    succeeded('apt-get', outcome, room)
  } finally {
    await rm(policy, { force: true })
  }
}

/** `name=version` of every package in the tree, sorted: what `packages` of a recipe can pin. */
export async function installedPackages(room: BuildRoom): Promise<string[]> {
  const status = await readBoundedText(join(room.tree, 'var/lib/dpkg/status')).catch(() => '')
  const installed = status.split('\n\n').filter((stanza) => /^Status: install ok installed$/m.test(stanza))
  const field = (stanza: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
  return installed.map((stanza) => `${field(stanza, 'Package')}=${field(stanza, 'Version')}`).sort()
}
