// Changes to one small file by several programs at once (agent, osiris-update, health-gate): one after the other. The lock
// is the system's and ends with the process that has it.
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError } from '#base/errors.ts'
import { lockPath } from '#node/os/path-lock.ts'

const TRIES = 200
const PAUSE_MS = 25

/**
 * Runs `change` while no other program of this appliance is inside `withFileLock` of the same path.
 * @throws EngineError `disk.busy` when another one stays inside for five seconds
 */
export async function withFileLock<T>(path: string, change: () => Promise<T>): Promise<T> {
  await using _ = await takeLock(path)
  return await change()
}

async function takeLock(path: string): Promise<AsyncDisposable> {
  const key = `state-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  for (let tries = 1; ; tries++) {
    try {
      return await lockPath(path, key)
    } catch (error) {
      if (!isEngineError(error, 'disk.busy') || tries === TRIES) throw error
      await delay(PAUSE_MS)
    }
  }
}
