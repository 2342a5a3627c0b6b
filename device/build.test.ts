// The bundle of the device's programs, run as it is on an appliance: one file, by an installed Node, away from the sources.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { isEngineError } from '#base/errors.ts'
import { BUNDLE, buildDevicePrograms, PROGRAMS } from './build.ts'

const run = promisify(execFile)
const SOURCES = join(import.meta.dirname, '..')
let folder = ''
const place = (name: string) => join(folder, name)
const DATE = new Date('2027-01-31T12:00:00Z')

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-build-'))
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** A program of our own as the first module, so that the test asks the bundle and not the product's programs. */
async function bundleOf(name: string, body: string, version = '1.2.3') {
  const entry = place(`${name}.ts`)
  await writeFile(entry, body)
  return await buildDevicePrograms({ outDir: place(name), version, buildDate: DATE, entry })
}

const USES_CODEC = `
import { isMainThread } from 'node:worker_threads'
if (isMainThread) {
  const { openBlockCodec } = await import('${SOURCES}/src-shared/node/codec/block-codec.ts')
  const { buildInfo } = await import('${SOURCES}/device/build-info.ts')
  await using codec = openBlockCodec({ workers: 2 })
  const block = codec.allocate(65536)
  console.log(JSON.stringify({ buildInfo, digest: await codec.digest(block), parallel: codec.parallel }))
} else await import('${SOURCES}/src-shared/node/codec/block-codec-worker.ts')
`

test('one file holds everything: it decodes in threads of itself, away from the sources, and knows its version', async () => {
  const { bundle } = await bundleOf('codec', USES_CODEC)
  const alone = await mkdtemp(join(tmpdir(), 'twinslot-alone-'))
  try {
    await writeFile(join(alone, 'twinslot-device.mjs'), await readFile(bundle))
    const { stdout } = await run(process.execPath, [join(alone, 'twinslot-device.mjs')], { timeout: 60_000 })
    assert.deepEqual(JSON.parse(stdout), {
      buildInfo: { version: '1.2.3', date: '2027-01-31T12:00:00Z' },
      // sha256sum of 65536 zeroes
      digest: 'de2f256064a0af797747c2b97505dc0b9f3df0de4f489eac731c23ae9ca9cc31',
      parallel: 3,
    })
  } finally {
    await rm(alone, { recursive: true })
  }
})

test('two builds of the same sources, version and date have the same bytes, and do not show the checkout', async () => {
  const options = { version: '1.0.0', buildDate: DATE }
  const one = await buildDevicePrograms({ outDir: place('one'), ...options })
  const two = await buildDevicePrograms({ outDir: place('two'), ...options })
  const code = await readFile(one.bundle, 'utf8')
  assert.equal(code, await readFile(two.bundle, 'utf8'))
  assert.doesNotMatch(code, new RegExp(SOURCES.replaceAll('/', '\\/')))
  assert.deepEqual(one.files, two.files)
  const other = await buildDevicePrograms({ outDir: place('two'), ...options, version: '1.0.1' })
  assert.notEqual(code, await readFile(other.bundle, 'utf8'))
})

test('each program in /usr/bin is a link to one script, which passes the name and the arguments on', async () => {
  const { files } = await bundleOf('names', 'console.log(JSON.stringify(process.argv.slice(2)))')
  const root = place('names')
  assert.deepEqual((await readdir(join(root, 'usr/bin'))).sort(), [...PROGRAMS].sort())
  for (const file of files) assert.ok(await stat(join(root, file)))
  // The script names absolute paths of the appliance; here they are those of the tree.
  const script = (await readFile(join(root, 'usr/lib/twinslot/program'), 'utf8')).replaceAll(
    '/usr/lib/twinslot',
    join(root, 'usr/lib/twinslot'),
  )
  await writeFile(join(root, 'usr/lib/twinslot/program'), script)
  await symlink(process.execPath, join(root, 'usr/lib/twinslot/node'))
  await mkdir(place('cache'))
  for (const name of PROGRAMS) {
    assert.equal(await readlink(join(root, 'usr/bin', name)), '../lib/twinslot/program')
    const env = { ...process.env, NODE_COMPILE_CACHE: place('cache') }
    const { stdout } = await run(join(root, 'usr/bin', name), ['--status', 'a b'], { env, timeout: 60_000 })
    assert.deepEqual(JSON.parse(stdout), [name, '--status', 'a b'])
  }
})

test('a module that does not exist is refused, not left for the appliance to find out', async () => {
  const missing = bundleOf('missing', "import './nowhere.ts'")
  await assert.rejects(missing, (error) => isEngineError(error, 'tool.failed') && /nowhere/.test(error.message))
  const foreign = bundleOf('foreign', "import 'no-such-package-anywhere'")
  await assert.rejects(foreign, (error) => isEngineError(error, 'tool.failed') && /no-such-package/.test(error.message))
})

test('start-up: the figure is printed, 300 ms on ordinary hardware are promised', async () => {
  await buildDevicePrograms({ outDir: place('speed'), version: '1.0.0', buildDate: DATE })
  const env = { ...process.env, NODE_COMPILE_CACHE: place('speed-cache') }
  const times: number[] = []
  for (let turn = 0; turn < 3; turn++) {
    const started = performance.now()
    const { stdout } = await run(process.execPath, [place(`speed/${BUNDLE}`), 'health-gate', '--help'], {
      env,
      timeout: 60_000,
    })
    times.push(performance.now() - started)
    assert.match(stdout, /health-gate/)
  }
  const figures = times.map((time) => `${time.toFixed(0)} ms`).join(', ')
  console.log(`figure: device programs, start-up of health-gate --help: ${figures} (the first without compile cache)`)
})
