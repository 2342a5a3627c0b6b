// An appliance for tests of the agent: real settings, state files, outbox, update cycle and HTTP, against a real fleet
// server; disk, restart and time are made of memory. Time stands still until a test lets it pass.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runAgent } from '#device/agent/agent.ts'
import { createFleetApi } from '#device/agent/api-client.ts'
import { createTurns } from '#device/agent/context.ts'
import { loadOrderKeys } from '#device/agent/order-keys.ts'
import { fleetOutbox } from '#device/agent/outbox.ts'
import { parseProbes } from '#device/gate/probe-list.ts'
import { devicePaths } from '#device/paths.ts'
import type { Appliance, DevicePaths, OwnDisk, OwnDiskView, WriteStandby } from '#device/ports.ts'
import { loadSettings, readSettings } from '#device/settings.ts'
import { persistApiKey } from '#device/settings-write.ts'
import { createCycle } from '#device/update/cycle.ts'
import { updateStore } from '#device/update/store.ts'
import { armTrial, factoryState, trialBoot } from '#model/boot-state.ts'
import { otherSlot } from '#model/slot.ts'
import { nextOf } from './boot-simulator.ts'
import { createFakeTime, type FakeTime } from './fake-time.ts'
import { type FleetServer, type FleetServerOptions, openFleetServer } from './fleet-server.ts'
import { noteFor, recordOf } from './gate-world.ts'

export interface AgentBench extends AsyncDisposable {
  readonly server: FleetServer
  readonly time: FakeTime
  readonly appliance: Appliance
  readonly paths: DevicePaths
  /** What the agent said. */
  readonly notes: string[]
  /** Restarts that were asked for. */
  readonly reboots: string[]
  /** Writing of the standby slot, for tests that let it hang; at first it is done at once. */
  write: (request: WriteStandby) => Promise<void>
  /** What config.yaml's key is done with; at first it is saved. */
  persist: (key: string) => Promise<void>
  /** A mistake of ours in this part of the agent. */
  breaks: 'host' | 'random' | null
  /** Starts the agent; when it runs already, the running one is stopped first, as by SIGTERM. */
  start(): void
  /** Ends the agent and answers how many milliseconds that took. */
  stop(): Promise<number>
  /** Waits, in real time, until everything sleeps. */
  asleep(): Promise<void>
  /** Lets time pass; everything that is due meanwhile is done. */
  pass(milliseconds: number): Promise<void>
  /** Waits, in real time, until `condition` holds. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
  /** Text of a file below the state folder. */
  state(name: string): Promise<string>
  /** The machine starts the slot that was armed, and its gate confirms it. */
  bootNewSlot(): Promise<void>
}

const START = new Date('2026-11-22T04:00:00Z')
/** Loop, reports and update each sleep when there is nothing to do. */
const SLEEPERS = 3
const PATIENCE_MS = 10_000

export interface BenchOptions extends FleetServerOptions {
  /** More lines of config.yaml. */
  readonly config?: string
  readonly updates?: string
  readonly builtAt?: Date
}

export async function openAgentBench(options: BenchOptions = {}): Promise<AgentBench> {
  // In memory where that is possible: no disk loses its power here, and each state file is flushed.
  const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'twinslot-agent-'))
  const time = createFakeTime(START)
  const server = await openFleetServer({ now: () => time.clock.now(), ...options })
  const { fleet } = server
  const put = async (name: string, text: string) => {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  await put('etc/twinslot/device.yaml', 'product: box\nallowed_hosts: [releases.example.org]\n')
  await put('etc/twinslot/probes.yaml', 'health_checks:\n  - name: disk\n    builtin: disk\n')
  await put('etc/twinslot/order-keys', `${fleet.signer.publicKey} # test\n`)
  await put('sys/class/dmi/id/product_uuid', '4c4c4544-0000-1000-8000-000000000001\n')
  const names = `site_id: ${fleet.siteId}\nappliance_id: ${fleet.applianceId}\napi_key: ${fleet.apiKey()} # kept\n`
  await put('var/lib/msp/config.yaml', `${names}api_endpoint: ${server.url}\n${options.config ?? ''}`)
  if (options.updates) await put('var/lib/msp/updates.yaml', options.updates)
  const paths = await devicePaths(root)
  const settings = () => loadSettings(paths, parseProbes)
  const readable = () => readSettings(paths, parseProbes)
  const reboots: string[] = []
  const notes: string[] = []
  let view: OwnDiskView = {
    ...{ running: 'A', foundBy: 'cmdline', disk: '/dev/x', state: factoryState('A'), findings: [], trialBoot: null },
    records: { A: recordOf('1.0'), B: { state: 'empty' }, override: null, fallback: null },
    next: null,
    later: null,
    runs: null,
  }
  const unused = () => Promise.reject(new Error('the agent has no business with this'))
  const disk: OwnDisk = {
    look: async () => ({
      ...view,
      next: nextOf(view.state, view.records),
      trialBoot: trialBoot(view.state, view.running),
    }),
    async writeStandby(request) {
      await bench.write(request)
      const slot = otherSlot(view.running)
      const written = recordOf(request.version ?? '')
      if (written.state !== 'written') throw new Error('recordOf')
      const content = { ...written.content, writtenAt: time.clock.now().toISOString() }
      view = { ...view, records: { ...view.records, [slot]: { state: 'written', content } } }
      return { slot, version: request.version, digest: 'ab'.repeat(32) }
    },
    async armTrial(slot, update) {
      const { records } = view
      if (update) view = { ...view, records: { ...records, trial: noteFor(slot, records, update) } }
      view = { ...view, state: { ...view.state, ...armTrial(view.state, slot).after } }
    },
    ...{ confirm: unused, clearStarts: unused, goBack: unused, stay: unused, settleFallback: unused },
    noteGateFailure: unused,
  }
  const appliance: Appliance = {
    ...{ paths, settings, readable, disk, clock: time.clock, sleep: time.sleep },
    store: updateStore(paths, (found) => notes.push(found.code)),
    outbox: fleetOutbox(paths.state, async () => (await readable()).settings),
    gateMemory: { load: unused, save: unused },
    reboot: async (reason) => void reboots.push(reason),
    bootId: async () => 'boot-1',
  }
  const turns = createTurns()
  const deps = {
    downloads: { fetch: unused, discard: async () => {} },
    probe: async () => ({}),
    builtAt: options.builtAt ?? new Date('2026-01-01T00:00:00Z'),
    emit: () => {},
    random: () => 0.5,
    takeTurn: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    changeRecord: turns,
  }
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null

  const until: AgentBench['until'] = async (condition) => {
    const end = Date.now() + PATIENCE_MS
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`it did not come about; said: ${notes.join(' / ')}`)
      await delay(1)
    }
  }
  const broken = (part: AgentBench['breaks']): undefined => {
    if (bench.breaks === part) throw new TypeError('a mistake of ours')
  }
  const bench: AgentBench = {
    ...{ server, time, appliance, paths, notes, reboots, until },
    write: async () => {},
    breaks: null,
    persist: (key) => persistApiKey(paths, key),
    start() {
      running?.stop.abort()
      const stop = new AbortController()
      const parts = {
        ...{ appliance, connect: createFleetApi, builtAt: deps.builtAt },
        random: () => broken('random') ?? 0.5,
        createCycle: (eared: Appliance) => createCycle(eared, deps),
        host: () =>
          broken('host') ?? {
            hostname: 'box',
            macs: ['52:54:00:12:34:56'],
            addresses: ['10.0.2.15'],
            uptimeSeconds: 7,
          },
        persistKey: (key: string) => bench.persist(key),
        orderKeys: () => loadOrderKeys(paths),
        note: (line: string) => void notes.push(line),
      }
      const done = runAgent(parts, stop.signal)
      done.catch((error: unknown) => notes.push(`the agent crashed: ${error}`))
      running = { stop, done }
    },
    async stop() {
      const since = performance.now()
      running?.stop.abort()
      await running?.done
      running = null
      return performance.now() - since
    },
    asleep: () => until(() => time.sleeping() === SLEEPERS),
    async pass(milliseconds) {
      const end = time.elapsed() + milliseconds
      await bench.asleep()
      while (time.wakeNext(end)) await bench.asleep()
    },
    state: (name) => readFile(join(paths.state, name), 'utf8'),
    async bootNewSlot() {
      const slot = otherSlot(view.running)
      view = { ...view, running: slot, state: factoryState(slot) }
      await appliance.store.clear()
    },
    async [Symbol.asyncDispose]() {
      running?.stop.abort()
      await running?.done.catch(() => {
        // Told in the notes already.
      })
      await server[Symbol.asyncDispose]()
      await rm(root, { recursive: true, force: true })
    },
  }
  return bench
}
