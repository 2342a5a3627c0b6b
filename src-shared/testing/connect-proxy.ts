// A real proxy on 127.0.0.1 that opens tunnels (CONNECT), or behaves as a test says. It writes down what it was asked, and
// every byte that went through, so that a test can see what a proxy sees.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface TunnelAsked {
  /** `host:port` */
  readonly target: string
  readonly authorization: string | null
}

/** A port of this machine to go on to, a status to refuse with, or no answer at all. */
export type TunnelAnswer = { readonly port: number } | { readonly status: number } | 'silence'

export interface ConnectProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string
  readonly asked: TunnelAsked[]
  /** What clients sent through tunnels. */
  seen(): string
  /** Connections of clients that are open now. */
  open(): number
}

export async function connectProxy(answer: (asked: TunnelAsked) => TunnelAnswer): Promise<ConnectProxy> {
  const asked: TunnelAsked[] = []
  const chunks: Buffer[] = []
  const clients = new Set<Duplex>()
  const ways = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connection', (socket: Socket) => {
    clients.add(socket)
    socket.on('error', () => socket.destroy()).once('close', () => clients.delete(socket))
  })
  server.on('connect', (request, client) => {
    const entry = { target: request.url ?? '', authorization: request.headers['proxy-authorization'] ?? null }
    asked.push(entry)
    const how = answer(entry)
    // Half-closed by the client is over: a connection that nobody reads would not even notice.
    if (how === 'silence') return void client.resume().once('end', () => client.destroy())
    if ('status' in how) return void client.end(`HTTP/1.1 ${how.status} No\r\ncontent-length: 0\r\n\r\n`)
    const way = connect(how.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.on('data', (chunk: Buffer) => chunks.push(chunk))
      client.pipe(way).pipe(client)
    })
    ways.add(way)
    way.on('error', () => client.destroy()).once('close', () => client.destroy())
    client.once('close', () => way.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    asked,
    seen: () => Buffer.concat(chunks).toString('latin1'),
    open: () => clients.size,
    async [Symbol.asyncDispose]() {
      for (const socket of [...clients, ...ways]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
