// Bytes that look random and are the same on every run.
import { createHash } from 'node:crypto'

export function seededBytes(seed: string, length: number): Uint8Array {
  const parts: Buffer[] = []
  for (let index = 0; index * 32 < length; index++) parts.push(createHash('sha256').update(`${seed} ${index}`).digest())
  return new Uint8Array(Buffer.concat(parts).subarray(0, length))
}
