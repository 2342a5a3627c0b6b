// Where the appliance's files are. /etc/twinslot/device.yaml, part of the signed system image, may move the two folders;
// everything else is fixed. A test gives a folder of its own as root.
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { CONFIG_DIR, UPSTREAM_STATE } from '#model/config-home.ts'
import { readYamlFile, type YamlMap } from '#node/config/settings-yaml.ts'
import type { DevicePaths } from './ports.ts'

export const DEVICE_FILE = 'device.yaml'

/**
 * Reads `<root>/etc/twinslot/device.yaml` (`state_dir`, `config_dir`). Without the file, or without the keys:
 * `/var/lib/msp` and `/config`; config-files.ts says where else a file of the configuration may be.
 * @throws EngineError `settings.file-unreadable`, `.file-too-large`, `.yaml-syntax`, `.invalid`
 */
export async function devicePaths(root = '/'): Promise<DevicePaths> {
  const etc = join(root, 'etc/twinslot')
  const file = await readYamlFile(join(etc, DEVICE_FILE))
  const folderOf = (key: string): string | null => (file ? folder(file, key) : null)
  const state = join(root, folderOf('state_dir') ?? UPSTREAM_STATE)
  const config = join(root, folderOf('config_dir') ?? CONFIG_DIR)
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
