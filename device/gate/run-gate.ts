// One run of the gate: look, finish what an earlier boot left, probe, judge, act. Each effect is durable before the next
// one relies on it, in the order of docs/adr/0017: run-gate-crash.test.ts cuts the power after every one of them.
import { EngineError, explain, isEngineError, throwIfAborted } from '#base/errors.ts'
import { type Fallback, type GateMemory, type Health, healthOf, type ProbeResults } from '#model/health.ts'
import { otherSlot } from '#model/slot.ts'
import { isReported, type UpdateRecord } from '#model/update.ts'
import {
  clearsStarts,
  describeFallback,
  fallbackOf,
  type GateSituation,
  judge,
  type Standing,
  standingOf,
  type Verdict,
  withBaseline,
} from '#plan/health-gate.ts'
import {
  began,
  fellBack,
  neverStarted,
  noWayBack,
  type Report,
  succeeded,
  succeededBefore,
  wentBack,
  willRetry,
} from '#plan/health-gate-report.ts'
import type { Appliance, DeviceSettings } from '../ports.ts'
import { strictOnTrial } from '../run-facts.ts'
import { writeBootCount } from '../update/store.ts'
import { observe } from './observe.ts'

export interface GateParts {
  readonly appliance: Appliance
  readonly signal: AbortSignal
  probe(settings: DeviceSettings): Promise<ProbeResults>
  note(line: string): void
}

export interface GateOutcome {
  readonly exit: 0 | 1 | 2
  readonly action: Verdict['action']
  readonly standing: Standing
  readonly situation: GateSituation
  readonly health: Health
  readonly results: ProbeResults
  /** A restart was asked for. */
  readonly rebooting: boolean
}

/** The server may be gone: the outbox keeps what it did not take in this time. */
const FLUSH_MS = 20_000

/**
 * Runs the gate. Exit code 0: healthy, or nothing to decide; 1: unhealthy, retried by a restart where tries are left; 2: the
 * other slot was selected. When the gate itself fails in a counted trial, it asks for a restart, which costs a try.
 * @throws EngineError `job.cancelled`; what disk and stores throw, outside of a counted trial
 */
export async function runGate(parts: GateParts): Promise<GateOutcome> {
  const situation = await observe(parts.appliance, parts.note)
  const standing = standingOf(situation)
  const gate = new Gate(parts, situation, standing)
  try {
    await gate.begin()
    const results = await gate.probe()
    return await gate.end(results)
  } catch (error) {
    throwIfAborted(parts.signal)
    if (standing.kind !== 'trial' || !standing.counted || gate.confirmed || !isEngineError(error)) throw error
    parts.note(`The gate could not do its work: ${explain(error).message}`)
    await gate.failed(explain(error).message)
    await gate.restart('the health gate failed')
    const results = { gate: failedResult(explain(error).message) }
    return { exit: 1, action: 'retry', standing, situation, health: 'unhealthy', results, rebooting: true }
  }
}

const failedResult = (error: string) => ({ passed: false, error: error.slice(0, 200), critical: true, duration_ms: 0 })

class Gate {
  readonly parts: GateParts
  readonly situation: GateSituation
  readonly standing: Standing
  /** The running slot was confirmed by this run: from here on nothing may restart it. */
  confirmed = false
  /** The boot files do not yet say what happened. */
  private unsettled = false
  private memory: GateMemory | null = null

  constructor(parts: GateParts, situation: GateSituation, standing: Standing) {
    this.parts = parts
    this.situation = situation
    this.standing = standing
  }

  private now(): string {
    return this.parts.appliance.clock.now().toISOString()
  }

  /** Before the probes: what this boot is goes on record, and what an earlier boot began comes to its end. */
  async begin(): Promise<void> {
    const { standing, situation } = this
    switch (standing.kind) {
      case 'trial':
        return this.beginTrial(standing)
      case 'fell-back': {
        const { boots, gated, reason } = standing
        const facts = { boots, gated, reason, at: this.now() }
        return this.finishFallback(standing, fallbackOf(standing.from, facts, standing.memory, situation))
      }
      case 'confirmed':
      case 'confirmed-elsewhere':
        if (standing.succeeded)
          await this.closing(standing.succeeded, succeededBefore(situation.memory, standing.succeeded))
        return
      case 'never-started': {
        if (standing.settle && situation.state.good === situation.running)
          this.unsettled = !(await this.trying('settle the boot files', () => this.confirmRunning()))
        return this.closing(standing.update, neverStarted(standing.update))
      }
      case 'visitor': {
        const entry = situation.rolledBack.find(({ update_id }) => update_id === standing.undone?.update_id)
        if (standing.undone && entry)
          await this.closing(standing.undone, { status: 'rolled_back', error_message: entry.reason })
        return
      }
      case 'stand-in':
        return this.parts.note(
          `Slot ${standing.from} could not be loaded; slot ${situation.running} runs in its place.`,
        )
      case 'unconfirmed':
        return
    }
  }

  private async beginTrial({ boot, gated, update }: Standing & { kind: 'trial' }): Promise<void> {
    const { appliance } = this.parts
    const { running, records, memory, bootId } = this.situation
    const record = records[running]
    const version = record.state === 'written' ? record.content.version : (update?.version ?? null)
    // Results of the trial's earlier boots stay until there are new ones: this boot may hang in its probes.
    const results = gated > 1 ? (memory?.results ?? null) : null
    this.memory = {
      slot: running,
      version,
      updateId: update?.update_id ?? null,
      bootId,
      at: this.now(),
      gated,
      results,
    }
    await appliance.gateMemory.save(this.memory)
    await writeBootCount(appliance.paths, boot)
    if (!update) return
    await this.report(update, began(boot))
    await appliance.store.save({ ...update, phase: 'verifying', reported: 'verifying' })
  }

  /** On record first, so that a cut anywhere ends in the same report; then the boot files; then the report. */
  private async finishFallback(standing: Standing & { kind: 'fell-back' }, fallback: Fallback): Promise<void> {
    const { disk } = this.parts.appliance
    const { update, settle } = standing
    const entry = this.situation.rolledBack.find(({ update_id }) => update_id === update?.update_id)
    const reason = entry?.reason ?? describeFallback(fallback)
    this.parts.note(reason)
    const report = update && fellBack(standing, reason, update)
    if (update && report && !entry) {
      // A data partition that cannot be written may be why it fell back: the ESP keeps the reason then.
      await this.trying('record the version', () => this.recordRolledBack(update, reason))
      await this.trying('report', () => this.report(update, report))
    }
    // The fall-back is a fact, whether the boot files can be put right now or only at the next start.
    const settled = await this.trying('settle the boot files', async () => {
      if (!settle) return
      await disk.settleFallback(fallback)
      await this.expectWanted(this.situation.running)
    })
    this.unsettled = !settled
    if (update && report) await this.closing(update, report)
  }

  async probe(): Promise<ProbeResults> {
    const { appliance, signal } = this.parts
    const { standing } = this
    let results: ProbeResults
    try {
      results = await this.parts.probe(await appliance.settings())
    } catch (error) {
      if (!isEngineError(error)) throw error
      results = { config: failedResult(explain(error).message) }
    }
    // Probes that were cut short say nothing about the system.
    throwIfAborted(signal)
    if (standing.kind !== 'trial') return results
    return withBaseline(strictOnTrial(results), standing.update?.baseline ?? null)
  }

  /** After the probes: results are kept, then the verdict is carried out. */
  async end(results: ProbeResults): Promise<GateOutcome> {
    const { standing, situation } = this
    // First of all: the start is over, whatever cannot be written or sent after it.
    if (clearsStarts(standing, situation))
      await this.trying('clear the count of starts', () => this.parts.appliance.disk.clearStarts())
    const health = healthOf(results)
    const verdict = judge(standing, health, situation)
    const outcome = { action: verdict.action, standing, situation, health, results, rebooting: false }
    if (standing.kind === 'trial') {
      if (verdict.action === 'go-back') return { ...outcome, ...(await this.goBack(standing, results)) }
      await this.keep(results)
      if (verdict.action === 'confirm') await this.endTrial(standing, results)
      if (verdict.action === 'stuck') await this.giveUp(standing, results)
      if (verdict.action === 'retry') {
        if (standing.update) await this.report(standing.update, willRetry(standing.boot, results))
        await this.restart('the health check failed, boot once more')
        return { ...outcome, exit: verdict.exit, rebooting: true }
      }
    } else {
      await this.trying('keep the results', () => this.keep(results))
      // Boot files that cannot be written are no reason to restart what runs well.
      if (verdict.action === 'confirm')
        this.unsettled = !(await this.trying('confirm this slot', () => this.confirmRunning()))
      // The wanted slot does not load, so that the count would only lead to the rescue menu.
      else if (standing.kind === 'stand-in') await this.stay()
    }
    await this.flush()
    if (!this.unsettled) return { ...outcome, exit: verdict.exit }
    return { ...outcome, exit: 1, ...(verdict.action === 'confirm' && { action: 'none' }) }
  }

  /** The confirmation is on the disk before anybody is told of a success. */
  private async endTrial({ boot, update }: Standing & { kind: 'trial' }, results: ProbeResults): Promise<void> {
    await this.confirmRunning()
    if (update) await this.close(update, succeeded(boot, results))
    else await writeBootCount(this.parts.appliance.paths, 0)
  }

  private async stay(): Promise<void> {
    await this.trying('give this slot its tries anew', () => this.parts.appliance.disk.stay())
  }

  private async giveUp({ boot, counted, update }: Standing & { kind: 'trial' }, results: ProbeResults): Promise<void> {
    // Without a counter the boot loader starts it anyway.
    if (counted) await this.stay()
    const report = noWayBack(this.situation.running, boot, results)
    this.parts.note(report.error_message)
    if (update) await this.close(update, report)
  }

  /** The version is on record, then the other slot selected and read back, then the report; then the restart. */
  private async goBack(
    { boot, gated, counted, update }: Standing & { kind: 'trial' },
    results: ProbeResults,
  ): Promise<Pick<GateOutcome, 'exit' | 'action' | 'rebooting'>> {
    const { disk } = this.parts.appliance
    const { running } = this.situation
    const memory = this.memory && { ...this.memory, results }
    const facts = { boots: boot, gated: Math.min(gated, boot), reason: 'unhealthy' as const, at: this.now() }
    const fallback = fallbackOf(running, facts, memory, this.situation)
    const reason = describeFallback(fallback)
    this.parts.note(reason)
    // A data partition that cannot be written may be the very reason to go back: it does not keep us here.
    await this.trying('keep the results', () => this.keep(results))
    if (update) await this.trying('record the version', () => this.recordRolledBack(update, reason))
    const selected = await this.trying('select the other slot', async () => {
      await disk.goBack(fallback)
      await this.expectWanted(otherSlot(running))
    })
    if (!selected) {
      if (update) await this.trying('report', () => this.report(update, willRetry(boot, results)))
      // The boot loader has counted to the end and falls back by itself; without its counter a restart would only loop.
      if (counted) await this.restart('the health check failed, the boot loader falls back')
      return { exit: 1, action: 'retry', rebooting: counted }
    }
    await this.trying('report', async () => {
      if (!update) return writeBootCount(this.parts.appliance.paths, 0)
      await this.close(update, wentBack(boot, reason, results))
    })
    await this.restart(`going back to slot ${otherSlot(running)}`)
    return { exit: 2, action: 'go-back', rebooting: true }
  }

  private async confirmRunning(): Promise<void> {
    const { disk } = this.parts.appliance
    const { running } = this.situation
    await disk.confirm(running)
    const { state } = await disk.look()
    if (state.good !== running)
      throw new EngineError('gate.not-selected', { expected: running, found: state.good ?? 'none' })
    this.confirmed = true
  }

  private async expectWanted(slot: 'A' | 'B'): Promise<void> {
    const { state } = await this.parts.appliance.disk.look()
    if (state.wanted !== slot)
      throw new EngineError('gate.not-selected', { expected: slot, found: state.wanted ?? 'none' })
  }

  /** Results for the next boot. A visitor leaves alone what is known of the trial that may go on after it. */
  private async keep(results: ProbeResults): Promise<void> {
    const { running, records, bootId } = this.situation
    if (this.standing.kind === 'visitor') return
    const record = records[running]
    const version = record.state === 'written' ? record.content.version : null
    const plain: GateMemory = {
      slot: running,
      version,
      updateId: null,
      bootId,
      at: this.now(),
      gated: 0,
      results: null,
    }
    await this.parts.appliance.gateMemory.save({ ...(this.memory ?? plain), at: this.now(), results })
  }

  private async recordRolledBack({ version, update_id, release_digest }: UpdateRecord, reason: string): Promise<void> {
    await this.parts.appliance.store.addRolledBack({ version, update_id, release_digest, at: this.now(), reason })
  }

  /** The report is in the outbox before the record goes: a cut in between repeats the report, and loses none. */
  private async close(update: UpdateRecord, report: Report): Promise<void> {
    await this.report(update, report)
    await this.parts.appliance.store.clear()
  }

  /** No reason to give up a start: what cannot be written now is told at the next one, which finds the same facts. */
  private async closing(update: UpdateRecord, report: Report): Promise<void> {
    await this.trying('close the update', () => this.close(update, report))
  }

  private async report(update: UpdateRecord, report: Report): Promise<void> {
    if (!isReported(update.offer)) return
    await this.parts.appliance.outbox.put({ at: this.now(), update_id: update.update_id, ...report })
  }

  /** For the other slot, which will have to say why this one was left. */
  async failed(error: string): Promise<void> {
    await this.trying('note why', () => this.parts.appliance.disk.noteGateFailure(error))
  }

  /** What must not keep the gate from going back; tells what did not work. */
  private async trying(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!isEngineError(error)) throw error
      this.parts.note(`Could not ${what}: ${explain(error).message}`)
      return false
    }
  }

  async flush(): Promise<void> {
    const { appliance, signal } = this.parts
    await this.trying('send the reports now', async () => {
      const { left } = await appliance.outbox.flush(AbortSignal.any([signal, AbortSignal.timeout(FLUSH_MS)]))
      if (left > 0) this.parts.note(`${left} reports wait for the server.`)
    })
  }

  async restart(reason: string): Promise<void> {
    await this.flush()
    this.parts.note(`Restarting: ${reason}.`)
    await this.parts.appliance.reboot(reason)
  }
}
