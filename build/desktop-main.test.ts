// The desktop app's main process as it is packed, run under Node with a stand-in for the module `electron`: the order of its
// start, and a call from the window through guard, consent, checks and host and back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { CONTENT_SECURITY_POLICY } from '#host/web/headers.ts'
import * as fake from '#testing/fake-electron.ts'
import { assemble } from './assemble.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinslot-main-'))
  await mkdir(join(folder, 'renderer'))
  await writeFile(join(folder, 'renderer/index.html'), '<!doctype html><title>console</title>')
  await assemble({ outDir: join(folder, 'dist'), renderer: join(folder, 'renderer'), rendererPackages: [] })
})
after(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Drafts of configurations may hold secrets. */
const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)

const OUR_PAGE = 'twinslot://console/index.html'
const call = async (id: number, name: string, params: object, url = OUR_PAGE) =>
  (await fake.handlers.get('twinslot')?.(
    { sender: { id: 1 }, senderFrame: { url, parent: null } },
    { id, call: name, params },
  )) as { id: number; ok: boolean; value: Record<string, unknown>; problem: { code: string } }

test('the packed main process starts in the right order, answers its window only, and leaves cleanly', async () => {
  const data = join(folder, 'data')
  process.env.TWINSLOT_DATA = data
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'electron' ? { url: fake.HREF, shortCircuit: true } : next(specifier, context),
  })
  await import(pathToFileURL(join(folder, 'dist/app/main.mjs')).href)
  hooks.deregister()
  const early = [...fake.log]
  assert.deepEqual(
    early.slice(0, 4),
    ['path userData', 'lock', 'sandbox', 'scheme twinslot'],
    'before Electron is ready',
  )
  const loaded = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (!fake.log.some((line) => line === 'show' || line.startsWith('error'))) return
      clearInterval(look)
      resolve()
    }, 20)
  })
  fake.becomeReady()
  await loaded
  const at = (line: string): number => fake.log.indexOf(line)
  assert.ok(at('serve twinslot') > at('ready') && at('serve twinslot') < at(`load ${OUR_PAGE}`), fake.log.join(', '))
  assert.ok(at('show') > at(`load ${OUR_PAGE}`), 'shown when there is something to see')
  assert.deepEqual([...fake.guarded].sort(), [
    'device',
    'permission check',
    'permission request',
    'request',
    'will-download',
  ])
  assert.equal(fake.windows[0].webContents.opens, 'deny')

  const page = fake.served.get('twinslot')?.(new Request('twinslot://console/'))
  assert.equal(page?.headers.get('content-security-policy'), CONTENT_SECURITY_POLICY)
  const station = await call(1, 'station.get', {})
  assert.equal(station.ok, true, JSON.stringify(station.problem))
  assert.deepEqual([station.value.host, station.value.version], ['desktop', '0.1.0'])
  await assert.rejects(call(2, 'station.get', {}, 'https://evil.example/'), /not answered/)
  assert.equal((await call(3, 'bench.add-file', { file: '/etc/passwd' })).problem.code, 'host.unknown-token')
  assert.equal(
    (await call(4, 'confirm.start', { challenge: 'invented-token', typed: 'x' })).problem.code,
    'host.unknown-token',
  )
  assert.equal((await call(5, 'settings.change', { theme: 7 })).problem.code, 'host.bad-call')
  await call(6, 'settings.change', { operator: 'Ada' })
  const told = fake.windows[0].webContents.sent as { event: { type: string } }[]
  assert.ok(told.some(({ event }) => event.type === 'settings'))

  const shows = fake.log.filter((line) => line === 'show').length
  fake.app.emit('second-instance')
  assert.equal(fake.log.filter((line) => line === 'show').length, shows + 1, 'a second start shows the first window')

  const left = once(fake.app, 'test-exit')
  fake.windows[0].emit('close', { preventDefault() {} })
  await left
  assert.equal(fake.log.at(-1), 'exit 0')
  assert.equal(fake.handlers.size, 0)
  assert.deepEqual(filesBelow(join(data, 'work')), [])
  assert.equal(existsSync(join(data, 'settings.json')), true)
})
