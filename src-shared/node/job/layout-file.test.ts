import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { explain, isEngineError } from '#base/errors.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { loadLayout } from './layout-file.ts'

test('a layout is a built-in name or a file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'twinslot-layout-'))
  t.after(() => rmSync(folder, { recursive: true }))
  assert.deepEqual(await loadLayout('hp-t640'), { ok: true, value: DEFAULT_LAYOUT })
  const file = join(folder, 'my.yaml')
  const part = (role: string) => `  - { role: ${role}, name: ${role}, size: 600 MB }\n`
  writeFileSync(file, `name: mine\npartitions:\n${['esp', 'slot-a', 'slot-b'].map(part).join('')}`)
  const mine = await loadLayout(file)
  assert.ok(mine.ok, JSON.stringify(mine))
  assert.equal(mine.value.partitions.length, 3)
  writeFileSync(file, '#'.repeat(70_000))
  const large = await loadLayout(file)
  assert.equal(large.ok ? '' : large.refusals[0].code, 'layout.file-too-large')
})

test('a name that is neither is told with the built-in names', async () => {
  const result = await loadLayout('hp-t740')
  assert.ok(!result.ok)
  assert.equal(result.refusals[0].code, 'layout.unknown')
  assert.match(explain(result.refusals[0]).message, /hp-t740.*hp-t640, hypernet-server/)
})

test('a directory as layout is a file that cannot be read', async () => {
  await assert.rejects(loadLayout(tmpdir()), (error) => isEngineError(error, 'cli.file-unreadable'))
})
