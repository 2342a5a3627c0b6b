// `twinslot image build` with the machine's real package sources: the small Debian recipe is built twice, by users with
// different folders, umask, time zone and locale, and must come out the same, byte for byte. Refusals of what the sources
// do not have come before anything is built.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { makeProgramsTree } from '#device/image/programs-tree.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { hostSources, sourcesFor } from '#node/recipe/apt-sources.ts'
import { type FleetServer, openFleetServer } from '#testing/fleet-server.ts'
import { startVm, vmsCannotRun } from '#testing/vm.ts'
import { REPO, type Row, twinslot } from '../cli/twinslot.ts'
import { readDataFile, writeDataFile } from '../device/disk.ts'

const RECIPE = join(REPO, 'device/image/debian/build-config.yaml')
const TOOLS = [
  'mmdebstrap',
  'apt-get',
  'dpkg-deb',
  'mksquashfs',
  'unsquashfs',
  'busybox',
  'cpio',
  'zstd',
  'depmod',
  'gpg',
]
let room = ''
let needs = ''

before(async () => {
  room = mkdtempSync(join(tmpdir(), 'twinslot-image-'))
  const missing = await missingOf(TOOLS)
  if (missing.length > 0) needs = `needs ${missing.map(({ tool }) => tool).join(', ')}`
  if (process.getuid?.() !== 0) needs = 'needs root'
  if (sourcesFor('bookworm', await hostSources()).length === 0) needs = 'needs package sources with Debian 12'
  await makeProgramsTree({
    outDir: path('programs'),
    layout: DEFAULT_LAYOUT,
    version: '0.1.0',
    buildDate: new Date('2026-01-01'),
  })
  const key = ['key', 'create', '--name', 'Image test', '--secret', path('key.asc'), '--public', path('trust.asc')]
  assert.equal((await twinslot(key)).exit, 0)
})
after(() => rmSync(room, { recursive: true, force: true }))

const path = (name: string): string => join(room, name)

const skip = (t: TestContext): boolean => {
  if (needs) t.skip(needs)
  return needs !== ''
}

// The signatures carry the time of everything; the key must exist by then.
const EPOCH = String(Math.floor(Date.now() / 1000) + 60)

interface Builder {
  readonly recipe?: string
  readonly out: string
  readonly env?: Readonly<Record<string, string>>
  readonly more?: readonly string[]
  readonly onEvent?: (event: Row, child: { kill(signal: NodeJS.Signals): boolean }) => void
}

const build = ({ recipe = RECIPE, out, env, more = [], onEvent }: Builder) =>
  twinslot(
    [
      'image',
      'build',
      recipe,
      '--out',
      out,
      '--sign-key',
      path('key.asc'),
      ...['--programs', path('programs')],
      ...more,
    ],
    {
      env: { SOURCE_DATE_EPOCH: EPOCH, ...env },
      timeoutMs: 420_000,
      onEvent,
    },
  )

const PROVED = `[Unit]
Requires=twinslot-boot-complete.target
After=twinslot-boot-complete.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "appliance: proved on $$(uname -r)"'
StandardOutput=tty
TTYPath=/dev/ttyS0
`

function recipeFile(name: string, change: (text: string) => string): string {
  const file = path(name)
  // Laid over the recipe's own files. The fleet server of the test speaks plain HTTP, which an appliance takes only when
  // its image says so; and a unit that may only run on a system that has proved itself tells the console.
  const over = path('over')
  const units = join(over, 'etc/systemd/system')
  mkdirSync(join(over, 'etc/twinslot'), { recursive: true })
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true })
  writeFileSync(join(over, 'etc/twinslot/device.yaml'), 'product: debian-appliance\nallow_http: true\n')
  writeFileSync(join(units, 'proved.service'), PROVED)
  const link = join(units, 'multi-user.target.wants/proved.service')
  if (!existsSync(link)) symlinkSync('../proved.service', link)
  const files = `from: ${join(RECIPE, '../files')}\n    to: /\n  - from: ${over}\n    to: /`
  writeFileSync(file, change(readFileSync(RECIPE, 'utf8')).replace('from: files\n    to: /', files))
  return file
}

async function refused(builder: Builder, code: string): Promise<string> {
  const { result, exit } = await build(builder)
  assert.equal(result.code, code, JSON.stringify(result))
  assert.notEqual(exit, 0)
  assert.equal(result.written, false)
  assert.deepEqual(
    readdirSync(room).filter((name) => name.includes('build-')),
    [],
  )
  assert.equal(existsSync(builder.out), false)
  return result.findings?.[0].message ?? ''
}

test('two builders get the same image and bundle, which gpg, sha256sum and our own check accept', async (t) => {
  if (skip(t)) return
  const [one, two] = [path('one'), path('else/where/two')]
  mkdirSync(path('else'))
  // At the same time: builds do not disturb each other, and both cores are used.
  const recipe = recipeFile('appliance.yaml', (text) => text)
  const tokyo = build({ recipe, out: one, env: { TZ: 'Asia/Tokyo' } })
  const umask = process.umask(0o077)
  const newYork = build({ recipe, out: two, env: { TZ: 'America/New_York', LANG: 'C', LC_TIME: 'tr_TR.UTF-8' } })
  process.umask(umask)
  const [first, second] = await Promise.all([tokyo, newYork])
  assert.equal(first.result.code, 'done', JSON.stringify(first.result))
  assert.equal(second.result.code, 'done', JSON.stringify(second.result))
  const name = 'debian-appliance-0.1.0'
  for (const end of ['.img', '.twinslot', '.img.asc', '.manifest.json']) {
    const [a, b] = [one, two].map((folder) => readFileSync(join(folder, name + end)))
    assert.ok(a.equals(b), `${name}${end} differs`)
  }
  assert.deepEqual(
    first.events.filter(({ type }) => type === 'step-done').map(({ step }) => step),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  const gpgHome = path('gpg')
  mkdirSync(gpgHome, { mode: 0o700 })
  const run = (tool: string, ...args: string[]) => {
    const env = { ...process.env, GNUPGHOME: gpgHome }
    const { status, stderr, stdout } = spawnSync(tool, args, { cwd: one, timeout: 60_000, encoding: 'utf8', env })
    assert.equal(status, 0, `${tool}: ${stderr}`)
    return stdout
  }
  run('sha256sum', '--check', '--strict', `${name}.img.sha256`)
  run('gpg', '--batch', '--import', path('trust.asc'))
  // Signed a minute ahead, which gpg would take for a clock that is wrong.
  const faked = ['--faked-system-time', String(Number(EPOCH) + 1)]
  run('gpg', '--batch', ...faked, '--verify', `${name}.img.asc`, `${name}.img`)
  const listed = run('unsquashfs', '-lls', `${name}.img`)
  for (const wanted of ['boot/kernel', 'boot/initrd', 'boot/SHA256SUMS', 'etc/twinslot/release'])
    assert.match(listed, new RegExp(`squashfs-root/${wanted}\n`))
  assert.doesNotMatch(listed, /squashfs-root\/(?:var\/log\/\S+\.log|var\/lib\/apt\/|usr\/sbin\/policy-rc\.d)/)
  const report = JSON.parse(readFileSync(join(one, 'build-report.json'), 'utf8'))
  assert.equal(report.python, 'python3.11')
  const lock = readFileSync(join(one, 'packages.lock'), 'utf8').trim().split('\n')
  assert.deepEqual(report.packages, lock)
  assert.ok(
    lock.some((row) => /^systemd-sysv=\d/.test(row)) && lock.some((row) => /^linux-image-.*cloud-amd64=/.test(row)),
  )
})

test('the image boots under systemd: mounted as it should be, its gate passes, and its agent checks in', async (t) => {
  if (skip(t)) return
  const reason = (await vmsCannotRun()) ?? (existsSync(path('one')) ? null : 'needs the image of the test before')
  if (reason) return t.skip(reason)
  await using server = await openFleetServer()
  const run = async (...args: string[]) => {
    const { result, exit } = await twinslot(args, { env: { TWINSLOT_STATE: path('station') } })
    assert.equal(exit, 0, `${args.join(' ')}: ${JSON.stringify(result)}`)
  }
  const disk = path('disk.img')
  await run('release', 'boot-files', '--out', path('boot'))
  const image = join(path('one'), 'debian-appliance-0.1.0.img')
  const release = ['--version', '0.1.0', '--product', 'debian-appliance', '--counter', '1', '--system', image]
  const out = path('boot.twinslot')
  await run('release', 'create', ...release, '--boot', path('boot'), '--key', path('key.asc'), '--out', out)
  await run('provision', disk, '--create', '8GB', '--release', out, '--trust', path('trust.asc'), '--yes')
  await writeDataFile(disk, 'config.yaml', configFor(server))
  const options = { diskPath: disk, attach: 'virtio', memory: 1024, network: true, watchdog: true } as const
  await using vm = await startVm(options)
  await vm.waitFor(/booting slot A \(not counted\)/, 240_000)
  await server.waitFor(({ path: asked }) => /checkin$/.test(asked), 300_000)
  await vm.waitFor(/appliance: proved on \d/, 120_000)
  assert.doesNotMatch(vm.serial(), /Failed to start|Dependency failed/)
  await vm.kill()
  const gate = JSON.parse((await readDataFile(disk, 'update/gate.json')) ?? '{}')
  assert.equal(gate.slot, 'A')
  for (const probe of ['disk', 'mounts', 'network', 'config'])
    assert.equal(gate.results?.[probe]?.passed, true, `${probe}: ${JSON.stringify(gate.results?.[probe])}`)
})

/** The server is this computer, as the guest sees it; without TLS, which device.yaml of this recipe allows. */
const configFor = (server: FleetServer): string =>
  [
    `site_id: ${server.fleet.siteId}`,
    `appliance_id: '${server.fleet.applianceId}'`,
    `api_endpoint: ${server.urlFor('10.0.2.2')}`,
    `api_key: ${server.fleet.apiKey()}`,
    '',
  ].join('\n')

test('a missing package and a wrong pin are named with what is offered, before anything is built', async (t) => {
  if (skip(t)) return
  const missing = recipeFile('missing.yaml', (text) => text.replace('  - udev', '  - no-such-package'))
  assert.match(
    await refused({ recipe: missing, out: path('m') }, 'recipe.package-missing'),
    /no-such-package.*bookworm/,
  )
  const pinned = recipeFile('pinned.yaml', (text) => text.replace('  - udev', '  - udev=1.0'))
  assert.match(
    await refused({ recipe: pinned, out: path('p') }, 'recipe.wrong-pin'),
    /udev.* 1\.0; offered are \d{3}\./,
  )
})

test('a base that the sources do not have is named with what they have, and a dead mirror with its reason', async (t) => {
  if (skip(t)) return
  const spec = join(REPO, 'device/image/hypernet/build-config.yaml')
  const ubuntu = await refused({ recipe: spec, out: path('u') }, 'recipe.base-unavailable')
  assert.match(ubuntu, /ubuntu-24\.04-server \(noble\).*they offer .*bookworm/)
  const more = ['--mirror', 'http://me:secret@127.0.0.1:1/debian']
  const dead = await refused({ out: path('d'), more }, 'recipe.base-unavailable')
  assert.match(dead, /127\.0\.0\.1/)
  assert.doesNotMatch(dead, /secret/)
})

test('a recipe with mistakes is refused with their lines, as usage', async () => {
  const recipe = recipeFile('typo.yaml', (text) => text.replace('packages:', 'package:'))
  const { result, exit } = await build({ recipe, out: path('t') })
  assert.deepEqual([result.code, exit], ['recipe.unknown-key', 2])
  assert.match(result.findings?.[0].message ?? '', /^Line \d+, column 1: the key "package" is unknown/)
  const late = await build({ out: path('t'), env: { SOURCE_DATE_EPOCH: 'soon' } })
  assert.deepEqual([late.result.code, late.exit], ['cli.usage', 2])
})

test('Ctrl-C while the base is made leaves nothing behind', async (t) => {
  if (skip(t)) return
  const before = readdirSync(room).sort()
  let waiting: NodeJS.Timeout | undefined
  const { result, exit } = await build({
    out: path('c'),
    onEvent: (event, child) => {
      if (event.type !== 'step-started' || waiting) return
      // dpkg's folder is there as soon as mmdebstrap unpacks, and the base is not done for many seconds after it.
      waiting = setInterval(() => {
        if (globSync('.c.build-*/tree/var/lib/dpkg', { cwd: room }).length === 0) return
        clearInterval(waiting)
        child.kill('SIGINT')
      }, 100)
    },
  })
  clearInterval(waiting)
  assert.deepEqual([result.code, exit], ['job.cancelled', 6])
  assert.deepEqual(readdirSync(room).sort(), before)
  const { stdout } = spawnSync('findmnt', ['--noheadings', '--output', 'TARGET', '--raw'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  assert.ok(!stdout.includes(room), stdout)
})
