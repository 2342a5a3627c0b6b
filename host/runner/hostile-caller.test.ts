// The runner as root, told what to do by somebody who is not: each attack runs the real program and looks at what it said
// and at what it touched. Its own lists and places: own-places.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Plan } from '#model/plan.ts'
import { converse, NOBODY, noElevation } from '#testing/elevated-runner.ts'
import {
  closeHostileRoom,
  codesOf,
  elevated,
  loop,
  openHostileRoom,
  places,
  plan,
  provision,
  room,
  SECRET,
  SIZE,
  theirs,
} from '#testing/hostile-room.ts'

const skip = await noElevation()
before(async () => {
  if (skip === null) await openHostileRoom()
})
after(async () => {
  if (skip === null) await closeHostileRoom()
})
const withDisk = { skip: skip ?? false }

test(
  'it provisions by its own clock, with its own programs, and keeps a journal in its own place only',
  withDisk,
  async (t) => {
    if (loop === null) return t.skip('losetup gives no loop device here')
    let made: Plan | null = null
    mkdirSync(theirs('bin'))
    for (const tool of ['mke2fs', 'debugfs', 'partx', 'blockdev', 'blkdiscard', 'smartctl', 'flock', 'dd', 'findmnt']) {
      writeFileSync(theirs(`bin/${tool}`), `#!/bin/sh\necho ${tool} >> ${theirs('ran')}\n`)
      chmodSync(theirs(`bin/${tool}`), 0o755)
    }
    mkdirSync(theirs('tmp'))
    // A journal of the caller is not used: a link planted there makes no file.
    symlinkSync(room.path('closed'), theirs('journal'))
    const before = readdirSync(room.path('closed'))
    const env = {
      PATH: `${theirs('bin')}:${process.env.PATH}`,
      ...{
        TMPDIR: theirs('tmp'),
        TWINSLOT_STATE: theirs('state'),
        HOME: theirs('home'),
        MKE2FS_CONFIG: theirs('none'),
      },
    }
    const done = await converse(
      elevated({ env }),
      { verb: 'plan', unit: 'one', job: provision({ config: theirs('config') }), neverTouch: [] },
      (said) => {
        if (said.say !== 'planned') return null
        made = said.plan as Plan
        return { verb: 'apply', unit: 'one', plan: made.id }
      },
    )
    assert.equal(done.said.at(-1)?.say, 'done', done.text.slice(-2000))
    const { request } = made as unknown as Plan
    assert.ok(Math.abs(Date.parse(request.at) - Date.now()) < 3_600_000, `the runner's clock, not ${request.at}`)
    assert.equal(request.by, `mallory (user ${NOBODY})`)
    assert.deepEqual(readdirSync(room.path('closed')), before)
    for (const name of ['state', 'home', 'ran']) assert.equal(existsSync(theirs(name)), false, name)
    assert.deepEqual(readdirSync(theirs('tmp')), [])
    const journal = join(places.state, 'twinslot-runner/journal')
    assert.equal(lstatSync(journal).mode & 0o777, 0o700)
    const [file] = readdirSync(journal)
    const { uid, mode } = lstatSync(join(journal, file))
    assert.deepEqual([uid, mode & 0o777], [0, 0o600])
  },
)

test(
  'the disk is one of its own inventory, by exact name: no link, no image, no file of anybody',
  withDisk,
  async () => {
    writeFileSync(theirs('own.img'), '')
    truncateSync(theirs('own.img'), SIZE)
    chownSync(theirs('own.img'), NOBODY, NOBODY)
    writeFileSync(room.path('closed/victim.img'), SECRET)
    truncateSync(room.path('closed/victim.img'), SIZE)
    symlinkSync(room.path('closed/victim.img'), theirs('to-victim'))
    symlinkSync(loop ?? '/dev/sda', theirs('to-disk'))
    const before = readFileSync(room.path('closed/victim.img'), 'latin1')
    const names = ['own.img', 'to-victim', 'to-disk'].map(theirs)
    for (const target of [...names, '/etc/shadow', `/dev/../${loop}`]) {
      assert.deepEqual(codesOf(await plan(provision({ target }))), ['disk.not-found'], target)
    }
    for (const verb of ['look', 'check', 'config'] as const)
      assert.deepEqual(
        codesOf(await converse(elevated(), { verb, target: theirs('to-victim') })),
        ['disk.not-found'],
        verb,
      )
    assert.equal(readFileSync(room.path('closed/victim.img'), 'latin1'), before)
  },
)

test(
  'a further unit of a runner that has one gets nothing on its account: no file, no disk, no link, no other plan',
  withDisk,
  async (t) => {
    if (loop === null) return t.skip('losetup gives no loop device here')
    const secret = room.path('closed/secret')
    const file = room.path('closed/other-disk')
    writeFileSync(file, '')
    truncateSync(file, SIZE)
    const tool = (...args: string[]) => execFileSync('losetup', args, { encoding: 'utf8', timeout: 20_000 }).trim()
    const other = tool('--find', '--show', file)
    t.after(() => void tool('--detach', other))
    let own = ''
    const tries: readonly (readonly [expected: RegExp, job: ReturnType<typeof provision>])[] = [
      [/^release\.unreadable$/, provision({ target: other, release: secret })],
      [/^disk\.not-found$/, provision({ target: theirs('no-disk') })],
      [/^disk\.busy$/, provision({ target: loop })],
      [/^layout\.not-named$/, provision({ target: other, layout: secret })],
    ]
    const found: string[] = []
    const done = await converse(elevated(), { verb: 'plan', unit: 'own', job: provision(), neverTouch: [] }, (said) => {
      if (said.say === 'planned') own = (said.plan as Plan).id
      if (said.say === 'failed') found.push(said.problems[0].code)
      if (said.say === 'done') return null
      const next = tries.at(found.length)
      return next
        ? { verb: 'plan', unit: `more-${found.length}`, job: next[1], neverTouch: [] }
        : { verb: 'apply', unit: 'own', plan: own }
    })
    for (const [index, [expected]] of tries.entries()) assert.match(found[index] ?? 'nothing', expected)
    assert.equal(done.said.at(-1)?.say, 'done', done.text.slice(-2000))
    assert.ok(!done.text.includes(SECRET))
  },
)

test('who asks must be told by the system in a way that can be understood (runner.caller)', withDisk, async () => {
  const odd = await converse(elevated({ uid: '-1' }), { verb: 'look', target: '/dev/x' })
  assert.deepEqual(codesOf(odd), ['runner.caller'])
  // Nobody that the system knows: no rights but everybody's.
  const stranger = await converse(elevated({ uid: '123456' }), {
    verb: 'plan',
    unit: 'one',
    job: provision({ release: room.path('closed/secret') }),
    neverTouch: [],
  })
  assert.notDeepEqual(codesOf(stranger), ['planned'])
})
