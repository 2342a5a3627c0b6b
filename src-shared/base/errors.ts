// The one error catalogue. A refusal is a Finding (value, nothing was touched); a failure is a thrown EngineError.
// docs/errors.md is generated from it. Every code has a test that produces it (src-shared/base/errors.test.ts looks).
import { agentErrors } from './errors/agent.ts'
import { bootErrors } from './errors/boot.ts'
import { cliErrors } from './errors/cli.ts'
import { configErrors } from './errors/config.ts'
import { type Details, type ErrorSpec, EXIT, fillTemplate } from './errors/define.ts'
import { diskErrors } from './errors/disk.ts'
import { downloadErrors } from './errors/download.ts'
import { fatErrors } from './errors/fat.ts'
import { filesystemErrors } from './errors/filesystem.ts'
import { formatErrors } from './errors/format.ts'
import { gateErrors } from './errors/gate.ts'
import { gptErrors } from './errors/gpt.ts'
import { hostErrors } from './errors/host.ts'
import { imageErrors } from './errors/image.ts'
import { layoutErrors } from './errors/layout.ts'
import { orderErrors } from './errors/order.ts'
import { ownErrors } from './errors/own.ts'
import { planErrors } from './errors/plan.ts'
import { recipeErrors } from './errors/recipe.ts'
import { releaseErrors } from './errors/release.ts'
import { repairErrors } from './errors/repair.ts'
import { reportErrors } from './errors/report.ts'
import { restoreErrors } from './errors/restore.ts'
import { runnerErrors } from './errors/runner.ts'
import { settingsErrors } from './errors/settings.ts'
import { slotErrors } from './errors/slot.ts'
import { toolErrors } from './errors/tool.ts'
import { trustErrors } from './errors/trust.ts'
import { updateErrors } from './errors/update.ts'
import { windowErrors } from './errors/window.ts'
import { writeErrors } from './errors/write.ts'

export const CATALOGUE = {
  ...agentErrors,
  ...bootErrors,
  ...cliErrors,
  ...configErrors,
  ...diskErrors,
  ...downloadErrors,
  ...fatErrors,
  ...filesystemErrors,
  ...formatErrors,
  ...gateErrors,
  ...gptErrors,
  ...hostErrors,
  ...imageErrors,
  ...layoutErrors,
  ...orderErrors,
  ...ownErrors,
  ...planErrors,
  ...recipeErrors,
  ...releaseErrors,
  ...repairErrors,
  ...restoreErrors,
  ...settingsErrors,
  ...reportErrors,
  ...runnerErrors,
  ...slotErrors,
  ...toolErrors,
  ...trustErrors,
  ...updateErrors,
  ...windowErrors,
  ...writeErrors,
} as const

export type ErrorCode = keyof typeof CATALOGUE

/** A reason as data: what a refusal, a check or an error carries. */
export interface Finding {
  readonly code: ErrorCode
  readonly details: Details
}

export const finding = (code: ErrorCode, details: Details = {}): Finding => ({ code, details })

export const specOf = (code: ErrorCode): ErrorSpec => CATALOGUE[code]

/** The sentence and the remedy, holes filled. */
export function explain({ code, details }: Finding): { message: string; remedy: string } {
  const spec = specOf(code)
  return { message: fillTemplate(spec.message, details), remedy: fillTemplate(spec.remedy, details) }
}

/**
 * The exit code: "nothing was touched" may be 2 to 5, so as soon as anything was written it is 1. A cancelled job (6) and a
 * lost disk (7) say so either way.
 */
export function exitAfter(code: ErrorCode, written: boolean): number {
  const { kind } = specOf(code)
  return EXIT[written && kind !== 'cancelled' && kind !== 'lost' ? 'failed' : kind]
}

/** A failure: something was tried and did not work. `cause` keeps the operating system's own error for the log. */
export class EngineError extends Error implements Finding {
  readonly code: ErrorCode
  readonly details: Details

  constructor(code: ErrorCode, details: Details = {}, options?: { cause?: unknown }) {
    super(explain({ code, details }).message, options as ErrorOptions)
    this.name = 'EngineError'
    this.code = code
    this.details = details
  }
}

export const isEngineError = (error: unknown, ...codes: ErrorCode[]): error is EngineError =>
  error instanceof EngineError && (codes.length === 0 || codes.includes(error.code))

/** What went wrong first: an error while letting go of something (`using`) never hides why it was let go of. */
export function firstError(error: unknown): unknown {
  let first = error
  while (first instanceof SuppressedError) first = first.suppressed
  return first
}

/** Throws the code of an aborted signal's reason, or `job.cancelled`; call it once per chunk. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (signal.reason instanceof EngineError) throw signal.reason
  throw new EngineError('job.cancelled')
}
