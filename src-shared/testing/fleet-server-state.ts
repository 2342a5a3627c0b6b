// What the fleet test server knows about its one appliance: key, update, orders, releases of a channel. It answers as the
// fleet server of the specification does, also where that one is awkward (404 as soon as an update is over).
import { randomBytes, randomUUID } from 'node:crypto'
import { UPDATE_STATUSES, type UpdateStatus } from '#model/update.ts'
import { createOrderSigner, type OrderRequest, type OrderSigner, type SignedOrder } from './fleet-server-orders.ts'
import {
  advanced,
  isOffered,
  isReached,
  paused,
  progressOf,
  type Rollout,
  type RolloutProgress,
  type RolloutState,
  type RolloutWish,
  reported,
  resumed,
  startRollout,
} from './rollout.ts'

export interface FleetOptions {
  readonly siteId?: string
  readonly mac?: string
  /** The key from the appliance's config.yaml. */
  readonly apiKey?: string
  /** False: no key is ever rotated. Default: the first check-in is answered with a new one. */
  readonly rotates?: boolean
  /** What happens to the first key after the rotation: refused at once (default), or until the new one was used. */
  readonly oldKey?: 'refused' | 'until-used'
  /** Statuses in which `pending-update` offers the update; default: notified, downloading, ready. */
  readonly offered?: readonly string[]
  /** True: `rekey` gives a new key, once an hour. Default: the server has no such endpoint. */
  readonly rekeys?: boolean
  /** The server's clock. */
  now?(): Date
}

/** The rollout that an offer belongs to; default: `immediate`, for this appliance alone. */
export interface RolloutPlan extends Omit<RolloutWish, 'appliances'> {
  /** Others, which get the update before this one. */
  readonly others?: readonly string[]
}

/** An update as `pending-update` describes it. */
export interface FleetUpdate {
  readonly update_id: string
  readonly rollout_id: string
  readonly version: string
  readonly iso_url: string
  readonly sha256: string
  readonly size_bytes: number | null
  readonly maintenance_window: Readonly<Record<string, string | boolean | readonly string[]>> | null
}

export interface ChannelRelease {
  readonly version: string
  readonly url: string
  readonly sha256: string
  readonly size_bytes: number | null
}

export interface StatusPost {
  readonly update_id: string
  readonly status: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

type Body = Readonly<Record<string, unknown>>
const ok = (body: unknown): Answer => ({ status: 200, body })
const notFound = (detail: string): Answer => ({ status: 404, body: { detail } })
const HOUR_MS = 3_600_000
const NOTHING = { update_available: false } as const

interface OrderEntry {
  readonly order: SignedOrder
  state: 'pending' | 'acknowledged' | 'completed' | 'failed'
  completion: Body | null
}

export type Fleet = ReturnType<typeof createFleet>

/** The state, what answers from it, and how a test changes it. */
export function createFleet(options: FleetOptions) {
  const siteId = options.siteId ?? 'test-site'
  const mac = options.mac ?? '52:54:00:12:34:56'
  const applianceId = `${siteId}-${mac}`
  const signer: OrderSigner = createOrderSigner()
  const now = (): Date => options.now?.() ?? new Date()
  const orders = new Map<string, OrderEntry>()
  const releases: Record<string, ChannelRelease | undefined> = {}
  const accepted: StatusPost[] = []
  let key = options.apiKey ?? 'first-key'
  let oldKey: string | null = null
  let rotated = options.rotates === false
  let rekeyedAt: number | null = null
  /** What the next check-ins get as a new key, without the server going over to it; null: nothing of the kind. */
  let badKey: unknown = null
  let update: FleetUpdate | null = null
  let rollout: RolloutState = startRollout({ appliances: [] }, new Date(0))

  const newKey = (): string => {
    key = `key-${randomBytes(16).toString('hex')}`
    return key
  }
  const ownStatus = (): UpdateStatus | null =>
    rollout.rows.find(({ appliance_id }) => appliance_id === applianceId)?.status ?? null
  /** What is due at the server's clock is done before anybody is answered. */
  const atPresent = (): RolloutState => {
    rollout = advanced(rollout, now())
    return rollout
  }
  const take = (id: string, status: UpdateStatus): boolean => {
    const next = reported(atPresent(), id, status)
    if (next) rollout = next
    atPresent()
    return next !== null
  }

  return {
    siteId,
    applianceId,
    signer,
    /** Statuses that were accepted, in order. */
    statuses: accepted as readonly StatusPost[],
    statusWords: (): string[] => accepted.map(({ status }) => status),
    apiKey: () => key,
    /** Locks the appliance out. */
    replaceKey(): void {
      newKey()
      oldKey = null
    },
    authorised(bearer: string | null, site: string | undefined): boolean {
      if (bearer === null || site !== siteId) return false
      if (bearer === key) oldKey = null
      return bearer === key || bearer === oldKey
    },

    /** Starts a rollout for the appliance; a former one is over. */
    offer(
      wanted: Partial<FleetUpdate> & { readonly version: string; readonly iso_url: string },
      { others = [], ...plan }: RolloutPlan = { strategy: 'immediate' },
    ): FleetUpdate {
      const defaults = { sha256: '0'.repeat(64), size_bytes: null, maintenance_window: null }
      const ids = { update_id: randomUUID(), rollout_id: randomUUID() }
      update = { ...ids, ...defaults, ...wanted }
      rollout = startRollout({ ...plan, appliances: [...others, applianceId] }, now())
      return update
    },
    /** As upstream does it: from now on the server does not know the update any more. */
    cancelUpdate(): void {
      update = null
    },
    pauseRollout(): void {
      rollout = paused(atPresent(), now()) ?? rollout
    },
    resumeRollout(): void {
      rollout = resumed(rollout) ?? rollout
    },
    /** Another appliance of the rollout reports; false when that is not taken. */
    reportOther: take,
    rollout(): Rollout & { readonly progress: RolloutProgress } {
      const state = atPresent()
      return { ...state.rollout, progress: progressOf(state.rows) }
    },
    /** What the server believes about the update, as after an interrupted attempt. */
    setStatus(status: UpdateStatus): void {
      const rows = rollout.rows.map((row) => (row.appliance_id === applianceId ? { ...row, status } : row))
      rollout = { ...rollout, rows }
    },
    currentStatus: (): UpdateStatus | null => (update ? ownStatus() : null),
    release(channel: string, release: ChannelRelease): void {
      releases[channel] = release
    },
    sendOrder(request: Omit<OrderRequest, 'createdAt'> & { readonly createdAt?: Date }): SignedOrder {
      const order = signer.make({ createdAt: now(), target: applianceId, ...request })
      orders.set(order.order_id, { order, state: 'pending', completion: null })
      return order
    },
    /** Queues an order as it is, however wrong. */
    sendRaw(order: SignedOrder): void {
      orders.set(order.order_id, { order, state: 'pending', completion: null })
    },
    orderState: (orderId: string): OrderEntry['state'] | null => orders.get(orderId)?.state ?? null,
    completionOf: (orderId: string): Body | null => orders.get(orderId)?.completion ?? null,

    /** Answers check-ins with a key that it does not take itself, or with what is none. */
    rotateTo(value: unknown): void {
      badKey = value
    },

    checkIn(body: Body): Answer {
      if (body.site_id !== siteId) return { status: 403, body: { detail: 'another site' } }
      let rotatedKey: string | null = null
      if (!rotated) {
        rotated = true
        if (options.oldKey === 'until-used') oldKey = key
        rotatedKey = newKey()
      }
      return ok({
        status: 'ok',
        appliance_id: applianceId,
        server_time: now().toISOString(),
        rotated_api_key: badKey ?? rotatedKey,
        server_public_key: signer.publicKey,
        server_public_keys: [signer.publicKey],
        merged_duplicates: 0,
        pending_orders: [],
        windows_targets: [],
      })
    },
    /** Asked without a key that is worth anything: it goes by what only the operator and the machine know. */
    rekey(body: Body): Answer {
      if (!options.rekeys) return notFound('not found')
      if (body.site_id !== siteId || body.mac_address !== mac || typeof body.hardware_id !== 'string')
        return { status: 403, body: { detail: 'no such appliance' } }
      const at = now().getTime()
      if (rekeyedAt !== null && at - rekeyedAt < HOUR_MS) return { status: 429, body: { detail: 'once an hour' } }
      rekeyedAt = at
      oldKey = null
      return ok({ status: 'rekeyed', appliance_id: applianceId, api_key: newKey() })
    },
    pendingOrders(): Answer {
      const waiting = [...orders.values()].filter(({ state }) => state === 'pending').map(({ order }) => order)
      return ok({ site_id: siteId, appliance_id: applianceId, orders: waiting, count: waiting.length })
    },
    acknowledge(orderId: string): Answer {
      const entry = orders.get(orderId)
      if (!entry) return notFound('no such order')
      if (entry.state !== 'pending') return ok({ status: 'already_acknowledged', order_id: orderId })
      entry.state = 'acknowledged'
      return ok({ status: 'acknowledged', order_id: orderId })
    },
    complete(orderId: string, body: Body): Answer {
      const entry = orders.get(orderId)
      if (!entry) return notFound('no such order')
      if (entry.completion) return ok({ status: 'already_completed', order_id: orderId })
      entry.state = body.success === true ? 'completed' : 'failed'
      entry.completion = body
      return ok({ status: entry.state, order_id: orderId })
    },
    pendingUpdate(appliance: string): Answer {
      if (appliance !== applianceId && appliance !== siteId) return notFound('no such appliance')
      const state = atPresent()
      const current_status = ownStatus()
      const offered = options.offered
        ? isReached(state, applianceId) && options.offered.includes(current_status ?? '')
        : isOffered(state, applianceId)
      return ok(update && offered ? { update_available: true, update: { ...update, current_status } } : NOTHING)
    },
    updateStatus(appliance: string, body: Body): Answer {
      if (appliance !== applianceId && appliance !== siteId) return notFound('no such appliance')
      const status = UPDATE_STATUSES.find((word) => word === body.status)
      if (!status) return { status: 422, body: { detail: 'no such status' } }
      const other = typeof body.update_id === 'string' && body.update_id !== update?.update_id
      if (!update || other || !take(applianceId, status)) return notFound('no active update')
      accepted.push({ update_id: update.update_id, status, body })
      return ok({ status: 'ok' })
    },
    updatesOf(channel: string, current: string): Answer {
      const release = releases[channel]
      if (!release || release.version === current) return ok(NOTHING)
      return ok({ update_available: true, ...release })
    },
  }
}
