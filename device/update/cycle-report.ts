// What a step ended in, as result and exit code of a command: the same words for osiris-update and hypernet-admin.
import { explain, finding } from '#base/errors.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import type { UpdateRecord } from '#model/update.ts'
import type { OwnDiskView, ProgramContext } from '../ports.ts'
import { ProgramFailed } from '../program.ts'
import type { CycleState } from './cycle-types.ts'

/** An update is under way and waits: no error, and not done either. */
export const WAITS = 8

/** What was done to the disk, as its own records say it. */
export function accountOf(record: UpdateRecord, view: OwnDiskView) {
  const { target_partition: slot } = record
  const target = view.records[slot]
  const running = `slot ${view.running}, which runs, was not touched`
  const next = nextBootLines(view).join(' ')
  if (target.state === 'incomplete')
    return {
      written: true,
      sentence: `Slot ${slot} is recorded as Incomplete and will not be booted; ${running}. ${next}`,
    }
  if (target.state === 'written' && target.content.version === record.version)
    return { written: true, sentence: `Slot ${slot} holds version ${record.version}; ${running}. ${next}` }
  return { written: false, sentence: `Nothing was written; ${running}. ${next}` }
}

/** Prints the state; returns the exit code. @throws ProgramFailed */
export async function tellState(state: CycleState, context: ProgramContext): Promise<number> {
  const { appliance, result } = context
  if (state.state === 'idle') {
    result({ state: 'idle' }, ['No update is under way.'])
    return 0
  }
  const { record } = state
  const { version, target_partition: slot } = record
  const facts = {
    state: state.state,
    update_id: record.update_id,
    version,
    target_partition: slot,
    phase: record.phase,
  }
  switch (state.state) {
    case 'rebooting':
      result(facts, [`Version ${version} is written to slot ${slot} and read back. Restarting into it.`])
      return 0
    case 'with-gate':
      result(facts, [`Version ${version} in slot ${slot}: the health gate judges it ("health-gate --status").`])
      return WAITS
    case 'waiting': {
      if (state.for === 'stopped')
        throw new ProgramFailed(accountOf(record, await appliance.disk.look()), finding('job.cancelled'))
      const { message, remedy } = explain(state.finding)
      const until = state.until && `Tried again from ${state.until.toISOString()} on.`
      result({ ...facts, waits_for: state.for, until: state.until?.toISOString() ?? null, code: state.finding.code }, [
        message,
        remedy,
        ...(until ? [until] : []),
      ])
      return WAITS
    }
    case 'failed':
      throw new ProgramFailed(accountOf(record, await appliance.disk.look()), state.finding)
    case 'cancelled': {
      const why = finding('update.cancelled', { update: record.update_id, reason: state.reason })
      throw new ProgramFailed(accountOf(record, await appliance.disk.look()), why)
    }
  }
}
