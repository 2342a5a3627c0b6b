// Opaque names for what a window may act on: it holds tokens, never paths. A token is random, belongs to one kind of thing
// and dies with the host.
import { randomBytes } from 'node:crypto'
import { EngineError } from '#base/errors.ts'
import type { Token } from '#contract/views.ts'

export interface Tokens<T> {
  /** The token that this key has or will have, also before there is a value. */
  name(key: string): Token
  /** The token of this key, always the same until it is dropped; replaces the value. */
  keep(key: string, value: T): Token
  /** @throws EngineError `host.unknown-token` */
  get(token: Token): T
  drop(token: Token): void
  entries(): readonly (readonly [Token, T])[]
}

/** `what` is the noun of the error's sentence. */
export function openTokens<T>(what: string): Tokens<T> {
  const byToken = new Map<Token, { readonly key: string; readonly value: T }>()
  const byKey = new Map<string, Token>()
  const name = (key: string): Token => {
    const token = byKey.get(key) ?? randomBytes(16).toString('hex')
    byKey.set(key, token)
    return token
  }
  return {
    name,
    keep(key, value) {
      const token = name(key)
      byToken.set(token, { key, value })
      return token
    },
    get(token) {
      const entry = byToken.get(token)
      if (!entry) throw new EngineError('host.unknown-token', { what })
      return entry.value
    },
    drop(token) {
      const entry = byToken.get(token)
      if (entry) byKey.delete(entry.key)
      byToken.delete(token)
    },
    entries: () => [...byToken].map(([token, { value }]) => [token, value] as const),
  }
}
