// What scripts rely on: with --json every command prints one JSON object per line, events numbered and dated, the result
// last with `ok` and `code`; exit codes as in README. Code 7 needs a disk that is pulled out: e2e/station does it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from './bench-room.ts'
import { file } from './refusals.ts'
import { type Run, twinslotText } from './twinslot.ts'

let room: Room
let disk: string
const exits = new Set<number | null>()

before(async () => {
  room = await openRoom()
  disk = room.path('disk.img')
})
after(async () => {
  await room[Symbol.asyncDispose]()
})

async function runs(args: readonly string[], code = 'done', exit = 0): Promise<Run> {
  const run = await room.run(args)
  const told = `${args.join(' ')}: ${JSON.stringify(run.result)} ${run.stderr}`
  assert.equal(run.result.code, code, told)
  assert.equal(run.exit, exit, told)
  assert.equal(run.result.ok, exit === 0, told)
  assert.equal(run.stderr, '', told)
  run.events.forEach((event, index) => {
    assert.equal(typeof event.type, 'string', told)
    assert.notEqual(event.type, 'result')
    assert.equal(event.seq, index, told)
    assert.match(String(event.at), /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, told)
  })
  exits.add(run.exit)
  return run
}

const release = () => ['--release', room.release, '--trust', room.trust]

test('provision tells plan, steps, progress and report, in this order', async () => {
  const { events, result } = await runs([
    ...['provision', disk, '--create', '192MiB', '--layout', room.path('small.yaml'), ...release(), '--yes'],
  ])
  const types = events.map((event) => event.type)
  assert.ok(types.indexOf('authenticated') < types.indexOf('plan'))
  assert.ok(types.lastIndexOf('plan') < types.lastIndexOf('step-started'))
  assert.ok(types.includes('progress'))
  assert.deepEqual([result.applied, result.resumed, result.disk], [true, false, disk])
  assert.ok(existsSync(String(result.report)))
  const report = JSON.parse(readFileSync(String(result.report), 'utf8'))
  assert.equal(report.schema, 'twinslot-report/1')
  assert.equal(report.plan.id, result.plan)
})

test('every other command ends with one result line', async () => {
  await runs(['help'])
  await runs(['help', 'flash'])
  await runs(['flash', '--help'])
  assert.match(String((await runs(['--version'])).result.version), /^\d+\.\d+\.\d+/)
  assert.ok(Array.isArray((await runs(['disks'])).result.disks))
  await runs(['inspect', disk])
  const image = file(room, 'x.img', readFileSync(room.path('one.squashfs')))
  await runs(['release', 'sign', image, '--key', room.secret])
  await runs(['release', 'verify', image, '--trust', room.trust])
  await runs(['release', 'verify', room.release, '--trust', room.trust])
  assert.equal((await runs(['release', 'show', room.release])).result.authenticated, false)
  await runs(['release', 'show', image])
  await runs(['verify', disk, '--slot', 'A', ...release()])
  await runs(['flash', disk, '--slot', 'B', ...release(), '--plan'])
  await runs(['flash', disk, '--slot', 'B', ...release(), '--yes'])
  await runs(['slot', 'list', disk])
  assert.deepEqual((await runs(['doctor', disk])).result.damage, [])
  await runs(['config', 'restore', disk, '--from', room.path('boot'), '--plan'])
  for (const action of ['once', 'default', 'good', 'reset']) await runs(['slot', action, disk, 'B', '--yes'])
  await runs(['slot', 'bad', disk, 'A', '--yes'])
  await runs(['esp', 'list', disk])
  await runs(['esp', 'get', disk, '/ab_state', room.path('ab_state')])
  await runs(['esp', 'put', disk, '/note.txt', room.path('ab_state'), '--yes'])
})

test('the exit codes of refusals and failures', async () => {
  await runs(['flash', disk], 'cli.usage', 2)
  await runs(['flash', disk, '--slot', 'A', ...release()], 'cli.no-terminal', 2)
  await runs(['inspect', room.path('nothing')], 'disk.not-found', 3)
  await runs(['release', 'verify', room.release, '--trust', room.secret], 'trust.keyring-secret', 4)
  const other = await room.makeRelease('other', ['--counter', '2'])
  await runs(['verify', disk, '--slot', 'A', '--release', other, '--trust', room.trust], 'slot.not-this-release', 1)
  assert.deepEqual([...exits].sort(), [0, 1, 2, 3, 4])
})

test('people get text: the outcome on stdout, no colours and no control characters in a pipe', async () => {
  for (const args of [
    ['help'],
    ['disks'],
    ['inspect', disk],
    ['slot', 'list', disk],
    ['release', 'show', room.release],
  ]) {
    const { exit, out, err } = await twinslotText(args)
    assert.equal(exit, 0, err)
    assert.ok(out.length > 0, args.join(' '))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.doesNotMatch(out + err, /[\u0000-\u0009\u000b-\u001f\u007f]/, args.join(' '))
    assert.doesNotMatch(out + err, /undefined|\[object|NaN|\{\w+\}/, args.join(' '))
  }
})
