// The way back for an appliance whose key the server refuses, as after a power cut between the answer with a new key and its
// saving: the server is asked for another one, at most once an hour, also over restarts. What came of it is kept for status.
import { join } from 'node:path'
import { isEngineError } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { writeJsonFile } from '#node/os/state-file.ts'
import type { DevicePaths, ServerSettings } from '../ports.ts'
import { type KeyTrouble, keyTroublePath, loadKeyTrouble } from '../update/key-trouble.ts'
import type { FleetApi } from './api-client.ts'
import { checkInRequest, type HostFacts } from './check-in.ts'

/** Counted from before the call, so a minute longer than the server's hour, which begins with the call. */
export const REKEY_EVERY_MS = 61 * 60_000

export interface RekeyParts {
  readonly api: Pick<FleetApi, 'rekey'>
  readonly server: ServerSettings
  readonly host: HostFacts
  readonly paths: Pick<DevicePaths, 'state' | 'sys'>
  now(): Date
  /** Durable when it returns. */
  saveKey(key: string): Promise<void>
}

/**
 * The key was refused (401): asks for a new one when it may, and saves it. True when there is one now.
 * @throws EngineError `agent.rekey-refused`, what the API throws, `settings.not-saved`; the key of config.yaml stays
 */
export async function rekey(parts: RekeyParts, signal: AbortSignal): Promise<boolean> {
  const { state } = parts.paths
  const before = await loadKeyTrouble(state)
  const now = parts.now()
  const at = toIsoTime(now)
  const passed = before ? now.getTime() - Date.parse(before.asked_at) : REKEY_EVERY_MS
  // A time that lies ahead was written by a wrong clock.
  if (passed >= 0 && passed < REKEY_EVERY_MS) return false
  const trouble: KeyTrouble = { refused_since: before?.refused_since ?? at, asked_at: at, problem: null }
  // Before the call: whatever happens then, there is none within the hour.
  await writeJsonFile(keyTroublePath(state), trouble)
  try {
    const { site_id, mac_address, hostname } = checkInRequest(parts.server, parts.host)
    const request = { site_id, mac_address, hostname, hardware_id: await hardwareId(parts.paths) }
    await parts.saveKey(await parts.api.rekey(request, signal))
    return true
  } catch (error) {
    if (isEngineError(error) && error.code !== 'job.cancelled')
      await writeJsonFile(keyTroublePath(state), { ...trouble, problem: { code: error.code, details: error.details } })
    throw error
  }
}

/** Makers leave these in. */
const MEANS_NOTHING =
  /^(?:|0+|f+|none|default string|not (?:specified|available|applicable)|to be filled by o\.?e\.?m\.?)$/i

/** What the firmware says of the board: its UUID, else its serial number. Null when it says nothing. */
export async function hardwareId({ sys }: Pick<DevicePaths, 'sys'>): Promise<string | null> {
  for (const name of ['product_uuid', 'product_serial']) {
    const text = await readBoundedText(join(sys, 'class/dmi/id', name)).catch(() => '') // no firmware tables here
    const id = text.trim().slice(0, 200)
    if (!MEANS_NOTHING.test(id.replaceAll('-', ''))) return id
  }
  return null
}
