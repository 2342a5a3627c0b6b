// `provision DISK --create SIZE`: a sparse disk image that is made before planning (or only imagined, with --plan) and
// removed again unless the job got as far as touching it.
import { constants } from 'node:fs'
import { access, lstat, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError } from '#base/errors.ts'
import type { DiskObservation } from '#model/observation.ts'
import { createDiskFile } from '#node/disk/file-device.ts'
import { errnoOf, openFailure, reasonOf } from '#node/os/os-errors.ts'

export interface NewDiskImage extends AsyncDisposable {
  /** A blank disk of that size, for planning without making it. */
  readonly look?: (path: string) => Promise<DiskObservation>
  /** The image is worth keeping: something was written to it. */
  keep(): void
}

/**
 * Makes the image when `size` is given; null when it is not. An existing file of exactly that size is used as it is, so
 * that an interrupted job can be repeated with the same words.
 * @throws EngineError `disk.file-exists`, `disk.full`, `disk.no-permission`, ...
 */
export async function newDiskImage(path: string, size: number | null, imagine: boolean): Promise<NewDiskImage | null> {
  if (size === null) return null
  const there = await stat(path).catch(() => null)
  if (there?.isFile() && there.size === size) return { keep() {}, async [Symbol.asyncDispose]() {} }
  if (there) throw new EngineError('disk.file-exists', { disk: path, found: there.size })
  await checkCanBeMade(path)
  if (imagine) return { look: async () => blankImage(path, size), keep() {}, async [Symbol.asyncDispose]() {} }
  await using _made = await createDiskFile(path, size)
  let kept = false
  return {
    keep() {
      kept = true
    },
    async [Symbol.asyncDispose]() {
      const now = await stat(path).catch(() => null)
      if (!kept && now?.blocks === 0) await rm(path, { force: true })
    },
  }
}

/** What making it would refuse is refused in the plan as well: a link to nowhere, a folder that is missing or closed. */
async function checkCanBeMade(path: string): Promise<void> {
  let what = 'its folder'
  try {
    const link = await lstat(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    })
    if (link) {
      what = 'it is a link'
      await stat(path)
    }
    await access(dirname(path), constants.W_OK | constants.X_OK)
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes(errnoOf(error))
    if (!missing) throw openFailure(path, error)
    const reason = `${what}: ${reasonOf(error)}`
    throw new EngineError('disk.system-refused', { disk: path, what: 'making', reason }, { cause: error })
  }
}

const blankImage = (path: string, size: number): DiskObservation => ({
  disk: {
    path,
    identity: { serial: null, wwn: null, size: size - (size % 512), busPath: 'file:new' },
    bus: 'file',
    vendor: null,
    model: null,
    sectorSize: 512,
    removable: false,
    readOnly: false,
    system: false,
    mounts: [],
    holders: [],
  },
  content: 'blank',
  table: null,
  tableFrom: null,
  tableSides: { primary: null, backup: null },
  tableFindings: [],
  esp: null,
  slots: null,
  boot: null,
})
