// Files that a hostile caller names: the elevated runner opens them as the caller, and tells nothing that they could not see.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { FromRunner, RunnerJob } from '#contract/runner.ts'
import { noElevation } from '#testing/elevated-runner.ts'
import {
  closeHostileRoom,
  codesOf,
  flash,
  loop,
  openHostileRoom,
  plan,
  provision,
  room,
  theirs,
} from '#testing/hostile-room.ts'

type Provision = Extract<RunnerJob, { kind: 'provision' }>

const skip = await noElevation()
before(async () => {
  if (skip === null) await openHostileRoom()
})
after(async () => {
  if (skip === null) await closeHostileRoom()
})
const withDisk = { skip: skip ?? false }

test(
  'what the caller cannot read is refused as if they had opened it, and whether it exists is not told',
  withDisk,
  async () => {
    const told = ({ said }: { readonly said: readonly FromRunner[] }, name: string) =>
      JSON.stringify(said).replaceAll(name, 'NAME')
    const fields: readonly ((path: string) => Partial<Provision>)[] = [
      (path) => ({ release: path }),
      (path) => ({ boot: path }),
      (path) => ({ layout: path }),
    ]
    const common = { target: loop ?? '/dev/no-loop', at: '2001', by: 'm', journal: theirs('journal') }
    const base = { ...common, trust: theirs('trust.asc') }
    const jobs: readonly ((path: string) => RunnerJob)[] = [
      ...fields.map((field) => (path: string) => provision(field(path))),
      (release) => flash({ release }),
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
    assert.deepEqual(codesOf(await plan(provision({ layout: '/etc/shadow' }))), ['layout.not-named'])
    assert.deepEqual(codesOf(await plan(provision({ layout: room.path('small.yaml') }))), ['layout.not-named'])
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
    const restore = (config: string): RunnerJob => ({
      ...{ kind: 'restore', target: loop ?? '/dev/no-loop', at: '2001', by: 'm' },
      ...{ journal: theirs('journal'), config },
    })
    symlinkSync(room.path('closed'), theirs('config-link'))
    assert.deepEqual(codesOf(await plan(restore(theirs('config-link')))), ['config.unreadable'])
    mkdirSync(theirs('planted'))
    symlinkSync(room.path('closed/secret'), theirs('planted/config.yaml'))
    assert.deepEqual(codesOf(await plan(restore(theirs('planted')))), ['config.not-plain'])
  },
)
