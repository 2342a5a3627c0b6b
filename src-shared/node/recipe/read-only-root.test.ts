// A read-only root has a folder for each of its writable places, and one list says which they are.
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { PLACES_FILE, parseWritablePlaces, prepareReadOnlyRoot } from './read-only-root.ts'

async function treeWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'twinslot-root-'))
  t.after(() => rm(tree, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  return tree
}

test('an image without a list of its own gets the usual one, with a folder for each place, whatever the umask', async (t) => {
  const before = process.umask(0o077)
  t.after(() => process.umask(before))
  const tree = await treeWith(t, { 'var/log/app/keep': '' })
  await chmod(join(tree, 'var'), 0o755)
  const places = await prepareReadOnlyRoot(tree)
  const paths = places.map(({ path }) => path)
  for (const path of ['/tmp', '/var/tmp', '/var/log', '/var/lib/systemd']) assert.ok(paths.includes(path), path)
  for (const path of ['/etc', '/usr', '/var', '/opt', '/bin', '/home']) assert.ok(!paths.includes(path), path)
  for (const path of paths) assert.ok((await stat(join(tree, path))).isDirectory())
  for (const path of ['usr', 'usr/lib/twinslot', 'var/cache', 'tmp'])
    assert.equal((await stat(join(tree, path))).mode & 0o777, 0o755, path)
  assert.equal((await stat(join(tree, PLACES_FILE))).mode & 0o777, 0o644)
  assert.deepEqual(parseWritablePlaces(await readFile(join(tree, PLACES_FILE), 'utf8'), ''), places)
})

test('an image may bring its own list; name servers are written below /run', async (t) => {
  const tree = await treeWith(t, {
    [PLACES_FILE]: '# ours\n\n/var/lib/redis 750 64m\n',
    'etc/resolv.conf': 'builder\n',
  })
  assert.deepEqual(await prepareReadOnlyRoot(tree), [{ path: '/var/lib/redis', mode: 0o750, size: '64m' }])
  assert.equal(await readlink(join(tree, 'etc/resolv.conf')), '../run/resolv.conf')
  const other = await treeWith(t, { 'usr/lib/systemd/systemd-resolved': '' })
  await prepareReadOnlyRoot(other)
  assert.equal(await readlink(join(other, 'etc/resolv.conf')), '../run/systemd/resolve/resolv.conf')
})

test('a line that the initial RAM disk would not understand is refused with file and line', async (t) => {
  const wrong = [
    '/',
    'var 755 1%',
    '/var/../etc 755 1%',
    '/var/ 755 1%',
    '/a 755',
    '/a 9 1%',
    '/a 755 1',
    '/a 755 1% x',
    '/a 755 -1%',
  ]
  for (const line of wrong) {
    const tree = await treeWith(t, { [PLACES_FILE]: `# ours\n${line}\n` })
    await assert.rejects(prepareReadOnlyRoot(tree), (error: unknown) => {
      assert.ok(isEngineError(error, 'recipe.writable-places'), line)
      assert.deepEqual(error.details, { file: `/${PLACES_FILE}`, line: 2, found: line })
      return true
    })
  }
})
