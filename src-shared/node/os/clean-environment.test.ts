import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { cleanEnvironment, scrubEnvironment } from './clean-environment.ts'

const REPO = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'twinslot-environment-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What an environment can do to Node and OpenSSL before a line of ours runs; each leaves a file, or breaks the start. */
function hostile(): Record<string, string> {
  const code = join(folder, 'evil.cjs')
  writeFileSync(code, `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'loaded'))}, 'x')\n`)
  const openssl = join(folder, 'openssl.cnf')
  writeFileSync(
    openssl,
    'nodejs_conf = i\n[i]\nproviders = p\n[p]\nevil = e\n[e]\nactivate = 1\nmodule = /nonexistent/evil.so\n',
  )
  return {
    NODE_OPTIONS: `--require ${code}`,
    NODE_PATH: folder,
    NODE_REDIRECT_WARNINGS: join(folder, 'warnings'),
    NODE_V8_COVERAGE: join(folder, 'coverage'),
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_USE_SYSTEM_CA: '1',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    SSL_CERT_FILE: join(folder, 'ca.pem'),
    SSL_CERT_DIR: folder,
    OPENSSL_CONF: openssl,
    OPENSSL_MODULES: folder,
    LD_LIBRARY_PATH: folder,
    LD_AUDIT: '/nonexistent/audit.so',
  }
}

/** A launcher over a Node that only says what it was given. */
function launched(launcher: string, env: Record<string, string>, where: string): Record<string, string> {
  mkdirSync(join(where, 'node_modules/node/bin'), { recursive: true })
  for (const each of ['node_modules/node/bin/node', 'node']) {
    writeFileSync(join(where, each), '#!/bin/sh\nenv\n')
    chmodSync(join(where, each), 0o755)
  }
  mkdirSync(join(where, 'bin'), { recursive: true })
  const copy = join(where, 'bin', 'twinslot')
  const text = readFileSync(join(REPO, launcher), 'utf8')
  writeFileSync(copy, text.replaceAll('/usr/lib/twinslot', where).replaceAll('/opt/Twinslot/resources/runtime', where))
  chmodSync(copy, 0o755)
  const { status, stdout, stderr } = spawnSync(copy, [], { encoding: 'utf8', timeout: 30_000, env })
  assert.equal(status, 0, stderr)
  return Object.fromEntries(stdout.split('\n').flatMap((line) => (line.includes('=') ? [line.split(/=(.*)/s)] : [])))
}

const LAUNCHERS = ['bin/twinslot', 'build/packaging/twinslot', 'build/packaging/twinslot-runner', 'device/bin/program']

test('no launcher hands a variable on that loads code, moves trust anchors or weakens a check', () => {
  for (const [index, launcher] of LAUNCHERS.entries()) {
    const given = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...hostile() }
    const found = launched(launcher, given, join(folder, `launcher-${index}`))
    for (const name of Object.keys(hostile())) assert.equal(found[name], undefined, `${launcher}: ${name}`)
    assert.equal(found.LANG, 'C.UTF-8', launcher)
  }
})

test("compiled code is loaded from this user's own cache only", (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to have a folder of somebody else')
  const theirs = join(folder, 'their-cache')
  mkdirSync(theirs)
  spawnSync('chown', ['65534', theirs], { timeout: 10_000 })
  for (const launcher of ['bin/twinslot', 'device/bin/program']) {
    const where = join(folder, `cache-${launcher.replaceAll('/', '-')}`)
    const env = { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: theirs }
    assert.notEqual(launched(launcher, env, where).NODE_COMPILE_CACHE, theirs, launcher)
    const own = join(folder, 'own-cache')
    assert.equal(launched(launcher, { ...env, NODE_COMPILE_CACHE: own }, where).NODE_COMPILE_CACHE, own)
  }
})

test('the real command line under a hostile environment: nothing is loaded or written, and it works', () => {
  const { status, stdout, stderr } = spawnSync(join(REPO, 'bin/twinslot'), ['--version'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...hostile() },
  })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^twinslot \d/)
  for (const left of ['loaded', 'warnings', 'coverage'])
    assert.equal(spawnSync('test', ['-e', join(folder, left)]).status, 1, left)
})

test('a variable that nobody thought of does not pass; a program that acts for another gets the language and no more', () => {
  const env = { LANG: 'de', PATH: '/evil', HOME: '/home/x', TMPDIR: '/evil', TWINSLOT_STATE: '/evil', NEW_HOOK: 'x' }
  assert.deepEqual(cleanEnvironment(env), {
    LANG: 'de',
    PATH: '/evil',
    HOME: '/home/x',
    TMPDIR: '/evil',
    TWINSLOT_STATE: '/evil',
  })
  const another = cleanEnvironment(env, { forAnother: true })
  assert.deepEqual(Object.keys(another).sort(), ['HOME', 'LANG', 'PATH'])
  assert.ok(!another.PATH?.includes('evil') && another.HOME === '/root')
  const own: NodeJS.ProcessEnv = { ...env, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
  scrubEnvironment(own, { forAnother: true })
  assert.deepEqual(own, another)
})

test('a server with a certificate that nobody vouches for is refused, whatever the environment says', async (t) => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'ca.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject]
  const made = spawnSync('openssl', [...args, '-keyout', key, '-out', cert], { timeout: 30_000 })
  if (made.status !== 0) return t.skip('needs openssl')
  symlinkSync(cert, join(folder, 'link.pem'))
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => answer.end('{}'))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const program = `
    const { requestJson } = await import(${JSON.stringify(join(REPO, 'src-shared/node/http/http-json.ts'))})
    const answer = await requestJson({ url: 'https://127.0.0.1:${port}/', allow: () => true }).catch((error) => error)
    process.stdout.write(String(answer.code ?? answer.status))`
  // Node reads some of them before any of our lines: those are the launchers' to take away.
  const {
    NODE_OPTIONS: _loads,
    OPENSSL_CONF: _breaks,
    LD_AUDIT: _noise,
    NODE_USE_SYSTEM_CA: _early,
    ...weakening
  } = hostile()
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 60_000,
    env: { PATH: process.env.PATH, ...weakening },
  })
  assert.match(stdout, /^download\./)
})
