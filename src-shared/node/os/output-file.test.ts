import assert from 'node:assert/strict'
import {
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
import { after, test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import { type OutputOptions, openPart, writeNewFile, writeOutput } from './output-file.ts'

const room = mkdtempSync(join(tmpdir(), 'twinslot-output-'))
after(() => rmSync(room, { recursive: true, force: true }))

let count = 0
/** A path in a new folder, and a file of somebody beside it. */
function place() {
  count += 1
  const folder = join(room, String(count))
  mkdirSync(folder)
  writeFileSync(join(folder, 'theirs'), 'theirs')
  return { folder, path: join(folder, 'out'), theirs: join(folder, 'theirs') }
}

const read = (path: string) => readFileSync(path, 'utf8')
const put = (path: string, text: string, options?: OutputOptions) =>
  writeOutput(path, async (file) => await file.writeFile(text), options)
const WRITERS = { writeOutput: put, writeNewFile: (path: string, text: string) => writeNewFile(path, text) }
const exists = (file: string) => ({ code: 'cli.file-exists', details: { file } })

for (const [name, write] of Object.entries(WRITERS)) {
  test(`${name}: what is there is not replaced, whole or as the end of a link`, async () => {
    const { folder, path, theirs } = place()
    await write(path, 'first')
    await assert.rejects(write(path, 'second'), exists(path))
    assert.equal(read(path), 'first')
    for (const [link, end] of [
      ['to-theirs', theirs],
      ['to-nowhere', join(folder, 'nowhere')],
    ] as const) {
      symlinkSync(end, join(folder, link))
      await assert.rejects(write(join(folder, link), 'second'), exists(join(folder, link)))
    }
    assert.equal(read(theirs), 'theirs')
    assert.deepEqual(readdirSync(folder).sort(), ['out', 'theirs', 'to-nowhere', 'to-theirs'])
  })

  test(`${name}: a link where the working file would be is not followed, and what is in the way stays`, async () => {
    const { folder, path, theirs } = place()
    symlinkSync(theirs, `${path}.part`)
    await assert.rejects(write(path, 'ours'), exists(`${path}.part`))
    assert.equal(read(theirs), 'theirs')
    assert.deepEqual(readdirSync(folder).sort(), ['out.part', 'theirs'])
  })

  test(`${name}: a file that came meanwhile stays, and ours goes`, async () => {
    const { folder, path } = place()
    if (write === put)
      await assert.rejects(
        writeOutput(path, async () => writeFileSync(path, 'came meanwhile')),
        exists(path),
      )
    else {
      writeFileSync(path, 'came meanwhile')
      await assert.rejects(write(path, 'ours'), exists(path))
    }
    assert.equal(read(path), 'came meanwhile')
    assert.deepEqual(readdirSync(folder).sort(), ['out', 'theirs'])
  })
}

test('what is refused is refused before the work begins', async () => {
  const { path } = place()
  writeFileSync(path, 'there')
  let began = false
  await assert.rejects(
    writeOutput(path, async () => {
      began = true
    }),
    exists(path),
  )
  assert.equal(began, false)
})

test('on wish a file is replaced when the new one is whole; of a link the link goes, not what it leads to', async () => {
  const { folder, path, theirs } = place()
  writeFileSync(path, 'old')
  const broken = writeOutput(path, () => Promise.reject(new EngineError('job.cancelled')), { replace: true })
  await assert.rejects(broken, { code: 'job.cancelled' })
  assert.equal(read(path), 'old')
  await put(path, 'new', { replace: true })
  assert.equal(read(path), 'new')
  const link = join(folder, 'link')
  symlinkSync(theirs, link)
  await put(link, 'ours', { replace: true })
  assert.ok(!lstatSync(link).isSymbolicLink())
  assert.deepEqual([read(link), read(theirs)], ['ours', 'theirs'])
  assert.deepEqual(readdirSync(folder).sort(), ['link', 'out', 'theirs'])
})

test('a device, a pipe or a folder is never replaced', async () => {
  const { folder } = place()
  for (const path of [folder, '/dev/null'])
    await assert.rejects(put(path, 'x', { replace: true }), { code: 'release.output-failed' })
  assert.ok(statSync('/dev/null').isCharacterDevice())
})

test('a second working file of the same output is made exclusively, too', async () => {
  const { path, theirs } = place()
  symlinkSync(theirs, path)
  await assert.rejects(openPart(path), exists(path))
})
