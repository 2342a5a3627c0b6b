// Which certificate authorities are believed (Node's own list, the system's, those of the configuration; none that a
// variable of the environment names), and the certificate that this machine shows. Reading the lists takes tens of
// milliseconds, so it is done at the first https request and kept.
import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { EngineError } from '#base/errors.ts'
import { errnoOf } from '../os/os-errors.ts'

/** Shown to one server, as a proof of who asks. */
export interface ClientIdentity {
  /** `https://host[:port]`; nobody else gets to see it, not after a redirect either. */
  readonly origin: string
  /** PEM, with the authorities between it and the server's where there are some. */
  readonly certificate: string
  /** PEM. Secret. */
  readonly key: string
}

const contexts = new Map<string, SecureContext>()

/** TLS 1.2 or later with the usual authorities and those in `pem`. Throws `download.bad-ca`, `download.bad-identity`. */
export function secureContextFor(pem: string | null, identity: ClientIdentity | null = null): SecureContext {
  const parts = [pem ?? '', identity?.certificate ?? '', identity?.key ?? '']
  const name = createHash('sha256').update(parts.join('\0')).digest('hex')
  const known = contexts.get(name)
  if (known) return known
  const usual = new Set([...getCACertificates('bundled'), ...systemAuthorities()])
  const ca = [...usual, ...(pem === null ? [] : split(pem))]
  const context = identity ? withIdentity(ca, identity) : createSecureContext({ minVersion: 'TLSv1.2', ca })
  contexts.set(name, context)
  return context
}

/** Of the system's own place: OpenSSL would look where these variables say. */
function systemAuthorities(): string[] {
  for (const name of ['SSL_CERT_FILE', 'SSL_CERT_DIR']) delete process.env[name]
  return getCACertificates('system')
}

/** The error keeps nothing of what OpenSSL was given. */
function withIdentity(ca: string[], { certificate, key }: ClientIdentity): SecureContext {
  try {
    return createSecureContext({ minVersion: 'TLSv1.2', ca, cert: certificate, key })
  } catch (error) {
    throw new EngineError('download.bad-identity', { reason: errnoOf(error) })
  }
}

/** OpenSSL skips what it cannot read; a configuration that names nothing readable is a mistake that must be said. */
function split(pem: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw new EngineError('download.bad-ca', { reason: 'it holds no certificate in PEM form' })
  for (const one of found) {
    try {
      new X509Certificate(one)
    } catch (cause) {
      throw new EngineError('download.bad-ca', { reason: 'a certificate in it cannot be read' }, { cause })
    }
  }
  return found
}
