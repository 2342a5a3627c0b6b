// What Node says about a failed connection, in the words of the catalogue; and addresses as they may be shown.
import { EngineError } from '#base/errors.ts'
import { errnoOf } from '../os/os-errors.ts'

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

/** A server says so when it does not like the certificate of whoever asks, or gets none. */
const ABOUT_US =
  /^ERR_SSL_.*_ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/

/**
 * A request that got no answer: `download.unreachable`, `.client-certificate`, `.tls`, `.proxy-refused` or
 * `.bad-response`. `via`: the proxy that it went through; `shown`: a certificate of ours was, which some servers turn down
 * by closing the connection.
 */
export function requestFailure(server: string, cause: unknown, via: string | null, shown: boolean): EngineError {
  const code = errnoOf(cause)
  if (code === 'ERR_PROXY_TUNNEL') return tunnelFailure(server, via ?? 'the proxy', cause)
  const alert = ABOUT_US.exec(code)
  if (alert) {
    const reason =
      alert[1] === 'CERTIFICATE_REQUIRED' ? 'none was shown' : `the one shown is not accepted (${alert[1]})`
    return new EngineError('download.client-certificate', { server, reason }, { cause })
  }
  if (isTlsCode(code)) return new EngineError('download.tls', { server, reason: worded(code, TLS_WORDS) }, { cause })
  if (code.startsWith('HPE_')) return new EngineError('download.bad-response', { server, reason: code }, { cause })
  const hint = shown && code === 'ECONNRESET' ? `${worded(code, WORDS)} after the client certificate was shown` : null
  const reason = through(hint ?? worded(code, WORDS), via)
  return new EngineError('download.unreachable', { server, reason }, { cause })
}

export const through = (reason: string, via: string | null): string =>
  via === null ? reason : `${reason}; it was asked through the proxy ${via}`

/** No cause: Node's error repeats what the proxy said. */
function tunnelFailure(server: string, proxy: string, cause: unknown): EngineError {
  const status = cause instanceof Error && 'statusCode' in cause ? Number(cause.statusCode) : Number.NaN
  // The proxy itself does not get through; that may pass.
  if (!(status >= 300 && status < 500)) {
    const reason = Number.isInteger(status) ? `the proxy answered ${status}` : 'the proxy ended the connection'
    return new EngineError('download.unreachable', { server, reason: through(reason, proxy) })
  }
  return new EngineError('download.proxy-refused', { server, proxy, found: status })
}

/** An answer that broke off: `download.interrupted` or `.bad-response`. */
export function answerFailure(server: string, received: number, cause: unknown): EngineError {
  const code = errnoOf(cause)
  if (code.startsWith('HPE_')) return new EngineError('download.bad-response', { server, reason: code }, { cause })
  return new EngineError('download.interrupted', { server, received, reason: worded(code, WORDS) }, { cause })
}
