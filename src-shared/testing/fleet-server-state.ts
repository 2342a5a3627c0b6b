// What the fleet test server knows about its one appliance: key, update, orders, releases of a channel. It answers as the
// fleet server of the specification does, also where that one is awkward (404 as soon as an update is over).
import { randomBytes, randomUUID } from 'node:crypto'
import { createOrderSigner, type OrderRequest, type OrderSigner, type SignedOrder } from './fleet-server-orders.ts'

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
  /** The server's clock. */
  now?(): Date
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
const OVER = ['succeeded', 'failed', 'rolled_back']
const OFFERED = ['notified', 'downloading', 'ready']

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
  let update: (FleetUpdate & { current_status: string }) | null = null

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
      key = `key-${randomBytes(8).toString('hex')}`
      oldKey = null
    },
    authorised(bearer: string | null, site: string | undefined): boolean {
      if (bearer === null || site !== siteId) return false
      if (bearer === key) oldKey = null
      return bearer === key || bearer === oldKey
    },

    /** Opens an update for the appliance; a former one is over. */
    offer(wanted: Partial<FleetUpdate> & { readonly version: string; readonly iso_url: string }): FleetUpdate {
      const defaults = { sha256: '0'.repeat(64), size_bytes: null, maintenance_window: null }
      const ids = { update_id: randomUUID(), rollout_id: randomUUID() }
      update = { ...ids, ...defaults, ...wanted, current_status: 'notified' }
      return update
    },
    /** The rollout is cancelled or paused: from now on the server does not know the update any more. */
    cancelUpdate(): void {
      update = null
    },
    /** What the server believes about the update, as after an interrupted attempt. */
    setStatus(status: string): void {
      if (update) update.current_status = status
    },
    currentStatus: (): string | null => update?.current_status ?? null,
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

    checkIn(body: Body): Answer {
      if (body.site_id !== siteId) return { status: 403, body: { detail: 'another site' } }
      let rotatedKey: string | null = null
      if (!rotated) {
        rotated = true
        if (options.oldKey === 'until-used') oldKey = key
        key = `key-${randomBytes(16).toString('hex')}`
        rotatedKey = key
      }
      return ok({
        status: 'ok',
        appliance_id: applianceId,
        server_time: now().toISOString(),
        rotated_api_key: rotatedKey,
        server_public_key: signer.publicKey,
        server_public_keys: [signer.publicKey],
        merged_duplicates: 0,
        pending_orders: [],
        windows_targets: [],
      })
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
      const offered = update && (options.offered ?? OFFERED).includes(update.current_status)
      return ok(offered ? { update_available: true, update } : { update_available: false })
    },
    updateStatus(appliance: string, body: Body): Answer {
      if (appliance !== applianceId && appliance !== siteId) return notFound('no such appliance')
      const other = typeof body.update_id === 'string' && body.update_id !== update?.update_id
      if (!update || other || OVER.includes(update.current_status)) return notFound('no active update')
      const status = String(body.status)
      update.current_status = status
      accepted.push({ update_id: update.update_id, status, body })
      return ok({ status: 'ok' })
    },
    updatesOf(channel: string, current: string): Answer {
      const release = releases[channel]
      if (!release || release.version === current) return ok({ update_available: false })
      return ok({ update_available: true, ...release })
    },
  }
}
