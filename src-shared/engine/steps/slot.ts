// Steps on a slot: writing a signed image into it, and checking what a slot holds before it is selected.
import { EngineError, throwIfAborted } from '#base/errors.ts'
import type { Extent } from '#model/observation.ts'
import type { Step } from '#model/plan.ts'
import { writeImage } from '../copy/copy-image.ts'
import type { Evidence } from '../ports.ts'
import type { StepContext } from './context.ts'

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>

/** A step that an interrupted run had begun is done in `changed` mode: what is there already is compared, not trusted. */
export async function writeSlot(step: StepOf<'write-image'>, context: StepContext): Promise<Evidence> {
  const source = context.release?.image('system')
  if (!source || source.table.sha256 !== step.sha256 || source.table.size !== step.size)
    throw new EngineError('plan.changed', {
      expected: step.sha256.slice(0, 16),
      found: source?.table.sha256.slice(0, 16) ?? 'none',
    })
  const mode = step.changedOnly || context.resumed ? 'changed' : 'full'
  if (mode === 'changed') context.reading?.skip()
  const feed = mode === 'full' ? context.reading?.feed() : undefined
  const outcome = await writeImage({
    source,
    ...(feed ? { feed } : {}),
    target: { device: context.device, offset: step.at.offset, length: step.at.length },
    mode,
    codec: context.codec,
    pace: context.pace,
    signal: context.signal,
    onProgress: context.progress,
  })
  const { counts, seconds } = outcome
  return {
    slot: step.slot,
    mode,
    sha256: outcome.sha256,
    bytesWritten: counts.written,
    bytesZeroed: counts.zeroed,
    bytesSkipped: counts.skipped,
    bytesReadBack: counts.readBack,
    uncached: outcome.direct,
    writeMs: Math.round(seconds.write * 1000),
    flushMs: Math.round(seconds.flush * 1000),
    readBackMs: Math.round(seconds.readBack * 1000),
  }
}

const CHUNK = 4 * 1024 * 1024

/** Reads `size` bytes of a slot; SHA-256 of them. `onRead` hears how many it has so far. */
export async function digestOfSlot(
  { at, size }: { readonly at: Extent; readonly size: number },
  { device, signal, createDigest }: Pick<StepContext, 'device' | 'signal' | 'createDigest'>,
  onRead: (done: number) => void,
): Promise<string> {
  const digest = createDigest()
  const buffer = device.allocate(CHUNK)
  for (let done = 0; done < size; ) {
    throwIfAborted(signal)
    const chunk = buffer.subarray(0, Math.min(CHUNK, size - done))
    await device.read(at.offset + done, chunk)
    digest.update(chunk)
    done += chunk.length
    onRead(done)
  }
  return digest.hex()
}

/**
 * Reads the whole slot and compares it with its recorded digest, then looks for the kernel in it.
 * @throws EngineError `slot.content-differs`, `image.*`
 */
export async function checkSlot(
  step: StepOf<'check-slot'>,
  context: Pick<StepContext, 'device' | 'signal' | 'createDigest' | 'checkSlotContent' | 'progress'>,
): Promise<Evidence> {
  const { device } = context
  const found = await digestOfSlot(step, context, (done) => context.progress('read-back', done, step.size))
  if (found !== step.sha256)
    throw new EngineError('slot.content-differs', { slot: step.slot, expected: step.sha256, found })
  const kernel = await context.checkSlotContent(
    (offset, target) => device.read(step.at.offset + offset, target),
    step.size,
  )
  return { slot: step.slot, sha256: found, kernel }
}
