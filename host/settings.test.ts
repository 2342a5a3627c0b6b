import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { chooseFrom, openFiles } from './files.ts'
import { openSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'twinslot-settings-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const { signal } = new AbortController()

test('settings outlive the console, and every window is told', async () => {
  const file = join(folder, 'settings.json')
  const settings = await openSettings(file)
  const told: string[] = []
  const calls = settings.calls({ tell: ({ type }) => told.push(type) })
  await calls['settings.change']({ language: 'de', neverTouch: [' A1 ', 'A1', ''] }, signal)
  const again = await openSettings(file)
  assert.equal(again.get().language, 'de')
  assert.deepEqual(again.get().neverTouch, ['A1'])
  assert.deepEqual(told, ['settings'])
})

test('a damaged settings file is set aside and the defaults hold', async () => {
  const file = join(folder, 'damaged.json')
  writeFileSync(file, '{"language":')
  assert.equal((await openSettings(file)).get().language, 'system')
  writeFileSync(file, '{"language":"tlh","theme":"dark"}')
  const { language, theme } = (await openSettings(file)).get()
  assert.deepEqual([language, theme], ['system', 'dark'])
})

test('the browser offers only files that fit, by token, never hidden ones', async () => {
  mkdirSync(join(folder, 'library/config'), { recursive: true })
  for (const name of ['a.twinslot', 'b.img', 'notes.txt', '.hidden.img'])
    writeFileSync(join(folder, 'library', name), 'x')
  const files = openFiles(chooseFrom([join(folder, 'library'), join(folder, 'nowhere')]))
  const names = async (purpose: 'image' | 'config-folder') =>
    (await files.calls['file.choose']({ purpose }, signal)).choices.map(({ name }) => name)
  assert.deepEqual(await names('image'), ['a.twinslot', 'b.img'])
  assert.deepEqual(await names('config-folder'), ['config'])
  const { choices } = await files.calls['file.choose']({ purpose: 'image' }, signal)
  assert.equal(files.path(choices[0].file), join(folder, 'library/a.twinslot'))
  assert.throws(() => files.path('/etc/passwd'), { code: 'host.unknown-token' })
})
