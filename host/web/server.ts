// The console in a browser: the renderer's files and a WebSocket on 127.0.0.1, for whoever holds the one-time token of the
// printed address. The token is exchanged for a cookie at the first visit and is worth nothing afterwards. Every request
// must name this host, and a socket must come from this origin: another page in the same browser gets nothing.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { EngineError } from '../../src-shared/base/errors.ts'
import type { ConsoleEvent, HostMessage } from '../../src-shared/contract/console.ts'
import { errnoOf, reasonOf } from '../../src-shared/node/os-errors.ts'
import { readAssets } from './assets.ts'
import { PAGE_HEADERS } from './headers.ts'

/** What a window is connected to; host/console.ts is one. */
export interface Endpoint {
  answer(message: unknown, signal: AbortSignal): Promise<HostMessage>
  listen(listener: (event: ConsoleEvent) => void): Disposable
}

export interface WebHostOptions {
  readonly endpoint: Endpoint
  /** Folder with the built renderer. */
  readonly assets: string
  readonly port?: number
  /** Somebody came in, and their address is used up. */
  onEntered?(): void
  log(line: string): void
}

export interface WebHost extends AsyncDisposable {
  readonly port: number
  /** The address to open, with its one-time token. */
  readonly url: string
  /** A further address: the earlier one may have been used up. */
  newUrl(): string
}

const COOKIE = 'twinslot'
/** Between token and first page: a request that our own page makes carries the strict cookie, wherever one came from. */
const HALL = '/enter'
const MAX_MESSAGE = 2_000_000
/** A window that does not read what it is sent is cut off, and asks for everything anew when it comes back. */
const MAX_WAITING = 8_000_000
const MAX_WINDOWS = 20

const secret = (): string => randomBytes(32).toString('base64url')

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/**
 * Listens on 127.0.0.1 only.
 * @throws EngineError `host.port`, `host.no-renderer`
 */
export async function openWebHost(options: WebHostOptions): Promise<WebHost> {
  const assets = await readAssets(options.assets)
  const tokens = new Set<string>()
  const sessions = new Set<string>()
  const closing = new AbortController()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false })
  const server = createServer((request, response) => serve(request, response))
  // A request is a page or a small file; nobody needs long for one.
  server.headersTimeout = 10_000
  server.requestTimeout = 10_000

  let names: readonly string[] = []
  const here = (request: IncomingMessage): boolean => names.includes(request.headers.host ?? '')
  const mayEnter = (request: IncomingMessage): boolean => {
    const cookie = cookieOf(request)
    return cookie !== null && [...sessions].some((session) => equal(session, cookie))
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${names[0]}`)
    const token = url.searchParams.get('token')
    const refused = refusal(request, url.pathname, token)
    if (refused) send(response, ...refused)
    else if (token !== null) enter(response, token)
    else if (url.pathname === HALL) passOn(response)
    else serveAsset(request, response, url.pathname === '/' ? '/index.html' : url.pathname)
  }

  function refusal(request: IncomingMessage, path: string, token: string | null): readonly [number, string] | null {
    if (!here(request)) return [421, 'This is not the address of the console.']
    if (request.method !== 'GET' && request.method !== 'HEAD') return [405, 'Only GET is answered here.']
    if (token !== null || path === HALL || mayEnter(request)) return null
    return [403, 'Open the address that the console printed when it started. The start command prints a new one.']
  }

  function serveAsset(request: IncomingMessage, response: ServerResponse, path: string): void {
    const asset = assets.get(path)
    if (!asset) {
      send(response, 404, 'There is nothing here.')
      return
    }
    response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': asset.type, 'Content-Length': asset.bytes.length })
    response.end(request.method === 'HEAD' ? undefined : asset.bytes)
  }

  function enter(response: ServerResponse, token: string): void {
    const known = [...tokens].find((each) => equal(each, token))
    if (!known) {
      send(response, 403, 'This address was used already. Run the start command once more: it prints a new one.')
      return
    }
    tokens.delete(known)
    const session = secret()
    sessions.add(session)
    const cookie = `${COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/`
    response.writeHead(303, { ...PAGE_HEADERS, Location: HALL, 'Set-Cookie': cookie })
    response.end()
    options.onEntered?.()
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const origin = request.headers.origin ?? ''
    const allowed =
      here(request) && names.some((name) => origin === `http://${name}`) && request.url === '/ws' && mayEnter(request)
    if (!allowed || sockets.clients.size >= MAX_WINDOWS) {
      options.log(`web: a socket from origin "${origin.slice(0, 80)}" was refused`)
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (window) => attend(window))
  })

  function attend(window: WebSocket): void {
    const gone = new AbortController()
    const send = (message: HostMessage): void => {
      if (window.bufferedAmount > MAX_WAITING) window.terminate()
      else if (window.readyState === window.OPEN) window.send(JSON.stringify(message))
    }
    const news = options.endpoint.listen((event) => send({ event }))
    window.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : parse(String(data))
      if (message === undefined) {
        window.close(1007, 'not JSON')
        return
      }
      const signal = AbortSignal.any([gone.signal, closing.signal])
      options.endpoint.answer(message, signal).then(send, (error: unknown) => options.log(`web: ${String(error)}`))
    })
    window.on('error', (error) => options.log(`web: ${error.message}`))
    window.on('close', () => {
      news[Symbol.dispose]()
      gone.abort()
    })
  }

  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  names = [`127.0.0.1:${port}`, `localhost:${port}`]
  const newUrl = (): string => {
    const token = secret()
    tokens.add(token)
    return `http://127.0.0.1:${port}/?token=${token}`
  }
  return {
    port,
    url: newUrl(),
    newUrl,
    async [Symbol.asyncDispose]() {
      closing.abort()
      for (const window of sockets.clients) window.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** @throws EngineError `host.port` */
async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve())
    })
  } catch (cause) {
    const found = errnoOf(cause) === 'EADDRINUSE' ? 'another program uses it' : reasonOf(cause)
    throw new EngineError('host.port', { port, found }, { cause })
  }
}

/** To the first page. Without the cookie that one refuses; so nothing is given away here. */
function passOn(response: ServerResponse): void {
  const headers = { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8', Refresh: '0; url=/' }
  response.writeHead(200, headers)
  response.end('<!doctype html><title>Twinslot</title><link rel="icon" href="data:,">\n')
}

/** `undefined` for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}

function cookieOf(request: IncomingMessage): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=')
    if (name === COOKIE && value) return value
  }
  return null
}
