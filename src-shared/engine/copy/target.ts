// One target of a copy while it runs: where it writes, what it has done so far, and the head that is written last.
import { throwIfAborted } from '#base/errors.ts'
import type { ImageTable } from '#model/manifest.ts'
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
  /** CRC-32 of blocks that were authentic and written; empty when the read-back compares with the signed digests. */
  readonly checksums: Map<number, number>
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

/**
 * Parts of the head: the first sector (superblock of squashfs and xfs), the rest of the first 4 KiB (superblock of ext4), all
 * else. Sectors arrive whole or not at all, so the first one can be there last and gone first whatever is torn.
 */
function headParts(run: TargetRun): { readonly from: number; readonly to: number }[] {
  const cuts = [0, run.device.sectorSize, 4096, run.head].filter((at) => at <= run.head)
  return cuts.slice(1).flatMap((to, i) => (to > cuts[i] ? [{ from: cuts[i], to }] : []))
}

/**
 * Takes away what makes a slot look complete (superblocks lie in the head), durably, before anything else is written. The
 * first sector goes first: a power cut never leaves it over a head that is half gone.
 */
export async function invalidateHead(run: TargetRun): Promise<void> {
  for (const { from, to } of headParts(run)) {
    await run.device.zero(run.offset + from, to - from)
    await run.device.flush()
  }
}

/** Writes bytes of the image at their place, except what belongs to the head. */
export async function writeBody(run: TargetRun, imageOffset: number, bytes: Uint8Array): Promise<void> {
  const skip = Math.min(bytes.length, Math.max(0, run.head - imageOffset))
  if (skip === bytes.length) return
  const body = bytes.subarray(skip)
  await run.device.write(run.offset + imageOffset + skip, body)
  run.counts.written += body.length
}

/** The last writes, the first sector as the very last: now the slot may look complete. */
export async function writeHead(run: TargetRun, head: Uint8Array): Promise<void> {
  for (const { from, to } of headParts(run).toReversed()) {
    await timed(run, 'write', () => run.device.write(run.offset + from, head.subarray(from, to)))
    await timed(run, 'flush', () => run.device.flush())
  }
  run.counts.written += run.head
}
