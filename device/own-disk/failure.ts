// Refusals on the appliance are thrown: nobody is there to read a list of them, and the update's state keeps the first.

import type { Details } from '#base/errors/define.ts'
import { EngineError, type ErrorCode, type Finding } from '#base/errors.ts'
import type { Result } from '#base/result.ts'

export const failure = (code: ErrorCode, details: Details = {}, cause?: unknown): EngineError =>
  new EngineError(code, details, { cause })

/** The value, or its first refusal as an EngineError. */
export function orThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value
  const first: Finding = result.refusals[0]
  throw failure(first.code, first.details)
}
