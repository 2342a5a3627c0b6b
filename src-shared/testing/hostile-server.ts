// A real HTTP server on 127.0.0.1 that serves files properly, or as badly as a script says: cut off, stalled, lying about
// ranges, sizes and versions. Counts what it was asked and how much it sent.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Behaviour {
  /** Answers this instead of a file. */
  readonly status?: number
  /** Added or, with null, left out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** False: the whole file with 200, whatever was asked. Default true. */
  readonly ranges?: boolean
  /** False: answers a range although If-Range names another version. Default true. */
  readonly honoursIfRange?: boolean
  /** Null for none. Default `"v1"`. */
  readonly etag?: string | null
  readonly lastModified?: string
  /** `chunked` sends no size. A number is a lie about the size of the body. */
  readonly length?: 'chunked' | number
  /** Other bytes than the file's, whole. */
  readonly file?: Uint8Array
  /** Changes what is sent; `offset` is the place in the file. */
  readonly tamper?: (bytes: Buffer, offset: number) => void
  /** Bytes of the body after which the connection is destroyed. */
  readonly cutAfter?: number
  /** Bytes of the body after which nothing comes any more. 0: not even the head. */
  readonly stallAfter?: number
  /** Goes on with noise after the file, until the other side has enough. */
  readonly endless?: boolean
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** From the Range header; null without one. */
  readonly range: { readonly from: number; readonly to: number | null } | null
  readonly body: string
}

export interface HostileServer extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  /** Bytes of bodies that were handed to connections. */
  sent: number
  /** Behaviour from now on; the number counts all requests from 0. */
  script: (asked: Asked, index: number) => Behaviour
}

const STEP = 16 * 1024

/** Starts a server. `tls` is PEM; without it plain HTTP. */
export async function hostileServer(
  files: Readonly<Record<string, Uint8Array>>,
  script: HostileServer['script'] = () => ({}),
  tls?: { readonly key: string; readonly cert: string },
): Promise<HostileServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    respond(request, response).catch(() => response.destroy())
  }
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const self: HostileServer = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked: [],
    sent: 0,
    script,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await look(request)
    self.asked.push(asked)
    const how = self.script(asked, self.asked.length - 1)
    const file = how.file ?? files[asked.path]
    if (how.stallAfter === 0) return
    if (how.status !== undefined || !file) {
      response.writeHead(how.status ?? 404, present(how.headers ?? {}))
      response.end()
      return
    }
    const { status, headers, from, to } = answerOf(asked, how, file)
    response.writeHead(status, present({ ...headers, ...how.headers }))
    if (asked.method === 'HEAD' || status === 416) response.end()
    else await send(response, how, file, from, to)
  }

  async function send(
    response: ServerResponse,
    how: Behaviour,
    file: Uint8Array,
    from: number,
    to: number,
  ): Promise<void> {
    // The head goes out by itself: what is cut or stalled at byte 1 still has one.
    response.flushHeaders()
    const end = how.endless ? Infinity : to
    const stop = Math.min(how.cutAfter ?? Infinity, how.stallAfter ?? Infinity)
    for (let at = from; at < end && !response.destroyed; ) {
      const length = Math.min(STEP, end - at, stop - (at - from))
      if (length <= 0) break
      const chunk = Buffer.alloc(length, 'noise')
      chunk.set(file.subarray(Math.min(at, file.length), Math.min(at + length, file.length)))
      how.tamper?.(chunk, at)
      self.sent += length
      at += length
      if (!response.write(chunk)) await drained(response)
    }
    if (how.cutAfter !== undefined) {
      // What was written reaches the other side before the connection goes.
      response.socket?.destroySoon()
    } else if (how.stallAfter === undefined) response.end()
  }
  return self
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  response.once('drain', resolve).once('close', resolve)
  return promise.finally(() => response.off('drain', resolve).off('close', resolve))
}

async function look(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  return {
    method: request.method ?? '',
    path: new URL(request.url ?? '/', 'http://x').pathname,
    headers: request.headers,
    range: match ? { from: Number(match[1]), to: match[2] === '' ? null : Number(match[2]) + 1 } : null,
    body: Buffer.concat(chunks).toString(),
  }
}

interface Plan {
  readonly status: number
  readonly headers: Readonly<Record<string, string | null>>
  /** Bytes of the file; `to` exclusive. */
  readonly from: number
  readonly to: number
}

function answerOf(asked: Asked, how: Behaviour, file: Uint8Array): Plan {
  const etag = how.etag === undefined ? '"v1"' : how.etag
  const version = { etag, 'last-modified': how.lastModified ?? null }
  const ifRange = asked.headers['if-range']
  const isSame = ifRange === undefined || ifRange === etag || ifRange === how.lastModified
  const ranged = asked.range && how.ranges !== false && (isSame || how.honoursIfRange === false)
  const from = ranged ? (asked.range?.from ?? 0) : 0
  const to = ranged ? Math.min(asked.range?.to ?? file.length, file.length) : file.length
  if (ranged && from >= file.length)
    return { status: 416, headers: { ...version, 'content-range': `bytes */${file.length}` }, from, to }
  const length = how.length === 'chunked' ? null : String(how.length ?? to - from)
  const range = ranged ? `bytes ${from}-${to - 1}/${file.length}` : null
  const headers = { ...version, 'content-range': range, 'content-length': length }
  return { status: ranged ? 206 : 200, headers, from, to }
}

const present = (headers: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null))
