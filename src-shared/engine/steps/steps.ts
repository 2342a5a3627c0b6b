// Which function performs which step.
import type { Step } from '#model/plan.ts'
import type { Evidence } from '../ports.ts'
import { changeBootState, recordSlot } from './boot.ts'
import { checkDisk, probeDisk } from './check-disk.ts'
import type { StepContext } from './context.ts'
import { repairTable, wipe, writeTable } from './disk.ts'
import { writeEsp } from './esp.ts'
import { makeFilesystem } from './filesystem.ts'
import { putBootFiles, reviveSlot, rewriteBootState } from './repair-boot.ts'
import { identifySlots } from './repair-record.ts'
import { keepConfig, replaceFiles } from './restore.ts'
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
    case 'probe-disk':
      return await probeDisk(context)
    case 'check-disk':
      return await checkDisk(step, context)
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
    case 'rewrite-boot-state':
      return await rewriteBootState(step, context)
    case 'put-boot-files':
      return await putBootFiles(step, context)
    case 'identify-slots':
      return await identifySlots(step, context)
    case 'revive-slot':
      return await reviveSlot(step, context)
    case 'keep-config':
      return await keepConfig(step, context)
    case 'replace-files':
      return await replaceFiles(step, context)
  }
}
