// The way back for an appliance whose key the server refuses, as after a power cut between the answer with a new key and its
// saving: the server is asked for another one, at most once an hour, also over restarts. What came of it is kept for status.
import { join } from 'node:path'
import { CATALOGUE, explain, type Finding, isEngineError } from '#base/errors.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { readBoundedText } from '#node/os/bounded-read.ts'
import { readJsonFile, removeFileDurably, writeJsonFile } from '#node/os/state-file.ts'
import type { DevicePaths, ServerSettings } from '../ports.ts'
import type { FleetApi } from './api-client.ts'
import { checkInRequest, type HostFacts } from './check-in.ts'

/** Counted from before the call, so a minute longer than the server's hour, which begins with the call. */
export const REKEY_EVERY_MS = 61 * 60_000

/** `<state>/update/key.json`: there while the server refuses the key. Never with a key. */
export interface KeyTrouble {
  /** ISO 8601 UTC, as `asked_at`. */
  readonly refused_since: string
  /** When a new key was asked for. */
  readonly asked_at: string
  /** Why there is none; null: the answer was not heard, or its key not saved. */
  readonly problem: Finding | null
}

export const keyTroublePath = (state: string): string => join(state, 'update', 'key.json')

const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value))

const isFinding = (value: unknown): value is Finding =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  Object.hasOwn(CATALOGUE, String(value.code)) &&
  'details' in value &&
  typeof value.details === 'object' &&
  value.details !== null

function parseTrouble(value: unknown): KeyTrouble | null {
  if (typeof value !== 'object' || value === null) return null
  const { refused_since, asked_at, problem } = value as Partial<Record<keyof KeyTrouble, unknown>>
  return isTime(refused_since) && isTime(asked_at)
    ? { refused_since, asked_at, problem: isFinding(problem) ? problem : null }
    : null
}

/** Null while the key is all right, as far as is known. */
export async function loadKeyTrouble(state: string): Promise<KeyTrouble | null> {
  const file = await readJsonFile(keyTroublePath(state), parseTrouble)
  return file.state === 'present' ? file.value : null
}

/** A check-in went well: the key is. */
export const endKeyTrouble = (state: string): Promise<void> => removeFileDurably(keyTroublePath(state))

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

/** For status: what is wrong with the key, and what was done about it. */
export function keyTroubleLines({ refused_since, asked_at, problem }: KeyTrouble): string[] {
  const why = problem ? explain(problem) : null
  return [
    `Key: refused by the fleet server since ${refused_since}; a new one was asked for at ${asked_at}`,
    ...(why ? [`  ${why.message}`, `  ${why.remedy}`] : []),
  ]
}
