import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { isEngineError } from '#base/errors.ts'
import { writeTree } from './output-tree.ts'

const room = mkdtempSync(join(tmpdir(), 'twinslot-tree-'))
after(() => rmSync(room, { recursive: true, force: true }))
const good = new Map([
  ['a', utf8('one')],
  ['b/c', utf8('two')],
])
/** The last one cannot be written: a folder of its name is there. */
const bad = new Map([...good, ['b', utf8('three')]])
const failed = (error: unknown) => isEngineError(error, 'release.output-failed')

test('a new folder has all of its files or is not there, and neither is what was made for it', async () => {
  await assert.rejects(writeTree(join(room, 'x/y/tree'), bad), failed)
  assert.deepEqual(readdirSync(room), [])
  await writeTree(join(room, 'x/y/tree'), good)
  assert.deepEqual(readdirSync(join(room, 'x/y')), ['tree'])
  assert.equal(readFileSync(join(room, 'x/y/tree/b/c'), 'utf8'), 'two')
  assert.equal(statSync(join(room, 'x/y/tree')).mode & 0o777, 0o777 & ~process.umask())
})

test('in a folder that is there each file is put whole, replaces another one only on wish, and what else it holds stays', async () => {
  const folder = join(room, 'there')
  mkdirSync(folder)
  writeFileSync(join(folder, 'mine'), 'mine')
  await writeTree(folder, good)
  const again = new Map([['new', utf8('four')], ...good])
  await assert.rejects(writeTree(folder, again), { code: 'cli.file-exists' })
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'b', 'mine'], 'nothing is written before it is refused')
  await assert.rejects(writeTree(folder, bad, { replace: true }), failed)
  await writeTree(folder, new Map([['a', utf8('ONE')]]), { replace: true })
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'b', 'mine'])
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'ONE')
})
