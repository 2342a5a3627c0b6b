// The appliance's side of the fleet endpoints (contract/fleet.ts, docs/format/fleet.md). Asks its own server only, bounded
// in time and size, checks what comes back. The key goes into one header and nowhere else.
import { EngineError, isEngineError } from '#base/errors.ts'
import {
  type ChannelAnswer,
  type CheckinRequest,
  type CheckinResponse,
  channelAnswer,
  checkinResponse,
  FLEET_PATHS,
  fleetHeaders,
  type PendingUpdate,
  pendingOrders,
  pendingUpdate,
  type RekeyRequest,
  rekeyResponse,
} from '#contract/fleet.ts'
import { statusRequestOf } from '#contract/fleet-offer.ts'
import type { StatusReport } from '#model/update.ts'
import { type JsonResponse, requestJson, statusError } from '#node/http/http-json.ts'
import type { ServerSettings } from '../ports.ts'
import type { Completion } from './order-ledger.ts'

/** Whole exchanges; a server that is slower than this counts as away. */
const LIMITS = { connectMs: 10_000, idleMs: 20_000, totalMs: 30_000, maxRedirects: 0 }
/** Check-in answers carry lists for programs other than this one. */
const MAX_ANSWER = 4 * 1024 * 1024

/** All throw EngineError: `download.*`, `agent.key-refused`, `agent.bad-answer`, `job.cancelled`. */
export interface FleetApi {
  checkIn(request: CheckinRequest, signal: AbortSignal): Promise<CheckinResponse>
  /** A new key, asked for without one. Throws `agent.rekey-refused` too. */
  rekey(request: RekeyRequest, signal: AbortSignal): Promise<string>
  /** The orders as they came; each is judged by itself. */
  pendingOrders(signal: AbortSignal): Promise<readonly unknown[]>
  /** An order that the server does not know any more needs no answer. */
  acknowledge(orderId: string, signal: AbortSignal): Promise<void>
  complete(orderId: string, completion: Completion, signal: AbortSignal): Promise<void>
  pendingUpdate(signal: AbortSignal): Promise<PendingUpdate>
  /** `unknown`: the server has no such update (404). */
  updateStatus(report: StatusReport, signal: AbortSignal): Promise<'taken' | 'unknown'>
  updates(current: string, channel: string, signal: AbortSignal): Promise<ChannelAnswer>
}

/** What a schema of the contract does. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly SchemaIssue[] } }
}
interface SchemaIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A client for these settings; they are read anew for every round, because the key changes. */
export function createFleetApi(server: ServerSettings): FleetApi {
  const { endpoint, siteId, applianceId, apiKey, ca, identity } = server
  const { origin } = new URL(endpoint)
  const allow = (url: URL): boolean => url.origin === origin
  const { Authorization, ...known } = fleetHeaders(siteId, apiKey)
  const headers = { ...known, 'user-agent': 'twinslot-agent' }
  const common = { ca, identity: identity ?? null, allow, limits: LIMITS, maxBytes: MAX_ANSWER }

  async function ask(method: 'GET' | 'POST', path: string, signal: AbortSignal, json?: unknown): Promise<JsonResponse> {
    const request = { ...common, method, url: `${endpoint}${path}`, headers: { ...headers, Authorization }, signal }
    const response = await requestJson(json === undefined ? request : { ...request, json })
    const { status } = response
    if (status === 401 || status === 403) throw new EngineError('agent.key-refused', { server: origin, status })
    return response
  }
  function parse<T>(schema: Schema<T>, response: JsonResponse): T {
    if (response.status !== 200) throw statusError(response)
    const result = schema.safeParse(response.value)
    if (result.success) return result.data
    const [issue] = result.error.issues
    const problem = issue ? `${issue.path.map(String).join('.') || 'the answer'}: ${issue.message}` : 'its form'
    throw new EngineError('agent.bad-answer', { path: response.url.pathname, problem: problem.slice(0, 200) })
  }
  /** 404 and 410 say that there is nothing (any more) to be told about. */
  const tell = async (path: string, signal: AbortSignal, json: unknown): Promise<'taken' | 'unknown'> => {
    const response = await ask('POST', path, signal, json)
    if (response.status === 404 || response.status === 410) return 'unknown'
    if (response.status < 200 || response.status > 299) throw statusError(response)
    return 'taken'
  }

  return {
    checkIn: async (request, signal) => parse(checkinResponse, await ask('POST', FLEET_PATHS.checkin, signal, request)),
    async rekey(json, signal) {
      const url = `${endpoint}${FLEET_PATHS.rekey}`
      const response = await requestJson({ ...common, method: 'POST', url, headers, json, signal })
      const { status } = response
      // 404, 405, 501: a server without this; 429: it was asked too often.
      if ((status >= 400 && status < 500) || status === 501)
        throw new EngineError('agent.rekey-refused', { server: origin, status })
      return parse(rekeyResponse, response).api_key
    },
    async pendingOrders(signal) {
      const path = FLEET_PATHS.pendingOrders(siteId, applianceId)
      return parse(pendingOrders, await ask('GET', path, signal)).orders
    },
    async acknowledge(orderId, signal) {
      await tell(FLEET_PATHS.acknowledge(orderId), signal, {})
    },
    async complete(orderId, completion, signal) {
      await tell(FLEET_PATHS.complete(orderId), signal, completion)
    },
    pendingUpdate: async (signal) =>
      parse(pendingUpdate, await ask('GET', FLEET_PATHS.pendingUpdate(applianceId), signal)),
    updateStatus: (report, signal) =>
      tell(FLEET_PATHS.updateStatus(applianceId), signal, { ...statusRequestOf(report), update_id: report.update_id }),
    updates: async (current, channel, signal) =>
      parse(channelAnswer, await ask('GET', FLEET_PATHS.updates(current, channel), signal)),
  }
}

/** Errors that mean "this endpoint is not for appliances here" (defect 19), not "the server is away". */
export const isNotForUs = (error: unknown): boolean =>
  isEngineError(error, 'agent.key-refused') ||
  (isEngineError(error, 'download.status') && [404, 405, 501].includes(Number(error.details.found)))
