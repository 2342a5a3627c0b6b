// The address twinslot://console/: the built renderer out of memory, by exact name, with the same strict policy as in the
// browser host. There is no file: anywhere, and nothing outside the renderer's own folder can be named.
import type { Asset } from '#host/web/assets.ts'
import { PAGE_HEADERS } from '#host/web/headers.ts'

export const SCHEME = 'twinslot'
export const ORIGIN = `${SCHEME}://console`
export const FIRST_PAGE = `${ORIGIN}/index.html`

/** For `protocol.registerSchemesAsPrivileged`, before the app is ready. No service workers, no way around the policy. */
export const SCHEME_PRIVILEGES = {
  scheme: SCHEME,
  privileges: {
    standard: true,
    secure: true,
    supportFetchAPI: true,
    bypassCSP: false,
    allowServiceWorkers: false,
    corsEnabled: false,
    stream: false,
  },
} as const

/** True for a page or file of ours; anything that only begins like it is not. */
export function isOurs(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.protocol === `${SCHEME}:` && parsed.host === 'console' && parsed.username === ''
}

/** A blob that one of our pages made: a report to look at or to save. */
export const isOurBlob = (url: string): boolean => url.startsWith(`blob:${ORIGIN}/`)

const plain = (status: number, text: string): Response =>
  new Response(`${text}\n`, { status, headers: { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' } })

/** For `protocol.handle(SCHEME, ...)`. */
export function serveRenderer(assets: ReadonlyMap<string, Asset>): (request: Request) => Response {
  return ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET is answered here.')
    const { pathname } = new URL(url)
    const asset = isOurs(url) ? assets.get(pathname === '/' ? '/index.html' : pathname) : undefined
    if (!asset) return plain(404, 'There is nothing here.')
    const body = method === 'HEAD' ? null : new Uint8Array(asset.bytes)
    return new Response(body, { status: 200, headers: { ...PAGE_HEADERS, 'Content-Type': asset.type } })
  }
}
