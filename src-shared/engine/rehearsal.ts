// What a step would be refused, found before the job begins: the same code writes to a view that keeps the bytes to itself.
import { type Finding, finding, isEngineError } from '#base/errors.ts'
import type { Step } from '#model/plan.ts'
import type { Slot, SlotRecord } from '#model/slot.ts'
import { readBootFiles } from './boot-files.ts'
import type { BlockDevice } from './ports.ts'
import { changeBootState, espOf, recordSlot } from './steps/boot.ts'
import type { StepContext } from './steps/context.ts'
import { buildEsp } from './steps/esp.ts'
import { putBootFiles, reviveIn, rewriteBootState } from './steps/repair-boot.ts'
import { candidatesFor, recordFound } from './steps/repair-record.ts'

const BLOCK = 4096

/** The device as it is, and every write only in memory. The owner of `device` closes it. */
export function heldBack(device: BlockDevice): BlockDevice {
  const changed = new Map<number, Uint8Array>()
  /** Calls `visit` with each block's number and the part of it that the range covers. */
  function* parts(offset: number, length: number) {
    for (let at = offset; at < offset + length; ) {
      const [block, from] = [Math.floor(at / BLOCK), at % BLOCK]
      const count = Math.min(BLOCK - from, offset + length - at)
      yield { block, from, count, done: at - offset }
      at += count
    }
  }
  const blockOf = async (block: number): Promise<Uint8Array> => {
    const known = changed.get(block)
    if (known) return known
    const bytes = device.allocate(Math.min(BLOCK, device.size - block * BLOCK))
    await device.read(block * BLOCK, bytes)
    changed.set(block, bytes)
    return bytes
  }
  const write = async (offset: number, data: Uint8Array): Promise<void> => {
    for (const { block, from, count, done } of parts(offset, data.length))
      (await blockOf(block)).set(data.subarray(done, done + count), from)
  }
  return {
    path: device.path,
    size: device.size,
    sectorSize: device.sectorSize,
    readOnly: false,
    async read(offset, target) {
      await device.read(offset, target)
      for (const { block, from, count, done } of parts(offset, target.length)) {
        const bytes = changed.get(block)
        if (bytes) target.set(bytes.subarray(from, from + count), done)
      }
    },
    write,
    flush: async () => {},
    zero: (offset, length) => write(offset, new Uint8Array(length)),
    knownZero: async () => false,
    allocate: (length) => device.allocate(length),
    identity: () => device.identity(),
    async [Symbol.asyncDispose]() {},
  }
}

export type RehearsalContext = Pick<StepContext, 'plan' | 'boot' | 'codec'>

/**
 * Why a step of the plan that writes boot files would be refused: each is done in memory, in the plan's order, by the function
 * that will write. What a step finds out only by reading whole slots is tried with everything it could find.
 * `device`: null before an image file is made. @throws EngineError `disk.*`
 */
export async function rehearse(device: BlockDevice | null, context: RehearsalContext): Promise<readonly Finding[]> {
  const held = device && heldBack(device)
  for (const step of context.plan.steps) {
    try {
      if (step.type === 'write-esp') await buildEsp(step, context)
      else if (held) await perform(step, { ...context, device: held })
    } catch (error) {
      if (!isEngineError(error) || !/^(?:fat|boot|slot|plan)\./.test(error.code)) throw error
      return [finding(error.code, error.details)]
    }
  }
  return []
}

async function perform(step: Step, context: RehearsalContext & Pick<StepContext, 'device'>): Promise<void> {
  switch (step.type) {
    case 'record-slot':
      await recordSlot(step, context)
      return
    case 'boot-state':
      await changeBootState(step, context)
      return
    case 'rewrite-boot-state':
      await rewriteBootState(step, context)
      return
    case 'put-boot-files':
      await putBootFiles(step, context)
      return
    case 'revive-slot':
      // One of them; each overwrites the same files.
      for (const { slot } of step.slots) await reviveIn(step.esp, slot, context)
      return
    case 'identify-slots': {
      const { records } = await readBootFiles(await espOf(step.esp, context))
      const found = step.slots.map(({ slot, at }): [Slot, SlotRecord] => {
        const content = candidatesFor(records[slot], at, context).at(-1)
        return [slot, content ? { state: 'written', content } : { state: 'unknown' }]
      })
      await recordFound(step, Object.fromEntries(found), context)
      return
    }
    // These write no boot files.
    case 'wipe':
    case 'write-image':
    case 'make-filesystem':
    case 'write-esp':
    case 'probe-disk':
    case 'check-disk':
    case 'write-table':
    case 'repair-table':
    case 'check-slot':
    case 'keep-config':
    case 'replace-files':
  }
}
