// One target of a copy while it runs: where it writes, what it has done so far, and the head that is written last.
import { throwIfAborted } from '../../base/errors.ts'
import type { ImageTable } from '../../model/manifest.ts'
import type { BlockDevice, JobEvent } from '../ports.ts'
import type { Pace } from './ports.ts'

export interface CopyTarget {
  readonly device: BlockDevice
  /** Where the image begins on the device, and how much room there is, bytes. */
  readonly offset: number
  readonly length: number
}

export type CopyPhase = Exclude<Extract<JobEvent, { type: 'progress' }>['phase'], 'authenticate'>

/** What was really done, in bytes of this target. */
export interface CopyCounts {
  /** Data handed to the device. */
  written: number
  /** Ranges made zero by the device or by writing. */
  zeroed: number
  /** Not written: known to be zero, or the same already. */
  skipped: number
  /** Read from the device after the flush (or, in changed mode, before) and equal to the signed digests. */
  readBack: number
  /** Read only to decide what to write. */
  compared: number
}

export interface CopySeconds {
  write: number
  flush: number
  readBack: number
}

export interface TargetRun extends CopyTarget {
  readonly index: number
  readonly table: ImageTable
  /** Bytes at the start that are made zero first and written last. */
  readonly head: number
  readonly counts: CopyCounts
  readonly seconds: CopySeconds
  readonly signal: AbortSignal | undefined
  readonly pace: Pace | undefined
  progress(phase: CopyPhase, doneBytes: number): void
}

/** Runs one phase and adds its time; a cancelled job does not begin it. */
export async function timed<T>(run: TargetRun, phase: keyof CopySeconds, work: () => Promise<T>): Promise<T> {
  throwIfAborted(run.signal)
  const begun = run.pace?.now() ?? 0
  try {
    return await work()
  } finally {
    run.seconds[phase] += ((run.pace?.now() ?? 0) - begun) / 1000
  }
}

export const flushTarget = (run: TargetRun): Promise<void> =>
  timed(run, 'flush', async () => {
    run.progress('flush', 0)
    await run.device.flush()
    run.progress('flush', run.table.size)
  })

/** Takes away what makes a slot look complete (superblocks lie in the head), durably, before anything else is written. */
export async function invalidateHead(run: TargetRun): Promise<void> {
  if (run.head === 0) return
  await run.device.zero(run.offset, run.head)
  await run.device.flush()
}

/** Writes bytes of the image at their place, except what belongs to the head. */
export async function writeBody(run: TargetRun, imageOffset: number, bytes: Uint8Array): Promise<void> {
  const skip = Math.min(bytes.length, Math.max(0, run.head - imageOffset))
  if (skip === bytes.length) return
  const body = bytes.subarray(skip)
  await run.device.write(run.offset + imageOffset + skip, body)
  run.counts.written += body.length
}

/** The last write: now the slot may look complete. */
export async function writeHead(run: TargetRun, head: Uint8Array): Promise<void> {
  if (run.head === 0) return
  await timed(run, 'write', () => run.device.write(run.offset, head))
  run.counts.written += run.head
  await timed(run, 'flush', () => run.device.flush())
}
