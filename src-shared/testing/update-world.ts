// An appliance in memory for tests of the update cycle: disk, boot selection, state files, outbox and clock that outlive the
// process, a power cut at any effect, and a boot loader. Says at once when the cycle breaks one of its promises.
import assert from 'node:assert/strict'
import type { EngineError } from '#base/errors.ts'
import type { Appliance, DeviceSettings, OwnDisk, OwnDiskView, RolledBack } from '#device/ports.ts'
import type { CycleDeps } from '#device/update/cycle-types.ts'
import { armTrial, type BootState, confirm, factoryState, reset, select, trialBoot } from '#model/boot-state.ts'
import type { ProbeResults } from '#model/health.ts'
import { otherSlot, type Slot, type SlotRecords, slotIdentity } from '#model/slot.ts'
import type { StatusReport, UpdateOffer, UpdateRecord, WindowSpec } from '#model/update.ts'
import { isOpen, parseWindow } from '#model/window.ts'
import { laterOf, nextOf } from './boot-simulator.ts'
import { buildContent, buildRecords } from './builders.ts'

export class PowerCut extends Error {}

export const NIGHT: WindowSpec = { start: '02:00', end: '05:00', timezone: 'UTC' }
/** In the evening, before the window. */
export const EVENING = new Date('2026-11-20T22:00:00Z')
export const BUILT = new Date('2026-01-01T00:00:00Z')

export const buildOffer = (change: Partial<UpdateOffer> = {}): UpdateOffer => ({
  origin: 'fleet',
  updateId: 'update-1',
  rolloutId: 'rollout-1',
  orderId: null,
  version: '2.0.0',
  url: 'https://fleet.example.org/releases/2.0.0.bundle',
  sha256: null,
  sizeBytes: 1000,
  window: NIGHT,
  requireApproval: false,
  ...change,
})

export const SETTINGS: DeviceSettings = {
  product: 'demo',
  server: null,
  window: null,
  autoUpdate: null,
  allowedHosts: [],
  probes: [],
}

/** What survives a power cut. */
export interface Durable {
  now: Date
  running: Slot
  state: BootState
  records: SlotRecords
  /** What the running root says of itself. */
  runs: string | null
  record: UpdateRecord | null
  rolledBack: RolledBack[]
  outbox: StatusReport[]
  downloaded: boolean
  /** How often the standby slot was completed. */
  finished: number
}

export interface World {
  readonly durable: Durable
  /** Names of the effects so far, in order. */
  readonly effects: string[]
  /** The number of the effect around which the power goes, and on which side of it; null: never. */
  cut: { readonly at: number; readonly side: 'before' | 'after' } | null
  /** Told to fail: the next call of that name throws it. */
  readonly fails: Map<string, EngineError>
  readonly appliance: Appliance
  readonly deps: CycleDeps
  settings: DeviceSettings
  results: ProbeResults
  /** Reached while the slot is being written. */
  onWrite: (signal: AbortSignal) => Promise<void>
  /** Power on, or the restart that was asked for. */
  start(): void
  pass(milliseconds: number): void
  statuses(): string[]
}

export function openUpdateWorld(change: Partial<Durable> = {}): World {
  const durable: Durable = {
    now: EVENING,
    running: 'A',
    state: factoryState('A'),
    records: buildRecords(),
    runs: null,
    record: null,
    rolledBack: [],
    outbox: [],
    downloaded: false,
    finished: 0,
    ...change,
  }
  const effects: string[] = []

  /** One thing that reaches stable storage, or that cannot be taken back. */
  function effect(name: string, apply: () => void): void {
    failing(name)
    effects.push(name)
    const here = world.cut?.at === effects.length ? world.cut.side : null
    if (here === 'before') throw new PowerCut(name)
    apply()
    keepsPromises(durable)
    if (here === 'after') throw new PowerCut(name)
  }
  function failing(name: string): void {
    const error = world.fails.get(name)
    world.fails.delete(name)
    if (error) throw error
  }

  const disk: OwnDisk = {
    async look(): Promise<OwnDiskView> {
      failing('look')
      const { running, state, records } = durable
      const found = {
        running,
        state,
        records,
        foundBy: 'cmdline',
        disk: '/dev/sda',
        runs: durable.runs,
        findings: [],
      } as const
      return {
        ...found,
        next: nextOf(state, records),
        later: laterOf(state, records),
        trialBoot: trialBoot(state, running),
      }
    },
    async writeStandby({ from, version, signal, emit }) {
      const slot = otherSlot(durable.running)
      const before = durable.records[slot]
      const isNew = durable.record?.found !== slotIdentity(before)
      const isFinished = before.state === 'written' && before.content.version === version && isNew
      assert.ok(!isFinished, `slot ${slot} holds ${version} already and is written again`)
      effect('write begins', () => {
        durable.state = reset(durable.state, slot).after
        const since = durable.now.toISOString()
        durable.records = { ...durable.records, [slot]: { state: 'incomplete', since, by: 'test', version } }
      })
      if (!/^https?:/.test(from)) assert.ok(durable.downloaded || from.startsWith('/media'), 'the file is not there')
      emit({ type: 'progress', step: 1, phase: 'write', doneBytes: 500, totalBytes: 1000 })
      await world.onWrite(signal)
      effect('write ends', () => {
        const content = buildContent({ version, writtenAt: durable.now.toISOString(), sha256: '77'.repeat(32) })
        durable.records = { ...durable.records, [slot]: { state: 'written', content } }
        durable.finished++
      })
      return { slot, version, digest: '99'.repeat(32) }
    },
    async armTrial(slot) {
      assert.equal(durable.records[slot].state, 'written')
      effect('arm', () => {
        durable.state = armTrial(durable.state, slot).after
      })
    },
    async confirm(slot) {
      assert.equal(slot, durable.running)
      effect('confirm', () => {
        durable.state = confirm(durable.state, slot).after
      })
    },
    async clearStarts() {
      throw new Error('the gate does this')
    },
    async goBack() {
      const target = otherSlot(durable.running)
      effect('go back', () => {
        durable.state = select(durable.state, target).after
      })
      return target
    },
    async stay() {
      throw new Error('the gate does this')
    },
    async settleFallback() {
      throw new Error('the gate does this')
    },
    async noteGateFailure() {
      throw new Error('the gate does this')
    },
  }

  const appliance: Appliance = {
    paths: { state: '/s', config: '/c', boot: '/b', etc: '/e', proc: '/p', sys: '/y', dev: '/d' },
    async settings() {
      failing('settings')
      return world.settings
    },
    readable: async () => ({ settings: world.settings, findings: [] }),
    disk,
    store: {
      load: async () => durable.record,
      async save(record) {
        effect(`save ${record.phase}${record.failed ? ' (failed)' : ''}`, () => {
          durable.record = structuredClone(record)
        })
      },
      async clear() {
        effect('clear', () => {
          durable.record = null
        })
      },
      rolledBack: async () => durable.rolledBack,
      async addRolledBack(entry) {
        effect('remember', () => durable.rolledBack.push(entry))
      },
    },
    outbox: {
      async put(report) {
        effect(`report ${report.status}`, () => durable.outbox.push(report))
      },
      list: async () => durable.outbox,
      flush: async () => ({ sent: 0, left: durable.outbox.length, unknownUpdates: [] }),
    },
    gateMemory: { load: async () => null, save: async () => {} },
    clock: { now: () => durable.now },
    async reboot() {
      effect('reboot', () => {
        assert.equal(durable.state.wanted, durable.record?.target_partition, 'restarted without a reason')
        assert.ok(isWindowOpen(durable), `restarted at ${durable.now.toISOString()}, outside the window`)
      })
    },
    sleep: async () => {},
    bootId: async () => 'boot',
  }

  const world: World = {
    durable,
    effects,
    cut: null,
    fails: new Map(),
    appliance,
    settings: SETTINGS,
    results: {},
    onWrite: async () => {},
    deps: {
      downloads: {
        async fetch({ version }) {
          effect('download', () => {
            durable.downloaded = true
          })
          return `/s/update/downloads/${version}.img`
        },
        async discard() {
          if (durable.downloaded)
            effect('discard', () => {
              durable.downloaded = false
            })
        },
      },
      async probe() {
        failing('probe')
        return world.results
      },
      builtAt: BUILT,
      emit: () => {},
      random: () => 0.5,
      takeTurn: async () => ({ [Symbol.asyncDispose]: async () => {} }),
      changeRecord: (work) => work(),
    },
    start() {
      const next = nextOf(durable.state, durable.records)
      assert.ok(next, 'nothing boots')
      durable.running = next.slot
      if (next.triesLeft !== null) durable.state = { ...durable.state, left: next.triesLeft }
    },
    pass(milliseconds) {
      durable.now = new Date(durable.now.getTime() + milliseconds)
    },
    statuses: () => durable.outbox.map(({ status }) => status),
  }
  return world
}

/** The update's own window; only those of the specification's form are used in tests. */
function isWindowOpen({ record, now }: Durable): boolean {
  const window = parseWindow(record?.offer.window)
  assert.ok(window.ok)
  return isOpen(window.value, now)
}

/** What must be true at every moment at which the power can go. */
function keepsPromises(durable: Durable): void {
  const { running, state, record, records } = durable
  const standby = otherSlot(running)
  if (state.wanted !== standby || state.good === standby) return
  // The standby slot is selected and unproven.
  assert.ok(record, `slot ${standby} is armed and there is no record of it`)
  assert.ok(['switching', 'rebooting'].includes(record.phase), `slot ${standby} is armed in phase ${record.phase}`)
  assert.equal(record.target_partition, standby)
  assert.equal(records[standby].state, 'written')
  assert.ok(isWindowOpen(durable), `slot ${standby} is armed outside the window`)
}
