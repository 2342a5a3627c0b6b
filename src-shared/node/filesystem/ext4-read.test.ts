// A foreign ext4 decides neither how much is read nor how much memory it takes.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { CONFIG_LIMITS } from '#model/config-path.ts'
import { missingOf, requireTool } from '../os/run-tool.ts'
import { listExt4 } from './ext4-read.ts'

let room: string
before(() => {
  room = mkdtempSync(join(tmpdir(), 'twinslot-ext4-read-'))
})
after(() => rmSync(room, { recursive: true, force: true }))

/** An ext4 with these directories in it. */
async function withDirectories(name: string, size: number, directories: Iterable<string>): Promise<string> {
  const image = join(room, name)
  writeFileSync(image, '')
  truncateSync(image, size)
  const script = [...directories].map((path) => `mkdir ${path}\n`).join('')
  await requireTool('mke2fs', ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-N', '120000', image], {
    timeoutMs: 120_000,
  })
  await requireTool('debugfs', ['-w', '-f', '-', image], { timeoutMs: 120_000, input: script })
  return image
}

function* many(count: number): Generator<string> {
  yield '/config'
  for (let i = 0; i < count; i++) {
    if (i % 1000 === 0) yield `/config/${i / 1000}`
    else yield `/config/${Math.floor(i / 1000)}/${i}`
  }
}

test('tens of thousands of directories are config.too-large, not a crash', async (t) => {
  const missing = await missingOf(['mke2fs', 'debugfs'])
  if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
  const image = await withDirectories('many', 600 * 1024 * 1024, many(30_000))
  await assert.rejects(listExt4({ path: image, offset: 0, folder: room }, 'config'), (error) =>
    isEngineError(error, 'config.too-large'),
  )
})

test('folders within folders end with a refusal', async (t) => {
  const missing = await missingOf(['mke2fs', 'debugfs'])
  if (missing.length > 0) return t.skip(`needs ${missing[0].tool}`)
  const paths = Array.from({ length: 4 * CONFIG_LIMITS.depth + 3 }, (_, i) => `/config${'/d'.repeat(i)}`)
  const image = await withDirectories('deep', 64 * 1024 * 1024, paths)
  await assert.rejects(listExt4({ path: image, offset: 0, folder: room }, 'config'), (error) =>
    isEngineError(error, 'restore.odd-name'),
  )
})
