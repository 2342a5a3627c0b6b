import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '#base/errors.ts'
import type { Result } from '#base/result.ts'
import { JobFailed, type Report } from '#engine/run-plan.ts'
import { factoryState } from '#model/boot-state.ts'
import type { Plan } from '#model/plan.ts'
import { describeStep } from '#plan/describe.ts'
import { planFlash } from '#plan/flash.ts'
import { planProvision } from '#plan/provision.ts'
import { planSlot } from '#plan/select-slot.ts'
import {
  AT,
  abDisk,
  blankDisk,
  buildContent,
  buildRecords,
  buildRelease,
  flashRequest,
  provisionRequest,
  slotRequest,
} from '#testing/builders.ts'
import { accountOf } from './job.ts'

function planOf(result: Result<Plan>): Plan {
  if (!result.ok) assert.fail(JSON.stringify(result.refusals))
  return result.value
}

/** The account of a job that stopped in step `done` (from 0). */
function account(plan: Plan, done: number, touched = true) {
  const report: Report = {
    schema: 'twinslot-report/1',
    outcome: 'failed',
    job: 'job',
    plan,
    startedAt: AT,
    endedAt: AT,
    resumed: false,
    steps: plan.steps
      .slice(0, done)
      .map((step) => ({ title: describeStep(step), evidence: {}, startedAt: AT, endedAt: AT })),
    account: { bytesWritten: touched ? 5_000_000 : 0, bytesZeroed: 0, bytesRead: 9, flushes: 0, touched },
    boot: null,
    error: null,
  }
  const under = plan.steps[done]
  return accountOf(
    new JobFailed(report, new EngineError('disk.lost'), under ? describeStep(under) : null),
    'report.json',
  )
}

test('a job that read but never wrote says so, in the same words as a refusal', () => {
  const plan = planOf(planProvision(provisionRequest(), blankDisk(), buildRelease(), null, []))
  const told = account(plan, 0, false)
  assert.deepEqual([told.written, told.sentence], [false, 'Nothing was written.'])
})

test('provisioning: the account says what has become of the partition table, step by step', () => {
  const plan = planOf(planProvision(provisionRequest(), abDisk(), buildRelease(), null, []))
  const last = plan.steps.length - 1
  assert.match(account(plan, 0).sentence, /old partition table may still be there/)
  for (let done = 1; done < last; done++) {
    const { sentence } = account(plan, done)
    assert.match(sentence, /no partition table yet/)
    assert.match(sentence, new RegExp(`^5.00 MB were written and 0 B zeroed; ${done} of ${plan.steps.length} steps`))
  }
  assert.match(account(plan, last).sentence, /may be there only in part/)
  assert.match(account(plan, last + 1).sentence, /All steps were done/)
})

test('flashing: the slot is called untouched, Incomplete or finished only when it is', () => {
  const records = buildRecords({ B: { state: 'written', content: buildContent() } })
  const state = { ...factoryState('A'), wanted: 'B' as const, good: 'A' as const }
  const plan = planOf(planFlash(flashRequest(), abDisk({ records, state }), buildRelease(), null))
  const kinds = plan.steps.map((step) => step.type)
  assert.deepEqual(kinds, ['boot-state', 'record-slot', 'write-image', 'boot-state', 'record-slot'])
  const said = kinds.map((_kind, done) => account(plan, done).sentence)
  assert.match(said[0], /Slot B still holds what it held before; which slot boots may have changed/)
  assert.match(said[1], /Slot B still holds what it held before; it may be recorded as Incomplete/)
  assert.match(said[2], /Slot B is recorded as Incomplete and will not be booted; the other slot is untouched/)
  assert.match(said[3], /Slot B is recorded as Incomplete/)
  assert.match(said[4], /read back, but may still be recorded as Incomplete/)
})

test('slot commands: a complete slot stays selected', () => {
  const plan = planOf(planSlot(slotRequest({ slot: 'A', action: 'good' }), abDisk()))
  assert.match(account(plan, plan.steps.length - 1).sentence, /keeps a complete slot selected/)
})
