// The runner as root, told what to do by somebody who is not: each attack runs the real program and looks at what it said
// and at what it touched.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openRoom, type Room, SMALL_LAYOUT } from '../../e2e/cli/bench-room.ts'
import type { FromRunner, RunnerJob } from '../../src-shared/contract/runner.ts'
import type { Plan } from '../../src-shared/model/plan.ts'
import {
  converse,
  type Elevated,
  makeOwnPlaces,
  NOBODY,
  noElevation,
} from '../../src-shared/testing/elevated-runner.ts'

const SECRET = 'root-only-words'
const SIZE = 300_000_000
const skip = await noElevation()
let room: Room
let places: ReturnType<typeof makeOwnPlaces>
/** The attacker's own folder. */
let theirs: (name: string) => string
/** A disk that root may write and the attacker may not. */
let loop: string | null = null

before(async () => {
  if (skip !== null) return
  // The test runner's own temporary folder is closed to others.
  process.env.TMPDIR = '/var/tmp'
  room = await openRoom()
  chmodSync(room.path('.'), 0o755)
  mkdirSync(room.path('closed'), { mode: 0o700 })
  for (const name of ['secret', 'secret.yaml', 'secret.img', 'secret.asc'])
    writeFileSync(room.path(`closed/${name}`), `${SECRET}: ${SECRET}\n`, { mode: 0o600 })
  places = makeOwnPlaces(room.path('closed'))
  copyFileSync(room.trust, join(places.lists, 'trust.asc'))
  mkdirSync(room.path('theirs'))
  theirs = (name) => room.path(`theirs/${name}`)
  mkdirSync(theirs('config'))
  writeFileSync(theirs('config/config.yaml'), 'a: 1\n')
  for (const each of ['.', 'config', 'config/config.yaml']) chownSync(theirs(each), NOBODY, NOBODY)
  writeFileSync(room.path('closed/disk'), '')
  truncateSync(room.path('closed/disk'), SIZE)
  try {
    loop = execFileSync('losetup', ['--find', '--show', room.path('closed/disk')], {
      encoding: 'utf8',
      timeout: 20_000,
    }).trim()
  } catch {
    // Tests that need a disk say so.
  }
})
after(async () => {
  if (skip !== null) return
  if (loop) execFileSync('losetup', ['--detach', loop], { timeout: 20_000 })
  await room[Symbol.asyncDispose]()
})

type Provision = Extract<RunnerJob, { kind: 'provision' }>

const provision = (change: Partial<Provision> = {}): Provision => ({
  kind: 'provision',
  target: loop ?? '/dev/no-loop',
  trust: theirs('trust.asc'),
  journal: theirs('journal'),
  at: '2001-01-01T00:00:00Z',
  by: 'mallory',
  release: room.release,
  boot: null,
  layout: SMALL_LAYOUT,
  slots: ['A'],
  config: null,
  luksKey: null,
  seed: '00112233445566778899aabbccddeeff',
  allowOlder: null,
  ...change,
})

const elevated = (more: Partial<Elevated> = {}): Elevated => ({ ...places, ...more })
const plan = (job: RunnerJob) => converse(elevated(), { verb: 'plan', job, neverTouch: [] })

function codesOf({ said, text }: { readonly said: readonly FromRunner[]; readonly text: string }): string[] {
  const last = said.at(-1)
  assert.ok(!text.includes(SECRET), 'nothing of a file that the caller cannot read is quoted')
  // What follows a plan is the end of the input.
  if (said.some(({ say }) => say === 'planned')) return ['planned']
  return last?.say === 'failed' ? last.problems.map(({ code }) => code) : [last?.say ?? 'nothing']
}

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
      { verb: 'plan', job: provision({ config: theirs('config') }), neverTouch: [] },
      (said) => {
        if (said.say !== 'planned') return null
        made = said.plan as Plan
        return { verb: 'apply', plan: made.id }
      },
    )
    assert.equal(done.said.at(-1)?.say, 'done', done.text.slice(-2000))
    const { request } = made as unknown as Plan
    assert.ok(Math.abs(Date.parse(request.at) - Date.now()) < 3_600_000, `the runner's clock, not ${request.at}`)
    assert.equal(request.by, `mallory (user ${NOBODY})`)
    for (const name of ['journal', 'state', 'home', 'ran']) assert.equal(existsSync(theirs(name)), false, name)
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
    for (const target of [...names, room.path('closed/victim.img'), '/etc/shadow', '/nonexistent', `/dev/../${loop}`]) {
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
  'what the caller cannot read is refused as if they had opened it, and whether it exists is not told',
  withDisk,
  async () => {
    const told = ({ said }: { readonly said: readonly FromRunner[] }, name: string) =>
      JSON.stringify(said).replaceAll(name, 'NAME')
    const fields: readonly ((path: string) => Partial<Provision>)[] = [
      (path) => ({ release: path }),
      (path) => ({ boot: path }),
      (path) => ({ config: path }),
      (path) => ({ layout: path }),
    ]
    const common = { target: loop ?? '/dev/no-loop', at: '2001', by: 'm', journal: theirs('journal') }
    const base = { ...common, trust: theirs('trust.asc') }
    const flash = { kind: 'flash', slot: 'B', changedOnly: false, allowOlder: null, ...base } as const
    const jobs: readonly ((path: string) => RunnerJob)[] = [
      ...fields.map((field) => (path: string) => provision(field(path))),
      (release) => ({ ...flash, release }),
      (release) => ({ kind: 'repair', repair: 'boot-loader', ...base, release }),
      (config) => ({ kind: 'restore', ...common, config }),
    ]
    for (const job of jobs) {
      const [there, missing] = [room.path('closed/secret'), room.path('closed/nothing')]
      const first = await plan(job(there))
      const second = await plan(job(missing))
      assert.notDeepEqual(codesOf(first), ['planned'], JSON.stringify(job('x')))
      codesOf(second)
      assert.equal(told(first, there), told(second, missing))
    }
    assert.deepEqual(codesOf(await plan(provision({ layout: '/etc/shadow' }))), ['layout.unknown'])
    assert.deepEqual(codesOf(await plan(provision({ layout: room.path('small.yaml') }))), ['layout.unknown'])
  },
)

test(
  'no link in a place of the caller leads to a file of root, and a folder of root is not read',
  withDisk,
  async () => {
    symlinkSync(room.path('closed/secret'), theirs('release.twinslot'))
    symlinkSync(room.release, theirs('good.twinslot'))
    assert.deepEqual(codesOf(await plan(provision({ release: theirs('release.twinslot') }))), ['release.unreadable'])
    assert.deepEqual(codesOf(await plan(provision({ release: theirs('good.twinslot') }))), ['release.unreadable'])
    assert.deepEqual(codesOf(await plan(provision({ config: room.path('closed') }))), ['config.unreadable'])
    symlinkSync(room.path('closed'), theirs('config-link'))
    assert.deepEqual(codesOf(await plan(provision({ config: theirs('config-link') }))), ['config.unreadable'])
    mkdirSync(theirs('planted'))
    symlinkSync(room.path('closed/secret'), theirs('planted/config.yaml'))
    assert.deepEqual(codesOf(await plan(provision({ config: theirs('planted') }))), ['config.not-plain'])
  },
)

test('a journal of the caller is not used: a link planted there makes no file', withDisk, async (t) => {
  if (loop === null) return t.skip('losetup gives no loop device here')
  symlinkSync(room.path('closed'), theirs('journal-link'))
  const before = readdirSync(room.path('closed'))
  const slot = {
    kind: 'repair',
    target: loop,
    at: '2001',
    by: 'm',
    repair: 'environment',
    release: null,
    trust: null,
  } as const
  for (const journal of [theirs('journal-link'), room.path('closed'), theirs('new-journal')]) {
    codesOf(await plan({ ...slot, journal }))
    codesOf(await plan(provision({ journal })))
  }
  assert.deepEqual(readdirSync(room.path('closed')), before)
  assert.equal(existsSync(theirs('new-journal')), false)
})

test("whose releases are written is this computer's list, not the caller's", withDisk, async (t) => {
  if (loop === null) return t.skip('losetup gives no loop device here')
  const list = join(places.lists, 'trust.asc')
  copyFileSync(room.trust, theirs('trust.asc'))
  const other = [
    '--name',
    'Other <o@example.org>',
    '--secret',
    room.path('other-key.asc'),
    '--public',
    room.path('other.asc'),
  ]
  assert.equal((await room.run(['key', 'create', ...other])).exit, 0)
  try {
    copyFileSync(room.path('other.asc'), list)
    const [code] = codesOf(await plan(provision()))
    assert.match(code, /^trust\./)
    rmSync(list)
    assert.deepEqual(codesOf(await plan(provision())), ['runner.no-trust'])
    symlinkSync(theirs('trust.asc'), list)
    assert.deepEqual(codesOf(await plan(provision())), ['runner.place-unsafe'])
    rmSync(list)
    copyFileSync(room.trust, list)
    chownSync(list, NOBODY, NOBODY)
    assert.deepEqual(codesOf(await plan(provision())), ['runner.place-unsafe'])
  } finally {
    rmSync(list, { force: true })
    copyFileSync(room.trust, list)
  }
  assert.deepEqual(codesOf(await plan(provision())), ['planned'])
})

test(
  'a state folder that somebody else can write, or a link, is not used (runner.place-unsafe)',
  withDisk,
  async (t) => {
    if (loop === null) return t.skip('losetup gives no loop device here')
    const state = join(places.state, 'twinslot-runner')
    rmSync(state, { recursive: true, force: true })
    mkdirSync(state)
    chmodSync(state, 0o777)
    assert.deepEqual(codesOf(await plan(provision())), ['runner.place-unsafe'])
    rmSync(state, { recursive: true })
    symlinkSync(theirs('.'), state)
    assert.deepEqual(codesOf(await plan(provision())), ['runner.place-unsafe'])
    rmSync(state)
  },
)

test('who asks must be told by the system in a way that can be understood (runner.caller)', withDisk, async () => {
  for (const uid of ['', 'root', '-1', '0x0', '99999999999', '4294967295', '0 ']) {
    const told = await converse(elevated({ uid }), { verb: 'look', target: '/dev/x' })
    assert.deepEqual(codesOf(told), ['runner.caller'], JSON.stringify(uid))
  }
  // Nobody that the system knows: no rights but everybody's.
  const stranger = await converse(elevated({ uid: '123456' }), {
    verb: 'plan',
    job: provision({ release: room.path('closed/secret') }),
    neverTouch: [],
  })
  assert.notDeepEqual(codesOf(stranger), ['planned'])
})

/** The guard's program, with `list` as its input. */
const guard = (word: string, list: string) =>
  converse({ ...places, program: ['host/runner/guard.ts', word] }, list === '' ? '\n' : list)

test(
  'the guard replaces the lists, for root only, and what it wrote counts for the next runner',
  withDisk,
  async () => {
    const list = join(places.lists, 'trust.asc')
    const keys = readFileSync(room.trust, 'utf8')
    try {
      rmSync(list)
      const { exit, text } = await guard('trust', keys)
      assert.equal(exit, 0, text)
      const { uid, mode } = lstatSync(list)
      assert.deepEqual([uid, mode & 0o777], [0, 0o644])
      assert.deepEqual(readdirSync(places.lists).sort(), ['trust.asc'])
      assert.equal((await guard('never-touch', '# the bench itself\nS4F2A91 \n\n')).exit, 0)
      assert.equal(readFileSync(join(places.lists, 'never-touch'), 'utf8'), 'S4F2A91\n')
      for (const [word, given] of [
        ['trust', 'no keys'],
        ['other', keys],
      ])
        assert.notEqual((await guard(word, given)).exit, 0)
      assert.match((await guard('other', '')).text, /"other" is not what it takes/)
      const program = [join(import.meta.dirname, 'guard.ts'), 'trust']
      const stranger = spawnSync(process.execPath, program, { uid: NOBODY, gid: NOBODY, input: keys, timeout: 60_000 })
      assert.notEqual(stranger.status, 0)
    } finally {
      rmSync(join(places.lists, 'never-touch'), { force: true })
      copyFileSync(room.trust, list)
    }
  },
)

test(
  'a key that was revoked stays revoked: neither an older copy nor leaving it out brings it back',
  withDisk,
  async () => {
    const { generateKey, readKey, revokeKey } = await import('openpgp')
    const made = await generateKey({ userIDs: [{ name: 'A', email: 'a@example.org' }], format: 'object' })
    const older = made.publicKey.armor()
    const { publicKey: revoked } = await revokeKey({ key: made.privateKey, format: 'object' })
    const list = join(places.lists, 'trust.asc')
    const fingerprint = made.publicKey.getFingerprint()
    const { parseTrust } = await import('../../src-shared/trust/keyring.ts')
    const kept = async () => {
      const { keys } = await parseTrust(readFileSync(list))
      const key = keys.find((each) => each.getFingerprint() === fingerprint)
      return key ? await key.isRevoked() : 'gone'
    }
    try {
      assert.equal((await guard('trust', revoked.armor())).exit, 0)
      assert.equal((await guard('trust', older)).exit, 0)
      assert.equal(await kept(), true)
      assert.equal((await guard('trust', readFileSync(room.trust, 'utf8'))).exit, 0)
      assert.equal(await kept(), true)
      assert.equal((await readKey({ armoredKey: older })).getFingerprint(), fingerprint)
    } finally {
      copyFileSync(room.trust, list)
    }
  },
)
