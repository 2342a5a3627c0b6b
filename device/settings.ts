// What the configuration files of an appliance say, checked: device.yaml (signed image), config.yaml (fleet), updates.yaml
// (second specification), probes.yaml. Files and keys: docs/format/device.md. A wrong value is told with its line, never
// replaced by a guess.
import { dirname, isAbsolute, join } from 'node:path'
import { EngineError, explain, type Finding, finding, isEngineError } from '#base/errors.ts'
import type { ProbeSpec } from '#model/health.ts'
import type { WindowSpec } from '#model/update.ts'
import { API_KEY_FORM, FLEET_NAME_FORM, isApiKey, isFleetName } from '#model/update-names.ts'
import { mistakesOfSwitchedOff, parseWindow } from '#model/window.ts'
import { certificateOf, privateKeyOf, readAutoUpdate } from '#node/config/config-check.ts'
import { readYamlFile, SETTINGS_LIMIT, type YamlMap } from '#node/config/settings-yaml.ts'
import type { ClientIdentity } from '#node/http/http-trust.ts'
import { readTextFile } from '#node/os/state-file.ts'
import { findConfigFile } from './config-files.ts'
import { DEVICE_FILE } from './paths.ts'
import type { DevicePaths, DeviceSettings, ServerSettings } from './ports.ts'

/** Reads the text of probes.yaml: gate/probe-list.ts. A list with findings is not used, not even in part. */
export type ParseProbes = (text: string) => {
  readonly probes: readonly ProbeSpec[]
  readonly findings: readonly Finding[]
}

export const CONFIG = 'config.yaml'
const UPDATES = 'updates.yaml'
const WINDOW = 'maintenance_window'
const POLL = { least: 10, most: 3600, usual: 60 }
/** `*.` for all names below, or one host with a port where that is not 443. */
const HOST = /^(?:\*(?:\.[a-z0-9-]+)+|(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The config.yaml that is read, and changed when the server rotates the key. */
export const configFile = async (paths: DevicePaths): Promise<string> => (await findConfigFile(paths, CONFIG)).file
export const deviceFile = (paths: DevicePaths): string => join(paths.etc, DEVICE_FILE)
export const probesFile = (paths: DevicePaths): string => join(paths.etc, 'probes.yaml')

/**
 * Reads all settings. `server` is null while config.yaml or its `api_key` is missing; settings-check.ts says why.
 * @throws EngineError the first of what readSettings finds
 */
export async function loadSettings(paths: DevicePaths, parseProbes: ParseProbes): Promise<DeviceSettings> {
  const { settings, findings } = await readSettings(paths, parseProbes)
  const [first] = findings
  if (first) throw new EngineError(first.code, first.details)
  return settings
}

/**
 * The settings as far as they can be read, and everything that is wrong with the files: `settings.*`, `window.*`. Remarks
 * (`settings.shadowed`, mistakes in what is switched off) are worth a word and wrong nowhere.
 */
export async function readSettings(
  paths: DevicePaths,
  parseProbes: ParseProbes,
): Promise<{ settings: DeviceSettings; findings: readonly Finding[]; remarks: readonly Finding[] }> {
  const findings: Finding[] = []
  const read = async <T>(file: string, otherwise: T, use: (map: YamlMap) => T | Promise<T>): Promise<T> => {
    try {
      const map = await readYamlFile(file)
      if (!map) return otherwise
      const value = await use(map)
      findings.push(...map.findings)
      return value
    } catch (error) {
      if (!isEngineError(error)) throw error
      findings.push({ code: error.code, details: error.details })
      return otherwise
    }
  }
  const noDevice = { product: '', allowedHosts: [] as readonly string[], allowHttp: false, there: false }
  const device = await read(deviceFile(paths), noDevice, readDevice)
  if (!device.there && findings.length === 0) {
    const remedy = 'It is part of the system image; build the image again with a product name.'
    findings.push({ code: 'settings.file-missing', details: { file: deviceFile(paths), remedy } })
  }
  const config = await findConfigFile(paths, CONFIG)
  const later: Finding[] = []
  const local = await read(config.file, { server: null, window: null }, (map) => {
    later.push(...mistakesWhenSwitchedOn(map))
    return readConfig(map, [dirname(config.file), paths.state], device.allowHttp)
  })
  const updates = await findConfigFile(paths, UPDATES)
  const autoUpdate = await read(updates.file, null, readAutoUpdate)
  const probes = await readProbes(probesFile(paths), parseProbes, findings)
  const { product, allowedHosts } = device
  const remarks = [...config.remarks, ...updates.remarks, ...later]
  return { settings: { product, allowedHosts, ...local, autoUpdate, probes }, findings, remarks }
}

function readDevice(map: YamlMap) {
  const product = map.text('product') ?? map.missing('product', 'the product name that releases carry') ?? ''
  const allowedHosts = (map.texts('allowed_hosts') ?? []).map((host) => host.toLowerCase())
  for (const host of allowedHosts)
    if (!HOST.test(host))
      map.invalid('allowed_hosts', 'a list of hosts such as example.org, bench:8443 or *.example.org', host)
  return { product, allowedHosts, allowHttp: map.flag('allow_http') ?? false, there: true }
}

async function readConfig(
  map: YamlMap,
  beside: readonly string[],
  allowHttp: boolean,
): Promise<{ server: ServerSettings | null; window: WindowSpec | null }> {
  const window = readWindow(map)
  const pollSeconds = map.map('agent').integer('poll_interval') ?? POLL.usual
  // A mistake in what follows leaves it open whom the key would be shown to: then nobody gets it.
  const before = map.findings.length
  const ca = await readAuthority(map, beside)
  const siteId = map.text('site_id') ?? map.text('appliance_id')
  const applianceId = map.text('appliance_id') ?? map.text('site_id')
  const apiKey = map.text('api_key')
  if (apiKey === null) return { server: null, window }
  const endpoint = readEndpoint(map, allowHttp)
  if (!siteId || !applianceId) map.missing('site_id', 'the site that the fleet server knows (or appliance_id)')
  if (!isApiKey(apiKey)) map.invalid('api_key', API_KEY_FORM)
  for (const [key, name] of Object.entries({ site_id: siteId, appliance_id: applianceId }))
    if (name && !isFleetName(name)) map.invalid(key, FLEET_NAME_FORM)
  if (!endpoint || !siteId || !applianceId) return { server: null, window }
  const clamped = Math.min(POLL.most, Math.max(POLL.least, pollSeconds))
  const identity = await readIdentity(map, beside, new URL(endpoint).origin)
  if (map.findings.length > before) return { server: null, window }
  const server = { endpoint, siteId, applianceId, apiKey, ca, pollSeconds: clamped, ...(identity && { identity }) }
  return { server, window }
}

function readEndpoint(map: YamlMap, allowHttp: boolean): string | null {
  const key = map.text('api_endpoint') === null ? 'api_base_url' : 'api_endpoint'
  const text = map.text(key)
  if (text === null) return map.missing('api_endpoint', 'the address of the fleet server (or api_base_url)')
  const expected = 'an address such as https://fleet.example.org'
  if (!URL.canParse(text)) return map.invalid(key, expected)
  const url = new URL(text)
  if (!['https:', 'http:'].includes(url.protocol) || url.username || url.password || url.search || url.hash)
    return map.invalid(key, `${expected}, without user, query and #`)
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.includes(url.hostname)) {
    const details = { file: map.file, line: map.line(key), key, host: url.hostname }
    map.add({ code: 'settings.insecure-endpoint', details })
    return null
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function readWindow(map: YamlMap): WindowSpec | null {
  const value = map.plain(WINDOW)
  const parsed = parseWindow(value)
  if (parsed.ok) return parsed.value.kind === 'always' ? null : (value as WindowSpec)
  for (const refusal of parsed.refusals) map.add(inWindow(map, refusal))
  return null
}

/** Nothing is wrong now; whoever switches the window on would only learn then that no update is let through any more. */
const mistakesWhenSwitchedOn = (map: YamlMap): Finding[] =>
  mistakesOfSwitchedOff(map.plain(WINDOW)).map((refusal) =>
    inWindow(map, refusal, ' The window is switched off; this is wrong as soon as it is switched on.'),
  )

function inWindow(map: YamlMap, refusal: Finding, more = ''): Finding {
  const part = partOf(refusal)
  const line = part ? Math.max(map.line(WINDOW), map.map(WINDOW).line(part)) : map.line(WINDOW)
  const problem = `${explain(refusal).message}${more}`
  return finding('settings.bad-window', { file: map.file, line, key: WINDOW, problem })
}

/** The key of the window that a refusal is about; empty: the window as a whole. */
function partOf({ code, details }: Finding): string {
  if (code === 'window.bad-zone') return 'timezone'
  if (code === 'window.bad-day') return 'days'
  return code === 'window.bad-time' ? String(details.key ?? '') : ''
}

async function readAuthority(map: YamlMap, beside: readonly string[]): Promise<string | null> {
  const tls = map.map('tls')
  const text = await readPem(tls, 'ca_cert', beside)
  if (text === undefined) return null
  if (text !== null && certificateOf(text)) return text
  return tls.invalid('ca_cert', 'a certificate in PEM form, or the path of a file with one')
}

/**
 * PEM text as it stands there, or of the file that is named, in the first of these folders that has it; undefined when
 * absent, null when there is no such file.
 */
async function readPem(tls: YamlMap, key: string, beside: readonly string[]): Promise<string | null | undefined> {
  const value = tls.text(key)
  if (value === null) return undefined
  if (value.includes('-----BEGIN ')) return value
  if (/[\n\r]/.test(value)) return null
  for (const file of isAbsolute(value) ? [value] : beside.map((folder) => join(folder, value))) {
    const text = await readTextFile(file, SETTINGS_LIMIT)
    if (text !== null) return text
  }
  return null
}

/** The certificate that the fleet server may ask for, with its key: both, or none. */
async function readIdentity(map: YamlMap, beside: readonly string[], origin: string): Promise<ClientIdentity | null> {
  const tls = map.map('tls')
  const certificate = await readPem(tls, 'client_cert', beside)
  const key = await readPem(tls, 'client_key', beside)
  if (certificate === undefined && key === undefined) return null
  if (certificate === undefined) return tls.missing('client_cert', 'the certificate that belongs to tls.client_key')
  if (key === undefined) return tls.missing('client_key', 'the private key that belongs to tls.client_cert')
  const parsed = certificate === null ? null : certificateOf(certificate)
  if (certificate === null || parsed === null)
    return tls.invalid('client_cert', 'a certificate in PEM form, or the path of a file with one')
  const secret = key === null ? null : privateKeyOf(key)
  if (key === null || secret === null)
    return tls.invalid('client_key', 'a private key in PEM form, or the path of a file with one')
  if (secret === 'locked')
    return tls.invalid('client_key', 'a private key without a passphrase: nobody is there to type it')
  if (!parsed.checkPrivateKey(secret))
    return tls.invalid('client_key', 'the private key of the certificate in tls.client_cert')
  return { origin, certificate, key }
}

async function readProbes(file: string, parse: ParseProbes, findings: Finding[]): Promise<readonly ProbeSpec[]> {
  try {
    const text = await readTextFile(file, SETTINGS_LIMIT)
    if (text === null) {
      const remedy = 'It is part of the system image; without it no update can prove itself. Build the image again.'
      findings.push({ code: 'settings.file-missing', details: { file, remedy } })
      return []
    }
    const list = parse(text)
    findings.push(...list.findings)
    return list.findings.length > 0 ? [] : list.probes
  } catch (error) {
    if (!isEngineError(error)) throw error
    findings.push({ code: error.code, details: error.details })
    return []
  }
}
