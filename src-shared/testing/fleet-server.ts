// A real HTTP(S) server that speaks the device's part of the fleet endpoints (docs/format/fleet.md), for tests with the
// agent on this machine and with appliances in QEMU (which reach it at 10.0.2.2). It writes down what it received, in
// order, and can be told to go away, answer late, refuse, lose answers, cut downloads, and cancel an update.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type BodyFault, etagOf, type FileContent, type PublishedFile, serveFile } from './fleet-server-files.ts'
import { type Answer, createFleet, type Fleet, type FleetOptions } from './fleet-server-state.ts'
import type { TestCertificates } from './fleet-server-tls.ts'

export interface Received {
  readonly at: Date
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  /** Parsed JSON, or null. */
  readonly body: unknown
}

/** What happens instead of, or around, the right answer. */
export type Fault = BodyFault & {
  /** Wait so long before answering. */
  readonly delayMs?: number
  /** This status instead of the answer; nothing is done. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** drop: the connection ends, nothing was done. lose: it was done, the answer never arrives. hang: silence. */
  readonly connection?: 'drop' | 'lose' | 'hang'
}

export interface FleetServer extends AsyncDisposable {
  /** `http(s)://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string
  /** The same with another name: `10.0.2.2` for QEMU guests. */
  urlFor(host: string): string
  readonly fleet: Fleet
  readonly received: readonly Received[]
  /** Everything received on paths that match, in order. */
  receivedOn(path: RegExp): Received[]
  /** Asked for every request; null = behave. */
  setFault(fault: ((request: Received) => Fault | null) | null): void
  /** Publishes a release file and answers its path (`/releases/NAME`); again under the same name replaces it. */
  publish(name: string, content: FileContent, options?: { etag?: string | null; ranges?: boolean }): string
  /** Waits until a request for which `match` is true was received (also before the call). Throws at the time limit. */
  waitFor(match: (request: Received) => boolean, timeoutMs: number): Promise<Received>
  /** Ends all connections and refuses new ones. */
  goAway(): Promise<void>
  /** Listens again, at the same port. */
  comeBack(): Promise<void>
}

export interface FleetServerOptions extends FleetOptions {
  /** HTTPS with these (makeTestCertificates). */
  readonly tls?: TestCertificates
  /** With `tls`: who shows no certificate of its authority is not even listened to. */
  readonly wantsCertificates?: boolean
}

const MAX_BODY = 1024 * 1024

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_BODY) return null
  }
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** The answer of the endpoint, null when there is none at this path. */
function route(fleet: Fleet, request: Received): Answer | null {
  const { method, path, query } = request
  const body = asRecord(request.body)
  const at = (wanted: string, pattern: RegExp): RegExpExecArray | null =>
    method === wanted ? pattern.exec(decodeURIComponent(path)) : null
  if (at('GET', /^\/health$/)) return { status: 200, body: { status: 'ok' } }
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
  const site = request.headers['x-site-id']
  const name = Array.isArray(site) ? site[0] : site
  const allowed = fleet.authorised(bearer, name && decodeURIComponent(name))
  const answer = (): Answer | null => {
    if (at('POST', /^\/api\/appliances\/checkin$/)) return fleet.checkIn(body)
    const orders = at('GET', /^\/api\/sites\/([^/]+)\/appliances\/([^/]+)\/orders\/pending$/)
    if (orders) {
      const known = orders[1] === fleet.siteId && orders[2] === fleet.applianceId
      return known ? fleet.pendingOrders() : { status: 404, body: { detail: 'no such appliance' } }
    }
    const acknowledged = at('POST', /^\/api\/orders\/([^/]+)\/acknowledge$/)
    if (acknowledged) return fleet.acknowledge(acknowledged[1])
    const completed = at('POST', /^\/api\/orders\/([^/]+)\/complete$/)
    if (completed) return fleet.complete(completed[1], body)
    const pending = at('GET', /^\/api\/fleet\/appliances\/([^/]+)\/pending-update$/)
    if (pending) return fleet.pendingUpdate(pending[1])
    const status = at('POST', /^\/api\/fleet\/appliances\/([^/]+)\/update-status$/)
    if (status) return fleet.updateStatus(status[1], body)
    if (at('GET', /^\/api\/updates$/)) return fleet.updatesOf(query.channel ?? 'stable', query.current ?? '')
    return null
  }
  if (!path.startsWith('/api/')) return null
  if (at('POST', /^\/api\/provision\/rekey$/)) return fleet.rekey(body)
  return allowed ? answer() : { status: 401, body: { detail: 'invalid or missing credentials' } }
}

/** Opens a server on 127.0.0.1 at a port of its own. */
export async function openFleetServer(options: FleetServerOptions = {}): Promise<FleetServer> {
  const fleet = createFleet(options)
  const files = new Map<string, PublishedFile>()
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  let faultOf: ((request: Received) => Fault | null) | null = null

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server')
    const entry: Received = {
      at: new Date(),
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: await readBody(request),
    }
    const fault = faultOf?.(entry) ?? {}
    const done = () => {
      received.push(entry)
      for (const wake of waiting) wake()
    }
    if (fault.delayMs !== undefined) await delay(fault.delayMs)
    if (fault.connection === 'hang') return done()
    if (fault.connection === 'drop') {
      done()
      return void response.destroy()
    }
    const file = files.get(url.pathname)
    if (fault.status === undefined && file && ['GET', 'HEAD'].includes(entry.method)) {
      done()
      return void (await serveFile(request, response, file, fault))
    }
    const answer: Answer =
      fault.status === undefined
        ? (route(fleet, entry) ?? { status: 404, body: { detail: 'not found' } })
        : { status: fault.status, body: { detail: 'as the test wishes' } }
    done()
    if (fault.connection === 'lose') return void response.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json', ...fault.headers })
    response.end(JSON.stringify(answer.body))
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that went away in the middle is no error of the server's.
    respond(request, response).catch(() => response.destroy())
  }
  const asks = options.wantsCertificates ? { requestCert: true, rejectUnauthorized: true } : {}
  const server = options.tls ? createTlsServer({ ...options.tls, ...asks }, listener) : createServer(listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  const urlFor = (host: string) => `${options.tls ? 'https' : 'http'}://${host}:${port}`
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    url: urlFor('127.0.0.1'),
    urlFor,
    fleet,
    received,
    receivedOn: (path) => received.filter((entry) => path.test(entry.path)),
    setFault(fault) {
      faultOf = fault
    },
    publish(name, content, { etag = etagOf(content), ranges = true } = {}) {
      files.set(`/releases/${name}`, { content, etag, ranges })
      return `/releases/${name}`
    },
    async waitFor(match, timeoutMs) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const found = received.find(match)
        if (found) return found
        const left = deadline - Date.now()
        if (left <= 0) throw new Error(`no such request within ${timeoutMs} ms; received ${received.length}`)
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setTimeout(resolve, left)
        waiting.add(resolve)
        await promise
        waiting.delete(resolve)
        clearTimeout(timer)
      }
    },
    goAway: close,
    comeBack: () => listen(port),
    [Symbol.asyncDispose]: close,
  }
}
