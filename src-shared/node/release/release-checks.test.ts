import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { checkMeans } from './release-checks.ts'

const scratch = mkdtempSync(join(tmpdir(), 'twinslot-means-'))
const ENCRYPTED = {
  ...DEFAULT_LAYOUT,
  partitions: DEFAULT_LAYOUT.partitions.map((one) =>
    one.role === 'data' ? { ...one, encryption: 'luks2' as const } : one,
  ),
}

/** The codes with another folder for temporary files. */
async function codesWith(folder: string): Promise<string[]> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  try {
    return (await checkMeans(DEFAULT_LAYOUT, null)).map(({ code }) => code).filter((code) => code !== 'tool.missing')
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}

test('a folder for temporary files that cannot be used, or has no room for a file system, is told before the disk is touched', async (t) => {
  t.after(() => rmSync(scratch, { recursive: true, force: true }))
  assert.deepEqual(await codesWith(join(scratch, 'missing')), ['cli.system-refused'])
  if (process.platform === 'linux') assert.deepEqual(await codesWith('/proc'), ['cli.system-refused'])
  if (process.getuid?.() === 0) {
    const full = join(scratch, 'full')
    mkdirSync(full)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full], { timeout: 10_000 })
    try {
      assert.deepEqual(await codesWith(full), ['cli.system-refused'])
      assert.deepEqual(readdirSync(full), [])
    } finally {
      execFileSync('umount', [full], { timeout: 10_000 })
      rmSync(full, { recursive: true })
    }
  }
  assert.deepEqual(await codesWith(scratch), [])
  assert.deepEqual(readdirSync(scratch), [])
})

test('a key file that cannot be read is told before the disk is touched', async () => {
  await assert.rejects(checkMeans(ENCRYPTED, '/nowhere/key'), (error) => isEngineError(error, 'cli.file-unreadable'))
})
