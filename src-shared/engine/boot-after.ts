// What boots on a disk when a job that changed its boot files is done: read back from the disk, and told by the function that knows
// what the boot loader does. What was selected is another fact.
import { isEngineError } from '#base/errors.ts'
import type { NextFacts } from '#model/next-boot-text.ts'
import type { Extent } from '#model/observation.ts'
import type { Plan } from '#model/plan.ts'
import { readBootFiles } from './boot-files.ts'
import { openEsp } from './observe.ts'
import type { BlockDevice } from './ports.ts'

/** Null when the plan changes no boot files, and when they cannot be read: nothing is claimed then. */
export async function bootAfter(plan: Plan, device: BlockDevice): Promise<NextFacts | null> {
  const esp = espIn(plan)
  if (esp === null) return null
  try {
    const volume = await openEsp(device, esp)
    if ('code' in volume) return null
    const { next, later, state } = await readBootFiles(volume)
    return { next, later, state: { wanted: state.wanted } }
  } catch (error) {
    // What the job did is done and proven; this reading only tells more of it.
    if (isEngineError(error)) return null
    throw error
  }
}

function espIn({ steps }: Plan): Extent | null {
  for (const step of steps) {
    if ('esp' in step) return step.esp
    if (step.type === 'write-esp') return { offset: step.partition.offset, length: step.partition.size }
  }
  return null
}
