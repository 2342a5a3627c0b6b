// `npm start` in the browser host, as a program: it is ready to try, it is there for whoever has its address, it is the only
// one on its data folder, it says in words what is in its way, and it ends at Ctrl-C, but not in the middle of a write.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { StationView } from '#contract/views.ts'
import { openRoom, type Room } from '#e2e/cli/bench-room.ts'
import { NO_CONSENT } from '#host/consent.ts'
import { openConsole } from '#host/console.ts'
import { developmentRunner, runnerFor } from '#host/runner-command.ts'
import { interruptRule, runBrowserHost } from '#host/web/browser-host.ts'
import { addressBehind, doorOf } from '#host/web/door.ts'
import { NO_SIGNAL, openConsoleBench } from '#testing/console-bench.ts'
import { eventually } from '#testing/fake-host.ts'
import { visit } from '#testing/web-visitor.ts'
import { rendererDigest } from './build-renderer.ts'
import { seedConsole } from './seed-console.ts'

let room: Room
let assets: string
before(async () => {
  room = await openRoom()
  assets = room.path('assets')
  mkdirSync(assets)
  writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Twinslot</title>')
})
after(() => room[Symbol.asyncDispose]())

const stationOf = async (dataDir: string): Promise<StationView> => {
  await using console = await openConsole({
    consent: NO_CONSENT,
    dataDir,
    kind: 'browser',
    version: '0',
    chooser: async () => [],
    runnerFor: runnerFor(developmentRunner()),
    listDisks: async () => ({ disks: [], notes: [] }),
  })
  return await console.calls['station.get']({}, NO_SIGNAL)
}

test('a newcomer finds a trusted release, its key and an empty virtual T640; what they remove stays removed', async () => {
  const dataDir = room.path('seeded')
  mkdirSync(room.path('config'), { recursive: true })
  writeFileSync(room.path('config/server.yaml'), 'server: {}\n')
  const demo = { releases: [room.release], trust: room.trust, config: room.path('config') }
  assert.equal(await seedConsole(dataDir, '0', demo), true)
  const { images, keys, bench } = await stationOf(dataDir)
  assert.deepEqual(
    images.map(({ version, state }) => [version, state]),
    [['1.0.0', 'verified']],
  )
  assert.equal(keys.length, 1)
  assert.deepEqual(
    bench.units.map(({ content, size }) => [content, size]),
    [['blank', 16_000_000_000]],
  )
  assert.equal(await seedConsole(dataDir, '0', demo), false)
  rmSync(join(dataDir, 'virtual', 'T640.img'))
  assert.equal(await seedConsole(dataDir, '0', demo), false)
  assert.deepEqual((await stationOf(dataDir)).bench.units, [])
  // Another demo key and release of the same name: the old one is replaced.
  const other = await room.makeRelease('other', ['--counter', '2'])
  copyFileSync(other, room.path('copy.twinslot'))
  mkdirSync(room.path('newer'))
  const renamed = join(room.path('newer'), room.release.split('/').at(-1) ?? '')
  copyFileSync(other, renamed)
  assert.equal(await seedConsole(dataDir, '0', { ...demo, releases: [renamed] }), true)
  const again = await stationOf(dataDir)
  assert.deepEqual(
    again.images.map(({ counter }) => counter),
    [2],
  )
})

/** A browser host over a bench's data folder; `ask` is Ctrl-C. */
function host(dataDir: string) {
  const said: string[] = []
  let ask = () => {}
  const ended = runBrowserHost({
    dataDir,
    version: '0',
    assets,
    say: (line) => said.push(line),
    onInterrupt: (interrupt) => {
      ask = interrupt
    },
  })
  let over = false
  const finished = ended.finally(() => {
    over = true
  })
  return { said, ask: () => ask(), finished, over: () => over }
}

test('the browser host prints an address that lets one visitor in, and ends at Ctrl-C', async () => {
  const it = host(room.path('browser'))
  const line = await eventually(() => it.said.find((each) => each.includes('http://127.0.0.1:')))
  const url = line.slice(line.indexOf('http'))
  assert.match(await (await fetch(url)).text(), /Twinslot/)
  const visitor = await visit(url)
  assert.ok(visitor)
  assert.equal(await visit(url), null)
  assert.ok(await visit(url, visitor.session))
  it.ask()
  await it.finished
  await assert.rejects(fetch(new URL('/', url)))
})

test('a second console on the same folder is refused before it changes anything; the first one stays as it was', async () => {
  const dataDir = room.path('once')
  const first = host(dataDir)
  await eventually(() => first.said.length > 1)
  writeFileSync(join(dataDir, 'work', 'draft'), 'of the first one')
  const address = await addressBehind(dataDir)
  await assert.rejects(host(dataDir).finished, { code: 'host.running' })
  assert.ok(existsSync(join(dataDir, 'work', 'draft')))
  assert.equal(await addressBehind(dataDir), address)
  assert.ok(first.said[0].endsWith(address ?? 'no address'), 'one address at a time')
  first.ask()
  await first.finished
  assert.ok(!existsSync(doorOf(dataDir)))
})

interface Child {
  /** What it said so far, on both ways. */
  text(): string
  readonly code: Promise<number | null>
  interrupt(): void
}

/** The real program on a data folder of its own, without the demo. */
function npmStart(dataDir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, SSH_CONNECTION: _ssh, ...rest } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'start.ts'), '--no-demo', ...args], {
    env: { ...rest, TWINSLOT_DATA: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { text: () => text, code, interrupt: () => void child.kill('SIGINT') }
}

/** An `xdg-open` that notes what it was started with. */
function fakeOpener(): { readonly path: string; opened(): string } {
  const folder = room.path('opener')
  mkdirSync(folder)
  const note = join(folder, 'note')
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$@" >"${note}"\n`, { mode: 0o755 })
  return {
    path: `${folder}:${process.env.PATH}`,
    opened: () => (existsSync(note) ? readFileSync(note, 'utf8').trim() : ''),
  }
}

test('a second start while one is running gives a further address of the same console, and ends', async () => {
  const dataDir = room.path('twice')
  const { path, opened } = fakeOpener()
  const first = npmStart(dataDir, ['--web'], { DISPLAY: ':0', PATH: path })
  const [url] = await eventually(() => /http:\S+/.exec(first.text()))
  // No token among a browser's arguments: everybody on the computer can read them.
  assert.equal(await eventually(opened), doorOf(dataDir))
  assert.ok(await visit(url))
  const ssh = { SSH_CONNECTION: '192.0.2.7 51000 192.0.2.9 2222', DISPLAY: '' }
  const second = npmStart(dataDir, ['--web'], ssh)
  assert.equal(await second.code, 0)
  assert.match(second.text(), /^The console is running already\. A further window of it is at http/)
  const [further] = /http:\S+/.exec(second.text()) ?? ['']
  assert.notEqual(further, url)
  assert.ok(await visit(further))
  // Over SSH: how to get there from the computer in front of the person.
  const { port } = new URL(url)
  assert.match(second.text(), new RegExp(`ssh -N -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 \\w+@192\\.0\\.2\\.9`))
  first.interrupt()
  assert.equal(await first.code, 0)
})

test('what is in the way of a start is said in words, in one line, with what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const used = npmStart(room.path('used'), ['--web', '--port', String(port)])
  const kiosk = npmStart(room.path('no-kiosk'), ['--kiosk'])
  const wrong = npmStart(room.path('wrong'), ['--port', 'eighty'])
  const unknown = npmStart(room.path('wrong'), ['--wbe'])
  assert.deepEqual([await used.code, await kiosk.code, await wrong.code, await unknown.code], [1, 1, 2, 2])
  server.close()
  assert.match(used.text(), new RegExp(`^npm start: Port ${port} .+ another program uses it\\. Name another one.+\\n$`))
  assert.match(kiosk.text(), /^npm start: The console cannot be shown in kiosk mode: .+\n$/)
  assert.match(wrong.text(), /^npm start: --port eighty: a port is a number up to 65535\n/)
  assert.match(unknown.text(), /^npm start: Unknown option '--wbe'/)
})

test('while a job writes the first Ctrl-C only says so, and the second ends; otherwise the first ends', () => {
  let busy = true
  const told: string[] = []
  const rule = () => interruptRule({ busy: () => busy, say: (line) => told.push(line), end: () => told.push('end') })
  const twice = rule()
  twice()
  assert.deepEqual([told.length, told[0].startsWith('A job is writing')], [1, true])
  twice()
  twice()
  assert.deepEqual(told.slice(1), ['Stopping: the step under way is being brought to a safe end.', 'end'])
  told.length = 0
  const later = rule()
  later()
  busy = false
  later()
  rule()()
  assert.deepEqual(told.slice(1), ['end', 'end'])
})

test('a console that is closed during a job stops it at a safe point: nothing runs or writes afterwards', async () => {
  const bench = await openConsoleBench(room, { name: 'busy', disks: 1 })
  const { calls, busy } = bench.console
  const { plans } = await bench.provision(bench.units)
  const { challenge, expected } = await calls['confirm.begin']({ plans: plans.map(({ plan }) => plan) }, NO_SIGNAL)
  await calls['confirm.start']({ challenge, typed: expected }, NO_SIGNAL)
  assert.equal(busy(), true)
  await bench[Symbol.asyncDispose]()
  assert.equal(busy(), false)
  const disk = join(bench.data, 'disks', 'disk-0.img')
  const before = statSync(disk).mtimeMs
  await delay(300)
  assert.equal(statSync(disk).mtimeMs, before)
})

test('the renderer is built again when, and only when, something that it is made of has changed', async () => {
  const root = room.path('sources')
  for (const folder of ['renderer', 'src-shared/contract', 'src-shared/base', 'src-shared/model', 'src-shared/plan'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const file of ['vite.config.ts', 'package-lock.json', 'renderer/main.tsx']) writeFileSync(join(root, file), file)
  const first = await rendererDigest(root)
  writeFileSync(join(root, 'renderer', 'main.test.tsx'), 'a test is no part of it')
  utimesSync(join(root, 'renderer', 'main.tsx'), 1, 1)
  assert.equal(await rendererDigest(root), first)
  writeFileSync(join(root, 'src-shared', 'model', 'x.ts'), 'x')
  assert.notEqual(await rendererDigest(root), first)
})
