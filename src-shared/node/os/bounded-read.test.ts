import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sha256Hex } from '../codec/hashing.ts'
import { readBounded, readBoundedSync, readBoundedText, sha256OfFile } from './bounded-read.ts'
import { errnoOf } from './os-errors.ts'
import { findTool } from './run-tool.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-bounded-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function codes(path: string, limit: number): Promise<string[]> {
  const told: string[] = []
  for (const read of [readBounded, async (name: string, most: number) => readBoundedSync(name, most)])
    told.push(await read(path, limit).then(() => 'read', errnoOf))
  return told
}

test('a file up to the limit is read whole, a longer one not at all, however large it says it is', async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n & 255))
  writeFileSync(at('some'), bytes)
  assert.deepEqual(await readBounded(at('some'), bytes.length), bytes)
  assert.deepEqual(readBoundedSync(at('some'), bytes.length), bytes)
  assert.deepEqual(await codes(at('some'), bytes.length - 1), ['EFBIG', 'EFBIG'])
  writeFileSync(at('huge'), '')
  truncateSync(at('huge'), 2 ** 40)
  assert.deepEqual(await codes(at('huge'), 1000), ['EFBIG', 'EFBIG'])
  writeFileSync(at('empty'), '')
  assert.equal(await readBoundedText(at('empty'), 0), '')
  assert.deepEqual(await codes(at('none'), 10), ['ENOENT', 'ENOENT'])
})

test('what has no size before it is read is counted while it is read', {
  skip: process.platform !== 'linux',
}, async () => {
  assert.match(await readBoundedText('/proc/self/status', 100_000), /^Name:/)
  assert.deepEqual(await codes('/proc/self/status', 10), ['EFBIG', 'EFBIG'])
})

test('a folder, a device and a pipe that nobody writes are refused, and nothing is waited for', async (t) => {
  mkdirSync(at('folder'))
  if (process.platform !== 'win32') assert.deepEqual(await codes(at('folder'), 10), ['EISDIR', 'EISDIR'])
  if (process.platform === 'linux') assert.deepEqual(await codes('/dev/zero', 10), ['ESPIPE', 'ESPIPE'])
  if (!(await findTool('mkfifo'))) return t.skip('needs mkfifo')
  execFileSync('mkfifo', [at('pipe')], { timeout: 10_000 })
  assert.deepEqual(await codes(at('pipe'), 10), ['ESPIPE', 'ESPIPE'])
  assert.equal(await sha256OfFile(at('pipe')).catch(errnoOf), 'ESPIPE')
})

test('the digest of a file is that of its bytes', async () => {
  const bytes = Buffer.alloc(3_000_001, 'x')
  writeFileSync(at('large'), bytes)
  assert.equal(await sha256OfFile(at('large')), sha256Hex(bytes))
  appendFileSync(at('large'), 'y')
  assert.notEqual(await sha256OfFile(at('large')), sha256Hex(bytes))
})
