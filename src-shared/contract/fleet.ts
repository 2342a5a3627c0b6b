// What crosses the wire between an appliance and its fleet server, in the names of msp-flake's API (/api/fleet and the
// order transport) and of the second specification (/api/updates). Tolerant: unknown fields are kept, null is absent.
import { z } from 'zod'
import { UPDATE_STATUSES } from '#model/update.ts'
import { API_KEY_FORM, isApiKey, isFleetId, isReleaseSize, isSha256Hex, isVersionName } from '#model/update-names.ts'

const id = z.string().refine(isFleetId, 'an id of letters, digits and "_:.-"')
const version = z.string().refine(isVersionName, 'a version of at most 50 characters')
const sha256 = z.string().refine(isSha256Hex, '64 hexadecimal digits')
const sizeBytes = z.number().refine(isReleaseSize, 'a positive whole number of bytes')
const url = z.string().min(1).max(2048)
const text = z.string().max(4096)

/** `POST /api/appliances/checkin`, what an updater has to say. Servers accept more and keep it. */
export const checkinRequest = z.looseObject({
  site_id: z.string().min(1).max(200),
  hostname: z.string().max(255),
  mac_address: z.string().max(17),
  boot_source: z.enum(['live_usb', 'installed_disk', 'unknown']),
  ip_addresses: z.array(z.string().max(45)).max(64),
  uptime_seconds: z.number().min(0),
  agent_version: z.string().max(50),
  all_mac_addresses: z.array(z.string().max(17)).max(64).optional(),
  /** Mistakes in the settings files of the appliance; absent when there are none. */
  settings_problems: z
    .array(z.object({ code: z.string(), message: z.string().max(500) }))
    .max(20)
    .optional(),
})
export type CheckinRequest = z.infer<typeof checkinRequest>

/** Its answer. Orders are not judged here: each goes through openOrder by itself, so that a bad one stops no other. */
export const checkinResponse = z.looseObject({
  status: z.string().nullish(),
  appliance_id: z.string().min(1).max(200).nullish(),
  server_time: z.string().nullish(),
  /** Secret: to be persisted before the next call; judged by isApiKey before the old one is given up. */
  rotated_api_key: z.unknown().optional(),
  pending_orders: z.array(z.unknown()).max(1000).nullish(),
})
export type CheckinResponse = z.infer<typeof checkinResponse>

/** `POST /api/provision/rekey`: an appliance whose key is refused asks for a new one, at most once an hour. */
export const rekeyRequest = z.looseObject({
  site_id: z.string().min(1).max(200),
  mac_address: z.string().max(17),
  hostname: z.string().max(255),
  /** What the board says of itself; null when it says nothing. */
  hardware_id: z.string().max(200).nullable(),
})
export type RekeyRequest = z.infer<typeof rekeyRequest>

export const rekeyResponse = z.looseObject({
  /** Secret: to be persisted before it is used. */
  api_key: z.string().refine(isApiKey, API_KEY_FORM),
})

/** `GET /api/sites/{site_id}/appliances/{appliance_id}/orders/pending` */
export const pendingOrders = z.looseObject({
  site_id: z.string().nullish(),
  appliance_id: z.string().nullish(),
  orders: z.array(z.unknown()).max(1000),
  count: z.number().nullish(),
})

/** `GET /api/fleet/appliances/{id}/pending-update`; the window is read by model/window.ts. */
export const pendingUpdate = z.discriminatedUnion('update_available', [
  z.looseObject({ update_available: z.literal(false) }),
  z.looseObject({
    update_available: z.literal(true),
    // Only its name is asked for here: what else is wrong with it is told to the server as the update's end.
    update: z.looseObject({ update_id: id }),
  }),
])
export type PendingUpdate = z.infer<typeof pendingUpdate>

/** What `pending-update` says of the update besides its id. Optional: everything but version and address. */
export const pendingDetails = z.looseObject({
  rollout_id: id.nullish(),
  version,
  iso_url: url,
  sha256: sha256.nullish(),
  size_bytes: sizeBytes.nullish(),
  maintenance_window: z.unknown().optional(),
  current_status: z.string().nullish(),
})

/** `POST /api/fleet/appliances/{id}/update-status` */
export const updateStatusRequest = z.looseObject({
  status: z.enum(UPDATE_STATUSES),
  error_message: text.nullish(),
  error_code: z.string().max(50).nullish(),
  boot_attempts: z.int().min(0).nullish(),
  health_check_result: z.record(z.string(), z.unknown()).nullish(),
})
export type UpdateStatusRequest = z.infer<typeof updateStatusRequest>

/** `GET /api/updates?current=<version>&channel=<channel>`; the address is `url`, or `image_url` of a triple. */
export const channelAnswer = z.discriminatedUnion('update_available', [
  z.looseObject({ update_available: z.literal(false) }),
  z
    .looseObject({
      update_available: z.literal(true),
      version,
      url: url.nullish(),
      image_url: url.nullish(),
      sha256: sha256.nullish(),
      size_bytes: sizeBytes.nullish(),
    })
    .refine((answer) => (answer.url ?? answer.image_url ?? '') !== '', 'url or image_url'),
])
export type ChannelAnswer = z.infer<typeof channelAnswer>

const part = encodeURIComponent

/** Paths below the server's endpoint. */
export const FLEET_PATHS = {
  checkin: '/api/appliances/checkin',
  rekey: '/api/provision/rekey',
  pendingOrders: (siteId: string, applianceId: string): string =>
    `/api/sites/${part(siteId)}/appliances/${part(applianceId)}/orders/pending`,
  acknowledge: (orderId: string): string => `/api/orders/${part(orderId)}/acknowledge`,
  complete: (orderId: string): string => `/api/orders/${part(orderId)}/complete`,
  pendingUpdate: (applianceId: string): string => `/api/fleet/appliances/${part(applianceId)}/pending-update`,
  updateStatus: (applianceId: string): string => `/api/fleet/appliances/${part(applianceId)}/update-status`,
  updates: (current: string, channel: string): string =>
    `/api/updates?current=${part(current)}&channel=${part(channel)}`,
} as const

/** Headers of every call; the key is a secret. A site id that is not plain ASCII is percent-encoded, as in addresses. */
export const fleetHeaders = (siteId: string, apiKey: string) => ({
  Authorization: `Bearer ${apiKey}`,
  'X-Site-ID': /^[\x21-\x7e]+$/.test(siteId) ? siteId : part(siteId),
})
