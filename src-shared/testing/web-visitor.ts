// A window of the browser host without a browser: shows what is behind the `#` of a printed address, or a session, on a socket.
import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface Visitor {
  readonly socket: WebSocket
  readonly session: string
}

/** Lets one in; null when the host does not. */
export async function visit(address: string, session?: string): Promise<Visitor | null> {
  const { host, hash } = new URL(address)
  const socket = new WebSocket(`ws://${host}/ws`, { origin: `http://${host}` })
  await once(socket, 'open')
  socket.send(JSON.stringify(session === undefined ? { enter: hash.slice(1) } : { session }))
  const answer = await Promise.race([
    once(socket, 'message').then(([data]) => String(data)),
    once(socket, 'close').then(() => null),
  ])
  return answer === null ? null : { socket, session: (JSON.parse(answer) as { session: string }).session }
}
