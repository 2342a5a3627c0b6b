// The one change that the device itself makes to config.yaml: the key that the server gave it in exchange for the old one.
// Everything else in the file stays as it is, byte for byte where YAML allows it. The key is never in an error.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar } from 'yaml'
import { EngineError } from '#base/errors.ts'
import { API_KEY_FORM, isApiKey } from '#model/update-names.ts'
import { parseYaml, SETTINGS_LIMIT } from '#node/config/settings-yaml.ts'
import { readTextFile, removeFileDurably, writeFileAtomic } from '#node/os/state-file.ts'
import { findConfigFile } from './config-files.ts'
import type { DevicePaths } from './ports.ts'
import { CONFIG } from './settings.ts'

const KEY = 'api_key'

/**
 * Puts `key` into the config.yaml that is read; durable when it returns, mode 0600. Unknown keys, comments and order survive.
 * @throws EngineError `settings.not-saved`, `.yaml-syntax`, `.file-unreadable`, `.file-too-large`; the old file stays
 */
export async function persistApiKey(paths: DevicePaths, key: string): Promise<void> {
  const { file, hidden } = await findConfigFile(paths, CONFIG)
  if (hidden !== null) throw new EngineError('settings.not-saved', { file, reason: hidden })
  if (!isApiKey(key)) throw new EngineError('settings.not-saved', { file, reason: `a key is ${API_KEY_FORM}` })
  const text = (await readTextFile(file, SETTINGS_LIMIT)) ?? ''
  const next = withApiKey(file, text, key)
  const former = (parseYaml(file, text).document.toJS() as Readonly<Record<string, unknown>> | null)?.[KEY]
  // The old one is worth something until the new one has worked.
  if (typeof former === 'string' && isApiKey(former) && former !== key)
    await writeFileAtomic(formerKeyPath(paths), `${former}\n`, { mode: 0o600 })
  await writeFileAtomic(file, next, { mode: 0o600 })
}

const formerKeyPath = ({ state }: Pick<DevicePaths, 'state'>): string => join(state, 'update', 'former_key')

/** The key before the present one, until that one has worked; a secret like it. */
export async function loadFormerKey(paths: Pick<DevicePaths, 'state'>): Promise<string | null> {
  const key = ((await readTextFile(formerKeyPath(paths))) ?? '').trim()
  return isApiKey(key) ? key : null
}

/** The present key has worked. */
export const forgetFormerKey = (paths: Pick<DevicePaths, 'state'>): Promise<void> =>
  removeFileDurably(formerKeyPath(paths))

/** The text with the key in it. @throws EngineError `settings.yaml-syntax`, `settings.not-saved` */
export function withApiKey(file: string, text: string, key: string): string {
  const { document } = parseYaml(file, text)
  const expected = { ...(document.toJS() as Readonly<Record<string, unknown>> | null), [KEY]: key }
  const isRight = (candidate: string): boolean => {
    try {
      return isDeepStrictEqual(parseYaml(file, candidate).document.toJS(), expected)
    } catch {
      // A cut in the wrong place: the other way is tried.
      return false
    }
  }
  const spliced = splice(text, key)
  if (spliced !== null && isRight(spliced)) return spliced
  if (document.contents === null || isMap(document.contents)) {
    document.set(KEY, key)
    const written = document.toString({ lineWidth: 0 })
    if (isRight(written)) return written
  }
  throw new EngineError('settings.not-saved', { file, reason: `its form does not allow a change of ${KEY}` })
}

/** Changes nothing but the value, or adds a line at the end; null where that is not possible. */
function splice(text: string, key: string): string | null {
  const { document } = parseYaml('', text)
  // Text in JSON is text in YAML.
  const value = JSON.stringify(key)
  const root = document.contents
  if (root !== null && !isMap(root)) return null
  const pair = isMap(root) ? root.items.find((item) => isScalar(item.key) && item.key.value === KEY) : undefined
  if (!pair) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${KEY}: ${value}\n`
  const range = isScalar(pair.value) ? pair.value.range : null
  if (!range) return null
  const gap = text[range[0] - 1] === ':' ? ' ' : ''
  return `${text.slice(0, range[0])}${gap}${value}${text.slice(range[1])}`
}
