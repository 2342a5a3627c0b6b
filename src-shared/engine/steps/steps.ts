// Which function performs which step.
import type { Step } from '../../model/plan.ts'
import type { Evidence } from '../ports.ts'
import { changeBootState, recordSlot } from './boot.ts'
import type { StepContext } from './context.ts'
import { repairTable, wipe, writeTable } from './disk.ts'
import { writeEsp } from './esp.ts'
import { makeFilesystem } from './filesystem.ts'
import { checkSlot, writeSlot } from './slot.ts'

export async function performStep(step: Step, context: StepContext): Promise<Evidence> {
  switch (step.type) {
    case 'wipe':
      return await wipe(step, context)
    case 'write-image':
      return await writeSlot(step, context)
    case 'make-filesystem':
      return await makeFilesystem(step, context)
    case 'write-esp':
      return await writeEsp(step, context)
    case 'write-table':
      return await writeTable(step, context)
    case 'repair-table':
      return await repairTable(step, context)
    case 'record-slot':
      return await recordSlot(step, context)
    case 'check-slot':
      return await checkSlot(step, context)
    case 'boot-state':
      return await changeBootState(step, context)
  }
}
