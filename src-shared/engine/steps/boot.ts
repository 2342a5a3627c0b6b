// Steps on the boot files: the slot record and the boot state. Short, and not cancelled half-way.
import { EngineError } from '#base/errors.ts'
import { armTrial, type BootState, confirm, markBad, reset, select, type Transition } from '#model/boot-state.ts'
import type { Extent } from '#model/observation.ts'
import type { BootChange, Plan, Step } from '#model/plan.ts'
import type { SlotContent, SlotRecords } from '#model/slot.ts'
import { applyTransition, changeRecords } from '../boot-files.ts'
import { openEsp } from '../observe.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>

/** What a slot will hold once the plan's image is in it. */
export function contentOf(plan: Plan): SlotContent {
  const { release, request } = plan
  if (!release?.system)
    throw new EngineError('plan.no-system-image', { release: release?.digest.slice(0, 16) ?? 'none' })
  return {
    product: release.product,
    version: release.version,
    counter: release.counter,
    size: release.system.size,
    sha256: release.system.sha256,
    signer: release.signer,
    writtenAt: request.at,
    writtenBy: request.by,
  }
}

type Context = Pick<StepContext, 'device' | 'plan'>

export async function recordSlot(step: StepOf<'record-slot'>, context: Context): Promise<Evidence> {
  const { plan } = context
  const volume = await espOf(step.esp, context)
  const record: SlotRecords['A'] =
    step.state === 'written'
      ? { state: 'written', content: contentOf(plan) }
      : { state: 'incomplete', since: plan.request.at, by: plan.request.by, version: plan.release?.version ?? null }
  await changeRecords(volume, context.device, (records) => ({
    ...records,
    [step.slot]: record,
    override: step.override ?? records.override,
  }))
  return { slot: step.slot, state: step.state }
}

export async function changeBootState(step: StepOf<'boot-state'>, context: Context): Promise<Evidence> {
  const volume = await espOf(step.esp, context)
  const { override } = step
  if (override) await changeRecords(volume, context.device, (records) => ({ ...records, override }))
  const after = await applyTransition(volume, (state) => transitionOf(step.change, state))
  return { wanted: after.wanted, good: after.good, trying: after.trying, triesLeft: after.left }
}

function transitionOf(change: BootChange, state: BootState): Transition {
  switch (change.kind) {
    case 'arm':
      return armTrial(state, change.slot, change.tries)
    case 'select':
      return select(state, change.slot)
    case 'confirm':
      return confirm(state, change.slot)
    case 'bad':
      return markBad(state, change.slot)
    case 'reset':
      return reset(state, change.slot)
  }
}

/** @throws EngineError `fat.*` when the ESP cannot be read */
export async function espOf(esp: Extent, { device }: Pick<StepContext, 'device'>) {
  const volume = await openEsp(device, esp)
  if ('code' in volume) throw new EngineError(volume.code, volume.details)
  return volume
}
