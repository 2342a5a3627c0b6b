// Is a file really not there? Only then may a program go on as if nobody had ever put one there. The system says the same of a
// link that leads nowhere, and of a folder that is such a link: those are told.
import { lstat, readlink, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, reasonOf } from './os-errors.ts'

const SHOWN = 200

/**
 * What opening or looking at `path` failed with, in words; null when nothing has that name. `reasonOf` alone cannot tell
 * "not there" from "there, and leads nowhere".
 */
export async function whyUnreadable(path: string, error: unknown): Promise<string | null> {
  if (errnoOf(error) !== 'ENOENT') return reasonOf(error)
  const link = await deadLink(path)
  if (link === null) return null
  const to = (await readlink(link)).slice(0, SHOWN)
  return `${link === path ? 'it' : link} is a link to ${to}, which does not exist`
}

/** The link on the way to `path` that leads nowhere; null when there is none. */
async function deadLink(path: string): Promise<string | null> {
  for (let at = path; ; at = dirname(at)) {
    const found = await ifThere(lstat(at))
    if (found === null && at !== dirname(at)) continue
    return found?.isSymbolicLink() && (await ifThere(stat(at))) === null ? at : null
  }
}

async function ifThere<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}
