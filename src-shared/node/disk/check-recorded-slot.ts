// Re-reads what a slot record says was written, without a release at hand.
import { throwIfAborted } from '#base/errors.ts'
import type { BlockDevice } from '#engine/ports.ts'
import type { Extent } from '#model/observation.ts'
import { createDigest } from '../codec/hashing.ts'

const CHUNK = 4 * 1024 * 1024

/** SHA-256 of the first `size` bytes of a slot, read from the medium. @throws EngineError `disk.*`, `job.cancelled` */
export async function checkRecordedSlot(
  device: BlockDevice,
  { at, size }: { readonly at: Extent; readonly size: number },
  signal: AbortSignal,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<string> {
  const digest = createDigest()
  const buffer = device.allocate(CHUNK)
  for (let done = 0; done < size; ) {
    throwIfAborted(signal)
    const chunk = buffer.subarray(0, Math.min(CHUNK, size - done))
    await device.read(at.offset + done, chunk)
    digest.update(chunk)
    done += chunk.length
    onProgress(done, size)
  }
  return digest.hex()
}
