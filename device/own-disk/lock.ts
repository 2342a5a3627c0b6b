// Gate, agent and commands never change the disk at once. The kernel takes the lock back when a process ends.
import { setTimeout as wait } from 'node:timers/promises'
import { isEngineError } from '#base/errors.ts'
import type { DiskInfo } from '#model/disk.ts'
import { sha256Hex } from '#node/codec/hashing.ts'
import { lockPath } from '#node/os/path-lock.ts'

const ASK_AGAIN_MS = 50

/** Waits up to `patienceMs` for the other program, then throws EngineError `disk.busy`. */
export async function lockDisk(disk: DiskInfo, patienceMs: number): Promise<AsyncDisposable> {
  const key = `own-${sha256Hex(Buffer.from(JSON.stringify(disk.identity))).slice(0, 16)}`
  for (let left = patienceMs; ; left -= ASK_AGAIN_MS) {
    try {
      return await lockPath(disk.path, key)
    } catch (error) {
      if (!isEngineError(error, 'disk.busy') || left <= 0) throw error
      await wait(ASK_AGAIN_MS)
    }
  }
}
