// Does another program hold this disk for itself? Found out while planning, by holding it for a moment as a writer will, without
// writing and without opening it for that: nobody confirms a plan that would be refused then.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isEngineError } from '#base/errors.ts'
import type { DiskInfo } from '#model/disk.ts'
import { openFailure } from '../os/os-errors.ts'
import { lockHandle } from '../os/path-lock.ts'

/** Those who only look hold a disk for some milliseconds, each other's way included. */
const ATTEMPTS = 6
const PAUSE_MS = 200

/** Asks again for a second when a disk is busy: it may be somebody who only looks. @throws EngineError what `hold` throws */
export async function inSpiteOfLookers<T>(hold: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await hold()
    } catch (error) {
      if (!isEngineError(error, 'disk.busy') || attempt === ATTEMPTS) throw error
      await delay(PAUSE_MS)
    }
  }
}

/** Linux only; elsewhere the writer finds it out. @throws EngineError `disk.busy`, `tool.*`, `disk.*` */
export async function checkNotHeld({ path, bus }: Pick<DiskInfo, 'path' | 'bus'>): Promise<void> {
  if (process.platform !== 'linux') return
  await inSpiteOfLookers(async () => {
    const alone = bus === 'file' ? 0 : constants.O_EXCL
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | alone).catch((error: unknown) => {
      throw openFailure(path, error)
    })
    if (bus === 'file') await lockHandle(handle, path, 'shared')
  })
}
