// The way to an https server through the proxy of the environment (https_proxy, no_proxy, as systemd and shells set them).
// Node makes the tunnel (CONNECT), so TLS goes end to end and the proxy sees a host name and nothing else. This machine
// itself is never asked through a proxy, and plain http neither.
import { Agent } from 'node:https'
import type { Duplex } from 'node:stream'
import { type SecureContext, TLSSocket } from 'node:tls'
import { EngineError } from '#base/errors.ts'

const OWN = ['localhost', '127.0.0.1', '::1']

interface Proxy {
  /** Without user and password. */
  readonly shown: string
  /** What Node's agent reads; with the secrets. */
  readonly env: { readonly https_proxy: string; readonly no_proxy: string }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment's proxy for https; null without one. Lower-case names win, as in other programs.
 * @throws EngineError `download.bad-proxy`
 */
export function proxyOf(environment: Environment): Proxy | null {
  const text = environment.https_proxy || environment.HTTPS_PROXY
  if (!text) return null
  const url = URL.parse(text)
  const reason =
    url?.protocol !== 'http:'
      ? 'it is not an http:// address'
      : isDecodable(url.username) && isDecodable(url.password)
        ? null
        : 'its user or password is not written as in an address'
  if (!url || reason !== null) throw new EngineError('download.bad-proxy', { reason: reason ?? 'it is no address' })
  const no_proxy = [environment.no_proxy || environment.NO_PROXY || '', ...OWN].filter((word) => word !== '').join(',')
  return { shown: `${url.protocol}//${url.host}`, env: { https_proxy: url.href, no_proxy } }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    // A percent sign that begins nothing: that is the answer.
    return false
  }
}

/** Makes the connection of one request. */
export class SecureAgent extends Agent {
  readonly #proxy: Proxy | null
  #socket: Duplex | null = null

  constructor(secureContext: SecureContext, proxy: Proxy | null, connectMs: number) {
    // The tunnel's own time-out; without it a request that was given up would leave its connection to the proxy behind.
    // Said here, or NODE_TLS_REJECT_UNAUTHORIZED could say otherwise.
    super({ secureContext, rejectUnauthorized: true, ...(proxy && { proxyEnv: proxy.env, timeout: connectMs }) })
    this.#proxy = proxy
  }

  /** The proxy that is gone through; null for the straight way. Known once the connection was begun. */
  get via(): string | null {
    return this.#socket && !(this.#socket instanceof TLSSocket) ? (this.#proxy?.shown ?? null) : null
  }

  override createConnection(...args: Parameters<Agent['createConnection']>): Duplex | null | undefined {
    const socket = super.createConnection(...args)
    this.#socket = socket ?? null
    return socket
  }

  /** Ends the connection also while the tunnel is being made, when the request does not have it yet. */
  end(): void {
    this.#socket?.destroy()
  }
}
