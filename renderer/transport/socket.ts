// Browser host: a WebSocket of the same origin. What lets this window in is held by the page: the one-time token behind the `#`
// of the address it was opened with, then the session that the host gives for it. A cookie would be sent to every port of this
// computer. A lost line is opened again, sooner at first, later every 5 s; then the station is asked anew;
// when it stays lost, whether anybody answers there at all says why.
import { type EntryAnswer, type EntryMessage, type HostMessage, NOT_LET_IN } from '#contract/console.ts'
import { type ConsoleLink, openLinkCore, watchSilence } from './link.ts'

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
  /** Does anybody answer at the page's address? */
  answers(page: string): Promise<boolean>
}

const BROWSER: SocketWorld = {
  open: (address) => new WebSocket(address),
  later: (act, milliseconds) => void setTimeout(act, milliseconds),
  answers: (page) =>
    fetch(page, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(LONGEST_WAIT_MS) }).then(
      () => true,
      () => false,
    ),
}

/** What lets a window in; null when it has nothing. */
export interface Pass {
  show(): EntryMessage | null
  /** The host's answer to it; null when it is worth nothing (any more). */
  keep(session: string | null): void
}

const KEPT_AS = 'twinslot.session'
const ENTRANCE = '/enter'

/** This tab's: survives a reload and ends with the tab. The token is taken out of the address at once. */
export function browserPass(): Pass {
  const { pathname, hash } = window.location
  let token = pathname === ENTRANCE ? hash.slice(1) : ''
  if (pathname === ENTRANCE) window.history.replaceState(null, '', '/')
  return {
    show() {
      if (token !== '') return { enter: token }
      const session = window.sessionStorage.getItem(KEPT_AS)
      return session === null ? null : { session }
    },
    keep(session) {
      token = ''
      if (session === null) window.sessionStorage.removeItem(KEPT_AS)
      else window.sessionStorage.setItem(KEPT_AS, session)
    },
  }
}

/** Tries in vain after which it is asked who answers. */
const ASK_AFTER = 2

export function openSocketLink(page: URL, pass: Pass, world: SocketWorld = BROWSER): ConsoleLink {
  const address = socketAddress(page)
  let tries = 0
  let socket = world.open(address)
  const core = openLinkCore((message) => socket.send(JSON.stringify(message)))
  const attend = (): void => {
    let inside = false
    socket.onopen = () => {
      const shown = pass.show()
      if (shown === null) core.setState('shut')
      else socket.send(JSON.stringify(shown))
    }
    socket.onmessage = ({ data }: MessageEvent) => {
      const message: unknown = JSON.parse(String(data))
      if (inside) return core.take(message as HostMessage)
      inside = true
      tries = 0
      pass.keep((message as EntryAnswer).session)
      core.setState('open')
    }
    socket.onclose = ({ code }: CloseEvent) => {
      if (code === NOT_LET_IN) pass.keep(null)
      if (code === NOT_LET_IN || core.state === 'shut') return core.setState('shut')
      if (core.state !== 'gone') core.setState('lost')
      if (tries >= ASK_AFTER) void sayWhy()
      world.later(() => {
        socket = world.open(address)
        attend()
      }, waitBeforeTry(tries))
      tries += 1
    }
  }
  const sayWhy = async (): Promise<void> => {
    const there = await world.answers(new URL('/', page).href)
    // It may have been opened again, or shut, meanwhile.
    if (core.state === 'lost' || core.state === 'gone') core.setState(there ? 'lost' : 'gone')
  }
  attend()
  watchSilence(core, world.later)
  return core
}
