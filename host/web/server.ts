// The console in a browser: the renderer's files and a WebSocket on 127.0.0.1. The files are the same for everybody and hold no
// secret; who may talk to the host is decided on the socket (lines.ts), by what the page holds (sessions.ts). Every request must
// name this host, and a socket must come from this origin: another page in the same browser gets nothing. No request, header,
// upgrade or broken connection ends the host.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { EngineError } from '#base/errors.ts'
import { errnoOf, reasonOf } from '#node/os/os-errors.ts'
import { type Asset, readAssets } from './assets.ts'
import { PAGE_HEADERS } from './headers.ts'
import { type Endpoint, MAX_MESSAGE, openLines } from './lines.ts'
import { openSessions, SESSION_LIMITS, type SessionLimits } from './sessions.ts'

export interface WebHostOptions {
  readonly endpoint: Endpoint
  /** Folder with the built renderer. */
  readonly assets: string
  readonly port?: number
  readonly limits?: SessionLimits
  /** Replaced in tests: milliseconds, never set back. */
  readonly now?: () => number
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

/** The page that takes the token out of its own address: what is behind `#` is sent to nobody. */
const ENTRANCE = '/enter'
const PAGES: Readonly<Record<string, string>> = { '/': '/index.html', [ENTRANCE]: '/index.html' }
const MAX_CONNECTIONS = 256
/** Connections that are no window. One more, and the oldest goes: nobody keeps the door shut for others. */
const MAX_STRANGERS = 128
/** For the answer to somebody who does not read it. */
const FAREWELL_MS = 2000

/**
 * Listens on 127.0.0.1 only.
 * @throws EngineError `host.port`, `host.no-renderer`
 */
export async function openWebHost(options: WebHostOptions): Promise<WebHost> {
  const assets = await readAssets(options.assets)
  const sessions = openSessions(options.limits ?? SESSION_LIMITS, options.now ?? (() => performance.now()))
  const closing = new AbortController()
  const lines = openLines({
    endpoint: options.endpoint,
    sessions,
    signal: closing.signal,
    onEntered: () => options.onEntered?.(),
    log: options.log,
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false })
  const server = createServer({ connectionsCheckingInterval: 2000 }, (request, response) => serve(request, response))
  // A request is a page or a small file; nobody needs long for one.
  server.headersTimeout = 10_000
  server.requestTimeout = 10_000
  server.maxConnections = MAX_CONNECTIONS

  let names: readonly string[] = []
  const here = (request: IncomingMessage): boolean => names.includes(request.headers.host ?? '')

  function serve(request: IncomingMessage, response: ServerResponse): void {
    // Compared, never interpreted: there are few addresses, and everything else is none.
    const [path] = (request.url ?? '').split('?', 1)
    const asset = assets.get(Object.hasOwn(PAGES, path) ? PAGES[path] : path)
    if (!here(request)) send(response, 421, 'This is not the address of the console.')
    else if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'Only GET is answered here.')
    else if (!asset) send(response, 404, 'There is nothing here.')
    else sendAsset(response, asset, request.method === 'HEAD')
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => options.log(`web: ${error.message}`))
    const origin = request.headers.origin ?? ''
    if (here(request) && names.some((name) => origin === `http://${name}`) && request.url === '/ws') {
      // From here on lines.ts counts it.
      strangers.delete(socket)
      sockets.handleUpgrade(request, socket, head, (window) => lines.attend(window))
      return
    }
    options.log(`web: a socket from origin "${origin.slice(0, 80)}" was refused`)
    turnAway(socket, '403 Forbidden')
  })
  server.on('clientError', (error: Error, socket: Duplex) => {
    options.log(`web: ${error.message}`)
    turnAway(socket, '400 Bad Request')
  })
  const strangers = new Set<Duplex>()
  server.on('connection', (socket) => {
    socket.on('error', (error) => options.log(`web: ${error.message}`))
    for (const oldest of strangers) {
      if (strangers.size < MAX_STRANGERS) break
      strangers.delete(oldest)
      oldest.destroy()
    }
    strangers.add(socket)
    socket.once('close', () => strangers.delete(socket))
  })

  await listen(server, options.port ?? 0)
  server.on('error', (error) => options.log(`web: ${error.message}`))
  const { port } = server.address() as AddressInfo
  names = [`127.0.0.1:${port}`, `localhost:${port}`]
  const newUrl = (): string => `http://127.0.0.1:${port}${ENTRANCE}#${sessions.newToken()}`
  return {
    port,
    url: newUrl(),
    newUrl,
    async [Symbol.asyncDispose]() {
      closing.abort()
      lines[Symbol.dispose]()
      for (const socket of sockets.clients) socket.terminate()
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
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    const found = errnoOf(cause) === 'EADDRINUSE' ? 'another program uses it' : reasonOf(cause)
    throw new EngineError('host.port', { port, found }, { cause })
  }
}

/** A last word to whoever may not even listen, and then the end. */
function turnAway(socket: Duplex, status: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}

function sendAsset(response: ServerResponse, { type, bytes }: Asset, headOnly: boolean): void {
  response.writeHead(200, { ...PAGE_HEADERS, 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(headOnly ? undefined : bytes)
}
