// A fleet of one: keys, signed releases of the minimal image, an HTTPS fleet server, and an appliance in QEMU whose disk
// `twinslot provision` wrote. A story starts the machine, gives orders, pulls the plug, and looks at the disk afterwards.
// A start takes 20 to 25 seconds, the first Node 4 to 7 more; stop a machine as soon as the point is proven.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { after, before, type TestContext } from 'node:test'
import { fromUtf8 } from '#base/bytes.ts'
import { buildMinimalImage, MINIMAL_TOOLS, type MinimalBehaviour } from '#device/image/minimal/build.ts'
import { encodeImageFacts } from '#format/image-facts.ts'
import { diskOf } from '#model/image-facts.ts'
import type { Layout } from '#model/layout.ts'
import { DEFAULT_LAYOUT } from '#model/layouts.ts'
import { writeBootFiles } from '#node/boot/boot-files.ts'
import { missingOf } from '#node/os/run-tool.ts'
import { createRelease } from '#node/release/create-release.ts'
import { createSigningKey } from '#node/release/signing-key.ts'
import { minimumDiskSize } from '#plan/layout.ts'
import { type FleetServer, openFleetServer, type Received } from '#testing/fleet-server.ts'
import type { SignedOrder } from '#testing/fleet-server-orders.ts'
import type { FleetUpdate } from '#testing/fleet-server-state.ts'
import { makeTestCertificates, type TestCertificates } from '#testing/fleet-server-tls.ts'
import { type Attachment, startVm, type Vm, vmsCannotRun } from '#testing/vm.ts'
import { readSigningKey } from '#trust/sign.ts'
import { twinslot } from '../cli/twinslot.ts'
import { withoutMenu } from '../vm/no-menu.ts'
import { type DiskFacts, inspect, readDataFile, writeDataFile } from './disk.ts'

export const PRODUCT = 'twinslot-minimal'
/** One wait for a start, or for a download and its writing, on a loaded machine. */
export const UP = 600_000
const CHECK_IN = /^\/api\/appliances\/checkin$/

/** Programs that were built after what the clock says refuse to judge windows. */
const BUILD_DATE = new Date(Date.now() - 86_400_000)

export interface Release {
  readonly version: string
  /** The bundle. */
  readonly path: string
  readonly size: number
  readonly sha256: string
  /** Path on the server. */
  readonly urlPath: string
}

export interface ReleaseOptions {
  /** Seconds until a slot whose gate has not passed restarts. */
  readonly patience?: number
  /** Replaces the list of probes. */
  readonly probes?: string
}

export interface World extends AsyncDisposable {
  readonly folder: string
  /** Path of the appliance's disk. */
  readonly disk: string
  /** Path of the key ring that trusts its releases. */
  readonly trust: string
  readonly server: FleetServer
  /** Of the server. */
  readonly certificates: TestCertificates
  /** Makes, signs and publishes a release; its counter follows the order of the calls. */
  release(version: string, behaviour: MinimalBehaviour, options?: ReleaseOptions): Promise<Release>
  /** A rollout for the appliance, and the signed order for it. */
  order(release: Release, window?: FleetUpdate['maintenance_window']): { update: FleetUpdate; order: SignedOrder }
  /** The rollout gets another maintenance window; the appliance hears of it at its next question. */
  moveWindow(update: FleetUpdate, window: FleetUpdate['maintenance_window']): void
  /** Waits until the server has received this status. */
  told(status: string, timeoutMs?: number): Promise<Readonly<Record<string, unknown>>>
  /** Waits for one more check-in, counted from now. */
  nextCheckIn(): Promise<void>
  /**
   * Writes the disk anew: the release in slot A, configuration on the data partition. With `both` the standby slot holds
   * it, too, so that an update fetches only what differs: for stories that are not about the download.
   */
  provision(release: Release, slots?: 'A' | 'both'): Promise<void>
  /** The same with a folder for /config, and nothing else. */
  provisionWith(release: Release, config: string, slots?: 'A' | 'both'): Promise<void>
  /** The command line at the bench. @throws when it does not end well */
  bench(words: readonly string[]): Promise<void>
  /** Starts the machine, its disk on virtio or where asked. It ends with the world at the latest. */
  start(attach?: Attachment): Promise<Vm>
  inspect(): Promise<DiskFacts>
  /** A file of /var/lib/msp while the machine is off; null when it is not there. */
  data(path: string): Promise<string | null>
}

/** What is missing here, as text for a skipped test; null when nothing is. */
export async function devicesCannotRun(): Promise<string | null> {
  const missing = await missingOf([...MINIMAL_TOOLS, 'grub-mkimage', 'mke2fs', 'debugfs', 'e2fsck', 'openssl'])
  if (missing.length > 0) return `needs ${missing.map(({ tool }) => tool).join(', ')}`
  return await vmsCannotRun()
}

/** The list of probes of a release; `application` fails on `bad-probe`. */
const probesYaml = (behaviour: MinimalBehaviour): string => `health_checks:
  - name: network
    builtin: network
    retry_for: 20s
  - name: disk
    builtin: disk
  - name: config
    builtin: config
  - name: application
    command: ${behaviour === 'bad-probe' ? '/bin/false' : '/bin/true'}
    timeout: 10s
`

/** Files of /var/lib/msp/config.yaml; the server is this computer, as the guest sees it. */
const configYaml = (server: FleetServer, certificates: TestCertificates): string => `site_id: ${server.fleet.siteId}
appliance_id: '${server.fleet.applianceId}'
api_endpoint: ${server.urlFor('10.0.2.2')}
api_key: ${server.fleet.apiKey()}
tls:
  ca_cert: |
${certificates.ca.trim().replace(/^/gm, '    ')}
agent:
  poll_interval: 10
`

/** A layout as a layout file; JSON is YAML. */
function layoutYaml({ partitions, ...rest }: Layout): string {
  const size = (bytes: number | 'rest' | undefined) => (typeof bytes === 'number' ? `${bytes} B` : bytes)
  const rows = partitions.map((part) => ({ ...part, size: size(part.size), minimum: size(part.minimum) }))
  return JSON.stringify({ ...rest, partitions: rows })
}

/** Open three days from now for a minute: closed whenever the test runs. */
export function closedWindow() {
  const day = new Date(Date.now() + 3 * 86_400_000).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
  return { start: '02:00', end: '02:01', timezone: 'UTC', days: [day.toLowerCase()] }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

export interface WorldOptions {
  /** Of its disk; `hp-t640` by default. */
  readonly layout?: Layout
  /** More files of its images. */
  readonly files?: Readonly<Record<string, string>>
}

/** One world for the tests of a file, opened before the first and closed after the last. */
export function worldOfFile(): { open(t: TestContext): World | null } {
  let world: World | undefined
  let reason: string | null = null
  before(async () => {
    reason = await devicesCannotRun()
    if (!reason) world = await openWorld()
  })
  after(() => world?.[Symbol.asyncDispose]())
  return {
    /** Null, and the test is skipped, where machines cannot run. */
    open(t) {
      if (reason) t.skip(reason)
      return world ?? null
    },
  }
}

/** Opens a world; `devicesCannotRun` is asked before. Lines of the console go to stderr with TWINSLOT_VM_LOG=1. */
export async function openWorld({ layout = DEFAULT_LAYOUT, files }: WorldOptions = {}): Promise<World> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'twinslot-device-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const place = (name: string) => join(folder, name)
  const certificates = await makeTestCertificates()
  if (!certificates) throw new Error('openssl is missing')
  const server = cleanup.use(await openFleetServer({ tls: certificates }))
  const signing = await createSigningKey({ name: 'Release', now: new Date(Date.now() - 3_600_000) })
  const key = await readSigningKey(Buffer.from(signing.secret), null)
  await writeFile(place('trust.asc'), signing.public)
  await writeBootFiles(place('boot'), await withoutMenu())
  let counter = 0
  const disk = place('appliance.img')
  await writeFile(place('layout.yaml'), layoutYaml(layout))
  const expects = diskOf(layout, ['fat32', 'ext4', 'xfs'])
  if (!expects) throw new Error(`${layout.name} has nowhere to keep state`)
  const etcOf = (version: string, behaviour: MinimalBehaviour, probes?: string) => ({
    'device.yaml': `product: ${PRODUCT}\nstate_dir: ${expects.stateDir}\nconfig_dir: ${expects.configDir}\n`,
    'image.json': fromUtf8(encodeImageFacts({ product: PRODUCT, version, counter, hardware: [], disk: expects })) ?? '',
    'keys/release.asc': signing.public,
    'order-keys': `${server.fleet.signer.publicKey}\n`,
    'probes.yaml': probes ?? probesYaml(behaviour),
  })

  const bench = async (words: readonly string[]) => {
    const done = await twinslot(words, { env: { TWINSLOT_STATE: place('station') } })
    if (done.exit !== 0) throw new Error(`${words[0]}: ${JSON.stringify(done.result)} ${done.stderr}`)
  }
  const provision = async (release: Release, slots: string, more: readonly string[]) => {
    await rm(disk, { force: true })
    const size = `${Math.max(16e9, minimumDiskSize(layout))}B`
    const what = ['--create', size, '--layout', place('layout.yaml'), '--slots', slots, '--release', release.path]
    await bench(['provision', disk, ...what, '--trust', place('trust.asc'), ...more, '--yes'])
  }

  const world = {
    folder,
    disk,
    trust: place('trust.asc'),
    server,
    certificates,
    async release(version: string, behaviour: MinimalBehaviour, options: ReleaseOptions = {}): Promise<Release> {
      counter += 1
      const system = place(`${version}.img`)
      const { patience, probes } = options
      const etc = etcOf(version, behaviour, probes)
      const image = {
        version,
        behaviour,
        etc,
        buildDate: BUILD_DATE,
        shell: true,
        layout,
        ...(files && { files }),
        outFile: system,
      }
      await buildMinimalImage({ ...image, ...(patience && { patience }) })
      const [boot, created] = [place('boot'), new Date(Date.now() - 1_800_000)]
      const path = place(`${version}.twinslot`)
      await createRelease({ version, product: PRODUCT, counter, system, boot, key, created, out: path })
      await rm(system)
      const urlPath = server.publish(`${version}.twinslot`, { path })
      return { version, path, size: (await stat(path)).size, sha256: await sha256Of(path), urlPath }
    },
    order(release: Release, window: FleetUpdate['maintenance_window'] = null) {
      const update = server.fleet.offer({
        version: release.version,
        iso_url: `${server.urlFor('10.0.2.2')}${release.urlPath}`,
        sha256: release.sha256,
        size_bytes: release.size,
        maintenance_window: window,
      })
      return { update, order: server.fleet.sendOrder({ parameters: { ...update } }) }
    },
    moveWindow(update: FleetUpdate, window: FleetUpdate['maintenance_window']) {
      const status = server.fleet.currentStatus()
      server.fleet.offer({ ...update, maintenance_window: window })
      if (status) server.fleet.setStatus(status)
    },
    async told(status: string, timeoutMs = UP) {
      const isIt = ({ body }: Received) => (body as { status?: string } | null)?.status === status
      const { body } = await server.waitFor(
        (request) => /update-status$/.test(request.path) && isIt(request),
        timeoutMs,
      )
      return body as Readonly<Record<string, unknown>>
    },
    async nextCheckIn() {
      const before = new Set(server.receivedOn(CHECK_IN))
      await server.waitFor((request) => CHECK_IN.test(request.path) && !before.has(request), UP)
    },
    bench,
    async provision(release: Release, slots: 'A' | 'both' = 'A'): Promise<void> {
      await provision(release, slots, [])
      await writeDataFile(disk, 'config.yaml', configYaml(server, certificates))
    },
    provisionWith: (release: Release, config: string, slots: 'A' | 'both' = 'A') =>
      provision(release, slots, ['--config', config]),
    inspect: () => inspect(disk),
    data: (path: string) => readDataFile(disk, path),
  }
  const all = cleanup.move()
  const machine = {
    diskPath: disk,
    memory: 1024,
    network: true,
    watchdog: true,
    shell: true,
  } as const
  const log = process.env.TWINSLOT_VM_LOG ? { onLine: (line: string) => process.stderr.write(`${line}\n`) } : {}
  return {
    ...world,
    start: async (attach = 'virtio') => all.use(await startVm({ ...machine, attach, ...log })),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
