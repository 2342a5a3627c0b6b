// Browser host: a WebSocket of the same origin. The page came with a one-time token in its address, which the host has turned
// into a cookie by then; it leaves the address bar here. A lost line is opened again, sooner at first, later every 5 s.
import type { HostMessage } from '../../src-shared/contract/console.ts'
import { type ConsoleLink, openLinkCore } from './link.ts'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

/** How long to wait before the nth try in a row (from 0). */
export const waitBeforeTry = (n: number): number => Math.min(FIRST_WAIT_MS * 2 ** n, LONGEST_WAIT_MS)

/** The token in the address, taken out of it. */
export function takeToken(address: URL): { readonly token: string | null; readonly clean: string } {
  const clean = new URL(address)
  const token = clean.searchParams.get('token')
  clean.searchParams.delete('token')
  return { token, clean: `${clean.pathname}${clean.search}${clean.hash}` }
}

export function socketAddress(page: URL, token: string | null): string {
  const address = new URL('/ws', page)
  address.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:'
  if (token !== null) address.searchParams.set('token', token)
  return address.href
}

export function openSocketLink(): ConsoleLink {
  const page = new URL(window.location.href)
  const { token, clean } = takeToken(page)
  if (token !== null) window.history.replaceState(null, '', clean)
  let socket: WebSocket
  let tries = 0
  const core = openLinkCore((message) => socket.send(JSON.stringify(message)))
  const connect = (): void => {
    socket = new WebSocket(socketAddress(page, token))
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
