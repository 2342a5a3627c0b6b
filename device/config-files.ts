// Where a file of the configuration is, for whoever reads or changes it: the appliance's /config first; the same folder of
// the data partition where it could not be bound there; last the state folder, in which upstream's programs keep theirs.
import { stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Finding, finding } from '#base/errors.ts'
import { INSIDE_DATA } from '#model/config-home.ts'
import { whyUnreadable } from '#node/os/absent.ts'
import { readBounded } from '#node/os/bounded-read.ts'
import type { DevicePaths } from './ports.ts'
import { missingPartitions, missingText } from './run-facts.ts'

/** Files that upstream's programs have in the state folder itself. */
const UPSTREAM = ['config.yaml', 'updates.yaml', 'trusted-fingerprints']

export interface ConfigFile {
  /** The first that is there; where it would be when there is none. */
  readonly file: string
  /** Nobody can know whether it is there: its partition is not mounted. Null when somebody can. */
  readonly hidden: string | null
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
    // What lies further down was never meant to be read beside it, and may be another's.
    const hidden = id === null && there.length === 0 ? await hiddenBy(paths, file) : null
    if (hidden !== null) return { file, hidden, remarks: [] }
  }
  const [first, ...others] = there
  if (!first) return { file: places[0], hidden: null, remarks: [] }
  const remarks: Finding[] = []
  for (const { file: other } of others)
    if (!(await sameContent(first.file, other))) remarks.push(finding('settings.shadowed', { file: first.file, other }))
  return { file: first.file, hidden: null, remarks }
}

/** The partition that should be mounted over the place of the file, in words. */
async function hiddenBy(paths: DevicePaths, file: string): Promise<string | null> {
  const place = relative(dirname(paths.dev), file)
  const missing = await missingPartitions(paths)
  const over = missing.filter(({ mount }) => mount === '/' || `/${place}`.startsWith(`${mount}/`))
  return over.length > 0 ? missingText(over) : null
}

/** The same for a file by two names, as a bound folder has them; null when nothing has that name. */
async function identity(file: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(file)
    return `${dev}:${ino}`
  } catch (error) {
    // What cannot be looked at, or leads nowhere, is there: reading it tells why.
    return (await whyUnreadable(file, error)) === null ? null : file
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
