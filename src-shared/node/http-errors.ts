// What Node says about a failed connection, in the words of the catalogue; and addresses as they may be shown.
import { EngineError } from '../base/errors.ts'
import { errnoOf } from './os-errors.ts'

/** Without user, password, query and fragment: those may be secrets. */
export const shownUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

export const originOf = (url: URL): string => `${url.protocol}//${url.host}`

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'it does not answer',
}

const TLS_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself only',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate authority is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate authority is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate authority is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

const worded = (code: string, words: Readonly<Record<string, string>>): string =>
  words[code] ? `${words[code]} (${code})` : code

const isTlsCode = (code: string): boolean =>
  code in TLS_WORDS || code === 'EPROTO' || /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_)/.test(code)

/** A request that got no answer: `download.unreachable`, `.tls` or `.bad-response`. */
export function requestFailure(server: string, cause: unknown): EngineError {
  const code = errnoOf(cause)
  if (isTlsCode(code)) return new EngineError('download.tls', { server, reason: worded(code, TLS_WORDS) }, { cause })
  if (code.startsWith('HPE_')) return new EngineError('download.bad-response', { server, reason: code }, { cause })
  return new EngineError('download.unreachable', { server, reason: worded(code, WORDS) }, { cause })
}

/** An answer that broke off: `download.interrupted` or `.bad-response`. */
export function answerFailure(server: string, received: number, cause: unknown): EngineError {
  const code = errnoOf(cause)
  if (code.startsWith('HPE_')) return new EngineError('download.bad-response', { server, reason: code }, { cause })
  return new EngineError('download.interrupted', { server, received, reason: worded(code, WORDS) }, { cause })
}
