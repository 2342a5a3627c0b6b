// Retry-After (RFC 9110): how long a server that is overloaded (429, 503) wants to be left alone. Read without a clock: a
// date is compared with the server's own. How much of it is granted is the caller's matter; both bounds are here.

/** A download waits no longer than this before it asks again, whatever the server wants. */
export const LONGEST_WAIT_DOWNLOAD_MS = 5 * 60_000
/** Neither does the agent before its next call. */
export const LONGEST_WAIT_AGENT_MS = 60 * 60_000

/** `Sun, 06 Nov 1994 08:49:37 GMT`; the two older forms are no longer sent. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const MOST_SECONDS = 366 * 24 * 3600

const momentOf = (text: string | undefined): number =>
  HTTP_DATE.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN

/** Seconds; null when nothing is asked for, or in no form that can be read. */
export function retryAfterOf(answer: {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}): number | null {
  const text = answer.headers['retry-after']?.trim()
  if (text === undefined || (answer.status !== 429 && answer.status !== 503)) return null
  if (/^\d{1,9}$/.test(text)) return Math.min(MOST_SECONDS, Number(text))
  const seconds = (momentOf(text) - momentOf(answer.headers.date)) / 1000
  return Number.isNaN(seconds) ? null : Math.min(MOST_SECONDS, Math.max(0, seconds))
}

/** What an error of `download.status` carries of it: nothing, or `retryAfter` in seconds. */
export function retryAfterDetail(answer: Parameters<typeof retryAfterOf>[0]): { readonly retryAfter?: number } {
  const retryAfter = retryAfterOf(answer)
  return retryAfter === null ? {} : { retryAfter }
}

/** Milliseconds that the error's server wants to be left alone, at most `longestMs`; 0 when it said nothing. */
export function askedWaitMs(
  { details }: { readonly details: Readonly<Record<string, unknown>> },
  longestMs: number,
): number {
  const { retryAfter } = details
  return typeof retryAfter === 'number' && retryAfter > 0 ? Math.min(longestMs, retryAfter * 1000) : 0
}
