// "hypernet-admin validate-config": everything that is wrong in the appliance's configuration files at once, each with its
// file and line. Reads only. Beyond the settings: the second specification's tree below /config, where it is present.
import { join } from 'node:path'
import { type Finding, finding } from '../src-shared/base/errors.ts'
import { checkConfigTree } from '../src-shared/node/config-check.ts'
import { SETTINGS_LIMIT } from '../src-shared/node/settings-yaml.ts'
import { readTextFile } from '../src-shared/node/state-file.ts'
import type { DevicePaths } from './ports.ts'
import { configFile, type ParseProbes, readSettings } from './settings.ts'

/** Everything wrong: `settings.*`, `window.*`, `gate.*`. Empty: all is well. */
export async function validateConfig(paths: DevicePaths, parseProbes: ParseProbes): Promise<readonly Finding[]> {
  const { settings, findings } = await readSettings(paths, parseProbes)
  const all = [...findings]
  const config = configFile(paths)
  if (!settings.server && !findings.some(({ details }) => details.file === config)) all.push(await notClaimed(config))
  const name = (path: string) => join(paths.config, path)
  all.push(...(await checkConfigTree({ name, read: (path) => readTextFile(name(path), SETTINGS_LIMIT) })))
  return all
}

async function notClaimed(file: string): Promise<Finding> {
  if ((await readTextFile(file, SETTINGS_LIMIT)) !== null)
    return finding('settings.missing-key', {
      file,
      key: 'api_key',
      expected: 'what the fleet server knows the appliance by',
    })
  return finding('settings.file-missing', {
    file,
    remedy: 'Claim the appliance: it gets the file from the fleet server.',
  })
}
