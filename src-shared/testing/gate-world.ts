// An appliance made of memory for tests of the health gate: boot files as bytes under the boot simulator, stores that keep
// what was saved, and a plug that can be pulled before any effect. What GRUB would do between two boots is done here.

import { EngineError } from '#base/errors.ts'
import type { Appliance, DeviceSettings, OwnDisk, RolledBack } from '#device/ports.ts'
import { writeBootCount } from '#device/update/store.ts'
import { laterBootOf, nextBootOf } from '#format/boot-start.ts'
import { decodeBootState, factoryFiles, overwritesOf } from '#format/boot-state.ts'
import {
  armTrial,
  type BootFile,
  type BootState,
  cameUp,
  confirm,
  factoryState,
  goBack,
  settleFallback,
  stay,
  type Transition,
  trialBoot,
} from '#model/boot-state.ts'
import type { Fallback, GateMemory, ProbeResults, TrialNote } from '#model/health.ts'
import { otherSlot, type Slot, type SlotRecord, type SlotRecords, trialNoteOf } from '#model/slot.ts'
import type { StatusReport, UpdateRecord } from '#model/update.ts'
import { simulateBoot } from './boot-simulator.ts'

/** Power went away: nothing after it happened. Not an EngineError: nobody can catch it. */
export class PowerCut extends Error {}

export const probeSays = (passed: boolean, more: Partial<ProbeResults[string]> = {}): ProbeResults => ({
  network: { passed, critical: true, duration_ms: 1, ...(!passed && { error: 'answered 503' }), ...more },
})

export const recordOf = (version: string): SlotRecord => ({
  state: 'written',
  content: {
    product: 'box',
    version,
    counter: null,
    size: 1,
    sha256: '00',
    signer: 'F',
    writtenAt: '2026-01-01T00:00:00Z',
    writtenBy: 'test',
  },
})

export const sampleUpdate = (changes: Partial<UpdateRecord> = {}): UpdateRecord => ({
  update_id: 'update-1',
  rollout_id: 'rollout-1',
  version: '2.0',
  target_partition: 'B',
  started_at: '2026-01-01T00:00:00Z',
  phase: 'rebooting',
  offer: {
    origin: 'fleet',
    updateId: 'update-1',
    rolloutId: 'rollout-1',
    orderId: null,
    version: '2.0',
    url: 'https://updates.example.org/2.0.bundle',
    sha256: null,
    sizeBytes: null,
    window: null,
    requireApproval: false,
  },
  release_digest: 'ab',
  approved_at: null,
  baseline: null,
  attempts: 0,
  ...changes,
})

/** Slot A with 1.0 confirmed and running; slot B with 2.0. */
export class GateWorld {
  files: Record<BootFile, Uint8Array | null> = factoryFiles('A')
  records: SlotRecords = { A: recordOf('1.0'), B: recordOf('2.0'), override: null, fallback: null }
  loadable: Record<Slot, boolean> = { A: true, B: true }
  running: Slot = 'A'
  boots = 1
  update: UpdateRecord | null = null
  rolledBack: RolledBack[] = []
  memory: GateMemory | null = null
  reports: StatusReport[] = []
  /** What was done, in order. */
  effects: string[] = []
  reboots = 0
  settings: DeviceSettings | EngineError = {
    product: 'box',
    server: null,
    window: null,
    autoUpdate: null,
    allowedHosts: [],
    probes: [],
  }
  /** Effects that fail, by the beginning of their name. */
  broken: string[] = []
  /** Effects until the power goes; null: it stays. */
  cutIn: number | null = null
  /** What the server answers; null: it is not there. */
  flushed = 0
  readonly stateFolder: string

  constructor(stateFolder: string) {
    this.stateFolder = stateFolder
  }

  get state(): BootState {
    return decodeBootState(this.files).state
  }

  /** One effect: the power may go before it, and it may fail. */
  protected effect(name: string, act: () => void): void {
    if (this.cutIn === 0) {
      this.cutIn = null
      throw new PowerCut(`before ${name}`)
    }
    if (this.cutIn !== null) this.cutIn--
    if (this.broken.some((start) => name.startsWith(start)))
      throw new EngineError('tool.failed', { tool: name, code: 1, stderr: 'read-only file system' })
    act()
    this.effects.push(name)
  }

  apply(name: string, transition: Transition): void {
    for (const { file, bytes } of overwritesOf(transition, this.files))
      this.effect(`${name} ${file}`, () => {
        this.files = { ...this.files, [file]: bytes }
      })
  }

  /** The update cycle's last step: B is armed and the record says so. */
  arm(update: UpdateRecord | null = sampleUpdate()): void {
    this.update = update
    this.records = { ...this.records, trial: update && noteFor('B', this.records, update) }
    this.apply('arm', armTrial(this.state, 'B'))
  }

  /** One start of the machine; the rescue menu is an error of the test. */
  boot(): void {
    const { booted, after } = simulateBoot(this.files, this.loadable)
    if (booted === null) throw new Error('the rescue menu')
    this.files = { ...after }
    this.running = booted
    this.boots++
    this.effects.push(`-- boot ${booted}`)
  }

  protected get disk(): OwnDisk {
    const change = (name: string, to: (state: BootState) => Transition) => this.apply(name, to(this.state))
    const record = (fallback: Fallback) =>
      this.effect('record fall-back', () => {
        this.records = { ...this.records, fallback }
      })
    const unused = () => {
      throw new Error('the gate has no business with this')
    }
    return {
      look: async () => {
        const { state, findings } = decodeBootState(this.files)
        const { running, records } = this
        const trial = trialBoot(state, running)
        const next = nextBootOf(this.files, records)
        const later = laterBootOf(this.files, records)
        const place = { running, foundBy: 'cmdline', disk: '/dev/x', runs: null } as const
        return { ...place, state, records, next, later, findings, trialBoot: trial }
      },
      writeStandby: unused,
      armTrial: unused,
      noteGateFailure: async (error) =>
        this.effect('note failure', () => {
          const { running: slot, records } = this
          const note = trialNoteOf(records, slot) ?? noteFor(slot, records)
          if (note) this.records = { ...records, trial: { ...note, gated: note.gated + 1, error } }
        }),
      confirm: async (slot) => {
        if (slot !== this.running) throw new Error('only the running slot is confirmed')
        change('confirm', (state) => confirm(state, slot))
      },
      clearStarts: async () => change('clear starts', cameUp),
      goBack: async (fallback) => {
        if (fallback) record(fallback)
        change('go back', (state) => goBack(state, this.running, true))
        return otherSlot(this.running)
      },
      stay: async () => change('stay', (state) => stay(state, this.running)),
      settleFallback: async (fallback) => {
        record(fallback)
        change('settle', (state) => settleFallback(state, this.running))
      },
    }
  }

  get appliance(): Appliance {
    const none = `${this.stateFolder}/none`
    return {
      paths: { state: this.stateFolder, config: none, boot: none, etc: none, proc: '/proc', sys: none, dev: none },
      settings: async () => {
        if (this.settings instanceof EngineError) throw this.settings
        return this.settings
      },
      readable: () => Promise.reject(new Error('the gate takes all or nothing')),
      disk: this.disk,
      store: {
        load: async () => this.update,
        save: async (update) =>
          this.effect(`save ${update.phase}`, () => {
            this.update = update
          }),
        clear: async () => {
          this.effect('clear count', () => {})
          await writeBootCount({ state: this.stateFolder }, 0)
          this.effect('clear', () => {
            this.update = null
          })
        },
        rolledBack: async () => this.rolledBack,
        addRolledBack: async (entry) =>
          this.effect('add rolled back', () => {
            this.rolledBack = [...this.rolledBack, entry]
          }),
      },
      outbox: {
        put: async (report) =>
          this.effect(`put ${report.status}`, () => {
            this.reports = [...this.reports, report]
          }),
        list: async () => this.reports,
        flush: async () => {
          this.flushed++
          return { sent: 0, left: this.reports.length, unknownUpdates: [] }
        },
      },
      gateMemory: {
        load: async () => this.memory,
        save: async (memory) =>
          this.effect('save memory', () => {
            this.memory = memory
          }),
      },
      clock: { now: () => new Date('2026-01-02T03:04:05Z') },
      reboot: async () =>
        this.effect('reboot', () => {
          this.reboots++
        }),
      sleep: async () => {},
      bootId: async () => `boot-${this.boots}`,
    }
  }
}

export function noteFor(slot: Slot, records: SlotRecords, update: UpdateRecord | null = null): TrialNote | null {
  const record = records[slot]
  if (record.state !== 'written') return null
  const { sha256, writtenAt } = record.content
  const { origin = 'local', rolloutId = null, orderId = null } = update?.offer ?? {}
  const names = { updateId: update?.update_id ?? null, origin, rolloutId, orderId } as const
  return { slot, sha256, writtenAt, ...names, gated: 0, error: null }
}

/** A state in which A is confirmed, for tests of the pure decision. */
export const confirmedA: BootState = factoryState('A')
