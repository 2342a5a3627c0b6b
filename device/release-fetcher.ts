// Who may be asked for releases, and how: the fleet server's own host and those of device.yaml, over TLS, with the
// authority of config.yaml; its client certificate is for the fleet server only. Read anew for each release, because those files may change.
import { EngineError } from '#base/errors.ts'
import type { Fetcher } from '#engine/download/ports.ts'
import { httpFetcher } from '#node/http/download-fetcher.ts'
import { checkReleaseUrl } from '#trust/order-url.ts'
import { releaseHosts } from './agent/find-update.ts'
import type { DeviceSettings } from './ports.ts'

/** Redirects are judged like the first address. @throws EngineError `settings.*` */
export async function releaseFetcher(settings: () => Promise<DeviceSettings>): Promise<Fetcher> {
  const now = await settings()
  const { server, allowedHosts } = now
  const hosts = server ? releaseHosts(now, server) : allowedHosts
  const http = httpFetcher({
    ca: server?.ca ?? null,
    identity: server?.identity ?? null,
    allow: (url) => checkReleaseUrl(url.href, hosts) === null,
  })
  return {
    shown: http.shown,
    async fetch(url, headers, signal) {
      // Said with the list of hosts, which the client does not know.
      const bad = checkReleaseUrl(url, hosts)
      if (bad) throw new EngineError(bad.code, bad.details)
      return await http.fetch(url, headers, signal)
    },
  }
}
