// What a runner that acts for another believes and writes by itself: lists and records in places that only root can change.
// Promises: no link is followed on the way to them, and a place that anybody else could write is not used.
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { errnoOf } from '#node/os/os-errors.ts'

const LISTS = '/etc/twinslot-runner'

export const OWN_PLACES = {
  /** Armored keys whose releases may be written. */
  trust: join(LISTS, 'trust.asc'),
  /** Serials that are never written, one per line. */
  neverTouch: join(LISTS, 'never-touch'),
  /** What interrupted jobs left, and what jobs overwrote. */
  journal: '/var/lib/twinslot-runner/journal',
} as const

const OTHERS_MAY_WRITE = 0o022

const unsafe = (path: string, found: string): EngineError => new EngineError('runner.place-unsafe', { path, found })

function check(path: string, found: { readonly uid: number; readonly mode: number }, isRight: boolean, what: string) {
  if (!isRight) throw unsafe(path, `it is no ${what}`)
  if (found.uid !== 0) throw unsafe(path, `it belongs to user ${found.uid}`)
  if ((found.mode & OTHERS_MAY_WRITE) !== 0) throw unsafe(path, `its mode is ${(found.mode & 0o7777).toString(8)}`)
}

/** Every folder from the root on, so that nobody can put another one there between two looks. */
async function checkFolders(folder: string): Promise<void> {
  const parts = resolve(folder).split(sep).filter(Boolean)
  for (let count = 0; count <= parts.length; count++) {
    const path = `/${parts.slice(0, count).join('/')}`
    const found = await lstat(path)
    check(path, found, found.isDirectory(), 'folder')
  }
}

/**
 * Makes the folder if need be, for root only.
 * @throws EngineError `runner.place-unsafe`
 */
export async function ownFolder(folder: string): Promise<string> {
  const parent = dirname(folder)
  if (parent !== '/') {
    if ((await lstat(parent).catch(() => null)) === null) await ownFolder(parent)
    await checkFolders(parent)
  }
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error
  })
  await checkFolders(folder)
  return folder
}

/**
 * A small file of root's; null when there is none. @throws EngineError `runner.place-unsafe`
 */
export async function readOwn(path: string, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    // Nothing there is nothing to believe, whoever made the folders.
    await lstat(path)
    await checkFolders(dirname(path))
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = await file.stat()
    check(path, found, found.isFile(), 'file')
    if (found.size > limit) throw unsafe(path, `it has ${found.size} bytes, more than ${limit}`)
    const bytes = new Uint8Array(found.size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    if (errnoOf(error) === 'ELOOP') throw unsafe(path, 'it is a link')
    throw error
  }
}

/** Replaces a small file of root's, readable by all; old or new after a crash. @throws EngineError `runner.place-unsafe` */
export async function writeOwn(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  await ownFolder(folder)
  const fresh = `${path}.new`
  // Left by somebody who was cut off; the folder is root's alone.
  await rm(fresh, { force: true })
  {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    await using file = await open(fresh, flags, 0o644)
    await file.writeFile(bytes)
    await file.chmod(0o644)
    await file.sync()
  }
  await rename(fresh, path)
  await using held = await open(folder, 'r')
  await held.sync()
}
