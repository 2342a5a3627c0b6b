// The steps of a recipe, on a tree of busybox; a whole Debian is built by e2e/image. Judged by unsquashfs, e2fsck, gpg and
// sha256sum. Needs root, as building does.
import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { boundConfig } from '#model/config-home.ts'
import { diskOf } from '#model/image-facts.ts'
import type { Layout } from '#model/layout.ts'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { noteCodes } from '#testing/noted-codes.ts'
import { smallBase, smallBuild } from '#testing/small-recipe.ts'
import { openFileSource } from '../os/file-source.ts'
import { missingOf, requireTool } from '../os/run-tool.ts'
import { checkContent } from '../release/content-check.ts'
import { buildImage, buildTools } from './build-image.ts'
import type { BuildOptions } from './build-options.ts'

let room = ''
let needs = ''
before(async () => {
  room = await mkdtemp(join(tmpdir(), 'twinslot-recipe-'))
  const tools = buildTools((await smallBuild('filesystem: ext4\n', room, '')).config, smallBase())
  const missing = await missingOf([...tools, 'mksquashfs', 'unsquashfs', 'e2fsck'])
  if (missing.length > 0) needs = `needs ${missing.map(({ tool }) => tool).join(', ')}`
  if (process.getuid?.() !== 0) needs = 'needs root'
})
after(() => rm(room, { recursive: true, force: true }))

let count = 0
/** A folder of its own: recipe paths are relative to it, `out` is in it. */
async function place(): Promise<string> {
  const folder = join(room, `${count++}`)
  await mkdir(folder)
  return folder
}

const tool = (name: string, args: readonly string[], cwd: string) => requireTool(name, args, { timeoutMs: 60_000, cwd })

interface Refusal {
  readonly code: string
  readonly message: string
}

/** Builds, expects that to fail, and that nothing is left. */
async function refused(
  folder: string,
  rows: string,
  base = smallBase(),
  more: Partial<BuildOptions> = {},
): Promise<Refusal> {
  const before = await readdir(folder)
  const options = { ...(await smallBuild(rows, folder, join(folder, 'out'))), ...more }
  try {
    await buildImage(options, base)
  } catch (error) {
    assert.ok(error instanceof EngineError, String(error))
    assert.deepEqual(await readdir(folder), before, 'something was left behind')
    assert.doesNotMatch(error.message, /\{\w+\}|undefined/)
    return { code: error.code, message: error.message }
  }
  return assert.fail('it was built')
}

const skip = (t: TestContext): boolean => {
  if (needs) t.skip(needs)
  return needs !== ''
}

test('a recipe becomes a signed image that other tools can read, in nine steps, and nothing else is left', async (t) => {
  if (skip(t)) return
  const folder = await place()
  await mkdir(join(folder, 'app/sub'), { recursive: true })
  await writeFile(join(folder, 'app/start'), '#!/bin/sh\necho up\n', { mode: 0o700 })
  await writeFile(join(folder, 'app/sub/data'), 'x', { mode: 0o600 })
  await symlink('sub/data', join(folder, 'app/link'))
  await mkdir(join(folder, 'programs/usr/lib/twinslot'), { recursive: true })
  await writeFile(join(folder, 'programs/usr/lib/twinslot/twinslot-device.mjs'), '// programs\n')
  const rows = `application:\n  - { from: app, to: /opt/app }\n  - { from: app/start, to: /etc/secret, mode: 0600 }
device_programs: true
tests:\n  - { name: up, run: 'test "$(/opt/app/start)" = up && touch /left-by-test && ! ls /sys/class/net | /bin/busybox grep -v lo' }\n`
  const seen: string[] = []
  const options = await smallBuild(rows, folder, join(folder, 'out'))
  const built = await buildImage(
    {
      ...options,
      programs: join(folder, 'programs'),
      onStep: (step, _title, state) => seen.push(`${step} ${state}`),
    },
    smallBase(),
  )
  assert.deepEqual(
    seen,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((step) => [`${step} started`, `${step} done`]),
  )
  assert.deepEqual((await readdir(folder)).sort(), ['app', 'out', 'programs'])
  const out = join(folder, 'out')
  const names = [
    'build-report.json',
    'packages.lock',
    ...['img', 'img.asc', 'img.sha256', 'manifest.json', 'twinslot'].map((end) => `small-1.0.0.${end}`),
  ]
  assert.deepEqual((await readdir(out)).sort(), names.sort())
  await tool('sha256sum', ['--check', '--strict', 'small-1.0.0.img.sha256'], out)
  await tool('unsquashfs', ['-q', '-n', '-d', join(folder, 'tree'), 'small-1.0.0.img'], out)
  const tree = join(folder, 'tree')
  await tool('sha256sum', ['--check', '--strict', 'SHA256SUMS'], join(tree, 'boot'))
  const { stdout } = await tool('find', ['.', '-printf', '%P %m %U:%G %T@\n'], tree)
  const of = (path: string) => stdout.split('\n').find((row) => row.startsWith(`${path} `))
  const time = options.created.getTime() / 1000
  assert.equal(of('opt/app/start'), `opt/app/start 755 0:0 ${time}.0000000000`)
  assert.equal(of('opt/app/sub/data'), `opt/app/sub/data 644 0:0 ${time}.0000000000`)
  assert.match(of('etc/secret') ?? '', / 600 /)
  assert.match(of('opt/app/link') ?? '', / 777 /)
  assert.ok(of('usr/lib/twinslot/twinslot-device.mjs'))
  assert.equal(await readFile(join(tree, 'etc/machine-id'), 'utf8'), '')
  assert.equal(await readFile(join(tree, 'etc/hostname'), 'utf8'), 'small\n')
  for (const path of ['var/log/apt/history.log', 'left-by-test', 'run/x']) assert.equal(of(path), undefined, path)
  assert.equal(await readlink(join(tree, 'etc/resolv.conf')), '../run/resolv.conf')
  for (const path of ['var/tmp', 'var/cache', 'usr/lib/twinslot/writable-places']) assert.ok(of(path), path)
  const report = JSON.parse(await readFile(join(out, 'build-report.json'), 'utf8'))
  assert.deepEqual(report.packages, ['linux-small=6.0.0', 'small=1:2-3'])
  assert.deepEqual(
    [report.schema, report.image.sha256, report.sourceDateEpoch],
    ['twinslot-build/1', built.sha256, time],
  )
})

for (const kind of ['squashfs', 'ext4'])
  test(`the same inputs give the same ${kind} image and bundle, whatever the folder`, async (t) => {
    if (skip(t)) return
    const folder = await place()
    await mkdir(join(folder, 'app'))
    // Made in an order that is not that of their names.
    for (const name of ['zeta', 'alpha', 'mid', 'beta', 'omega']) await writeFile(join(folder, 'app', name), name)
    const rows = `filesystem: ${kind}\napplication: [{ from: app, to: /opt/app }]\n`
    const options = await smallBuild(rows, folder, join(folder, 'one'))
    await buildImage(options, smallBase())
    await buildImage({ ...options, out: join(folder, 'a/longer/name/two') }, smallBase())
    for (const end of ['img', 'twinslot', 'img.asc', 'manifest.json']) {
      const [one, two] = await Promise.all(
        ['one', 'a/longer/name/two'].map((name) => readFile(join(folder, name, `small-1.0.0.${end}`))),
      )
      assert.ok(one.equals(two), `${end} differs`)
    }
    if (kind === 'ext4') await tool('e2fsck', ['-f', '-n', 'small-1.0.0.img'], join(folder, 'one'))
  })

test('a failing test in the image stops the build and shows its output', async (t) => {
  if (skip(t)) return
  const failing = await refused(await place(), "tests: [{ name: it answers, run: 'echo no answer at all; exit 3' }]\n")
  assert.equal(failing.code, 'recipe.test-failed')
  assert.match(failing.message, /"it answers" in the image failed: exit code 3\. .*no answer at all/)
  const slow = await refused(await place(), 'tests: [{ name: ends, run: sleep 60, timeout: 1 }]\n')
  assert.equal(slow.code, 'recipe.test-failed')
  assert.match(slow.message, /no end after 1 s/)
})

test('an image that does not fit into the slot is refused with the excess and the largest folders', async (t) => {
  if (skip(t)) return
  const folder = await place()
  await writeFile(join(folder, 'big'), Buffer.alloc(3_000_000, 'x'))
  const rows = 'application: [{ from: big, to: /opt/big }]\n'
  const { code, message } = await refused(folder, rows, smallBase(), { slotSize: 65_536 })
  assert.equal(code, 'recipe.too-large')
  assert.match(message, /65536|65\.5 kB/)
  assert.match(message, / too much\. Largest before packing: \/opt \d\S* MB, /)
})

test('an image without kernel or without init is refused', async (t) => {
  if (skip(t)) return
  assert.equal((await refused(await place(), '', smallBase({ kernel: false }))).code, 'recipe.no-kernel')
  assert.equal((await refused(await place(), '', smallBase({ init: false }))).code, 'recipe.no-init')
})

test('a cancelled build leaves nothing and says so', async (t) => {
  if (skip(t)) return
  const controller = new AbortController()
  const base = smallBase({ more: async () => void setTimeout(() => controller.abort(), 300) })
  const rows = 'tests: [{ name: long, run: sleep 60, timeout: 90 }]\n'
  assert.equal((await refused(await place(), rows, base, { signal: controller.signal })).code, 'job.cancelled')
})

test('a full disk is called so, and nothing is left on it', async (t) => {
  if (skip(t)) return
  const folder = await place()
  const program = join(import.meta.dirname, '../../testing/small-recipe.ts')
  const script = 'mount -t tmpfs -o size=3m tmpfs "$1" && "$2" "$3" "$1" && ls -A "$1"'
  const args = ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, program]
  const { stdout } = await tool('unshare', args, folder)
  noteCodes(stdout)
  assert.equal(stdout.trim(), 'recipe.disk-full')
})

const SERVER = BUILT_IN_LAYOUTS['hypernet-server']

/** Device programs as far as the build looks at them, made for a layout. */
async function programsFor(folder: string, layout: Layout, files: Readonly<Record<string, string>> = {}) {
  const programs = join(folder, 'programs')
  const paths = layout.partitions.flatMap(({ mount }) => mount ?? [])
  const mounts = [...paths, ...(boundConfig(layout.partitions) ? ['/config'] : [])].map((path) => `${path} nodev\n`)
  const all = {
    'usr/lib/twinslot/twinslot-device.mjs': '// programs\n',
    'etc/twinslot/mounts': mounts.join(''),
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(join(programs, path, '..'), { recursive: true })
    await writeFile(join(programs, path), text)
  }
  return { programs, layout }
}

test('an image says in its own bytes what it is and which disk it expects, and has settings and mount points for that', async (t) => {
  if (skip(t)) return
  const folder = await place()
  const rows = 'device_programs: true\ncounter: 7\nhardware: [HP t640 Thin Client]\n'
  const options = { ...(await smallBuild(rows, folder, join(folder, 'out'))), ...(await programsFor(folder, SERVER)) }
  await buildImage(options, smallBase())
  const image = join(folder, 'out/small-1.0.0.img')
  await using source = await openFileSource(image)
  const { facts, findings } = await checkContent((offset, target) => source.read(offset, target), source.size)
  assert.deepEqual(findings, [])
  const { disk, ...rest } = facts ?? assert.fail('it says nothing')
  assert.deepEqual(rest, { product: 'small', version: '1.0.0', counter: 7, hardware: ['HP t640 Thin Client'] })
  assert.deepEqual(disk, diskOf(SERVER, ['fat32', 'ext4', 'xfs']))
  await tool('unsquashfs', ['-q', '-n', '-d', 'tree', image], folder)
  const text = await readFile(join(folder, 'tree/etc/twinslot/device.yaml'), 'utf8')
  assert.match(text, /^product: small\nstate_dir: \/data\/twinslot\nconfig_dir: \/config$/m)
  for (const path of ['boot', 'config', 'data', 'media', 'logs', 'cache'])
    assert.ok((await lstat(join(folder, 'tree', path))).isDirectory(), path)
})

test('an image that does not fit its layout is not built: drivers, mounts, state folder, encryption, checks', async (t) => {
  if (skip(t)) return
  const rows = 'device_programs: true\n'
  const wrong = async (
    expected: string,
    said: RegExp,
    layout: Layout,
    files = {},
    base = smallBase(),
    made = layout,
  ) => {
    const folder = await place()
    const { programs } = await programsFor(folder, made, files)
    const { code, message } = await refused(folder, rows, base, { programs, layout })
    assert.equal(code, expected, message)
    assert.match(message, said)
  }
  const settings = (text: string) => ({ 'etc/twinslot/device.yaml': `product: small\n${text}` })
  const withoutXfs = smallBase({ builtIn: ['ext4/ext4', 'fat/vfat'] })
  await wrong('image.layout-mismatch', /fat32, ext4; .* xfs on MEDIA/, SERVER, {}, withoutXfs)
  await wrong(
    'image.layout-mismatch',
    /\/var\/lib\/msp; .*\/media/,
    SERVER,
    {},
    smallBase(),
    BUILT_IN_LAYOUTS['hp-t640'],
  )
  await wrong('recipe.device-settings', /state_dir: \/var\/lib\/msp; .*\/data\/twinslot/, SERVER, settings(''))
  await wrong(
    'recipe.device-settings',
    /config_dir: \/etc\/site/,
    SERVER,
    settings('state_dir: /data/twinslot\nconfig_dir: /etc/site\n'),
  )
  await wrong('recipe.device-settings', /product: other/, SERVER, { 'etc/twinslot/device.yaml': 'product: other\n' })
  const encrypted = {
    ...SERVER,
    partitions: SERVER.partitions.map((part) =>
      part.role === 'data' ? { ...part, encryption: 'luks2' as const } : part,
    ),
  }
  await wrong('image.layout-mismatch', /crypttab none; .*data-encrypted/, encrypted)
  const probes = { 'etc/twinslot/probes.yaml': 'health_checks:\n  - name: db\n    command: "pg_isready -U hypernet"\n' }
  await wrong('recipe.probe-program', /pg_isready/, SERVER, probes)
  const nowhere = { ...SERVER, partitions: SERVER.partitions.filter(({ role }) => role !== 'data') }
  await wrong('image.layout-mismatch', /state folder/, nowhere)
})

test('what can be refused at once is: no root, a folder in use, missing inputs, programs, dates', async (t) => {
  if (skip(t)) return
  const folder = await place()
  await mkdir(join(folder, 'full/of'), { recursive: true })
  assert.equal((await refused(folder, '', smallBase(), { out: join(folder, 'full') })).code, 'recipe.out-exists')
  assert.equal((await refused(folder, 'application: [{ from: nothing, to: /x }]\n')).code, 'recipe.input-missing')
  assert.equal((await refused(folder, 'device_programs: true\n')).code, 'recipe.programs')
  assert.equal((await refused(folder, '', smallBase(), { programs: folder })).code, 'recipe.programs')
  const empty = { programs: join(folder, 'full') }
  assert.equal((await refused(folder, 'device_programs: true\n', smallBase(), empty)).code, 'recipe.programs')
  assert.equal((await refused(folder, 'expires: tomorrow\n')).code, 'release.bad-option')
  const early = { created: new Date('2000-01-01T00:00:00Z') }
  assert.equal((await refused(folder, '', smallBase(), early)).code, 'release.signing-key')
  t.mock.method(process as { getuid(): number }, 'getuid', () => 1000)
  assert.equal((await refused(folder, '')).code, 'recipe.needs-root')
})

test('no path of the application leaves the tree by a link', async (t) => {
  if (skip(t)) return
  const folder = await place()
  await writeFile(join(folder, 'x'), 'x')
  const outside = await place()
  const base = smallBase({ more: (tree) => symlink(outside, join(tree, 'opt')) })
  const rows = 'application: [{ from: x, to: /opt/evil/x }]\n'
  assert.equal((await refused(folder, rows, base)).code, 'recipe.link-in-path')
  assert.deepEqual(await readdir(outside), [])
})

test('Python packages: pip and python must be there, wheels must be listed, and what pip says is told', async (t) => {
  if (skip(t)) return
  const folder = await place()
  const rows = 'hypernet_dependencies: [fastapi==0.109.0]\n'
  assert.equal((await refused(folder, rows)).code, 'recipe.no-python')
  assert.equal((await refused(folder, 'python_version: 3.11\n')).code, 'recipe.no-python')
  const python = smallBase({
    more: async (tree) => {
      const script = '#!/bin/sh\ncase "$*" in *--version*) exit 0 ;; esac\necho "ERROR: no index answers"\nexit 1\n'
      await writeFile(join(tree, 'usr/bin/python3.11'), script)
      await chmod(join(tree, 'usr/bin/python3.11'), 0o755)
    },
  })
  const unreachable = await refused(folder, rows, python)
  assert.equal(unreachable.code, 'recipe.python-failed')
  assert.match(unreachable.message, /no index answers/)
  await mkdir(join(folder, 'wheels'))
  const withWheels = `${rows}wheels: wheels\n`
  assert.equal((await refused(folder, withWheels, python)).code, 'recipe.input-missing')
  await writeFile(join(folder, 'wheels/fastapi-0.109.0-py3-none-any.whl'), 'changed')
  await writeFile(join(folder, 'wheels/SHA256SUMS'), `${'0'.repeat(64)}  fastapi-0.109.0-py3-none-any.whl\n`)
  assert.equal((await refused(folder, withWheels, python)).code, 'recipe.wheel-mismatch')
  await writeFile(join(folder, 'wheels/other-1-py3-none-any.whl'), 'x')
  assert.match((await refused(folder, withWheels, python)).message, /SHA256SUMS does not list it/)
})
