// The regular check-in: says who and what this appliance is, takes what the server has for it. A new key is on disk before
// anything else is asked; a clock that differs from the server's is told.
import { networkInterfaces, hostname as ownName, uptime } from 'node:os'
import { explain, type Finding, finding } from '#base/errors.ts'
import type { CheckinRequest } from '#contract/fleet.ts'
import { toIsoTime } from '#model/iso-time.ts'
import { isApiKey } from '#model/update-names.ts'
import { buildInfo } from '../build-info.ts'
import type { ServerSettings } from '../ports.ts'
import type { FleetApi } from './api-client.ts'

/** Larger differences are told; expiry dates are not judged then. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000
const MAC = /(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/
const NO_MAC = '00:00:00:00:00:00'

/** What the system knows about itself; tests give their own. */
export interface HostFacts {
  readonly hostname: string
  /** Of real interfaces, upper case. */
  readonly macs: readonly string[]
  readonly addresses: readonly string[]
  readonly uptimeSeconds: number
}

/** Reads name, interfaces and uptime from the system. Addresses that mean nothing elsewhere (loopback, link-local) are left out. */
export function hostFacts(): HostFacts {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outside = all.filter(({ internal }) => !internal)
  const addresses = outside.map(({ address }) => address).filter((address) => !/^fe80:|^169\.254\./i.test(address))
  const macs = new Set(outside.map(({ mac }) => mac.toUpperCase()).filter((mac) => mac !== NO_MAC))
  return { hostname: ownName(), macs: [...macs], addresses, uptimeSeconds: Math.floor(uptime()) }
}

/** The fields that the fleet server needs from an updater. `appliance_id` ends with the MAC address it was claimed by. */
export function checkInRequest(
  { siteId, applianceId }: ServerSettings,
  host: HostFacts,
  problems: readonly Finding[] = [],
  degraded = '',
): CheckinRequest {
  const claimed = MAC.exec(applianceId.toUpperCase())?.[0]
  return {
    site_id: siteId,
    hostname: host.hostname.slice(0, 255),
    mac_address: claimed ?? host.macs[0] ?? NO_MAC,
    all_mac_addresses: host.macs.slice(0, 64),
    boot_source: 'installed_disk',
    ip_addresses: host.addresses.slice(0, 64),
    uptime_seconds: host.uptimeSeconds,
    agent_version: buildInfo.version.slice(0, 50),
    nixos_version: null,
    ...(problems.length > 0 && { settings_problems: problems.slice(0, MOST_PROBLEMS).map(told) }),
    ...(degraded !== '' && { daemon_health: { status: 'degraded', error: degraded.slice(0, 200) } }),
  }
}

const MOST_PROBLEMS = 20
const told = (found: Finding) => ({ code: found.code, message: explain(found).message.slice(0, 500) })

export interface CheckIn {
  readonly orders: readonly unknown[]
  /** The server's clock and ours are further apart than CLOCK_TOLERANCE_MS. */
  readonly clock: Finding | null
  /** Unusable: a new one came that config.yaml could not hold; the old one was kept. */
  readonly key: 'same' | 'new' | 'unusable'
}

export interface CheckInParts {
  readonly api: Pick<FleetApi, 'checkIn'>
  readonly server: ServerSettings
  readonly host: HostFacts
  /** Mistakes in the settings files. */
  readonly problems?: readonly Finding[]
  /** What is not as it should be, in words; empty: nothing. */
  readonly degraded?: string
  now(): Date
  /** Durable when it returns; the old key is worth nothing from here on. */
  saveKey(key: string): Promise<void>
}

/**
 * One check-in. @throws what the API throws, and `settings.not-saved` when a new key could not be saved: `saveKey` keeps
 * it in memory then, and nothing is asked before it is on disk.
 */
export async function checkIn(parts: CheckInParts, signal: AbortSignal): Promise<CheckIn> {
  const answer = await parts.api.checkIn(
    checkInRequest(parts.server, parts.host, parts.problems, parts.degraded),
    signal,
  )
  const found = { orders: answer.pending_orders ?? [], clock: compareClocks(answer.server_time, parts.now()) }
  const { rotated_api_key: key } = answer
  if (key === null || key === undefined) return { ...found, key: 'same' }
  if (typeof key !== 'string' || !isApiKey(key)) return { ...found, key: 'unusable' }
  await parts.saveKey(key)
  return { ...found, key: 'new' }
}

/** Python writes times without a zone; they are UTC. What cannot be read says nothing about our clock. */
function compareClocks(serverTime: string | null | undefined, now: Date): Finding | null {
  if (!serverTime) return null
  const theirs = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(serverTime) ? serverTime : `${serverTime}Z`)
  if (Number.isNaN(theirs.getTime()) || Math.abs(theirs.getTime() - now.getTime()) <= CLOCK_TOLERANCE_MS) return null
  return finding('agent.clock-differs', { found: toIsoTime(now), expected: toIsoTime(theirs) })
}
