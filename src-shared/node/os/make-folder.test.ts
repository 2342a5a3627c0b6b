import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeFolder } from './make-folder.ts'

let room: string
before(async () => {
  room = await mkdtemp(join(tmpdir(), 'twinslot-folder-'))
})
after(() => rm(room, { recursive: true, force: true }))

test('a folder and what is missing above it are made once, and the highest new one is told', async () => {
  assert.equal(await makeFolder(join(room, 'a/b/c'), 0o700), join(room, 'a'))
  assert.equal((await stat(join(room, 'a/b/c'))).mode & 0o777, 0o700)
  assert.equal(await makeFolder(join(room, 'a/b/c')), undefined)
  assert.equal(await makeFolder(join(room, 'a/b/d/e')), join(room, 'a/b/d'))
})

test('a file in the way is no folder, at the end and in the middle', async () => {
  await writeFile(join(room, 'file'), 'x')
  await assert.rejects(makeFolder(join(room, 'file')), { code: 'ENOTDIR' })
  await assert.rejects(makeFolder(join(room, 'file/below/it')), { code: 'ENOTDIR' })
})

test('where the system makes no folders the answer is its error, not a program that never ends', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc')
  await assert.rejects(makeFolder('/proc/no/such/folder'), { code: 'ENOENT' })
})
