// Which addresses a release may come from: https on a host of the list. The grammar is narrower than what programs that
// fetch accept, so that both always see the same host.
import { type Finding, finding } from '#base/errors.ts'

/** No user, no backslash, no space, no letters beyond ASCII, no "#". Host: name, IPv4, or IPv6 in brackets. */
const ADDRESS =
  /^https:\/\/((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]))(?::(\d{1,5}))?(?:[/?][!-~]*)?$/i
const URL_LIMIT = 2048

/** `host` or `host:port` (443 left out), lower case; null when it is not a plain https address. */
export function httpsHost(url: string): string | null {
  const match = url.length <= URL_LIMIT && !/[\\#]/.test(url) ? ADDRESS.exec(url) : null
  if (!match?.[1]) return null
  const port = match[2] === undefined || Number(match[2]) === 443 ? '' : `:${Number(match[2])}`
  return match[1].toLowerCase() + port
}

/**
 * Is `url` https and its host on the list? An entry is `host`, `host:port`, or `*.example.org` (any name below it, port
 * 443). Ask for each redirect as well.
 */
export function hostAllowed(url: string, allowed: readonly string[]): boolean {
  const host = httpsHost(url)
  if (host === null) return false
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase()
    if (!wanted.startsWith('*.')) return host === wanted.replace(/:443$/, '')
    return host.endsWith(wanted.slice(1)) && host.length > wanted.length - 1
  })
}

/** Null when the address may be used; `order.not-https` or `order.host-not-allowed`. */
export function checkReleaseUrl(url: string, allowed: readonly string[]): Finding | null {
  const host = httpsHost(url)
  if (host === null) return finding('order.not-https', { url: url.slice(0, 200) })
  if (hostAllowed(url, allowed)) return null
  return finding('order.host-not-allowed', { found: host, expected: allowed.join(', ') || 'none' })
}
