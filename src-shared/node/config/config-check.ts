// Judges the second specification's tree below /config, wherever it lies: on the appliance, or in a folder of a station.
// Complaints never repeat a value, because it may be secret.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { EngineError, type Finding, isEngineError } from '#base/errors.ts'
import { parseSchedule } from '#model/schedule.ts'
import { errnoOf } from '../os/os-errors.ts'
import { type YamlMap, yamlMap } from './settings-yaml.ts'

export const CONFIG_YAML_FILES: readonly string[] = [
  'hypernet/server.yaml',
  'hypernet/database.yaml',
  'hypernet/api.yaml',
  'hypernet/integrations.yaml',
  'security/rate-limits.yaml',
  'security/audit-policy.yaml',
]

export const CHANNELS = ['stable', 'beta', 'dev'] as const

export interface ConfigTree {
  /** How the file is called in complaints. */
  name(path: string): string
  /** Null when there is none. @throws EngineError `settings.*` */
  read(path: string): Promise<string | null>
  /** YAML files beyond the known ones, and with updates.yaml, which the appliance checks by itself. */
  readonly further?: readonly string[]
}

/** Everything wrong: `settings.*`. Empty: all is well. */
export async function checkConfigTree(tree: ConfigTree): Promise<readonly Finding[]> {
  const all: Finding[] = []
  for (const path of new Set([...CONFIG_YAML_FILES, ...(tree.further ?? [])]))
    await noting(all, async () => {
      const text = await tree.read(path)
      if (text === null) return
      const map = yamlMap(tree.name(path), text)
      if (path === 'updates.yaml' && tree.further) readAutoUpdate(map)
      all.push(...map.findings)
    })
  await noting(all, () => checkPair(tree))
  await noting(all, () => checkVersion(tree))
  return all
}

export interface AutoUpdateMap {
  readonly enabled: boolean
  readonly channel: (typeof CHANNELS)[number]
  readonly schedule: Extract<ReturnType<typeof parseSchedule>, { ok: true }>['value'] | null
  readonly requireApproval: boolean
}

/** `auto_update` of updates.yaml; what is wrong is added to the map's findings. */
export function readAutoUpdate(map: YamlMap): AutoUpdateMap | null {
  if (!map.has('auto_update'))
    return map.missing('auto_update', 'a group with enabled, channel, schedule, require_approval')
  const settings = map.map('auto_update')
  const name = settings.text('channel') ?? 'stable'
  const channel = CHANNELS.find((known) => known === name) ?? settings.invalid('channel', CHANNELS.join(', '), name)
  const schedule = settings.text('schedule')
  const parsed = schedule === null ? null : parseSchedule(schedule)
  if (parsed && !parsed.ok) settings.invalid('schedule', 'a time of day such as "02:00"', schedule ?? '')
  return {
    enabled: settings.flag('enabled') ?? false,
    channel: channel ?? 'stable',
    schedule: parsed?.ok ? parsed.value : null,
    requireApproval: settings.flag('require_approval') ?? false,
  }
}

async function noting(all: Finding[], check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (!isEngineError(error)) throw error
    all.push({ code: error.code, details: error.details })
  }
}

const invalid = (file: string, key: string, expected: string, found: string) =>
  new EngineError('settings.invalid', { file, line: 1, key, expected, found })

async function checkPair(tree: ConfigTree): Promise<void> {
  const [certificatePath, keyPath] = ['tls/certificate.pem', 'tls/private-key.pem']
  const [certificateFile, keyFile] = [tree.name(certificatePath), tree.name(keyPath)]
  const [certificate, key] = [await tree.read(certificatePath), await tree.read(keyPath)]
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

/** The first certificate of a PEM text; null when there is none. */
export function certificateOf(text: string): X509Certificate | null {
  try {
    return new X509Certificate(text)
  } catch {
    // Not a certificate: that is the answer.
    return null
  }
}

/** Node's word, and OpenSSL's for a question that nobody answers. */
const LOCKED = ['ERR_MISSING_PASSPHRASE', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED']

/** Null: none in PEM form. `locked`: one that a passphrase protects. */
export function privateKeyOf(pem: string): KeyObject | 'locked' | null {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    return LOCKED.includes(errnoOf(error)) ? 'locked' : null
  }
}

async function checkVersion(tree: ConfigTree): Promise<void> {
  const text = await tree.read('version')
  if (text !== null && !/^\s*\d{1,9}\s*$/.test(text))
    throw invalid(tree.name('version'), 'the file', 'the whole number of the configuration schema', 'something else')
}
