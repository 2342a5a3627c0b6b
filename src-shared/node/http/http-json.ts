// Small exchanges in JSON over the HTTP client: bounded, and what is not JSON says so. Any status is an answer.

import { EngineError } from '#base/errors.ts'
import { retryAfterDetail } from '#engine/download/retry-after.ts'
import { boundedJson } from '#format/bounded-json.ts'
import { type HttpRequest, openHttp, readBody } from './http-client.ts'
import { shownUrl } from './http-errors.ts'

export interface JsonRequest extends Omit<HttpRequest, 'body'> {
  /** Sent as the body when given. */
  readonly json?: unknown
  /** Of the answer; 1 MiB when absent. */
  readonly maxBytes?: number
}

export interface JsonResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly url: URL
  /** Not checked yet. Null for an empty body, and for a body that is not JSON when the status is not 2xx. */
  readonly value: unknown
  /** The body as it came, for signatures over bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * One small exchange in JSON. Any status is an answer; `statusError` makes an error of it.
 * @throws EngineError `download.not-json`, `.too-large`, and what openHttp and reading a body throw
 */
export async function requestJson(request: JsonRequest): Promise<JsonResponse> {
  const { json, maxBytes = 1_048_576, ...rest } = request
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers }
  if (json !== undefined) headers['content-type'] = 'application/json'
  await using response = await openHttp({ ...rest, headers, body: json === undefined ? null : JSON.stringify(json) })
  const { status, url } = response
  const bytes = await readBody(response, maxBytes)
  return { status, headers: response.headers, url, value: parseJson(bytes, status, url), bytes }
}

function parseJson(bytes: Uint8Array, status: number, url: URL): unknown {
  if (bytes.length === 0) return null
  try {
    return boundedJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), bytes.length)
  } catch (cause) {
    if (status < 200 || status > 299) return null
    throw new EngineError(
      'download.not-json',
      { url: shownUrl(url), found: `${bytes.length} bytes of something else` },
      { cause },
    )
  }
}

/** `download.status` for an answer that was not the expected one; with `retryAfter` when the server asked for a pause. */
export const statusError = (response: Omit<JsonResponse, 'value' | 'bytes'>, expected = '200'): EngineError =>
  new EngineError('download.status', {
    ...{ url: shownUrl(response.url), found: response.status, expected },
    ...retryAfterDetail(response),
  })
