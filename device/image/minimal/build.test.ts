// The minimal image is judged by unsquashfs and sha256sum; that it boots and updates itself is shown by e2e/device.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { missingOf, requireTool } from '#node/os/run-tool.ts'
import { buildMinimalImage, MINIMAL_TOOLS, type MinimalBehaviour } from './build.ts'

let folder = ''
let reason: string | null = null
before(async () => {
  const missing = await missingOf([...MINIMAL_TOOLS, 'unsquashfs', 'sha256sum'])
  if (missing.length > 0) reason = `needs ${missing.map(({ tool }) => tool).join(', ')}`
  folder = await mkdtemp(join(tmpdir(), 'twinslot-minimal-'))
  await writeFile(join(folder, 'entry.ts'), 'console.log(JSON.stringify(process.argv.slice(2)))\n')
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const skipped = (t: TestContext): boolean => {
  if (reason) t.skip(reason)
  return reason !== null
}
const build = (name: string, version: string, behaviour: MinimalBehaviour) =>
  buildMinimalImage({
    version,
    behaviour,
    etc: { 'device.yaml': 'product: demo\n', 'keys/one.asc': 'a key\n' },
    buildDate: new Date('2027-01-31T00:00:00Z'),
    entry: join(folder, 'entry.ts'),
    outFile: join(folder, name),
  })
const unpack = async (image: string, name: string) => {
  await requireTool('unsquashfs', ['-q', '-n', '-d', join(folder, name), image], { timeoutMs: 60_000 })
  return join(folder, name)
}

test('the image holds a kernel with its digests, a Node that starts, and the release; the same inputs give the same bytes', async (t) => {
  if (skipped(t)) return
  const image = await build('one.img', '1.0.0', 'good')
  const again = await build('again.img', '1.0.0', 'good')
  assert.ok((await readFile(image.path)).equals(await readFile(again.path)))
  assert.equal(image.size % 4096, 0)
  const tree = await unpack(image.path, 'tree')
  await requireTool('sha256sum', ['--check', 'SHA256SUMS'], { timeoutMs: 60_000, cwd: join(tree, 'boot') })
  assert.match(await readFile(join(tree, 'release/os-release'), 'utf8'), /^VERSION_ID="1\.0\.0"$/m)
  assert.equal(await readFile(join(tree, 'release/twinslot/keys/one.asc'), 'utf8'), 'a key\n')
  // With the image's own loader and libraries, as it will run.
  const node = join(tree, 'usr/lib/twinslot/node')
  const libraries = join(tree, 'lib/x86_64-linux-gnu')
  const bundle = join(tree, 'release/usr/lib/twinslot/twinslot-device.mjs')
  const args = ['--library-path', libraries, node, bundle, 'health-gate', '--status']
  const { stdout } = await promisify(execFile)(join(tree, 'lib64/ld-linux-x86-64.so.2'), args, { timeout: 60_000 })
  assert.deepEqual(JSON.parse(stdout), ['health-gate', '--status'])
})

test('a release that ends before Node would run is small; one without kernel holds nothing to start', async (t) => {
  if (skipped(t)) return
  const panic = await build('panic.img', '2.0.0', 'panic')
  assert.ok(panic.size < 20_000_000, `${panic.size} bytes`)
  const none = await unpack((await build('none.img', '3.0.0', 'no-kernel')).path, 'none')
  await assert.rejects(readFile(join(none, 'boot/kernel')), { code: 'ENOENT' })
  assert.match(await readFile(join(none, 'release/os-release'), 'utf8'), /3\.0\.0/)
})
