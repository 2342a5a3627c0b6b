// What the gate tells the server (interop: update-status): one function for each end of a trial. Pure; the caller adds the
// time and the update's id.
import { TRIES } from '#model/boot-state.ts'
import type { GateMemory, ProbeResults } from '#model/health.ts'
import { otherSlot, type Slot } from '#model/slot.ts'
import type { StatusReport, UpdateRecord } from '#model/update.ts'
import { failuresText, type Standing } from './health-gate.ts'

export type Report = Omit<StatusReport, 'at' | 'update_id'>

export const began = (boot: number): Report => ({ status: 'verifying', boot_attempts: boot })

export const succeeded = (boot: number, results: ProbeResults): Report => ({
  status: 'succeeded',
  boot_attempts: boot,
  health_check_result: results,
})

/** A success of an earlier boot, with what that boot's gate left. */
export const succeededBefore = (memory: GateMemory | null, update: UpdateRecord): Report => ({
  status: 'succeeded',
  ...keptResults(memory, update),
})

export const willRetry = (boot: number, results: ProbeResults): Report => ({
  status: 'verifying',
  boot_attempts: boot,
  error_message: `Health check failed, will retry (boot ${boot} of ${TRIES}): ${failuresText(results)}`,
  health_check_result: results,
})

export const wentBack = (boot: number, reason: string, results: ProbeResults): Report => ({
  status: 'rolled_back',
  error_message: reason,
  error_code: 'HEALTH_CHECK_FAILED',
  boot_attempts: boot,
  health_check_result: results,
})

/** Told by the slot that runs again. */
export const fellBack = (standing: Standing & { kind: 'fell-back' }, reason: string, update: UpdateRecord): Report => ({
  status: 'rolled_back',
  error_message: reason,
  error_code: {
    unhealthy: 'HEALTH_CHECK_FAILED',
    'gate-failed': 'HEALTH_CHECK_FAILED',
    operator: 'OPERATOR',
    'boot-failed': 'BOOT_FAILED',
    unloadable: 'BOOT_FAILED',
  }[standing.reason],
  boot_attempts: standing.boots,
  ...keptResults(standing.memory, update),
})

export const neverStarted = (update: UpdateRecord): Report => ({
  status: 'failed',
  error_code: 'NOT_STARTED',
  error_message: `Slot ${update.target_partition} was selected but never started; slot ${otherSlot(update.target_partition)} runs.`,
})

export const noWayBack = (running: Slot, boot: number, results: ProbeResults): Report & { error_message: string } => ({
  status: 'failed',
  error_code: 'NO_SLOT_TO_RETURN_TO',
  error_message: `Health check failed in ${boot} boots, and slot ${otherSlot(running)} holds nothing to go back to: ${failuresText(results)}`,
  boot_attempts: boot,
  health_check_result: results,
})

const keptResults = (memory: GateMemory | null, { update_id }: UpdateRecord): Pick<Report, 'health_check_result'> =>
  memory?.results && memory.updateId === update_id ? { health_check_result: memory.results } : {}
