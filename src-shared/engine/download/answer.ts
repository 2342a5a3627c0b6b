// What an answer to a (range) request means, as a pure decision: which bytes it brings, whether the file is still the one
// that was begun, and what is refused. Nothing is appended before this has said so.
import { EngineError, isEngineError } from '#base/errors.ts'
import { retryAfterDetail } from './retry-after.ts'

/** How a server names one version of a file. */
export interface Validator {
  readonly etag: string | null
  readonly lastModified: string | null
}

export interface Known {
  readonly validator: Validator | null
  /** Size of the whole file, null when nobody said it. */
  readonly total: number | null
}

export const NOTHING_KNOWN: Known = { validator: null, total: null }

export interface Asked {
  readonly url: string
  readonly from: number
  /** Exclusive; null for "to the end". */
  readonly to: number | null
  /** True when a Range header was sent. */
  readonly ranged: boolean
  readonly known: Known
}

interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export type Verdict =
  /** Bytes `from` (as asked) to `to` (exclusive; null when nobody said). */
  | { readonly kind: 'part'; readonly to: number; readonly known: Known }
  /** The file from its start, whatever was asked. */
  | { readonly kind: 'whole'; readonly known: Known }
  /** There is nothing after `from`: all `total` bytes are here. */
  | { readonly kind: 'at-end'; readonly known: Known & { readonly total: number } }
  /** The server cannot give this range and does not say why. */
  | { readonly kind: 'start-anew' }
  /** It is another file now. */
  | { readonly kind: 'changed'; readonly error: EngineError }

/** `bytes FROM-TO/TOTAL` with TO inclusive on the wire; null when malformed. */
export function parseContentRange(
  text: string | undefined,
): { readonly from: number; readonly to: number; readonly total: number | null } | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(text ?? '')
  if (!match) return null
  const [from, last] = [Number(match[1]), Number(match[2])]
  const total = match[3] === '*' ? null : Number(match[3])
  if (last < from || (total !== null && last >= total)) return null
  return { from, to: last + 1, total }
}

const isStrong = (etag: string | null): etag is string => etag !== null && /^"[^"]*"$/.test(etag)

/** The value for If-Range: a strong ETag, or the date when there is no ETag at all; a weak one does not promise bytes. */
export function ifRangeOf(validator: Validator | null): string | null {
  if (!validator) return null
  if (isStrong(validator.etag)) return validator.etag
  return validator.etag === null ? validator.lastModified : null
}

/** Headers for the bytes from `from` to `to` (exclusive) of the file that is known. */
export function rangeHeaders(from: number, to: number | null, known: Known): Record<string, string> {
  const ifRange = ifRangeOf(known.validator)
  const range = { range: `bytes=${from}-${to === null ? '' : to - 1}` }
  return ifRange === null ? range : { ...range, 'if-range': ifRange }
}

function validatorOf(headers: Head['headers']): Validator | null {
  const etag = headers.etag ?? null
  const lastModified = headers['last-modified'] ?? null
  return etag === null && lastModified === null ? null : { etag, lastModified }
}

const lengthOf = (headers: Head['headers']): number | null =>
  /^\d{1,15}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : null

/** What differs between the file that was begun and the one that the server has now; null when nothing does. */
function difference(asked: Asked, now: Known): EngineError | null {
  const changed = (what: string, expected: string | number, found: string | number): EngineError =>
    new EngineError('download.changed', { url: asked.url, what, expected, found })
  const before = asked.known
  if (before.total !== null && now.total !== null && before.total !== now.total)
    return changed('its size', before.total, now.total)
  const [was, is] = [before.validator, now.validator]
  if (!was || !is) return null
  if (isStrong(was.etag) && is.etag !== null && was.etag !== is.etag) return changed('its ETag', was.etag, is.etag)
  if (
    was.etag === null &&
    was.lastModified !== null &&
    is.lastModified !== null &&
    was.lastModified !== is.lastModified
  )
    return changed('its date', was.lastModified, is.lastModified)
  return null
}

const merge = (before: Known, now: Known): Known => ({
  validator: now.validator ?? before.validator,
  total: now.total ?? before.total,
})

/**
 * Judges the head of an answer.
 * @throws EngineError `download.status`, `download.range-differs`
 */
export function judgeAnswer(asked: Asked, { status, headers }: Head): Verdict {
  if (status === 200) {
    const known: Known = { validator: validatorOf(headers), total: lengthOf(headers) }
    const error = difference(asked, known)
    return error ? { kind: 'changed', error } : { kind: 'whole', known }
  }
  if (status === 206) return judgePart(asked, headers)
  if (status === 416 && asked.ranged) return judgeUnsatisfied(asked, headers)
  const expected = asked.ranged ? '206 or 200' : '200'
  const details = { url: asked.url, found: status, expected, ...retryAfterDetail({ status, headers }) }
  throw new EngineError('download.status', details)
}

function judgePart(asked: Asked, headers: Head['headers']): Verdict {
  const text = headers['content-range']
  const range = parseContentRange(text)
  const tooFar = range && asked.to !== null && range.to > asked.to
  const length = lengthOf(headers)
  if (
    !asked.ranged ||
    !range ||
    range.from !== asked.from ||
    tooFar ||
    (length !== null && length !== range.to - range.from)
  )
    throw new EngineError('download.range-differs', {
      url: asked.url,
      expected: asked.ranged ? asked.from : '0, without ranges,',
      found:
        text === undefined ? 'no range' : `"${text.slice(0, 80)}"${length === null ? '' : `, ${length} bytes long`}`,
    })
  const now: Known = { validator: validatorOf(headers), total: range.total }
  const error = difference(asked, now)
  return error ? { kind: 'changed', error } : { kind: 'part', to: range.to, known: merge(asked.known, now) }
}

/** 416 tells two things apart when it says the size: all bytes are here already, or it is another, shorter file. */
function judgeUnsatisfied(asked: Asked, headers: Head['headers']): Verdict {
  const match = /^bytes \*\/(\d{1,15})$/.exec(headers['content-range'] ?? '')
  if (!match) return { kind: 'start-anew' }
  const now = { validator: validatorOf(headers), total: Number(match[1]) }
  const error = difference(asked, now)
  if (error) return { kind: 'changed', error }
  const { from: expected, url } = asked
  if (now.total === expected) return { kind: 'at-end', known: { ...merge(asked.known, now), total: now.total } }
  const what = 'its size'
  return { kind: 'changed', error: new EngineError('download.changed', { url, what, expected, found: now.total }) }
}

/** Errors after which the same request may go well in a moment. */
export function mayPass(error: unknown): error is EngineError {
  if (isEngineError(error, 'download.status')) {
    const status = Number(error.details.found)
    return status >= 500 || status === 408 || status === 429
  }
  return isEngineError(
    error,
    'download.unreachable',
    'download.interrupted',
    'download.stalled',
    'download.bad-response',
  )
}
