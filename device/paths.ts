// Where the appliance's files are. /etc/twinslot/device.yaml, part of the signed system image, may move the two folders;
// everything else is fixed. A test gives a folder of its own as root.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../src-shared/base/errors.ts'
import { readYamlFile, type YamlMap } from '../src-shared/node/settings-yaml.ts'
import type { DevicePaths } from './ports.ts'

export const DEVICE_FILE = 'device.yaml'
const DEFAULT_STATE = '/var/lib/msp'
const DEFAULT_CONFIG = '/config'

/**
 * Reads `<root>/etc/twinslot/device.yaml` (`state_dir`, `config_dir`). Without the file, or without the keys:
 * `/var/lib/msp`, and `/config` where that folder exists, else the state folder.
 * @throws EngineError `settings.file-unreadable`, `.file-too-large`, `.yaml-syntax`, `.invalid`
 */
export async function devicePaths(root = '/'): Promise<DevicePaths> {
  const etc = join(root, 'etc/twinslot')
  const file = await readYamlFile(join(etc, DEVICE_FILE))
  const folderOf = (key: string): string | null => (file ? folder(file, key) : null)
  const state = join(root, folderOf('state_dir') ?? DEFAULT_STATE)
  const given = folderOf('config_dir')
  const config = given
    ? join(root, given)
    : (await isFolder(join(root, DEFAULT_CONFIG)))
      ? join(root, DEFAULT_CONFIG)
      : state
  const [found] = file?.findings ?? []
  if (found) throw new EngineError(found.code, found.details)
  return {
    state,
    config,
    boot: join(root, 'boot'),
    etc,
    proc: join(root, 'proc'),
    sys: join(root, 'sys'),
    dev: join(root, 'dev'),
  }
}

function folder(file: YamlMap, key: string): string | null {
  const value = file.text(key)
  if (value === null) return null
  if (value.startsWith('/') && !value.split('/').includes('..')) return value
  file.invalid(key, 'an absolute path', value)
  return null
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Not there, or not for us: the state folder holds the configuration.
    return false
  }
}
