// State files survive what a power cut does: old or new content, never half; damage is set aside, leftovers go away.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { explain } from '#base/errors.ts'
import { readJsonFile, readTextFile, removeFileDurably, writeFileAtomic, writeJsonFile } from './state-file.ts'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-file-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * Runs a write in another process that records its system calls and is killed before the one named `killAt` ("rename",
 * "sync:file", "sync:folder", "write"); without a name it lives on.
 */
function writeInChild(path: string, content: string, killAt = ''): { calls: string[]; killed: boolean } {
  const program = `
    import fs from 'node:fs/promises'
    import { syncBuiltinESMExports } from 'node:module'
    import { statSync, writeSync } from 'node:fs'
    const step = (name) => {
      if (name === ${JSON.stringify(killAt)}) process.kill(process.pid, 'SIGKILL')
      writeSync(1, name + '\\n')
    }
    const { open, rename } = fs
    fs.open = async (path, ...rest) => {
      const handle = await open(path, ...rest)
      const kind = statSync(path).isDirectory() ? 'folder' : 'file'
      const { sync, writeFile } = handle
      handle.sync = () => (step('sync:' + kind), sync.call(handle))
      handle.writeFile = async (data) => {
        // Half of it, so that a kill here leaves a torn file.
        await writeFile.call(handle, data.slice(0, data.length / 2))
        step('write')
        await writeFile.call(handle, data.slice(data.length / 2))
      }
      return handle
    }
    fs.rename = (...paths) => (step('rename'), rename(...paths))
    syncBuiltinESMExports()
    const { writeFileAtomic } = await import(${JSON.stringify(join(import.meta.dirname, 'state-file.ts'))})
    await writeFileAtomic(${JSON.stringify(path)}, ${JSON.stringify(content)})
  `
  const { stdout, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  if (signal === null && stderr.includes('Error')) assert.fail(stderr)
  return { calls: stdout.trim().split('\n').filter(Boolean), killed: signal === 'SIGKILL' }
}

test('defect 3: a state file is flushed before it takes the name, and its folder after', (t) => {
  const path = join(folderFor(t), 'update_state.json')
  writeFileSync(path, 'old')
  assert.deepEqual(writeInChild(path, 'new content'), {
    calls: ['write', 'sync:file', 'rename', 'sync:folder'],
    killed: false,
  })
  assert.equal(readFileSync(path, 'utf8'), 'new content')
})

test('defect 3: killed at any step, the file is the old or the new one, and the next write leaves nothing over', async (t) => {
  const folder = folderFor(t)
  const path = join(folder, 'update_state.json')
  for (const [killAt, expected] of [
    ['write', 'old content'],
    ['sync:file', 'old content'],
    ['rename', 'old content'],
    ['sync:folder', 'new content'],
  ] as const) {
    writeFileSync(path, 'old content')
    assert.ok(writeInChild(path, 'new content', killAt).killed, killAt)
    assert.equal(readFileSync(path, 'utf8'), expected, killAt)
    if (killAt !== 'sync:folder') assert.equal(readdirSync(folder).length, 2, 'the leftover of the killed writer')
    assert.equal(await readTextFile(path), expected, 'the leftover is not read')
    await writeFileAtomic(path, 'later')
    assert.deepEqual(readdirSync(folder), ['update_state.json'])
  }
})

test('the new file of a writer that runs is not taken away', async (t) => {
  const folder = folderFor(t)
  const path = join(folder, 'state')
  const others = join(folder, `.state.${process.ppid}.new`)
  writeFileSync(others, 'under way')
  writeFileSync(join(folder, '.state.backup.new'), 'of somebody else')
  await writeFileAtomic(path, 'mine')
  assert.ok(existsSync(others))
  assert.deepEqual(readdirSync(folder).sort(), ['.state.backup.new', `.state.${process.ppid}.new`, 'state'].sort())
})

test('writes of one process to one file follow each other; the last one asked for stays', async (t) => {
  const path = join(folderFor(t), 'state')
  await Promise.all(Array.from({ length: 20 }, (_, index) => writeFileAtomic(path, `content ${index}`)))
  assert.equal(readFileSync(path, 'utf8'), 'content 19')
})

test('permission bits: as asked for, else as they were, else 0644; folders are made', async (t) => {
  const path = join(folderFor(t), 'deep', 'er', 'state')
  const mode = () => statSync(path).mode & 0o777
  await writeFileAtomic(path, 'a')
  assert.equal(mode(), 0o644)
  chmodSync(path, 0o640)
  await writeFileAtomic(path, 'b')
  assert.equal(mode(), 0o640)
  await writeFileAtomic(path, 'c', { mode: 0o600 })
  assert.equal(mode(), 0o600)
  const mask = process.umask(0o077)
  await writeFileAtomic(path, 'd', { mode: 0o644 }).finally(() => process.umask(mask))
  assert.equal(mode(), 0o644)
})

test('what cannot be saved says so, and leaves the old content and no new file', async (t) => {
  const folder = folderFor(t)
  mkdirSync(join(folder, 'state', 'is a folder'), { recursive: true })
  await assert.rejects(writeFileAtomic(join(folder, 'state'), 'x'), { code: 'settings.not-saved' })
  assert.deepEqual(readdirSync(folder), ['state'])
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(writeFileAtomic(join(folder, 'file', 'state'), 'x'), { code: 'settings.not-saved' })
  await assert.rejects(removeFileDurably(join(folder, 'state')), { code: 'settings.not-saved' })
  await removeFileDurably(join(folder, 'not there'))
})

const asObject = (value: unknown) => (typeof value === 'object' && value !== null ? value : null)

test('JSON comes back as it was written', async (t) => {
  const path = join(folderFor(t), 'state.json')
  assert.deepEqual(await readJsonFile(path, asObject), { state: 'absent' })
  await writeJsonFile(path, { a: [1, 'é'] })
  assert.deepEqual(await readJsonFile(path, asObject), { state: 'present', value: { a: [1, 'é'] } })
})

test('defect 15: a damaged state file is set aside and told once, not met again at every start', async (t) => {
  const path = join(folderFor(t), 'state.json')
  const damaged = ['', '\0\0\0\0', '{"a":', '[1] trailing', '7', 'null', `"${'x'.repeat(5 * 1024 * 1024)}"`]
  for (const content of damaged) {
    writeFileSync(path, content)
    const found = await readJsonFile(path, asObject)
    if (found.state !== 'damaged') assert.fail(`${content.slice(0, 20)}: ${found.state}`)
    assert.equal(found.finding.code, 'settings.state-damaged')
    assert.doesNotMatch(explain(found.finding).message, /[{}]/)
    assert.equal(readFileSync(`${path}.damaged`, 'utf8'), content)
    assert.deepEqual(await readJsonFile(path, asObject), { state: 'absent' })
  }
})

test('a file that cannot be read is an error of the disk, not damage: it stays where it is', async (t) => {
  const path = join(folderFor(t), 'state.json')
  symlinkSync('state.json', path)
  await assert.rejects(readJsonFile(path, asObject), { code: 'settings.file-unreadable' })
  assert.ok(lstatSync(path))
  writeFileSync(`${path}.large`, 'x'.repeat(100))
  await assert.rejects(readTextFile(`${path}.large`, 99), { code: 'settings.file-too-large' })
})
