// A folder that a job needs later is tried before its first write: what will be done there is done with a file of no meaning, and
// nothing stays behind, folders included.
import { randomUUID } from 'node:crypto'
import { lstat, open, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { errnoOf } from './os-errors.ts'

/**
 * Calls `write` with the path of a new file in `directory`, and removes that file and the folders that came with it. Throws what
 * `write` throws.
 */
export async function rehearseIn(
  directory: string,
  ending: string,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const path = join(directory, `rehearsal-${randomUUID()}${ending}`)
  const highest = await highestMissing(directory)
  try {
    await write(path)
  } finally {
    await rm(path, { force: true })
    if (highest !== null) await removeEmpty(directory, highest)
  }
}

/** About as much as a report of a job takes; a full disk has no room for it. */
const REPORT = ' '.repeat(64 * 1024)

/** Could a report be kept in this folder, beside those that are there? Throws what the system throws. */
export const rehearseReport = (directory: string): Promise<void> =>
  rehearseIn(directory, '.json', async (path) => {
    await makeFolder(directory, 0o700)
    await readdir(directory)
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(REPORT)
    await file.sync()
  })

/** The first folder on the way to `path` that is not there; null when all are. */
async function highestMissing(path: string): Promise<string | null> {
  let highest: string | null = null
  for (let at = resolve(path); at !== dirname(at); at = dirname(at)) {
    const there = await lstat(at).then(
      () => true,
      () => false,
    )
    if (there) return highest
    highest = at
  }
  return highest
}

/** Takes away `path` and what is above it, up to `highest`; what is not empty is somebody's and stays, as does all above. */
async function removeEmpty(path: string, highest: string): Promise<void> {
  for (let at = resolve(path); at.startsWith(highest); at = dirname(at)) {
    try {
      await rmdir(at)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') return
    }
  }
}
