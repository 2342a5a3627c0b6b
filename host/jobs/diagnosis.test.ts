import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finding } from '#base/errors.ts'
import { problemOf } from '../problem.ts'
import { causeOf } from './diagnosis.ts'

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
