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

export function openSocketLink(): ConsoleLink {
  const address = socketAddress(new URL(window.location.href))
  let socket: WebSocket
  let tries = 0
  const core = openLinkCore((message) => socket.send(JSON.stringify(message)))
  const connect = (): void => {
    socket = new WebSocket(address)
    socket.onopen = () => {
      tries = 0
      core.setState('open')
    }
    socket.onmessage = ({ data }) => core.take(JSON.parse(String(data)) as HostMessage)
    socket.onclose = () => {
      core.setState('lost')
      window.setTimeout(connect, waitBeforeTry(tries))
      tries += 1
    }
  }
  connect()
  return core
}
