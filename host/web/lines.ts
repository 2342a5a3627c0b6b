// The WebSockets of the browser host. A line is nobody's until its first message holds a token or a session; until then it hears
// nothing and waits only briefly. Promises: nothing that comes over a line, and no way in which it breaks, ends the host.
import { WebSocket } from 'ws'
import { type ConsoleEvent, entryMessage, type HostMessage, NOT_LET_IN } from '#contract/console.ts'
import { parseBoundedJson } from '#format/bounded-json.ts'
import type { Session, Sessions } from './sessions.ts'

/** What a window is connected to; host/console.ts is one. */
export interface Endpoint {
  answer(message: unknown, signal: AbortSignal): Promise<HostMessage>
  listen(listener: (event: ConsoleEvent) => void): Disposable
}

export const MAX_MESSAGE = 2_000_000
/** A window that does not read what it is sent is cut off, and asks for everything anew when it comes back. */
const MAX_WAITING = 8_000_000
/** A page asks for a handful of things at once. */
const MAX_UNANSWERED = 200
const MAX_WINDOWS = 20
/** Lines that have not said who they are. One more, and the oldest goes: nobody keeps the door shut for others. */
const MAX_UNKNOWN = 20
const ENTRY_MS = 5000
const CHECK_MS = 30_000

export interface LineNeeds {
  readonly endpoint: Endpoint
  readonly sessions: Sessions
  /** Ends when the host does. */
  readonly signal: AbortSignal
  onEntered(): void
  log(line: string): void
}

export interface Lines extends Disposable {
  attend(socket: WebSocket): void
}

export function openLines(needs: LineNeeds): Lines {
  const unknown = new Set<WebSocket>()
  const windows = new Map<WebSocket, { readonly session: Session; alive: boolean }>()

  function attend(socket: WebSocket): void {
    socket.on('error', (error) => needs.log(`web: ${error.message}`))
    for (const oldest of unknown) {
      if (unknown.size < MAX_UNKNOWN) break
      unknown.delete(oldest)
      oldest.terminate()
    }
    unknown.add(socket)
    const timer = setTimeout(() => socket.terminate(), ENTRY_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      unknown.delete(socket)
    })
    socket.once('message', (data, isBinary) => {
      clearTimeout(timer)
      unknown.delete(socket)
      const session = isBinary ? null : entryOf(String(data))
      if (session === null) socket.close(NOT_LET_IN, 'not let in')
      else if (windows.size >= MAX_WINDOWS) socket.close(1013, 'too many windows')
      else letIn(socket, session)
    })
  }

  function entryOf(text: string): Session | null {
    const parsed = entryMessage.safeParse(parse(text))
    if (!parsed.success) return null
    const { data } = parsed
    if ('session' in data) return needs.sessions.resume(data.session)
    const session = needs.sessions.enter(data.enter)
    if (session) needs.onEntered()
    return session
  }

  function letIn(socket: WebSocket, session: Session): void {
    const gone = new AbortController()
    const window = { session, alive: true }
    let unanswered = 0
    const send = (message: unknown): void => {
      if (socket.bufferedAmount > MAX_WAITING) socket.terminate()
      else if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    }
    windows.set(socket, window)
    session.windows += 1
    send({ session: session.secret })
    const news = needs.endpoint.listen((event) => send({ event }))
    socket.on('pong', () => {
      window.alive = true
    })
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : parse(String(data))
      if (message === undefined) return socket.close(1007, 'not JSON')
      if (unanswered >= MAX_UNANSWERED) return socket.close(1008, 'too many calls at once')
      session.used = Math.max(session.used, needs.sessions.now())
      unanswered += 1
      const signal = AbortSignal.any([gone.signal, needs.signal])
      needs.endpoint
        .answer(message, signal)
        .then(send)
        .catch((error: unknown) => needs.log(`web: ${String(error)}`))
        .finally(() => {
          unanswered -= 1
        })
    })
    socket.on('close', () => {
      windows.delete(socket)
      session.windows -= 1
      session.used = Math.max(session.used, needs.sessions.now())
      news[Symbol.dispose]()
      gone.abort()
    })
  }

  /** Cuts off whoever is gone without a word, and windows whose session is over. */
  function check(): void {
    for (const [socket, window] of windows) {
      if (needs.sessions.isOver(window.session)) socket.close(NOT_LET_IN, 'the session is over')
      else if (!window.alive) socket.terminate()
      else {
        window.alive = false
        socket.ping()
      }
    }
  }
  const timer = setInterval(check, CHECK_MS)
  timer.unref()

  return {
    attend,
    [Symbol.dispose]() {
      clearInterval(timer)
      for (const socket of [...unknown, ...windows.keys()]) socket.terminate()
    },
  }
}

/** `undefined` for what is no JSON, or too deep. */
function parse(text: string): unknown {
  const read = parseBoundedJson(text, { size: MAX_MESSAGE })
  return read.ok ? read.value : undefined
}
