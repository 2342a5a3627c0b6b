// A certificate authority, and certificates of it for a server and for an appliance, made anew by OpenSSL for each test run:
// the update addresses of orders must be HTTPS, also in tests. The server's is valid for 127.0.0.1, localhost, 10.0.2.2 (the
// host as a QEMU guest sees it) and fleet.test (a name that only a test's proxy knows).
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool, requireTool } from '#node/os/run-tool.ts'

export interface TestCertificates {
  /** PEM of the authority: what a client has to trust. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** What an appliance shows to a server that asks for it. */
  readonly client: { readonly certificate: string; readonly key: string }
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Null when openssl is not installed. The private key of the authority is gone when this returns. */
export async function makeTestCertificates(): Promise<TestCertificates | null> {
  if (!(await findTool('openssl'))) return null
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-ca-'))
  const file = (name: string) => join(folder, name)
  const request = async (name: string, ...args: string[]) => {
    const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
    await requireTool('openssl', ['req', '-x509', ...EC_KEY, '-days', '3650', ...files, ...args], { timeoutMs: 30_000 })
  }
  const text = async (name: string) => await readFile(file(name), 'utf8')
  try {
    await request('ca', '-subj', '/CN=Twinslot test authority', '-addext', 'keyUsage=critical,keyCertSign')
    await request(
      'server',
      ...['-subj', '/CN=Twinslot test server', '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,IP:10.0.2.2,DNS:localhost,DNS:fleet.test'],
    )
    await request(
      'client',
      ...['-subj', '/CN=Twinslot test appliance', '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=clientAuth'],
    )
    const client = { certificate: await text('client.pem'), key: await text('client.key') }
    return { ca: await text('ca.pem'), cert: await text('server.pem'), key: await text('server.key'), client }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
