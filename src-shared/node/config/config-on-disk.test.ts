import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ContentFile } from '#model/plan.ts'
import { sha256Hex } from '../codec/hashing.ts'
import { openFileDevice } from '../disk/file-device.ts'
import { dumpExt4, listExt4, newestExt4 } from '../filesystem/ext4-read.ts'
import { findTool, requireTool } from '../os/run-tool.ts'
import { configFilesOf } from './config-on-disk.ts'

const MIB = 1024 * 1024
const FEATURES = 'has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,metadata_csum'
let room: string
let skip: string | false = false

before(async () => {
  for (const tool of ['mke2fs', 'debugfs', 'e2fsck']) if (!(await findTool(tool))) skip = `needs ${tool}`
  room = mkdtempSync(join(tmpdir(), 'twinslot-config-test-'))
})
after(() => rmSync(room, { recursive: true, force: true }))

/** A file system with the files of a folder in it. */
async function filesystem(name: string, size: number, from: string | null): Promise<string> {
  const image = join(room, name)
  writeFileSync(image, '')
  truncateSync(image, size)
  const content = from === null ? [] : ['-d', from]
  const args = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-b',
    '4096',
    '-O',
    `none,${FEATURES}`,
    '-E',
    'lazy_itable_init=1',
    ...content,
  ]
  await requireTool('mke2fs', [...args, image], { timeoutMs: 60_000 })
  return image
}

function source(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(room, name, path, '..'), { recursive: true })
    writeFileSync(join(room, name, path), text)
  }
  return join(room, name)
}

async function replaceIn(image: string, size: number, folder: string, files: readonly ContentFile[]) {
  const { signal } = new AbortController()
  const at = { offset: 0, length: size }
  await using device = await openFileDevice(image, { readOnly: true, sectorSize: 512 })
  const inputs = { disk: image, folder, keepIn: join(room, 'kept'), signal }
  const wanted = { at, directory: 'config', files, time: '2026-01-02T03:04:05Z', resumed: false }
  await using made = await configFilesOf(inputs).replace(wanted, device)
  return made.changes
}

const fileOf = (path: string, text: string): ContentFile => ({
  path,
  size: text.length,
  sha256: sha256Hex(Buffer.from(text)),
  mode: 0o600,
})

test('names that a script or a path could trip over are refused, not used: restore.odd-name', async (t) => {
  if (skip) return t.skip(skip)
  for (const [index, name] of ['quote".yaml', 'carriage\r', 'line\nbreak'].entries()) {
    const from = source(`odd-${index}`, { [`config/${name}`]: 'x' })
    const image = await filesystem(`odd-${index}.img`, 64 * MIB, from)
    const place = { path: image, offset: 0, folder: mkdtempSync(join(room, 'scratch-')) }
    await assert.rejects(listExt4(place, 'config'), { code: 'restore.odd-name' })
    await assert.rejects(replaceIn(image, 64 * MIB, from, []), { code: 'restore.odd-name' })
  }
})

test('a disk whose path looks like options is read as what it is; links are named and left out', async (t) => {
  if (skip) return t.skip(skip)
  const from = source('plain', { 'config/a b/ü.yaml': 'content', 'config/empty': '' })
  await requireTool('ln', ['-s', '/etc/passwd', join(from, 'config/link')], { timeoutMs: 5000 })
  const image = await filesystem('odd?offset=4096&x.img', 64 * MIB, from)
  const place = { path: image, offset: 0, folder: mkdtempSync(join(room, 'scratch-')) }
  const found = (await listExt4(place, 'config')) ?? []
  const byPath = new Map(found.map((file) => [file.path, file]))
  assert.deepEqual([...byPath.keys()].sort(), ['a b', 'a b/ü.yaml', 'empty', 'link'])
  assert.equal(byPath.get('link')?.kind, 'other')
  const files = found.filter(({ kind }) => kind === 'file')
  const contents = await dumpExt4(place, files)
  assert.equal(contents.size, 2)
  assert.match((await newestExt4(place, files)) ?? '', /^20\d\d-/)
  assert.equal(await listExt4(place, 'nothing'), null)
  assert.equal(await newestExt4(place, []), null)
})

test('a file that is not what was planned changes nothing', async (t) => {
  if (skip) return t.skip(skip)
  const from = source('changed', { 'config/a': 'one' })
  const image = await filesystem('changed.img', 64 * MIB, from)
  const folder = source('wanted', { a: 'two' })
  await assert.rejects(replaceIn(image, 64 * MIB, folder, [fileOf('a', 'three')]), { code: 'config.changed' })
  const changes = await replaceIn(image, 64 * MIB, folder, [fileOf('a', 'two')])
  const blocks = changes.reduce((sum, { length }) => sum + length / 4096, 0)
  assert.ok(blocks > 0 && blocks < 30, `${blocks} blocks for one small file`)
  assert.ok(
    changes.every(({ offset }) => offset >= 4096),
    'the first block is not among them',
  )
})

test('a partition with more data than can be copied aside is refused before it is copied: restore.too-much-data', async (t) => {
  if (skip) return t.skip(skip)
  const size = 6 * 1024 * MIB
  const image = await filesystem('large.img', size, source('large', { 'config/a': 'one', big: 'x' }))
  const blocks = (4.5 * 1024 * MIB) / 4096
  await requireTool('debugfs', ['-w', '-R', `fallocate /big 1 ${blocks}`, image], { timeoutMs: 60_000 })
  await assert.rejects(replaceIn(image, size, room, []), { code: 'restore.too-much-data' })
})
