// What the rule of model/config-path.ts lets through is written, read back and replaced by the real tools, in a file system
// that is made and inside one that stays; what it refuses is refused before anything is written.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { CONFIG_LIMITS, configPathProblem, roomFor, roomInNew } from '#model/config-path.ts'
import fc from '#testing/property.ts'
import { openFileDevice } from '../disk/file-device.ts'
import { dumpExt4, listExt4 } from '../filesystem/ext4-read.ts'
import { makeFilesystem } from '../filesystem/filesystems.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { readConfigFolder } from './config-folder.ts'
import { configFilesOf } from './config-on-disk.ts'

const MIB = 1024 * 1024
const TIME = '2026-01-02T03:04:05Z'
let room: string
let skip: string | false = false

before(async () => {
  for (const tool of ['mke2fs', 'debugfs', 'e2fsck']) if (!(await findTool(tool))) skip = `needs ${tool}`
  room = mkdtempSync(join(tmpdir(), 'twinslot-trip-'))
})
after(() => rmSync(room, { recursive: true, force: true }))

/** A folder with these files; the content of each is its path. */
function folderOf(paths: readonly string[]): string {
  const folder = mkdtempSync(join(room, 'folder-'))
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), path)
  }
  return folder
}

const made = (files: Parameters<typeof makeFilesystem>[0]['files'], size = 64 * MIB) =>
  makeFilesystem({
    ...{ kind: 'ext4', size, sectorSize: 512, uuid: '00000000-0000-4000-8000-000000000000', label: '' },
    ...{ time: new Date(TIME), directories: ['config'], files, temporaryFolder: room },
  })

async function readBack(path: string, directory: string): Promise<Record<string, string>> {
  const place = { path, offset: 0, folder: mkdtempSync(join(room, 'scratch-')) }
  const files = ((await listExt4(place, directory)) ?? []).filter(({ kind }) => kind === 'file')
  const contents = await dumpExt4(place, files)
  return Object.fromEntries(files.map((file) => [file.path, readFileSync(contents.get(file.path) ?? '', 'utf8')]))
}

/** Written into a new file system, read back, replaced by others inside it, and read back again. */
async function goesRound(paths: readonly string[]): Promise<void> {
  const folder = folderOf(paths)
  const found = await readConfigFolder(folder)
  const bytes = (path: string) => readFileSync(join(folder, path))
  await using image = await made(found.map(({ path }) => ({ path: `config/${path}`, bytes: bytes(path) })))
  const expected = Object.fromEntries(paths.map((path) => [path, path]))
  assert.deepEqual(await readBack(image.path, 'config'), expected)
  const { signal } = new AbortController()
  await using device = await openFileDevice(image.path, { readOnly: true, sectorSize: 512 })
  const inputs = { disk: image.path, folder, keepIn: join(room, 'kept'), signal }
  const at = { offset: 0, length: 64 * MIB }
  const kept = await configFilesOf(inputs).keep(at, 'config')
  assert.equal(kept.files, paths.length)
  await using changed = await configFilesOf(inputs).replace(
    { at, directory: 'config', files: found, time: TIME, resumed: false },
    device,
  )
  assert.ok(changed.end.length > 0)
}

const ODD = [
  'a\\x2db.mount',
  '<2>',
  '-f',
  '#x',
  ' x ',
  "it's",
  '$HOME',
  '*',
  '?offset=1',
  '%s',
  'ü',
  'a,b;c',
  '\\',
  '\\"'.slice(0, 1),
]

test('every unusual name that is allowed comes back as it was given, and can be replaced', async (t) => {
  if (skip) return t.skip(skip)
  const deepest = [...Array<string>(CONFIG_LIMITS.depth).fill('d'), 'file'].join('/')
  await goesRound([...new Set(ODD.flatMap((name) => [name, `sub ${name}/${name}`])), deepest, 'n'.repeat(255)])
})

test('property: whatever the rule allows goes round', async (t) => {
  if (skip) return t.skip(skip)
  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }) },
    fc.constantFrom(...ODD),
  )
  const path = fc
    .array(unit, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map((part, i) => `${part.replaceAll('/', '_')}${i}`).join('/'))
  const set = fc.array(path, { minLength: 10, maxLength: 25 }).map((paths) => {
    const fine = paths.filter((each) => configPathProblem(each) === null)
    // None of them is a folder of another one.
    return [...new Set(fine)].filter((each) => !fine.some((other) => other.startsWith(`${each}/`)))
  })
  await fc.assert(fc.asyncProperty(set, goesRound), { numRuns: 8 })
})

test('the fullest configuration that is planned fits into the partition that it was planned for', async (t) => {
  if (skip) return t.skip(skip)
  for (const size of [8, 16, 130].map((each) => each * MIB)) {
    const { bytes, entries } = roomInNew(size)
    const many = Array.from(
      { length: Math.min(entries, CONFIG_LIMITS.entries, Math.floor(bytes / 4096 / 3)) },
      (_, i) => ({ path: `f${i}`, size: 1 }),
    )
    const large = [{ path: 'large', size: bytes - 3 * 4096 }]
    for (const files of [many, large]) {
      assert.ok(roomFor(files) <= bytes)
      await using image = await made(
        files.map(({ path, size: length }) => ({ path, bytes: Buffer.alloc(length, 1) })),
        size,
      )
      await requireTool('e2fsck', ['-fn', image.path], { timeoutMs: 60_000 })
    }
  }
})

test('a folder with a name, a link, a pipe or an amount that /config cannot have is refused whole', async () => {
  const code = async (folder: string) =>
    readConfigFolder(folder).then(
      () => 'read',
      ({ code: found }) => found,
    )
  for (const name of ['Icon\r', 'say "no"', 'a\nb', 'lost+found', [...Array<string>(33).fill('d'), 'f'].join('/')])
    assert.equal(await code(folderOf(['fine', name])), 'config.bad-name', JSON.stringify(name))
  const latin = folderOf(['fine'])
  writeFileSync(Buffer.concat([Buffer.from(`${latin}/`), Buffer.from([0xfc])]), 'x')
  assert.equal(await code(latin), 'config.bad-name')
  const links = folderOf(['fine'])
  symlinkSync('fine', join(links, 'link'))
  assert.equal(await code(links), 'config.not-plain')
  const pipes = folderOf(['fine'])
  execFileSync('mkfifo', [join(pipes, 'pipe')])
  assert.equal(await code(pipes), 'config.not-plain')
  assert.equal(
    await code(folderOf(Array.from({ length: CONFIG_LIMITS.entries + 1 }, (_, i) => `${i}`))),
    'config.too-large',
  )
  assert.equal(await code(folderOf(Array.from({ length: CONFIG_LIMITS.entries }, (_, i) => `${i}`))), 'read')
  const large = folderOf(['fine'])
  writeFileSync(join(large, 'large'), Buffer.alloc(CONFIG_LIMITS.bytes))
  assert.equal(await code(large), 'config.too-large')
})
