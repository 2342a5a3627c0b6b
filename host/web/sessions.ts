// Who may talk to the browser host: one-time tokens of printed addresses, and the sessions that they become. Both are held by
// the page itself, never by a cookie: a browser sends cookies to every port of 127.0.0.1, so to every user of this computer.
// A session ends with the host, some time after its last window was closed, when nobody uses it, and at the latest after a day.
import { createHash, randomBytes } from 'node:crypto'

export interface SessionLimits {
  /** No window of it is open. */
  readonly awayMs: number
  /** Windows are open, and nobody asks for anything. */
  readonly idleMs: number
  readonly wholeMs: number
}

export const SESSION_LIMITS: SessionLimits = { awayMs: 10 * 60_000, idleMs: 12 * 3_600_000, wholeMs: 24 * 3_600_000 }
/** A kiosk's window cannot be given a further address, and ends together with the console. */
export const KIOSK_LIMITS: SessionLimits = { ...SESSION_LIMITS, idleMs: Infinity, wholeMs: Infinity }

export interface Session {
  readonly secret: string
  readonly began: number
  used: number
  windows: number
}

export interface Sessions {
  /** A new one-time token. */
  newToken(): string
  /** The session that a token becomes; null for one that is unknown or was used. */
  enter(token: string): Session | null
  /** Null for one that is unknown or over. */
  resume(secret: string): Session | null
  isOver(session: Session): boolean
  now(): number
}

const newSecret = (): string => randomBytes(32).toString('base64url')
/** Looked up by digest: how long a comparison takes says nothing about the secret. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64')

/** `now` counts milliseconds and is never set back. */
export function openSessions(limits: SessionLimits, now: () => number): Sessions {
  const tokens = new Set<string>()
  const sessions = new Map<string, Session>()
  const isOver = ({ began, used, windows }: Session): boolean =>
    now() - began > limits.wholeMs || now() - used > (windows > 0 ? limits.idleMs : limits.awayMs)
  const sweep = (): void => {
    for (const [key, session] of sessions) if (isOver(session)) sessions.delete(key)
  }
  return {
    newToken() {
      const token = newSecret()
      tokens.add(digestOf(token))
      return token
    },
    enter(token) {
      sweep()
      if (!tokens.delete(digestOf(token))) return null
      const session: Session = { secret: newSecret(), began: now(), used: now(), windows: 0 }
      sessions.set(digestOf(session.secret), session)
      return session
    },
    resume(secret) {
      sweep()
      const session = sessions.get(digestOf(secret)) ?? null
      if (session) session.used = now()
      return session
    },
    isOver,
    now,
  }
}
