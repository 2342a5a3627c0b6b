// Asks an HTTP server. Every hop of a redirect is judged, credentials stay with the origin they were meant for, each wait
// is bounded, and an answer is only the bytes as they are. A status is a value; whatever else goes wrong is `download.*`.
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { TLSSocket } from 'node:tls'
import { utf8 } from '#base/bytes.ts'
import { EngineError, isEngineError, throwIfAborted } from '#base/errors.ts'
import { receivedChunks } from './http-body.ts'
import { answerFailure, originOf, requestFailure, shownUrl, through } from './http-errors.ts'
import { proxyOf, SecureAgent } from './http-proxy.ts'
import { type ClientIdentity, secureContextFor } from './http-trust.ts'

export interface HttpLimits {
  /** Name look-up, connection and TLS handshake. */
  readonly connectMs: number
  /** Without a single byte while we wait for one; time during which nobody asks for more does not count. */
  readonly idleMs: number
  /** Request, redirects and the whole answer; Infinity for long downloads. */
  readonly totalMs: number
  readonly maxRedirects: number
}

export const DEFAULT_LIMITS: HttpLimits = { connectMs: 10_000, idleMs: 30_000, totalMs: 60_000, maxRedirects: 3 }

export interface HttpRequest {
  /** GET when absent. Only GET and HEAD follow redirects. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | null
  /** PEM of certificate authorities besides the system's. */
  readonly ca?: string | null
  /** Shown to its own origin only. */
  readonly identity?: ClientIdentity | null
  /** Asked for the first address and for every redirect. From https to http is refused without asking. */
  allow(url: URL): boolean
  readonly limits?: Partial<HttpLimits>
  readonly signal?: AbortSignal
}

export interface HttpResponse extends AsyncDisposable {
  readonly status: number
  /** Lower-case names; repeated headers are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>
  /** After redirects. */
  readonly url: URL
  /** Once. Throws `download.encoded`, `.stalled`, `.too-slow`, `.interrupted`, `.bad-response`, `job.cancelled`. */
  readonly body: AsyncIterable<Uint8Array>
}

/** What may go to another origin: what describes the wish, never who has it. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'range', 'if-range', 'user-agent'])
const MAX_HEADER_BYTES = 32_768
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Sends a request and answers when the head of the (last) answer is there. Dispose it to close the connection.
 * @throws EngineError `download.bad-url`, `.bad-header`, `.bad-ca`, `.bad-identity`, `.bad-proxy`, `.not-allowed`,
 * `.redirected`, `.unreachable`, `.tls`, `.client-certificate`, `.proxy-refused`, `.stalled`, `.too-slow`,
 * `.bad-response`, `job.cancelled`
 */
export async function openHttp(request: HttpRequest): Promise<HttpResponse> {
  const limits = { ...DEFAULT_LIMITS, ...request.limits }
  const method = request.method ?? 'GET'
  throwIfAborted(request.signal)
  let url = parseUrl(request.url)
  if (!request.allow(url)) throw new EngineError('download.not-allowed', { url: shownUrl(url) })
  let headers = checkedHeaders({ 'accept-encoding': 'identity', ...request.headers })
  const deadline = startDeadline(limits.totalMs, request.signal)
  try {
    for (let hops = 0; ; hops++) {
      const response = await exchange({
        method,
        url,
        headers,
        body: request.body ?? null,
        ca: request.ca ?? null,
        identity: request.identity?.origin === url.origin ? request.identity : null,
        limits,
        deadline,
      })
      const to = redirectOf(response)
      if (to === null) return response
      response.close()
      const next = judgeRedirect(url, to, request, method, hops, limits)
      if (next.origin !== url.origin) headers = harmlessOnly(headers)
      url = next
    }
  } catch (error) {
    deadline.clear()
    throw error
  }
}

function parseUrl(text: string | URL): URL {
  const url = URL.parse(text.toString())
  if (!url) throw new EngineError('download.bad-url', { url: 'The address', reason: 'it is not an absolute URL' })
  const reason =
    url.protocol !== 'http:' && url.protocol !== 'https:'
      ? `its scheme is ${url.protocol.slice(0, -1)}`
      : url.username || url.password
        ? 'it holds a user name or password'
        : null
  if (reason) throw new EngineError('download.bad-url', { url: shownUrl(url), reason })
  return url
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const bad = /[^\t\x20-\x7e\x80-\xff]/.exec(value)
    if (bad)
      throw new EngineError('download.bad-header', {
        name,
        found: `U+${bad[0].charCodeAt(0).toString(16).padStart(4, '0')}`,
      })
    checked[name.toLowerCase()] = value
  }
  return checked
}

const harmlessOnly = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name)))

/** The text of a redirect's Location; null when the answer is none (304 and 300 are answers). */
function redirectOf(response: HttpResponse): string | null {
  if (![301, 302, 303, 307, 308].includes(response.status)) return null
  return response.headers.location ?? ''
}

function judgeRedirect(
  from: URL,
  location: string,
  request: HttpRequest,
  method: string,
  hops: number,
  limits: HttpLimits,
): URL {
  const to = URL.parse(location, from.href)
  const refuse = (reason: string): never => {
    throw new EngineError('download.redirected', { from: shownUrl(from), to: to ? shownUrl(to) : 'nowhere', reason })
  }
  if (!to || location === '') return refuse('the answer names no address')
  if (hops >= limits.maxRedirects) return refuse(`it is one redirect more than ${limits.maxRedirects}`)
  if (method !== 'GET' && method !== 'HEAD') return refuse(`a ${method} is sent to one address only`)
  if (to.username || to.password) return refuse('the address holds a user name or password')
  if (to.protocol !== 'https:' && to.protocol !== from.protocol)
    return refuse(`it leads from ${from.protocol} to ${to.protocol}`)
  if (!request.allow(to)) return refuse('its host is not among the allowed ones')
  return to
}

/** Total time and cancelling, for all hops and the body. */
interface Deadline {
  /** Called with what ends the exchange; one at a time. */
  onEnd(stop: (error: unknown) => void): void
  /** Bytes of the answer so far, for the message. */
  received: number
  server: string
  clear(): void
}

function startDeadline(totalMs: number, signal: AbortSignal | undefined): Deadline {
  let stop: (error: unknown) => void = () => {}
  let over: { readonly error: unknown } | null = null
  const end = (error: unknown): void => {
    over ??= { error }
    stop(over.error)
  }
  const cancelled = (): void => {
    try {
      throwIfAborted(signal)
    } catch (error) {
      end(error)
    }
  }
  const late = (): void => {
    const { received, server } = deadline
    end(new EngineError('download.too-slow', { server, seconds: totalMs / 1000, received }))
  }
  const timer = totalMs <= LONGEST_TIMER ? setTimeout(late, totalMs) : undefined
  signal?.addEventListener('abort', cancelled)
  const deadline: Deadline = {
    received: 0,
    server: '',
    onEnd(next) {
      stop = next
      if (over) stop(over.error)
    },
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancelled)
    },
  }
  return deadline
}

interface Exchange {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | null
  readonly ca: string | null
  readonly identity: ClientIdentity | null
  readonly limits: HttpLimits
  readonly deadline: Deadline
}

/** An answer of one hop: closing it leaves the deadline for the next hop. */
interface Answer extends HttpResponse {
  close(): void
}

/** One request to one address. */
async function exchange({ method, url, headers, body, ca, identity, limits, deadline }: Exchange): Promise<Answer> {
  const server = originOf(url)
  deadline.server = server
  const options = { method, headers: { ...headers }, agent: false as const, maxHeaderSize: MAX_HEADER_BYTES }
  const bytes = body === null ? null : typeof body === 'string' ? utf8(body) : body
  if (bytes) options.headers['content-length'] = String(bytes.length)
  const agent =
    url.protocol === 'https:'
      ? new SecureAgent(secureContextFor(ca, identity), proxyOf(process.env), limits.connectMs)
      : null
  const client: ClientRequest = agent ? requestTls(url, { ...options, agent }) : requestPlain(url, options)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const fail = (error: unknown): void => {
    reject(error)
    client.destroy()
    agent?.end()
  }
  deadline.onEnd(fail)
  const stalled = (): void =>
    fail(new EngineError('download.stalled', { server, seconds: limits.idleMs / 1000, received: 0 }))
  const unconnected = (): void =>
    fail(
      new EngineError('download.unreachable', {
        server,
        reason: through(`no connection within ${limits.connectMs / 1000} seconds`, agent?.via ?? null),
      }),
    )
  let timer = setTimeout(unconnected, limits.connectMs)
  const connected = (): void => {
    clearTimeout(timer)
    timer = setTimeout(stalled, limits.idleMs)
  }
  client.on('socket', (socket) => {
    // Through a tunnel it comes when TLS stands already.
    if (socket instanceof TLSSocket && socket.authorized) connected()
    else socket.once(agent ? 'secureConnect' : 'connect', connected)
  })
  client.on('response', resolve)
  client.on('upgrade', (_, socket) => {
    socket.destroy()
    fail(new EngineError('download.bad-response', { server, reason: 'it changes to another protocol' }))
  })
  // Stays for the life of the request: errors after the answer reach whoever reads the body.
  client.on('error', (error) => reject(requestFailure(server, error, agent?.via ?? null, identity !== null)))
  client.end(bytes ?? undefined)
  try {
    const incoming = await promise
    return answer(incoming, client, url, limits, deadline)
  } finally {
    clearTimeout(timer)
  }
}

function answer(
  incoming: IncomingMessage,
  client: ClientRequest,
  url: URL,
  limits: HttpLimits,
  deadline: Deadline,
): Answer {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  incoming.on('error', () => {}) // seen by whoever reads the body; before that it is nobody's
  deadline.onEnd((error) => incoming.destroy(error instanceof Error ? error : new Error(String(error))))
  const close = (): void => {
    incoming.destroy()
    client.destroy()
  }
  return {
    status: incoming.statusCode ?? 0,
    headers,
    url,
    body: bodyOf(incoming, receivedChunks(incoming, isEngineError), url, headers, limits, deadline),
    close,
    async [Symbol.asyncDispose]() {
      deadline.clear()
      close()
    },
  }
}

async function* bodyOf(
  incoming: IncomingMessage,
  chunks: AsyncGenerator<Uint8Array, void>,
  url: URL,
  headers: Readonly<Record<string, string>>,
  limits: HttpLimits,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw new EngineError('download.encoded', { url: shownUrl(url), found: encoding.slice(0, 40) })
  const server = originOf(url)
  let timer: NodeJS.Timeout | undefined
  const stalled = (): void => {
    const { received } = deadline
    incoming.destroy(new EngineError('download.stalled', { server, seconds: limits.idleMs / 1000, received }))
  }
  try {
    for (;;) {
      timer = setTimeout(stalled, limits.idleMs)
      const { done, value } = await chunks.next()
      clearTimeout(timer)
      if (done) break
      deadline.received += value.length
      yield value
    }
  } catch (error) {
    throw isEngineError(error) ? error : answerFailure(server, deadline.received, error)
  } finally {
    clearTimeout(timer)
    deadline.clear()
    incoming.destroy()
  }
}

/**
 * The whole answer in memory.
 * @throws EngineError `download.too-large`, and what reading a body throws
 */
export async function readBody(response: HttpResponse, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const url = shownUrl(response.url)
  const promised = Number(response.headers['content-length'] ?? 0)
  if (promised > maxBytes) throw new EngineError('download.too-large', { url, found: promised, limit: maxBytes })
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body) {
    length += chunk.length
    if (length > maxBytes) throw new EngineError('download.too-large', { url, found: length, limit: maxBytes })
    chunks.push(chunk)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}
