// A bench on which somebody hostile may start the elevated runner: files and folders that only root can open, a folder of the
// attacker's own, a disk, and stand-ins for the runner's own places. Opened once per test file; bindings are live.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FromRunner, RunnerJob } from '#contract/runner.ts'
import { openRoom, type Room, SMALL_LAYOUT } from '#e2e/cli/bench-room.ts'
import { converse, type Elevated, makeOwnPlaces, NOBODY } from './elevated-runner.ts'
import { noteCodes } from './noted-codes.ts'

export const SECRET = 'root-only-words'
export const SIZE = 300_000_000
export let room: Room
export let places: ReturnType<typeof makeOwnPlaces>
/** The attacker's own folder. */
export let theirs: (name: string) => string
/** A disk that root may write and the attacker may not. */
export let loop: string | null = null

export async function openHostileRoom(): Promise<void> {
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
}

export async function closeHostileRoom(): Promise<void> {
  if (loop) execFileSync('losetup', ['--detach', loop], { timeout: 20_000 })
  await room[Symbol.asyncDispose]()
}

type Provision = Extract<RunnerJob, { kind: 'provision' }>

export const provision = (change: Partial<Provision> = {}): Provision => ({
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

export const elevated = (more: Partial<Elevated> = {}): Elevated => ({ ...places, ...more })
export const plan = (job: RunnerJob) => converse(elevated(), { verb: 'plan', unit: 'one', job, neverTouch: [] })

/** A job that needs a release, and does not have a large ESP checked each time. */
export const flash = (change: Partial<Extract<RunnerJob, { kind: 'flash' }>> = {}): RunnerJob => ({
  ...{ kind: 'flash', slot: 'B', changedOnly: false, allowOlder: null, at: '2001', by: 'mallory' },
  ...{ target: loop ?? '/dev/no-loop', trust: theirs('trust.asc'), journal: theirs('journal'), release: room.release },
  ...change,
})

/** What the runner ended with; proves on the way that nothing was quoted. */
export function codesOf({ said, text }: { readonly said: readonly FromRunner[]; readonly text: string }): string[] {
  noteCodes(text)
  const last = said.at(-1)
  assert.ok(!text.includes(SECRET), 'nothing of a file that the caller cannot read is quoted')
  // What follows a plan is the end of the input.
  if (said.some(({ say }) => say === 'planned')) return ['planned']
  return last?.say === 'failed' ? last.problems.map(({ code }) => code) : [last?.say ?? 'nothing']
}
