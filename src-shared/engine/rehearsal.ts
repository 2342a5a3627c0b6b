// What a step would be refused, found before the job begins: the same code writes to a view that keeps the bytes to itself.
import { type Finding, finding, isEngineError } from '../base/errors.ts'
import type { Extent } from '../model/observation.ts'
import type { EspFile } from '../model/plan.ts'
import { openEsp } from './observe.ts'
import type { BlockDevice } from './ports.ts'

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

/** Why files of these sizes cannot be put on the ESP one after the other; empty when they can. @throws EngineError `disk.*` */
export async function rehearseEspFiles(
  device: BlockDevice,
  esp: Extent,
  files: readonly EspFile[],
): Promise<readonly Finding[]> {
  const volume = await openEsp(heldBack(device), esp)
  if ('code' in volume) return [volume]
  try {
    for (const { path, size } of files) await volume.put(path, new Uint8Array(size))
    return []
  } catch (error) {
    if (!isEngineError(error) || !error.code.startsWith('fat.')) throw error
    return [finding(error.code, error.details)]
  }
}
