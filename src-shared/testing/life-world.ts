// An appliance in memory that lives: the boot loader's rules, the real gate at each start and the real update cycle after it,
// on boot files, records and state files in any condition, under a clock that may say anything.
import { runGate } from '#device/gate/run-gate.ts'
import type { Appliance, OwnDisk } from '#device/ports.ts'
import { createCycle } from '#device/update/cycle.ts'
import type { CycleDeps, CycleState } from '#device/update/cycle-types.ts'
import { armTrial, type BootState, reset } from '#model/boot-state.ts'
import { otherSlot } from '#model/slot.ts'
import { GateWorld, noteFor, probeSays, recordOf } from './gate-world.ts'

export type Behaviour = 'healthy' | 'unhealthy' | 'panic'

const HOUR = 3_600_000
const BUILT = new Date('2026-01-01T00:00:00Z')

export class LifeWorld extends GateWorld {
  now = new Date('2026-11-20T22:00:00Z')
  /** How the update's version behaves when it is started; what else there is, is healthy. */
  behaviour: Behaviour = 'healthy'
  written = 0
  /** Starts that reached the gate. */
  gates = 0
  /** What each step of the cycle ended in. */
  readonly states: string[] = []
  private isRestarting = false

  /** The boot files say this. */
  setBootState(after: BootState): void {
    this.apply('set', { after, order: ['ab_state', 'grubenv', 'grubenv2'] })
  }

  protected override get disk(): OwnDisk {
    return {
      ...super.disk,
      writeStandby: async ({ version }) => {
        const slot = otherSlot(this.running)
        this.apply('reset', reset(this.state, slot))
        const made = recordOf(version ?? '')
        if (made.state !== 'written') throw new Error('recordOf')
        const sha256 = String(++this.written).padStart(64, '0')
        const content = { ...made.content, sha256, writtenAt: this.now.toISOString() }
        this.records = { ...this.records, [slot]: { state: 'written', content } }
        return { slot, version, digest: sha256 }
      },
      armTrial: async (slot, update) => {
        this.records = { ...this.records, trial: update ? noteFor(slot, this.records, update) : null }
        this.apply('arm', armTrial(this.state, slot))
      },
    }
  }

  override get appliance(): Appliance {
    return {
      ...super.appliance,
      clock: { now: () => this.now },
      reboot: async () => {
        this.isRestarting = true
      },
    }
  }

  private get deps(): CycleDeps {
    return {
      downloads: { fetch: async () => '/f.img', discard: async () => {} },
      probe: async () => probeSays(true),
      builtAt: BUILT,
      emit: () => {},
      random: () => 0.5,
      takeTurn: async () => ({ [Symbol.asyncDispose]: async () => {} }),
      changeRecord: (work) => work(),
    }
  }

  /** Lives one start: loader, gate, cycle until only another start can help. `jump` moves the clock before each step. */
  async live(jump: () => number): Promise<'over' | 'again' | 'dead'> {
    const before = JSON.stringify(this.state)
    const { marks } = this.state
    this.boot()
    if (marks[this.running] === 'bad') throw new Error(`slot ${this.running} is marked bad and boots by itself`)
    this.isRestarting = false
    const record = this.records[this.running]
    const isNew = record.state === 'written' && record.content.version === '2.0' && this.state.good !== this.running
    const way = isNew ? this.behaviour : 'healthy'
    // Nothing else loads, and nobody counts: a person has to come, update or not.
    if (way === 'panic') return JSON.stringify(this.state) === before ? 'dead' : 'again'
    this.gates++
    const signal = new AbortController().signal
    const probe = async () => probeSays(way === 'healthy')
    const { appliance } = this
    await runGate({ appliance, signal, probe, note: () => {} })
    if (this.isRestarting) return 'again'
    const cycle = createCycle(appliance, this.deps)
    for (let steps = 0; steps < 30 && this.update !== null; steps++) {
      this.now = new Date(this.now.getTime() + jump())
      const state = await cycle.step(signal)
      this.states.push(`${state.state}${state.state === 'waiting' ? ` ${state.for}` : ''}`)
      if (this.isRestarting || state.state === 'with-gate') return 'again'
      if (state.state === 'waiting') await this.help(state, () => cycle.approve())
      if (state.state === 'waiting' && state.for === 'trial') return 'again'
    }
    return this.update === null ? 'over' : 'again'
  }

  /** What a wait is for comes. */
  private async help(state: CycleState & { state: 'waiting' }, approve: () => Promise<boolean>): Promise<void> {
    if (state.for === 'approval') await approve()
    const least = this.now < BUILT ? BUILT.getTime() : this.now.getTime() + HOUR
    this.now = new Date(Math.max(least, state.until?.getTime() ?? 0))
  }
}
