// From bench to appliance, over one disk: provisioned with a configuration, booted, every given file used; the server that
// only that configuration names is asked, an update taken and confirmed, a bad one given up; then, at the bench again, the
// configuration is read from the disk, changed and restored, and the appliance follows the change.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { stateDir } from '#model/config-home.ts'
import type { Layout } from '#model/layout.ts'
import { readConfigOf } from '#node/config/read-config.ts'
import { requireTool } from '#node/os/run-tool.ts'
import { type FleetServer, openFleetServer } from '#testing/fleet-server.ts'
import { makeTestCertificates } from '#testing/fleet-server-tls.ts'
import type { Vm } from '#testing/vm.ts'
import { twinslotText } from '../cli/twinslot.ts'
import { devicesCannotRun, openWorld, type Release, UP, type World } from './world.ts'

const { signal } = new AbortController()

async function filesIn(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode: 0o600 })
  }
  return folder
}

const configYaml = ({ fleet, urlFor }: FleetServer): string => `# of the bench
site_id: ${fleet.siteId}
appliance_id: '${fleet.applianceId}'
api_endpoint: ${urlFor('10.0.2.2')}
api_key: ${fleet.apiKey()}
tls: { ca_cert: tls/ca.pem }
agent: { poll_interval: 10 }
`

/** Patient, so that a busy machine does not fail a good release; `commands` as the specification has them. */
const probesYaml = (commands: readonly string[]): string => {
  const limits = '    timeout: 60s\n    retry_for: 4m\n'
  const builtIn = ['network', 'disk', 'config'].map((name) => `  - name: ${name}\n    builtin: ${name}\n${limits}`)
  const own = commands.map((command, index) => `  - name: check ${index}\n    command: "${command}"\n${limits}`)
  return `health_checks:\n${[...builtIn, ...own].join('')}`
}

/** A pair for the tree of the second specification. */
async function pairIn(folder: string) {
  const args = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=site', '-keyout', join(folder, 'k')]
  await requireTool('openssl', [...args, '-out', join(folder, 'c')], { timeoutMs: 60_000 })
  const [certificate, key] = [await readFile(join(folder, 'c'), 'utf8'), await readFile(join(folder, 'k'), 'utf8')]
  return { 'tls/certificate.pem': certificate, 'tls/private-key.pem': key }
}

/** What a technician has on a stick for this appliance. */
export async function configFolder(world: World): Promise<string> {
  const { stdout } = await requireTool('gpg', ['--show-keys', '--with-colons', world.trust], { timeoutMs: 60_000 })
  return await filesIn(await mkdtemp(join(world.folder, 'config-')), {
    'config.yaml': configYaml(world.server),
    'updates.yaml': 'auto_update: { enabled: true, channel: beta, require_approval: false }\n',
    'trusted-fingerprints': `${/^fpr:+([0-9A-F]{40,64}):/m.exec(stdout)?.[1]}\n`,
    'hypernet/server.yaml': 'host: 0.0.0.0\n',
    'hypernet/secrets/jwt-secret.enc': 'gAAAAA',
    'security/rate-limits.yaml': 'per_minute: 60\n',
    'tls/ca.pem': world.certificates.ca,
    version: '2\n',
    ...(await pairIn(await mkdtemp(join(world.folder, 'pair-')))),
  })
}

const checkInsOf = (server: FleetServer) => server.receivedOn(/^\/api\/appliances\/checkin$/).length

/** The appliance that has just been started from slot A uses each file of its configuration, and nothing else. */
export async function usesWhatWasGiven(
  { server }: World,
  vm: Vm,
  { partitions }: Layout,
  config: string,
): Promise<void> {
  const shows = async (command: string) => (await vm.run(command, 120_000)).output
  await vm.waitFor(/slot=A version=1\.0\.0/, UP)
  // config.yaml, tls/ca.pem: nothing else on the disk names this server or the authority of its certificate.
  await server.waitFor(({ path }) => /checkin$/.test(path), 2 * UP)
  // updates.yaml: the channel is asked for, with the version that runs.
  const { query } = await server.waitFor(({ path }) => path === '/api/updates', UP)
  assert.deepEqual([query.channel, query.current], ['beta', '1.0.0'])
  // The others, and all of it where every appliance has it.
  for (const path of ['hypernet/server.yaml', 'hypernet/secrets/jwt-secret.enc', 'version', 'tls/private-key.pem'])
    assert.equal(await shows(`cat /config/${path}`), await readFile(join(config, path), 'utf8'), path)
  const valid = await vm.run('hypernet-admin validate-config --json', 240_000)
  assert.deepEqual([valid.code, JSON.parse(valid.output).remarks], [0, []], valid.output)
  assert.match(await shows(`ls ${stateDir(partitions)}/update`), /journal|update_state|gate\.json/)
  // The rotated key stands in the file that was read, and nowhere else.
  assert.match(await shows('cat /config/config.yaml'), new RegExp(`^api_key: "?${server.fleet.apiKey()}"?$`, 'm'))
  assert.match(await shows('stat -c %a /config/config.yaml'), /^600$/m)
}

export interface StoryOptions {
  /** More files of its releases. */
  readonly files?: Readonly<Record<string, string>>
  /** Health checks as the specification has them: what the update must pass to be confirmed. */
  readonly verbatim?: readonly string[]
  /** What is wrong with the release that is given up. */
  readonly bad: 'panic' | 'bad-probe'
}

async function story(world: World, layout: Layout, { verbatim = [], bad }: StoryOptions): Promise<void> {
  const { server } = world
  const patience = { patience: 900 }
  const one = await world.release('1.0.0', 'good', { ...patience, probes: probesYaml([]) })
  const two = await world.release('2.0.0', 'good', { ...patience, probes: probesYaml(verbatim) })
  const three = await world.release('3.0.0', bad)
  const config = await configFolder(world)
  await world.provisionWith(one, config, 'both')
  {
    await using vm = await world.start()
    await usesWhatWasGiven(world, vm, layout, config)
    world.order(two)
    await vm.waitFor(/booting slot B \(counted, 2 tries left\)/, 2 * UP)
    await world.told('succeeded')
    await vm.waitFor(/boot complete: slot=B version=2\.0\.0/, 2 * UP)
    const { output } = await vm.run(`cat ${stateDir(layout.partitions)}/update/gate.json`, 120_000)
    for (const [index, command] of verbatim.entries())
      assert.equal(JSON.parse(output).results[`check ${index}`]?.passed, true, `${command}: ${output}`)
    await givesUp(world, vm, three, bad)
    await vm.run('sync', 60_000)
  }
  const { slots, boot } = await world.inspect()
  assert.deepEqual([boot.wanted, boot.good, slots.A.verdict, slots.B.verdict], ['B', 'B', 'Bad', 'Good'])
  // Whoever gets the disk can read why.
  if (bad === 'bad-probe') assert.match((await twinslotText(['inspect', world.disk])).out, /3\.0\.0[\s\S]*application/)
  await atTheBench(world, server.fleet.apiKey())
}

/** From confirmed slot B: a release in slot A that panics below everything of ours, or whose gate says no, three times each. */
async function givesUp(world: World, vm: Vm, release: Release, bad: StoryOptions['bad']): Promise<void> {
  const before = vm.serial().length
  const { update } = world.order(release)
  for (const left of [2, 1, 0]) {
    await vm.waitFor(new RegExp(`booting slot A \\(counted, ${left} tries left\\)`), 2 * UP)
    if (bad === 'panic') await vm.waitFor(/Kernel panic/, UP)
  }
  if (bad === 'panic') await vm.waitFor(/slot A has used up its tries/, UP)
  await vm.waitFor(/booting slot B \(not counted\)/, 2 * UP)
  await vm.waitFor(/slot=B version=2\.0\.0/, 2 * UP)
  assert.equal((await world.told('rolled_back', 2 * UP)).boot_attempts, 3)
  await vm.waitFor(/boot complete: slot=B version=2\.0\.0/, 2 * UP)
  const gates = vm
    .serial()
    .slice(before)
    .match(/gate ended/g)?.length
  const told = world.server.fleet.statuses.filter(({ update_id }) => update_id === update.update_id)
  const words = told.map(({ status }) => status)
  if (bad === 'panic') {
    assert.equal(gates, 1, 'the gate ran on slot B only')
    assert.deepEqual(words, ['downloading', 'ready', 'rebooting', 'rolled_back'])
    return
  }
  assert.deepEqual(words.slice(0, 3), ['downloading', 'ready', 'rebooting'])
  assert.deepEqual([words.includes('verifying'), words.at(-1)], [true, 'rolled_back'])
  // The server forgets nothing: the order is still there. It is not followed a second time.
  await world.nextCheckIn()
  await world.nextCheckIn()
  assert.equal(world.server.fleet.statuses.at(-1), told.at(-1))
}

/** Read from the disk, changed so that another server is asked, restored, booted. */
async function atTheBench(world: World, key: string): Promise<void> {
  const { files, left } = await readConfigOf(world.disk, signal)
  assert.deepEqual(left, [])
  const read = Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
  assert.match(read['config.yaml'], new RegExp(key), 'the key that the server gave the appliance')
  const certificates = (await makeTestCertificates()) ?? assert.fail('openssl is missing')
  assert.notEqual(
    new X509Certificate(certificates.ca).fingerprint256,
    new X509Certificate(read['tls/ca.pem']).fingerprint256,
  )
  await using other = await openFleetServer({ tls: certificates })
  const changed = { ...read, 'config.yaml': configYaml(other), 'tls/ca.pem': certificates.ca }
  const folder = await filesIn(await mkdtemp(join(world.folder, 'changed-')), changed)
  await world.bench(['config', 'restore', world.disk, '--from', folder, '--yes'])
  const before = checkInsOf(world.server)
  await using vm = await world.start()
  await vm.waitFor(/slot=B version=2\.0\.0/, 2 * UP)
  await other.waitFor(({ path }) => /checkin$/.test(path), 2 * UP)
  assert.equal(checkInsOf(world.server), before, 'the first server is not asked any more')
}

/** The whole story on a disk of this layout. */
export async function onLayout(t: TestContext, layout: Layout, { files, ...options }: StoryOptions): Promise<void> {
  const reason = await devicesCannotRun()
  if (reason) return t.skip(reason)
  await using world = await openWorld({ layout, ...(files && { files }) })
  await story(world, layout, options)
}
