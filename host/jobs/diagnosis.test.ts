import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finding } from '#base/errors.ts'
import type { RunnerJob } from '#contract/runner.ts'
import type { Verdict } from '#model/slot.ts'
import { buildAppliance } from '#renderer/testing/fixtures.ts'
import { problemOf } from '../problem.ts'
import { causeOf, diagnose } from './diagnosis.ts'

const readFailed = (reason: string) =>
  causeOf(problemOf(finding('disk.read-failed', { disk: '/dev/sdb', offset: 0, reason })))[0]
const notStarted = (reason: string) => causeOf(problemOf(finding('runner.not-started', { reason })))[0]

test('only what the system says of the medium is a fault of the medium; any other error of the system is told as such', () => {
  for (const reason of ['EIO', 'ENODATA', 'opening: EIO']) assert.equal(readFailed(reason), 'bad-sectors', reason)
  for (const reason of [
    'ELOOP',
    'opening: ENAMETOOLONG',
    'too many links (ELOOP)',
    'EMFILE',
    'unknown error',
    'EINVAL',
  ])
    assert.equal(readFailed(reason), 'other', reason)
})

test('nobody is said to have refused who was not asked', () => {
  assert.equal(notStarted('exit code 126'), 'consent-refused')
  assert.equal(notStarted('exit code 127: no authentication agent found'), 'no-polkit-agent')
  for (const reason of ['SIGKILL', 'exit code 1: out of memory', 'SIGSEGV'])
    assert.equal(notStarted(reason), 'other', reason)
})

test('that the other slot still boots is said only where it did', () => {
  const problem = problemOf(finding('disk.lost', { disk: '/dev/sdb', operation: 'writing', offset: 0, reason: 'EIO' }))
  const common = { target: '/dev/sdb', at: '2026-12-01T00:00:00Z', by: 'Test', trust: 't', journal: 'j' }
  const flash: RunnerJob = { kind: 'flash', ...common, release: 'r', slot: 'A', changedOnly: true, allowOlder: null }
  const withB = (verdict: Verdict, triesLeft: number | null = null) =>
    diagnose(problem, true, flash, buildAppliance({}, { verdict, triesLeft }).recovery).safe
  assert.equal(withB('Good'), 'other-slot-boots')
  assert.equal(withB('Trying', 1), 'other-slot-boots')
  assert.equal(withB('Trying', 0), 'unknown')
  for (const verdict of ['Bad', 'Empty', 'Incomplete'] as const) assert.equal(withB(verdict), 'unknown', verdict)
  assert.equal(diagnose(problem, true, flash, null).safe, 'unknown', 'of a disk that nobody could look into')
  const restore: RunnerJob = {
    kind: 'restore',
    target: '/dev/sdb',
    at: common.at,
    by: 'Test',
    config: 'c',
    journal: 'j',
  }
  const { recovery } = buildAppliance()
  assert.equal(diagnose(problem, true, restore, recovery).safe, 'other-slot-boots')
  assert.equal(diagnose(problem, true, restore, recovery && { ...recovery, bootsNext: null }).safe, 'unknown')
  assert.equal(diagnose(problem, false, restore, null).safe, 'untouched')
})
