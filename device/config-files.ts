// Where a file of the configuration is, for whoever reads or changes it: the appliance's /config first; the same folder of
// the data partition where it could not be bound there; last the state folder, in which upstream's programs keep theirs.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, finding } from '../src-shared/base/errors.ts'
import { INSIDE_DATA } from '../src-shared/model/config-home.ts'
import { readBounded } from '../src-shared/node/bounded-read.ts'
import { errnoOf } from '../src-shared/node/os-errors.ts'
import type { DevicePaths } from './ports.ts'

/** Files that upstream's programs have in the state folder itself. */
const UPSTREAM = ['config.yaml', 'updates.yaml', 'trusted-fingerprints']

export interface ConfigFile {
  /** The first that is there; where it would be when there is none. */
  readonly file: string
  /** `settings.shadowed`: another one, with other content, that nobody reads. */
  readonly remarks: readonly Finding[]
}

/** In the order in which they are looked at. */
export const configPlaces = ({ config, state }: Pick<DevicePaths, 'config' | 'state'>, name: string): string[] => [
  ...new Set([
    join(config, name),
    join(state, INSIDE_DATA, name),
    ...(UPSTREAM.includes(name) ? [join(state, name)] : []),
  ]),
]

export async function findConfigFile(paths: DevicePaths, name: string): Promise<ConfigFile> {
  const places = configPlaces(paths, name)
  const there: { file: string; id: string }[] = []
  for (const file of places) {
    const id = await identity(file)
    if (id !== null && !there.some((other) => other.id === id)) there.push({ file, id })
  }
  const [first, ...others] = there
  if (!first) return { file: places[0], remarks: [] }
  const remarks: Finding[] = []
  for (const { file: other } of others)
    if (!(await sameContent(first.file, other))) remarks.push(finding('settings.shadowed', { file: first.file, other }))
  return { file: first.file, remarks }
}

/** The same for a file by two names, as a bound folder has them; null when nothing is there. */
async function identity(file: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(file)
    return `${dev}:${ino}`
  } catch (error) {
    // What cannot be looked at is there: reading it tells why.
    return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error)) ? null : file
  }
}

async function sameContent(one: string, other: string): Promise<boolean> {
  try {
    return (await readBounded(one)).equals(await readBounded(other))
  } catch {
    // Whoever reads the first one tells what is wrong with it.
    return false
  }
}
