// Runs the probes of a list side by side, each within its own time, and gives results in the specification's shape. Never
// throws: whatever keeps a probe from looking is a failed probe. What a probe says is cut, and freed of the appliance's key.
import { performance } from 'node:perf_hooks'
import { explain, isEngineError } from '#base/errors.ts'
import type { ProbeResult, ProbeResults, ProbeSpec } from '#model/health.ts'
import type { Appliance, DeviceSettings } from '../ports.ts'
import { missingResult } from '../run-facts.ts'
import { type Look, look, type ProbeContext, runCommand } from './builtin-probes.ts'

const BETWEEN_TRIES_MS = 2000
const ERROR_LENGTH = 200

export const probeContext = (
  appliance: Pick<Appliance, 'paths' | 'sleep'>,
  settings: Pick<DeviceSettings, 'server'>,
  signal: AbortSignal,
): ProbeContext => ({
  paths: appliance.paths,
  server: settings.server,
  signal,
  sleep: (milliseconds, until) => appliance.sleep(milliseconds, until),
})

/** Asks all probes, and adds what is not mounted; answers when the last one has answered or its time is up (parseProbes bounds it to five minutes). */
export async function runProbes(probes: readonly ProbeSpec[], context: ProbeContext): Promise<ProbeResults> {
  const results = await Promise.all(
    probes.map(async (probe): Promise<[string, ProbeResult]> => {
      const result = await runProbe(probe, context)
      context.onResult?.(probe.name, result)
      return [probe.name, result]
    }),
  )
  const missing = await missingResult(context.paths)
  for (const [name, result] of Object.entries(missing)) context.onResult?.(name, result)
  return { ...Object.fromEntries(results), ...missing }
}

/** Each probe once, without waiting for services: how the running system is at this moment. */
export const probeOnce = (probes: readonly ProbeSpec[], context: ProbeContext): Promise<ProbeResults> =>
  runProbes(
    probes.map((probe) => ({ ...probe, retryForMs: 0 })),
    context,
  )

async function runProbe(probe: ProbeSpec, context: ProbeContext): Promise<ProbeResult> {
  const began = performance.now()
  const elapsed = () => performance.now() - began
  for (;;) {
    const left = Math.max(probe.timeoutMs, probe.retryForMs) - elapsed()
    const found = await tryOnce(probe, Math.max(1, Math.min(probe.timeoutMs, left)), context)
    const again = !found.passed && elapsed() + BETWEEN_TRIES_MS < probe.retryForMs && !context.signal.aborted
    if (!again) return resultOf(probe, found, elapsed(), context)
    await context.sleep(BETWEEN_TRIES_MS, context.signal)
  }
}

/** One try, ended at its time limit. */
async function tryOnce(probe: ProbeSpec, timeoutMs: number, context: ProbeContext): Promise<Look> {
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs))
  const attempt = { timeoutMs, context, signal: AbortSignal.any([context.signal, limit]) }
  const { run } = probe
  try {
    if (run.kind === 'command') return await runCommand(run.argv, attempt)
    return await look(run.probe, { ...attempt, options: run.options })
  } catch (error) {
    const late = limit.aborted || isEngineError(error, 'tool.timeout')
    return { passed: false, error: late ? `no answer within ${Math.ceil(timeoutMs) / 1000} s` : reasonOf(error) }
  }
}

const reasonOf = (error: unknown): string => {
  if (isEngineError(error)) return explain(error).message
  return error instanceof Error ? error.message : String(error)
}

function resultOf(probe: ProbeSpec, found: Look, milliseconds: number, { server }: ProbeContext): ProbeResult {
  return {
    passed: found.passed,
    ...(!found.passed && { error: presentable(found.error ?? 'failed', server?.apiKey ?? '') }),
    ...(found.usage_percent !== undefined && { usage_percent: found.usage_percent }),
    critical: probe.critical,
    duration_ms: Math.round(milliseconds),
  }
}

/** One line of at most 200 characters, without the key. */
function presentable(text: string, apiKey: string): string {
  const open = apiKey === '' ? text : text.replaceAll(apiKey, '***')
  const line = open.replace(/\p{Cc}+/gu, ' ').trim()
  return line.length > ERROR_LENGTH ? `${line.slice(0, ERROR_LENGTH - 1)}…` : line
}
