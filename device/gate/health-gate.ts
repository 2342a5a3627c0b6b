// The program health-gate: the gate at boot (no flag), the probes alone (--check), what is known (--status). Exit codes are
// the specification's: 0 healthy or nothing to decide, 1 unhealthy, 2 going back to the other slot.
import { stat } from 'node:fs/promises'
import { EngineError, explain, isEngineError } from '#base/errors.ts'
import { verdictOf, verdictText } from '#model/boot-state.ts'
import { healthOf, type ProbeResult, type ProbeResults } from '#model/health.ts'
import { nextBootLines } from '#model/next-boot-text.ts'
import { SLOTS } from '#model/slot.ts'
import { lockPath } from '#node/os/path-lock.ts'
import { describeFallback } from '#plan/health-gate.ts'
import type { DeviceSettings, Program, ProgramContext } from '../ports.ts'
import { stopDeadline } from '../run-facts.ts'
import { versionIn } from '../update/status.ts'
import { readBootCount } from '../update/store.ts'
import { patiently, turnsOf } from '../update/turn.ts'
import { observe } from './observe.ts'
import { type GateOutcome, runGate } from './run-gate.ts'
import { probeContext, probeOnce, runProbes } from './run-probes.ts'

const USAGE = `health-gate            asks the probes and confirms this boot, or goes back to the other slot
health-gate --check    asks each probe once and changes nothing
health-gate --status   slot, verdict, update under way, last fall-back, last results
With --json the result is one line of JSON.
Exit codes: 0 healthy or nothing to decide, 1 unhealthy, 2 going back to the other slot.`

/** None of the specification's: a service manager restarts an unconfirmed slot on it, as it does when the gate crashes. */
const UNDECIDED = 3

export const healthGate: Program = {
  name: 'health-gate',
  usage: USAGE,
  async run(context) {
    const [flag, ...more] = context.argv
    if (more.length > 0) throw new EngineError('gate.usage', { found: more.join(' ') })
    if (flag === undefined) return gate(context)
    if (flag === '--check') return check(context)
    if (flag === '--status') return status(context)
    throw new EngineError('gate.usage', { found: flag })
  },
}

async function gate(context: ProgramContext): Promise<number> {
  const { appliance, signal, note } = context
  await using _lock = await lockGate(appliance.paths.state)
  await using _turn = await turnOfGate(context)
  const probe = (settings: DeviceSettings) =>
    runProbes(settings.probes, {
      ...probeContext(appliance, settings, signal),
      onResult: (name, result) => note(resultLine(name, result)),
    })
  let outcome: GateOutcome
  try {
    outcome = await runGate({ appliance, signal, note, probe })
  } catch (error) {
    if (!isEngineError(error)) throw error
    const { message, remedy } = explain(error)
    note(`The gate could not decide: ${message} ${remedy}`)
    return UNDECIDED
  }
  const { running } = outcome.situation
  const { standing, health, action, exit, results, rebooting } = outcome
  // A restart that hangs is ended by the deadline, too.
  if (!rebooting) await stopDeadline(appliance.paths)
  context.result(
    {
      slot: running,
      active_partition: running,
      standing: standing.kind,
      health,
      action,
      exit,
      rebooting,
      checks: results,
    },
    [`Slot ${running}: ${health}. ${sentenceOf(outcome)}`],
  )
  return exit
}

function sentenceOf({ action, standing, situation: { running }, rebooting }: GateOutcome): string {
  switch (action) {
    case 'confirm':
      return 'It is confirmed and stays the slot that boots.'
    case 'retry':
      return rebooting ? 'It starts once more.' : 'It could not be left.'
    case 'go-back':
      return `The other slot is selected and starts now.`
    case 'stuck':
      return 'Its tries are used up and there is nothing to go back to: it stays, unconfirmed, with tries anew.'
    case 'none':
      return {
        trial: 'Nothing is decided.',
        confirmed: 'It was confirmed before.',
        unconfirmed: 'It is not confirmed.',
        'stand-in': 'It runs in the place of a slot that does not load, and is not confirmed; its tries begin anew.',
        'fell-back': 'The other slot did not prove itself.',
        'never-started': 'The other slot was selected but never started.',
        'confirmed-elsewhere': 'The other slot is confirmed too.',
        visitor: `The boot files want the other slot; slot ${running} was started by hand.`,
      }[standing.kind]
  }
}

async function check(context: ProgramContext): Promise<number> {
  const { appliance, signal } = context
  const settings = await appliance.settings()
  const results = await probeOnce(settings.probes, probeContext(appliance, settings, signal))
  const health = healthOf(results)
  context.result({ health, checks: results }, [...linesOf(results), `Health: ${health}`])
  return health === 'unhealthy' ? 1 : 0
}

async function status(context: ProgramContext): Promise<number> {
  const { appliance } = context
  const situation = await observe(appliance, context.note)
  const { running, state, records, update, memory, trialBoot, next, findings } = situation
  const slots = SLOTS.map((slot) => ({
    slot,
    version: versionIn(situation, slot),
    verdict: verdictText(verdictOf(slot, records, state)),
    running: slot === running,
  }))
  const results = memory?.results ?? null
  const { fallback } = records
  context.result(
    {
      slot: running,
      active_partition: running,
      next_boot: next?.slot ?? null,
      wanted: state.wanted,
      trial_boot: trialBoot,
      boot_count: await readBootCount(appliance.paths),
      slots,
      update: update && {
        update_id: update.update_id,
        version: update.version,
        target_partition: update.target_partition,
        phase: update.phase,
      },
      last_fallback: fallback,
      findings,
      last_gate: memory && { slot: memory.slot, at: memory.at, checks: results },
    },
    [
      ...slots.map(
        (entry) =>
          `Slot ${entry.slot}: ${entry.version ?? 'no version'}, ${entry.verdict}${entry.running ? ', running' : ''}`,
      ),
      ...nextBootLines(situation),
      update
        ? `Update: ${update.version} for slot ${update.target_partition}, ${update.phase}`
        : 'Update: none under way',
      ...(fallback ? [`Last fall-back: ${fallback.at}: ${describeFallback(fallback)}`] : []),
      memory && results
        ? `Last health check: slot ${memory.slot}, ${memory.at}: ${healthOf(results)}`
        : 'Last health check: none',
      ...linesOf(results ?? {}),
      ...findings.map((found) => `! ${explain(found).message}`),
    ],
  )
  return 0
}

const linesOf = (results: ProbeResults): string[] =>
  Object.entries(results).map(([name, result]) => resultLine(name, result))

function resultLine(name: string, { passed, critical, error, usage_percent, failed_before }: ProbeResult): string {
  const usage = usage_percent === undefined || !passed ? '' : ` (${usage_percent} % used)`
  if (passed) return `  ${name}: passed${usage}`
  const weight = failed_before ? ' (before the update too)' : critical ? '' : ' (advisory)'
  return `  ${name}: FAILED${weight}: ${error ?? 'no reason given'}`
}

const PATIENCE_MS = 60_000

/**
 * Nobody changes what boots while the gate decides about it. Of a confirmed slot it decides nothing, so that it does not wait
 * for a program that downloads. @throws EngineError `update.busy`
 */
async function turnOfGate({ appliance, note, signal }: ProgramContext): Promise<AsyncDisposable | null> {
  const { paths, disk, sleep } = appliance
  try {
    return await patiently(turnsOf(paths.state, 'health-gate'), PATIENCE_MS, (time) => sleep(time, signal))
  } catch (error) {
    if (!isEngineError(error, 'update.busy')) throw error
    const { running, state, trialBoot } = await disk.look()
    if (trialBoot !== null || state.good !== running) throw error
    note(error.message)
    return null
  }
}

/** One gate at a time: two would count one boot twice and could decide differently. */
async function lockGate(state: string): Promise<AsyncDisposable> {
  let key = 'gate'
  try {
    const { dev, ino } = await stat(state)
    key = `gate-${dev}-${ino}`
  } catch {
    // The folder is not there: that is for the probes to say; the lock is the machine's then.
  }
  try {
    return await lockPath(state, key)
  } catch (error) {
    if (!isEngineError(error, 'disk.busy')) throw error
    throw new EngineError('gate.busy', {}, { cause: explain(error).message })
  }
}
