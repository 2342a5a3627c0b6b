// The turn: one of the appliance's programs at a time changes what boots and the record of the update under way, from its first
// look to its last write. The kernel takes it back when a process ends; whoever does not get it is told who has it.
import { createHash } from 'node:crypto'
import { EngineError, isEngineError } from '#base/errors.ts'
import { lockHolder, lockPath } from '#node/os/path-lock.ts'
import type { Program } from '../ports.ts'

/** @throws EngineError `update.busy` with who has it */
export type TakeTurn = () => Promise<AsyncDisposable>

/** For the programs of the appliance whose state is in this folder. */
export function turnsOf(state: string, program: Program['name']): TakeTurn {
  const key = `update-${createHash('sha256').update(state).digest('hex').slice(0, 32)}`
  return async () => {
    try {
      return await lockPath(state, key, `${program} (process ${process.pid})`)
    } catch (error) {
      if (!isEngineError(error, 'disk.busy')) throw error
      throw new EngineError('update.busy', { holder: (await lockHolder(key)) ?? 'another program' }, { cause: error })
    }
  }
}

const PAUSE_MS = 500

/** Asks again for a while: whoever selects or restarts is soon done. @throws EngineError `update.busy`, `job.cancelled` */
export async function patiently(
  takeTurn: TakeTurn,
  patienceMs: number,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<AsyncDisposable> {
  for (let left = patienceMs; ; left -= PAUSE_MS) {
    try {
      return await takeTurn()
    } catch (error) {
      if (!isEngineError(error, 'update.busy') || left <= 0) throw error
      await sleep(PAUSE_MS)
    }
  }
}
