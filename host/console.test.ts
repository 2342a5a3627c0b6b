import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CONSOLE_CALLS, type ConsoleEvent } from '#contract/console.ts'
import type { StationView } from '#contract/views.ts'
import { NO_CONSENT } from './consent.ts'
import { type Console, openConsole } from './console.ts'
import { defaultDataFolder } from './host-paths.ts'
import { developmentRunner, runnerFor } from './runner-command.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinslot-console-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const { signal } = new AbortController()
const open = (name: string): Promise<Console> =>
  openConsole({
    consent: NO_CONSENT,
    dataDir: join(folder, name),
    kind: 'browser',
    version: '0.1.0',
    chooser: async () => [],
    runnerFor: runnerFor(developmentRunner()),
    listDisks: async () => ({ disks: [], notes: [] }),
  })

test('every call of the contract is answered by a console', async () => {
  await using it = await open('calls')
  assert.deepEqual(Object.keys(it.calls).sort(), Object.keys(CONSOLE_CALLS).sort())
})

test('the snapshot carries the number of the last event, and later events go on from there', async () => {
  await using it = await open('seq')
  const events: ConsoleEvent[] = []
  using _news = it.endpoint.listen((event) => events.push(event))
  const answer = await it.endpoint.answer({ id: 1, call: 'station.get', params: {} }, signal)
  assert.ok('ok' in answer && answer.ok)
  const before = answer.value as StationView
  await it.calls['settings.change']({ operator: 'Ada' }, signal)
  assert.equal(events[0].seq, before.seq + 1)
  const after = await it.calls['station.get']({}, signal)
  assert.equal(after.seq, events.at(-1)?.seq)
  assert.equal(after.settings.operator, 'Ada')
  assert.equal(after.host, 'browser')
  assert.ok(after.layouts.some(({ name, minimum }) => name === 'hp-t640' && minimum > 5e9))
})

test('the data folder is readable by nobody else, and what was set is there at the next start', async () => {
  {
    await using it = await open('again')
    await it.calls['settings.change']({ language: 'de', neverTouch: [' S1 ', 'S1'] }, signal)
    await it.calls['bench.create-virtual']({ name: 'T640', size: 2e9 }, signal)
  }
  assert.equal(statSync(join(folder, 'again')).mode & 0o077, 0)
  await using it = await open('again')
  const { settings, bench } = await it.calls['station.get']({}, signal)
  assert.deepEqual([settings.language, settings.neverTouch], ['de', ['S1']])
  assert.equal(bench.units.length, 1)
  assert.equal(it.busy(), false)
})

test('the data folder is where each operating system keeps such things, unless TWINSLOT_DATA names one', () => {
  assert.equal(defaultDataFolder({ TWINSLOT_DATA: '/x' }, 'linux', '/h'), '/x')
  assert.equal(defaultDataFolder({}, 'linux', '/h'), '/h/.local/share/twinslot')
  assert.equal(defaultDataFolder({ XDG_DATA_HOME: '/d' }, 'linux', '/h'), '/d/twinslot')
  assert.equal(defaultDataFolder({}, 'darwin', '/h'), '/h/Library/Application Support/Twinslot')
})
