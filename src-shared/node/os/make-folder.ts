// Makes a folder and what is missing above it. Node's own recursive mkdir never ends where the system refuses a new folder
// with ENOENT although the folder above is there (/proc), which a home or state folder of the environment can name.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errnoOf } from './os-errors.ts'

/** Answers the highest folder that it made; undefined when all were there. Throws what the system throws. */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = []
  for (let at = resolve(path); !(await isThere(at)); at = dirname(at)) missing.unshift(at)
  let first: string | undefined
  for (const folder of missing) {
    try {
      await mkdir(folder, { mode })
      first ??= folder
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }
  // A file in the folder's place: ENOTDIR, not the EEXIST of mkdir, which would say of what is made inside that it is there.
  if (missing.length === 0 && !(await stat(path)).isDirectory()) await readdir(path)
  return first
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' && path !== dirname(path)) return false
    throw error
  }
}
