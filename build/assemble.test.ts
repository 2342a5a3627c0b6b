// The desktop package as electron-builder makes it: our real bundles in it, electron-builder's real packing around a stand-in
// for Electron's binary (a file with the same fuse wire); the archive and the fuses are read by Electron's own tools.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { commitOf } from '#host/source-commit.ts'
import { type Assembled, assemble, listFiles } from './assemble.ts'
import { bundle, REPO } from './bundle.ts'
import { builderConfig, dist, pack } from './dist.ts'
import { thirdPartyNotices } from './notices.ts'

const run = promisify(execFile)
let folder = ''
let files: Assembled
const place = (...names: string[]) => join(folder, ...names)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-package-'))
  await mkdir(place('renderer/assets'), { recursive: true })
  await writeFile(place('renderer/index.html'), '<!doctype html><title>console</title>')
  await writeFile(place('renderer/assets/index-abc_1.js'), 'export {}')
  files = await assemble({ outDir: place('dist'), renderer: place('renderer'), rendererPackages: [] })
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const linuxOnly = (t: { skip(reason: string): void }): boolean => {
  if (process.platform !== 'linux') t.skip('needs Linux')
  return process.platform !== 'linux'
}

test('the package holds exactly these files: no test, no source map, no TypeScript, nothing of the checkout', (t) => {
  if (linuxOnly(t)) return
  const grub = ['decide', 'early', 'grub', 'recovery', 'rescue'].map((name) => `grub/${name}.cfg`)
  assert.deepEqual(files.app, [
    'LICENSE',
    'THIRD-PARTY-NOTICES.txt',
    'main.mjs',
    'package.json',
    'preload.cjs',
    'renderer/assets/index-abc_1.js',
    'renderer/index.html',
  ])
  assert.deepEqual(
    files.runtime,
    [
      'LICENSE',
      'THIRD-PARTY-NOTICES.txt',
      'bin/twinslot',
      'block-codec-worker.mjs',
      'drivelist-child.mjs',
      ...grub,
      'initrd-init',
      'node',
      'openpgp/LICENSE',
      'openpgp/openpgp.mjs',
      'openpgp/package.json',
      'package.json',
      'polkit/org.twinslot.runner.policy',
      'polkit/twinslot-guard',
      'polkit/twinslot-runner',
      'twinslot-guard.mjs',
      'twinslot-runner.mjs',
      'twinslot.mjs',
      'writable-places',
    ].sort(),
  )
})

test('a file that the list does not name fails the build', async () => {
  await mkdir(place('strange/assets'), { recursive: true })
  await writeFile(place('strange/index.html'), '')
  await writeFile(place('strange/assets/index.js.map'), '{}')
  const made = assemble({ outDir: place('strange-dist'), renderer: place('strange'), rendererPackages: [] })
  await assert.rejects(made, /not in the package's list of files: renderer\/assets\/index\.js\.map/)
})

test('no text in the package names the place of the checkout, or a source map', async () => {
  for (const [part, names] of Object.entries(files)) {
    for (const name of names) {
      if (/^node(\.exe)?$/.test(name)) continue
      const text = await readFile(place('dist', part, name), 'utf8')
      assert.ok(!text.includes(REPO), `${part}/${name}`)
      assert.doesNotMatch(text, /^\/\/# sourceMappingURL=(?!data:)/m, `${part}/${name}`)
    }
  }
})

test('every file that a bundle opens by its own place is in the package', async () => {
  const bundles = ['app/main.mjs', ...files.runtime.filter((name) => name.endsWith('.mjs')).map((n) => `runtime/${n}`)]
  let found = 0
  for (const name of bundles.filter((each) => !each.includes('openpgp/'))) {
    const code = await readFile(place('dist', name), 'utf8')
    const wanted = [
      ...code.matchAll(
        /new URL\("(\.[^"]+)", import\.meta\.url\)|\bimport\("(\.[^"]+)"\)|import\.meta\.dirname, "([^"]+\w)"\)/g,
      ),
    ].map(([, url, module, beside]) => url ?? module ?? beside)
    for (const path of wanted) {
      await stat(join(dirname(place('dist', name)), path))
      found += 1
    }
  }
  assert.ok(found >= 8, `${found} places`)
})

test('OpenPGP.js is a file of its own and not inside any bundle, and its licence goes with it', async () => {
  for (const name of ['app/main.mjs', 'runtime/twinslot.mjs', 'runtime/twinslot-runner.mjs']) {
    const code = await readFile(place('dist', name), 'utf8')
    assert.match(code, /import\("\.[./a-z]*\/openpgp\/openpgp\.mjs"\)/, name)
    assert.ok(!code.includes('OpenPGP.js v'), name)
  }
  assert.match(await readFile(place('dist/runtime/openpgp/LICENSE'), 'utf8'), /GNU LESSER GENERAL PUBLIC LICENSE/)
})

test('the desktop app in the package knows the commit that it was made from', async (t) => {
  const commit = await commitOf(REPO)
  if (commit === null) return t.skip('needs a checkout')
  assert.ok((await readFile(place('dist/app/main.mjs'), 'utf8')).includes(commit))
})

test('the notices name every package whose code is inside, each with its licence', async () => {
  const notices = await readFile(place('dist/runtime/THIRD-PARTY-NOTICES.txt'), 'utf8')
  for (const name of ['@noble/hashes', 'openpgp', 'xz-decompress', 'yaml', 'zod', 'Node.js'])
    assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'), name)
  const app = await readFile(place('dist/app/THIRD-PARTY-NOTICES.txt'), 'utf8')
  assert.match(app, /^zod /m)
  await assert.rejects(thirdPartyNotices(['node_modules/node']), /node .* brings no licence text/)
})

test("the package's own command line and runner start by themselves, away from the sources", async (t) => {
  if (linuxOnly(t)) return
  const runtime = place('dist/runtime')
  const { version } = JSON.parse(await readFile(join(REPO, 'package.json'), 'utf8'))
  const cli = await run(join(runtime, 'bin/twinslot'), ['version'], { cwd: '/', timeout: 60_000 })
  assert.equal(cli.stdout.trim(), `twinslot ${version}`)
  const child = run(join(runtime, 'node'), [join(runtime, 'twinslot-runner.mjs')], { cwd: '/', timeout: 60_000 })
  child.child.stdin?.end(`${JSON.stringify({ verb: 'look', target: '/no/such/disk' })}\n`)
  const failed = await child.catch((error: { stdout: string }) => error)
  const lines = failed.stdout.trim().split('\n')
  const [hello, last] = lines.map((line) => JSON.parse(line))
  assert.equal(hello.say, 'hello')
  assert.equal(last.problems[0].code, 'disk.not-found')
})

test('an import that does not exist is refused, and so is a place that moved away from its rule', async () => {
  const options = { format: 'esm', runtime: './', external: [] } as const
  await writeFile(place('missing.ts'), "import './nowhere.ts'")
  await assert.rejects(bundle({ ...options, entry: place('missing.ts') }), /nowhere/)
  // The block codec is in this bundle, so its rule must have found its place: without it nothing would be replaced.
  const { code } = await bundle({ ...options, entry: 'src-shared/node/codec/block-codec.ts' })
  assert.match(code, /new URL\("\.\/block-codec-worker\.mjs", import\.meta\.url\)/)
})

/** As much of Electron as the packing looks at: the wire that holds the fuses, all in Electron's default states. */
async function standIn(): Promise<string> {
  const electron = place('electron')
  await mkdir(join(electron, 'resources'), { recursive: true })
  await mkdir(join(electron, 'locales'))
  const wire = Buffer.from(`dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09101100010`, 'latin1')
  await writeFile(join(electron, 'electron'), Buffer.concat([Buffer.from('a stand-in '), wire, Buffer.alloc(64)]), {
    mode: 0o755,
  })
  for (const name of ['version', 'LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'locales/en-US.pak'])
    await writeFile(join(electron, name), '45.4.1')
  await writeFile(join(electron, 'resources/default_app.asar'), 'an example app')
  return electron
}

test('electron-builder packs exactly the assembled files: a sealed archive, the runtime beside it, the fuses blown', async (t) => {
  if (linuxOnly(t)) return
  const output = place('packages')
  await pack({ electron: await standIn(), from: place('dist'), output, target: 'dir' })
  const unpacked = join(output, 'linux-unpacked')
  const all = await listFiles(unpacked)
  assert.deepEqual(
    all.filter((name) => name.startsWith('resources/')),
    ['resources/app.asar', ...files.runtime.map((name) => `resources/runtime/${name}`)].sort(),
  )
  const { listPackage, extractFile } = await import('@electron/asar')
  const archive = join(unpacked, 'resources/app.asar')
  const inside = listPackage(archive, { isPack: false }).map((name: string) => name.slice(1))
  assert.deepEqual(inside.filter((name: string) => !['renderer', 'renderer/assets'].includes(name)).sort(), [
    ...files.app,
  ])
  assert.deepEqual(extractFile(archive, 'main.mjs'), await readFile(place('dist/app/main.mjs')))
  assert.equal((await stat(join(unpacked, 'resources/runtime/node'))).mode & 0o111, 0o111)
  const { getCurrentFuseWire, FuseV1Options } = await import('@electron/fuses')
  const fuses = await getCurrentFuseWire(join(unpacked, 'twinslot-console'))
  // The characters '1' and '0' on the wire.
  const [ENABLE, DISABLE] = [0x31, 0x30]
  const states = {
    RunAsNode: DISABLE,
    EnableCookieEncryption: ENABLE,
    EnableNodeOptionsEnvironmentVariable: DISABLE,
    EnableNodeCliInspectArguments: DISABLE,
    EnableEmbeddedAsarIntegrityValidation: ENABLE,
    OnlyLoadAppFromAsar: ENABLE,
    GrantFileProtocolExtraPrivileges: DISABLE,
  } as const
  for (const [name, state] of Object.entries(states))
    assert.equal(fuses[FuseV1Options[name as keyof typeof states]], state, name)
})

test('all four kinds of packages are configured, and nothing is published', async () => {
  const { linux, mac, win, publish, asar } = await builderConfig()
  assert.deepEqual(
    [linux, mac, win].map((each) => (each as { target: string[] }).target),
    [['AppImage', 'deb'], ['dmg'], ['nsis']],
  )
  assert.deepEqual([publish, asar], [null, true])
})

test('without the runtime npm run dist says so in one line and has done nothing', async () => {
  const said: string[] = []
  const absent = { present: false, reason: 'the Electron 1.2.3 runtime is not on this machine', dist: '', binary: '' }
  assert.equal(await dist(absent, (line) => said.push(line)), 1)
  assert.deepEqual(said, ['No packages: the Electron 1.2.3 runtime is not on this machine.'])
})
