// What a technician at a terminal sees and types: the plan, the question, progress, colours; and what happens when disk or
// release change while the question is on the screen.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openRoom, type Room } from './bench-room.ts'
import { anatomy, flipBit, hashOf, stateOf } from './refusals.ts'
import { type Answer, hasTerminal, onTerminal } from './terminal.ts'

let room: Room
let disk: string
const skip = hasTerminal() ? false : 'needs script (util-linux) on Linux'
const PROMPT = 'to go ahead: '

before(async () => {
  if (skip) return
  room = await openRoom()
  disk = room.path('disk.img')
  const args = ['provision', disk, '--create', '192MiB', '--layout', room.path('small.yaml'), '--yes']
  const made = await room.run([...args, '--release', room.release, '--trust', room.trust])
  assert.equal(made.exit, 0, JSON.stringify(made.result))
})
after(async () => {
  await room?.[Symbol.asyncDispose]()
})

const flash = (release = room.release) => ['flash', disk, '--slot', 'B', '--release', release, '--trust', room.trust]
const at = (args: readonly string[], answer: Answer['answer'], env = {}) =>
  onTerminal(args, [{ prompt: PROMPT, answer }], { ...room.env, ...env })

/** Runs it, expects a code and exit code, nothing written, and the account as the first words of the failure. */
async function nothingWritten(answer: Answer['answer'], code: string, exit: number): Promise<void> {
  const before = stateOf(disk)
  const { exit: found, screen } = await at(flash(), answer)
  assert.match(screen, new RegExp(`Nothing was written\\..*code ${code.replace('.', '\\.')}`, 's'), screen)
  assert.equal(found, exit, screen)
  assert.equal(stateOf(disk), before)
}

test('any other answer than the name of the file ends with exit code 6, and nothing is written', { skip }, async () => {
  await nothingWritten('yes\r', 'cli.not-confirmed', 6)
  await nothingWritten('\r', 'cli.not-confirmed', 6)
})

test('Ctrl-C and Ctrl-D at the question end with exit code 6, and nothing is written', { skip }, async () => {
  await nothingWritten('\u0003', 'job.cancelled', 6)
  await nothingWritten('\u0004', 'job.cancelled', 6)
})

test('the right answer proceeds: the plan before, the progress bar and colours while it works', { skip }, async () => {
  const { exit, screen } = await at(flash(), 'DISK.img\r')
  assert.equal(exit, 0, screen)
  assert.match(screen, /slot B will be overwritten with 1\.0\.0/)
  assert.match(screen, /will be erased.*slot B \(empty\).*will be kept.*slot A/s)
  assert.match(screen, /Type the file's name \(disk\.img\) to go ahead/)
  assert.match(screen, /━+╌*.* %/)
  assert.ok(screen.includes('\u001b[32m'), 'colours on a terminal')
  assert.match(screen, /Slot B holds 1\.0\.0; every byte was read back/)
})

test('NO_COLOR is obeyed on a terminal', { skip }, async () => {
  const { screen } = await onTerminal(['slot', 'list', disk], [], { ...room.env, NO_COLOR: '1' })
  assert.match(screen, /slot A {2}Good/)
  for (const colour of [1, 2, 31, 32, 33, 36]) assert.ok(!screen.includes(`\u001b[${colour}m`), String(colour))
})

test('a disk that is swapped while the question is on the screen is not written', { skip }, async () => {
  const other = room.path('other.img')
  copyFileSync(disk, other)
  const [first, second] = [await hashOf(disk), stateOf(other)]
  const { exit, screen } = await at(flash(), () => {
    renameSync(disk, room.path('pulled.img'))
    renameSync(other, disk)
    return 'disk.img\r'
  })
  assert.match(screen, /Nothing was written\..*The confirmed disk was.*code plan\.disk-changed/s, screen)
  assert.equal(exit, 3)
  assert.equal(stateOf(disk), second)
  assert.equal(await hashOf(room.path('pulled.img')), first)
})

test('a disk whose content changes while the question is on the screen must be confirmed again', { skip }, async () => {
  const { exit, screen } = await at([...flash(), '--allow-older', 'a test'], async () => {
    const done = await room.run(['slot', 'bad', disk, 'B', '--yes'])
    assert.equal(done.exit, 0, JSON.stringify(done.result))
    const two = await room.makeRelease('two', ['--version', '2.0.0', '--counter', '2'], room.path('one.squashfs'))
    const other = await room.run([...flash(two), '--yes'])
    assert.equal(other.exit, 0, JSON.stringify(other.result))
    return 'disk.img\r'
  })
  assert.match(screen, /Nothing was written\..*code plan\.changed/s, screen)
  assert.equal(exit, 3)
})

test('a file for /config that is edited while the question is on the screen must be confirmed again', {
  skip,
}, async () => {
  mkdirSync(room.path('config'))
  writeFileSync(room.path('config/a.yaml'), 'one')
  const before = stateOf(disk)
  const more = ['--config', room.path('config'), '--layout', room.path('small.yaml'), '--allow-older', 'a test']
  const { exit, screen } = await at(['provision', ...flash().slice(1, 2), ...flash().slice(4), ...more], () => {
    writeFileSync(room.path('config/a.yaml'), 'two')
    return 'disk.img\r'
  })
  assert.match(screen, /Nothing was written\..*code plan\.changed/s, screen)
  assert.equal(exit, 3)
  assert.equal(stateOf(disk), before)
})

test('a release that is edited while the question is on the screen never gets into a bootable slot', {
  skip,
}, async () => {
  const bundle = room.path('two.twinslot')
  const good = readFileSync(bundle)
  const { blocks } = anatomy(bundle)
  const { exit, screen } = await at(flash(bundle), () => {
    writeFileSync(bundle, flipBit(good, blocks[0] + 5000))
    return 'disk.img\r'
  })
  writeFileSync(bundle, good)
  assert.match(screen, /were written and.*Slot B is recorded as Incomplete.*code write\.source-mismatch/s, screen)
  assert.equal(exit, 1, 'something was written: it is no refusal any more')
  const { result } = await room.run(['slot', 'list', disk])
  assert.equal((result.slots as Record<string, { verdict: string }>).B.verdict, 'Incomplete')
  const select = await room.run(['slot', 'default', disk, 'B', '--yes'])
  assert.equal(select.result.code, 'slot.not-selectable')
})
