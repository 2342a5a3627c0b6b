// "hypernet-admin validate-config": everything that is wrong in the appliance's configuration files at once, each with its
// file and line. Reads only. Beyond the settings: the second specification's tree below /config, where it is present. That
// no fleet server is configured is a remark: a server of the second specification has none.
import { type Finding, finding } from '#base/errors.ts'
import { checkConfigTree } from '#node/config/config-check.ts'
import { readYamlFile, SETTINGS_LIMIT } from '#node/config/settings-yaml.ts'
import { readTextFile } from '#node/os/state-file.ts'
import { findConfigFile } from './config-files.ts'
import type { DevicePaths } from './ports.ts'
import { CONFIG, configFile, type ParseProbes, readSettings } from './settings.ts'

export interface ConfigCheck {
  /** Everything wrong: `settings.*`, `window.*`, `gate.*`. Empty: all is well. */
  readonly findings: readonly Finding[]
  /** Worth a word and not wrong: `settings.no-server`, `settings.shadowed`. */
  readonly remarks: readonly Finding[]
}

export async function validateConfig(paths: DevicePaths, parseProbes: ParseProbes): Promise<ConfigCheck> {
  const { settings, findings, remarks } = await readSettings(paths, parseProbes)
  const all = [...findings]
  const told = [...remarks]
  const config = await configFile(paths)
  if (!settings.server && !findings.some(({ details }) => details.file === config)) {
    const { code, details } = await whyNoServer(paths)
    if (code === 'settings.no-server') told.push({ code, details })
    else all.push({ code, details })
  }
  all.push(
    ...(await checkConfigTree({
      name: (path) => `${paths.config}/${path}`,
      async read(path) {
        const { file, remarks: shadows } = await findConfigFile(paths, path)
        told.push(...shadows)
        return await readTextFile(file, SETTINGS_LIMIT)
      },
    })),
  )
  return { findings: all, remarks: told }
}

/**
 * Why readSettings found no server although it found no mistake: `settings.no-server`, `.missing-key`, or
 * `.file-unreadable` when nobody can know. A file that names a server without a key is half of something.
 */
export async function whyNoServer(paths: DevicePaths): Promise<Finding> {
  const { file, hidden } = await findConfigFile(paths, CONFIG)
  if (hidden !== null) return finding('settings.file-unreadable', { file, reason: hidden })
  const map = await readYamlFile(file)
  if (!map) return finding('settings.no-server', { file, found: 'does not exist' })
  if (map.text('api_endpoint') === null && map.text('api_base_url') === null)
    return finding('settings.no-server', { file, found: 'names none' })
  const expected = 'what the fleet server knows the appliance by'
  return finding('settings.missing-key', { file, key: 'api_key', expected })
}
