// Where the console keeps what it keeps: one folder of the user, readable by nobody else.
import { join } from 'node:path'
import { makeFolder } from '#node/os/make-folder.ts'
import type { HostPaths } from './ports.ts'

export const hostPaths = (data: string): HostPaths => ({
  data,
  images: join(data, 'images'),
  virtual: join(data, 'virtual'),
  reports: join(data, 'reports'),
  journal: join(data, 'journal'),
  trust: join(data, 'trust.asc'),
  stationKey: join(data, 'station-key.asc'),
  settings: join(data, 'settings.json'),
  disks: join(data, 'disks.json'),
  work: join(data, 'work'),
})

/** Folder of a console's data when nobody names one: XDG's on Linux, the usual places elsewhere. */
export function defaultDataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  if (env.TWINSLOT_DATA) return env.TWINSLOT_DATA
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Twinslot')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Twinslot')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'twinslot')
}

export async function makeFolders(paths: HostPaths): Promise<void> {
  for (const folder of [paths.data, paths.images, paths.virtual, paths.reports, paths.journal, paths.work])
    await makeFolder(folder, 0o700)
}
