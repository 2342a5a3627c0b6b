// Browser host: a WebSocket of the same origin. The host has changed the one-time token of the address it opened into a cookie
// before this page was served. A lost line is opened again, sooner at first, later every 5 s; then the station is asked anew.
import type { HostMessage } from '../../src-shared/contract/console.ts'
import { type ConsoleLink, openLinkCore } from './link.ts'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

/** How long to wait before the nth try in a row (from 0). */
export const waitBeforeTry = (n: number): number => Math.min(FIRST_WAIT_MS * 2 ** n, LONGEST_WAIT_MS)

export function socketAddress(page: URL): string {
  const address = new URL('/ws', page)
  address.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:'
  return address.href
}

/** What the link needs of the browser; tests bring their own. */
export interface SocketWorld {
  open(address: string): Pick<WebSocket, 'send' | 'onopen' | 'onmessage' | 'onclose'>
  later(act: () => void, milliseconds: number): void
}

const BROWSER: SocketWorld = {
  open: (address) => new WebSocket(address),
  later: (act, milliseconds) => void setTimeout(act, milliseconds),
}

export function openSocketLink(page: URL, world: SocketWorld = BROWSER): ConsoleLink {
  const address = socketAddress(page)
  let tries = 0
  let socket = world.open(address)
  const core = openLinkCore((message) => socket.send(JSON.stringify(message)))
  const attend = (): void => {
    socket.onopen = () => {
      tries = 0
      core.setState('open')
    }
    socket.onmessage = ({ data }: MessageEvent) => core.take(JSON.parse(String(data)) as HostMessage)
    socket.onclose = () => {
      core.setState('lost')
      world.later(() => {
        socket = world.open(address)
        attend()
      }, waitBeforeTry(tries))
      tries += 1
    }
  }
  attend()
  return core
}
