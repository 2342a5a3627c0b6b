// "hypernet-admin validate-config": everything that is wrong in the appliance's configuration files at once, each with its
// file and line. Reads only. Beyond the settings: the second specification's tree below /config, where it is present.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { EngineError, type Finding, finding, isEngineError } from '../src-shared/base/errors.ts'
import { readTextFile } from '../src-shared/node/state-file.ts'
import type { DevicePaths } from './ports.ts'
import { certificateOf, configFile, type ParseProbes, readSettings } from './settings.ts'
import { SETTINGS_LIMIT, yamlMap } from './settings-yaml.ts'

const YAML_FILES = [
  'hypernet/server.yaml',
  'hypernet/database.yaml',
  'hypernet/api.yaml',
  'hypernet/integrations.yaml',
  'security/rate-limits.yaml',
  'security/audit-policy.yaml',
]

/** Everything wrong: `settings.*`, `window.*`, `gate.*`. Empty: all is well. */
export async function validateConfig(paths: DevicePaths, parseProbes: ParseProbes): Promise<readonly Finding[]> {
  const { settings, findings } = await readSettings(paths, parseProbes)
  const all = [...findings]
  const config = configFile(paths)
  if (!settings.server && !findings.some(({ details }) => details.file === config)) all.push(await notClaimed(config))
  for (const name of YAML_FILES)
    await noting(all, async () => {
      const file = join(paths.config, name)
      const text = await readTextFile(file, SETTINGS_LIMIT)
      if (text !== null) yamlMap(file, text)
    })
  await noting(all, () =>
    checkPair(join(paths.config, 'tls/certificate.pem'), join(paths.config, 'tls/private-key.pem')),
  )
  await noting(all, () => checkVersion(join(paths.config, 'version')))
  return all
}

async function noting(all: Finding[], check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!isEngineError(error)) throw error
    all.push({ code: error.code, details: error.details })
  }
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

const invalid = (file: string, key: string, expected: string, found: string) =>
  new EngineError('settings.invalid', { file, line: 1, key, expected, found })

async function checkPair(certificateFile: string, keyFile: string): Promise<void> {
  const certificate = await readTextFile(certificateFile, SETTINGS_LIMIT)
  const key = await readTextFile(keyFile, SETTINGS_LIMIT)
  if (certificate === null && key === null) return
  if (certificate === null) throw new EngineError('settings.half-pair', { present: keyFile, missing: certificateFile })
  if (key === null) throw new EngineError('settings.half-pair', { present: certificateFile, missing: keyFile })
  const parsed = certificateOf(certificate)
  if (!parsed) throw invalid(certificateFile, 'the file', 'a certificate in PEM form', 'something else')
  const secret = privateKeyOf(key)
  if (secret === null) throw invalid(keyFile, 'the file', 'a private key in PEM form', 'something else')
  if (secret !== 'locked' && !parsed.checkPrivateKey(secret))
    throw invalid(keyFile, 'the file', 'the private key of the certificate beside it', 'the key of another one')
}

/** `locked`: a private key that a passphrase protects. */
function privateKeyOf(pem: string): KeyObject | 'locked' | null {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE' ? 'locked' : null
  }
}

async function checkVersion(file: string): Promise<void> {
  const text = await readTextFile(file, SETTINGS_LIMIT)
  if (text !== null && !/^\s*\d{1,9}\s*$/.test(text))
    throw invalid(file, 'the file', 'the whole number of the configuration schema', 'something else')
}
