import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { after, test } from 'node:test'
import { isEngineError } from '#base/errors.ts'
import fc from '#testing/property.ts'
import { commandFor, type ElevationChoice, elevatedRunnerFor, INSTALLED_RUNNER, packagedRunner } from './elevation.ts'
import { startRunner } from './runner-client.ts'

const REPO = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'twinslot-elevation-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const ordinary: ElevationChoice = {
  platform: 'linux',
  isRoot: false,
  targetWritable: false,
  runner: packagedRunner('/opt/Twinslot/resources/runtime', 'linux'),
  installed: INSTALLED_RUNNER,
  tools: { pkexec: '/usr/bin/pkexec', sudo: null },
  appImage: false,
  env: {},
}
const line = (choice: Partial<ElevationChoice>): string[] => {
  const { command, args } = commandFor({ ...ordinary, ...choice })
  return [command, ...args]
}
const plain = [
  '/opt/Twinslot/resources/runtime/node',
  '--max-semi-space-size=1',
  '/opt/Twinslot/resources/runtime/twinslot-runner.mjs',
]
const refused = (choice: Partial<ElevationChoice>, reason: RegExp) =>
  assert.throws(
    () => line(choice),
    (error) => isEngineError(error, 'runner.not-started') && reason.test(error.message),
  )

test('where the rights suffice nobody is asked, on any system', () => {
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const) {
    assert.deepEqual(line({ platform, isRoot: true }), plain)
    assert.deepEqual(line({ platform, targetWritable: true }), plain)
    assert.equal(commandFor({ ...ordinary, platform, isRoot: true }).asks, undefined)
  }
})

test('Linux: pkexec with the installed wrapper, which the polkit policy names, and nothing more', () => {
  assert.deepEqual(line({}), ['/usr/bin/pkexec', '--disable-internal-agent', INSTALLED_RUNNER])
  assert.equal(commandFor(ordinary).asks, true)
  const policy = readFileSync(join(REPO, 'build/polkit/org.twinslot.runner.policy'), 'utf8')
  assert.match(policy, new RegExp(`exec\\.path">${INSTALLED_RUNNER}</annotate>`))
  const script = readFileSync(join(REPO, 'build/packaging/deb-postinst.sh'), 'utf8')
  assert.match(script, new RegExp(`/polkit/twinslot-runner" ${INSTALLED_RUNNER}\n`))
})

test('Linux without the package: pkexec asks for the program itself; an AppImage cannot, root may not read it', () => {
  assert.deepEqual(line({ installed: null }), ['/usr/bin/pkexec', '--disable-internal-agent', ...plain])
  refused({ installed: null, appImage: true }, /AppImage.*install the Debian package/)
  assert.deepEqual(line({ appImage: true }).at(-1), INSTALLED_RUNNER)
})

test('without pkexec, sudo or any way: runner.not-started, with what is missing', () => {
  const tools = { pkexec: null, sudo: null }
  refused({ tools }, /pkexec is not installed/)
  refused({ tools, platform: 'darwin' }, /sudo is missing/)
  refused({ tools, platform: 'win32' }, /start Twinslot as administrator/)
  refused({ platform: 'freebsd' }, /no way to administrator rights on freebsd/)
})

test('macOS: sudo asks through a window of its own; Windows: sudo in this console', () => {
  const tools = { pkexec: null, sudo: '/usr/bin/sudo' }
  const mac = commandFor({ ...ordinary, platform: 'darwin', tools })
  assert.deepEqual([mac.command, ...mac.args], ['/usr/bin/sudo', '-A', '--', ...plain])
  assert.equal(mac.env.SUDO_ASKPASS, '/opt/Twinslot/resources/runtime/askpass')
  assert.deepEqual(line({ platform: 'win32', tools }), ['/usr/bin/sudo', '--inline', ...plain])
  assert.match(packagedRunner('C:/x', 'win32').program.command, /node\.exe$/)
})

test('whatever the surroundings hold: no argument comes from them, and nothing in them reaches the runner as code', () => {
  const name = fc.oneof(
    fc.constantFrom('NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES'),
    fc.string(),
  )
  const secret = fc.string({ minLength: 1 }).map((text) => `secret-${text}`)
  fc.assert(
    fc.property(
      fc.dictionary(name, secret),
      fc.constantFrom('linux', 'darwin', 'win32'),
      fc.boolean(),
      (env, platform, isRoot) => {
        const tools = { pkexec: '/usr/bin/pkexec', sudo: '/usr/bin/sudo' }
        const { command, args, env: given } = commandFor({ ...ordinary, platform, isRoot, tools, env })
        assert.ok(isAbsolute(command))
        assert.ok(![command, ...args].some((part) => part.includes('secret-')))
        for (const bad of ['NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES'])
          assert.equal(given[bad], undefined)
      },
    ),
    { numRuns: 200 },
  )
})

test('on this machine: a file of ours needs nobody, also for the packaged runner', async () => {
  const file = join(folder, 'disk.img')
  writeFileSync(file, '')
  const choose = elevatedRunnerFor(packagedRunner('/r', 'linux'), { PATH: '/bin' })
  const { command, asks } = await choose(file)
  assert.deepEqual([command, asks], ['/r/node', undefined])
})

test('starts that ask a person come one after the other; starts that ask nobody do not wait', async () => {
  const log = join(folder, 'log')
  const script = join(folder, 'asks.sh')
  writeFileSync(
    script,
    `echo begin >> ${log}; sleep 0.2; echo end >> ${log}; echo '{"say":"hello","protocol":2}'; cat > /dev/null\n`,
  )
  const asking = { command: '/bin/sh', args: [script], env: {}, asks: true }
  const failing = { command: '/bin/sh', args: ['-c', 'echo Request dismissed >&2; exit 126'], env: {}, asks: true }
  const starts = [startRunner(asking), startRunner(failing), startRunner(asking)]
  const [first, second, third] = await Promise.allSettled(starts)
  for (const each of [first, third]) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]()
  assert.equal(readFileSync(log, 'utf8'), 'begin\nend\nbegin\nend\n')
  assert.deepEqual([first.status, third.status], ['fulfilled', 'fulfilled'])
  assert.ok(second.status === 'rejected' && isEngineError(second.reason, 'runner.not-started'))
  assert.match(String(second.reason), /exit code 126: Request dismissed/)
})

const DTD = '/usr/share/polkit-1/policyconfig-1.dtd'
const POLICY = join(REPO, 'build/polkit/org.twinslot.runner.policy')
const lint = (...options: string[]) =>
  spawnSync('xmllint', ['--noout', '--nonet', ...options, POLICY], { encoding: 'utf8', timeout: 30_000 })

test('the polkit policy is valid by the DTD that polkit brings', (t) => {
  if (lint('--version').error) return t.skip('needs xmllint')
  const plainXml = lint()
  assert.equal(plainXml.status, 0, plainXml.stderr)
  if (!existsSync(DTD)) return t.skip("needs polkit's DTD")
  // Without --valid xmllint does not fetch the DTD that the file names, and takes only ours.
  const { status, stderr } = lint('--dtdvalid', DTD)
  assert.equal(status, 0, stderr)
})

test('only an administrator who sits at the machine may consent to writing, kept for a batch; to what protects writes each time anew', () => {
  const policy = readFileSync(POLICY, 'utf8')
  const allowed = [...policy.matchAll(/<allow_(\w+)>(\w+)</g)].map(([, who, what]) => `${who} ${what}`)
  const guard = ['any auth_admin', 'inactive auth_admin', 'active auth_admin']
  assert.deepEqual(allowed, ['any no', 'inactive no', 'active auth_admin_keep', ...guard])
  assert.deepEqual(policy.match(/<action id="[\w.]+"/g), [
    '<action id="org.twinslot.runner"',
    '<action id="org.twinslot.guard"',
  ])
  assert.doesNotMatch(policy, /allow_gui/)
})

test('the wrapper takes no arguments: whoever gets a consent cannot make it start something else', (t) => {
  if (process.platform === 'win32') return t.skip('needs a POSIX shell')
  const wrapper = join(REPO, 'build/packaging/twinslot-runner')
  const { status, stderr } = spawnSync('/bin/sh', [wrapper, '--eval', 'x'], { encoding: 'utf8', timeout: 30_000 })
  assert.equal(status, 2)
  assert.match(stderr, /takes no arguments/)
  for (const words of [[], ['trust', 'x']]) {
    const guard = spawnSync('/bin/sh', [join(REPO, 'build/packaging/twinslot-guard'), ...words], { encoding: 'utf8' })
    assert.equal(guard.status, 2)
    assert.match(guard.stderr, /takes one word/)
  }
})
