// One console per data folder: two would plan for the same disks and empty each other's drafts. The system takes the lock
// back when the process ends, however it ends; a second start learns it before it changes anything.
import { stat } from 'node:fs/promises'
import { EngineError, isEngineError } from '#base/errors.ts'
import { makeFolder } from '#node/os/make-folder.ts'
import { lockFolder } from '#node/os/path-lock.ts'

/**
 * Makes the data folder if need be and holds it until disposed.
 * @throws EngineError `host.running` when another console has it
 */
export async function claimDataFolder(dataDir: string): Promise<AsyncDisposable> {
  await makeFolder(dataDir, 0o700)
  const { dev, ino } = await stat(dataDir)
  try {
    return await lockFolder(dataDir, `console-${dev}-${ino}`)
  } catch (error) {
    if (!isEngineError(error)) throw error
    throw new EngineError('host.running', { folder: dataDir }, { cause: error })
  }
}
