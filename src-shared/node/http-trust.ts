// Which certificate authorities are believed: Node's own list, the system's, and those of the configuration. Reading them
// takes tens of milliseconds, so it is done at the first https request and kept.
import { X509Certificate } from 'node:crypto'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { EngineError } from '../base/errors.ts'

const contexts = new Map<string, SecureContext>()

/** TLS 1.2 or later with the usual authorities and those in `pem`. Throws `download.bad-ca`. */
export function secureContextFor(pem: string | null): SecureContext {
  const known = contexts.get(pem ?? '')
  if (known) return known
  const usual = new Set([...getCACertificates('default'), ...getCACertificates('system')])
  const context = createSecureContext({ minVersion: 'TLSv1.2', ca: [...usual, ...(pem === null ? [] : split(pem))] })
  contexts.set(pem ?? '', context)
  return context
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
