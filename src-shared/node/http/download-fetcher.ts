// The engine's Fetcher over our HTTP client, and its time: pauses keep the process alive and end when the job is cancelled.
import { setTimeout as delay } from 'node:timers/promises'
import type { Fetcher, Waiting } from '#engine/download/ports.ts'
import { type HttpRequest, openHttp } from './http-client.ts'
import { shownUrl } from './http-errors.ts'

export interface FetcherOptions extends Pick<HttpRequest, 'allow' | 'ca' | 'identity' | 'limits' | 'headers'> {}

/** `headers` (an API key, say) go to the first origin only. A download may take as long as it likes, but not stall. */
export function httpFetcher(options: FetcherOptions): Fetcher {
  return {
    fetch(url, headers, signal) {
      return openHttp({
        ...options,
        url,
        headers: { ...options.headers, ...headers },
        limits: { totalMs: Infinity, ...options.limits },
        signal,
      })
    },
    shown: (url) => {
      const parsed = URL.parse(url)
      return parsed ? shownUrl(parsed) : 'The address'
    },
  }
}

export const waiting: Waiting = {
  now: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
}
